"""`dateline chat`: a conversation; follow-ups are read in the light of what was said before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands import common
from ui.commands.ask import answer_one, chosen_filter, opened

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA, Turn
    from rag.types import Answer, Filter

HELP = """Ask a question, or type
  /sources  the evidence of the last answer
  /new      start a new conversation
  /quit     leave (also Ctrl-D)"""


def chat(  # noqa: PLR0913 - a parameter for each option, as typer has it
    *,
    archive: common.ArchiveOption = None,
    since: common.SinceOption = None,
    until: common.UntilOption = None,
    publisher: common.PublisherOption = None,
    collection: common.CollectionOption = None,
    style: common.StyleOption = None,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Show nothing before the checked answer.")
    ] = False,
    llm: common.LlmOption = None,
    base_url: common.BaseUrlOption = None,
) -> None:
    """Talk with the archive: one question after the other, with follow-ups."""
    settings = common.configure(archive=archive, llm=llm, base_url=base_url, style=style)
    within = chosen_filter(since, until, publisher, collection)
    with opened(settings, watch=not no_stream) as qa:
        talk = Conversation(qa, within, watch=not no_stream)
        for line in _lines():
            if line == "/quit":
                return
            talk.take(line)


class Conversation:
    """The turns so far, and what to do with the next line."""

    def __init__(self, qa: NewsQA, within: Filter | None, *, watch: bool) -> None:
        self._qa = qa
        self._within = within
        self._watch = watch
        self._turns: list[Turn] = []
        self._last: Answer | None = None
        self._commands: dict[str, Callable[[], None]] = {
            "/help": lambda: common.write(HELP),
            "/sources": self._sources,
            "/new": self._forget,
        }

    def take(self, line: str) -> None:
        """Do what the line says; a failed question is reported and the talk goes on."""
        from rag.errors import DatelineError
        from ui.terminal import safe

        if line.startswith("/"):
            self._commands.get(line, self._unknown)()
            return
        try:
            self._ask(line)
        except DatelineError as error:
            sys.stderr.write(f"dateline: {safe(str(error))}\n")
        except KeyboardInterrupt:
            common.write("stopped")

    def _ask(self, question: str) -> None:
        from rag.answer.pipeline import Turn
        from ui.terminal import console, show

        answer = answer_one(
            self._qa, question, self._within, None, watch=self._watch, history=self._turns
        )
        self._last = answer
        self._turns.append(Turn(question=answer.asked_as or question, answer=answer.text))
        show(console(sys.stdout), answer)
        common.write("")

    def _sources(self) -> None:
        from ui.terminal import console, evidence_lines

        out = console(sys.stdout)
        for line in evidence_lines(self._last.evidence if self._last else ()):
            out.print(line)

    def _forget(self) -> None:
        self._turns.clear()
        self._last = None

    @staticmethod
    def _unknown() -> None:
        common.write("there is no such command; /help lists them")


def _lines() -> Iterator[str]:
    """Yield what is typed, line by line, until the end of input."""
    if not sys.stdin.isatty():
        yield from filter(None, map(str.strip, sys.stdin))
        return
    import readline  # noqa: F401 - importing it gives `input` its line editing

    common.write(HELP)
    while True:
        try:
            line = input("\n> ").strip()
        except EOFError:
            return
        if line:
            yield line
