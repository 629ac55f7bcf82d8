"""What is on screen while an answer is made: first the evidence, then the words as they come."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from rag.types import Evidence
from ui.terminal import evidence_lines, safe

if TYPE_CHECKING:
    from rag.answer.pipeline import Progress

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
