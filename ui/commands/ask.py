"""`dateline ask`: one question, or a file of them, answered and shown or written as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from rag.types import Evidence
from ui.commands import common
from ui.terminal import evidence_lines, safe

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA, Turn
    from rag.settings import Settings
    from rag.types import Answer, Filter


if TYPE_CHECKING:
    from rag.answer.pipeline import Progress

# What is on screen while an answer is made: first the evidence, then the words as they come.
SHOWN = 3
"""Pieces of evidence on screen before the answer starts."""


class LiveAnswer:
    """Follows one question on a terminal and clears itself away before the answer is printed.

    Example:
        with LiveAnswer(console) as live:
            answer = qa.ask(question, on_event=live.on_event)
    """

    def __init__(self, console: Console) -> None:
        self._spinner = Spinner("dots", text=Text("reading the archive", style="dim"))
        self._evidence: tuple[Evidence, ...] = ()
        self._words = ""
        self._live = Live(
            get_renderable=self._picture,
            console=console,
            transient=True,
            refresh_per_second=12,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def on_event(self, event: Progress) -> None:
        """Take in what the engine reports."""
        from rag.answer.pipeline import EvidenceFound, Searched, StatementChecked, TextDelta

        if isinstance(event, Searched):
            words = Text(f"searched: {safe(event.search.query)}", style="dim")
            self._spinner.update(text=words)
        elif isinstance(event, EvidenceFound):
            self._evidence = event.evidence[:SHOWN]
            self._spinner.update(text=Text("writing", style="dim"))
        elif isinstance(event, TextDelta):
            self._words += event.text
        elif isinstance(event, StatementChecked):
            self._spinner.update(text=Text("checking", style="dim"))

    def _picture(self) -> RenderableType:
        words = [Text(), Text(safe(self._words))] if self._words else []
        return Group(*evidence_lines(self._evidence), *words, self._spinner)


def ask(  # noqa: PLR0913 - a parameter for each option, as typer has it
    question: Annotated[
        str | None, typer.Argument(help="The question, in quotes.", show_default=False)
    ] = None,
    *,
    archive: common.ArchiveOption = None,
    json: common.JsonOption = False,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help="Answer every line of a JSON lines file (- is standard input): "
            '{"question": ..., "id", "as_of", "since", "until", "publishers"}.',
        ),
    ] = None,
    as_of: common.AsOfOption = None,
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
) -> int:
    """Answer a question from the archive, each sentence with the words that support it."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give either a question or --batch FILE")
    settings = common.configure(archive=archive, llm=llm, base_url=base_url, style=style)
    within = chosen_filter(since, until, publisher, collection)
    if batch is not None:
        from ui.commands.batch import answer_all, open_lines

        with open_lines(batch) as lines, opened(settings, watch=False) as qa:
            return answer_all(qa, lines, within=within, as_of=as_of, as_json=json)
    watch = not (json or no_stream)
    with opened(settings, watch=watch) as qa:
        answer = answer_one(qa, question or "", within, as_of, watch=watch)
    if json:
        from rag.record import to_json

        common.emit(to_json(answer))
    else:
        from ui.terminal import console, show

        show(console(sys.stdout), answer)
        if answer.outcome == "declined" and question and (meant := respelling(settings, question)):
            common.write(f"Did you mean: {meant}?")
    return exit_code(answer)


def respelling(settings: Settings, question: str) -> str | None:
    """Return a declined question with the names that the archive has."""
    from rag.archive.archive import Archive
    from rag.errors import DatelineError
    from rag.search.spelling import respelt

    with suppress(DatelineError), Archive.open(settings.archive) as archive:
        return respelt(archive, question)
    return None  # what was asked stands without it


@contextmanager
def opened(settings: Settings, *, watch: bool) -> Iterator[NewsQA]:
    """Open all that answering needs; on a terminal, when `watch`, with a sign of life."""
    from rag.answer.pipeline import open_qa

    with ExitStack() as stack:
        with ExitStack() as meanwhile:
            if watch and sys.stdout.isatty():
                from ui.terminal import console

                meanwhile.enter_context(console(sys.stdout).status("opening the archive"))
            qa = stack.enter_context(open_qa(settings))
        yield qa


def exit_code(answer: Answer) -> int:
    """Return the exit code that tells a script what came of its question."""
    return common.DECLINED if answer.outcome == "declined" else 0


def chosen_filter(
    since: date | None,
    until: date | None,
    publishers: list[str] | None,
    collections: list[str] | None = None,
) -> Filter | None:
    """Return the filter of the command line; None lets the question's own words decide."""
    from rag.types import Filter

    chosen = Filter(
        since=since,
        until=until,
        publishers=tuple(publishers or ()),
        collections=tuple(collections or ()),
    )
    if chosen.since and chosen.until and chosen.since > chosen.until:
        raise typer.BadParameter(f"--since {chosen.since} is after --until {chosen.until}")
    return chosen or None


def answer_one(
    qa: NewsQA,
    question: str,
    within: Filter | None,
    as_of: date | None,
    *,
    watch: bool,
    history: Sequence[Turn] = (),
) -> Answer:
    """Ask; on a terminal, when `watch`, with evidence and words shown as they come."""
    # The shell hands on bytes that are no UTF-8 as lone surrogates, which nothing can write.
    clean = question.encode("utf-8", "replace").decode()
    if not (watch and sys.stdout.isatty()):
        return qa.ask(clean, filters=within, as_of=as_of, history=history)
    from ui.commands.ask import LiveAnswer
    from ui.terminal import console

    with LiveAnswer(console(sys.stdout)) as live:
        return qa.ask(clean, filters=within, as_of=as_of, history=history, on_event=live.on_event)
