"""The Ask tab: a question box, examples, the answer as it comes, and a stop button."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.types import Article
from ui import html, masthead, reader
from ui.desk import Busy, Desk, Failed, Ticket
from ui.markup import label
from ui.view import View
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.archive import Archive

MOST_CHARACTERS = 2000
"""Most characters of a question."""

_EXAMPLES = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-example]');
  if (button) trigger('click', {example: button.dataset.example});
});
"""


class Asking:
    """The handlers of the Ask tab; the state is who is asking what at the moment."""

    def __init__(self, desk: Desk, archive: Archive | None) -> None:
        self._desk = desk
        self._archive = archive
        self._tickets: dict[str, Ticket] = {}

    def tab(self, view: gr.State, pane: gr.HTML) -> tuple[gr.HTML, ...]:
        """Lay out the tab and wire it; returns the examples, and what opens articles."""
        with gr.Row(elem_id="dl-ask", equal_height=True):
            box = gr.Textbox(
                label="Your question",
                show_label=False,
                placeholder="Ask about the news in this archive",
                lines=1,
                max_lines=8,
                max_length=MOST_CHARACTERS,
                autofocus=True,
                container=False,
                scale=1,
                elem_id="dl-question",
            )
            ask = gr.Button("Ask", variant="primary", elem_id="dl-send", scale=0, min_width=96)
            stop = gr.Button("Stop", visible=False, elem_id="dl-stop", scale=0, min_width=96)
        examples = gr.HTML(self.examples(), elem_id="dl-examples", js_on_load=_EXAMPLES, **PLAIN)
        told = gr.HTML(html.announcement(View()), elem_id="dl-told", js_on_load=None, **PLAIN)
        answer = gr.HTML(elem_id="dl-answer", js_on_load=CLICKS, **PLAIN)
        sources = gr.HTML(elem_id="dl-sources", js_on_load=CLICKS, **PLAIN)
        outputs = [view, told, answer, sources, ask, stop, examples, pane]
        wiring: dict[str, Any] = {"trigger_mode": "once", "concurrency_id": "ask", **QUIET}
        gr.on([box.submit, ask.click], self.ask, [box], outputs, concurrency_limit=16, **wiring)
        examples.click(self.ask_example, None, [*outputs, box], concurrency_limit=16, **wiring)
        stop.click(self.stop, None, None, queue=False, **QUIET)
        return examples, answer, sources

    def ask(self, question: str, request: gr.Request) -> Iterator[list[Any]]:
        """Answer a question, step by step."""
        question = question.strip()
        if not question:
            yield [gr.skip()] * 8
            return
        view = View(question=question, phase="searching")
        yield _shown(view, first=True)
        session = request.session_hash or ""
        try:
            ticket = self._desk.ask(question)
        except Busy as error:
            yield _shown(view.after(Failed(str(error))))
            return
        self._tickets[session] = ticket
        for event in ticket:
            view = view.after(event)
            yield _shown(view)
        if view.running:
            yield _shown(view.stopped())
        self._tickets.pop(session, None)

    def ask_example(self, event: gr.EventData, request: gr.Request) -> Iterator[list[Any]]:
        """Answer one of the example questions."""
        question = str(event.example)[:MOST_CHARACTERS]
        for place, step in enumerate(self.ask(question, request)):
            yield [*step, gr.skip() if place else question]

    def stop(self, request: gr.Request) -> None:
        """Give up the question that this visitor waits for, or whose page was closed."""
        ticket = self._tickets.pop(request.session_hash or "", None)
        if ticket is not None:
            ticket.stop()

    def examples(self) -> str:
        """Return a few questions that this archive invites, or how to fill it."""
        if self._archive is None:
            return masthead.first_run()
        return masthead.examples(questions(self._archive.articles(limit=12)))


def _shown(view: View, *, first: bool = False) -> list[Any]:
    """Return what the page shows: state, announcement, answer, sources, buttons, rest."""
    turning = first or not view.running
    running = view.running
    return [
        view,
        html.announcement(view),
        html.answer(view),
        html.sources(view),
        gr.Button(visible=not running) if turning else gr.skip(),
        gr.Button(visible=running) if turning else gr.skip(),
        gr.HTML(visible=False) if first else gr.skip(),
        reader.empty() if first else gr.skip(),
    ]


def questions(articles: Sequence[Article]) -> list[str]:
    """Return up to three questions about articles, each of another outlet or day."""
    found: list[str] = []
    for article in articles:
        name = label(article.title)
        if 15 <= len(name) <= 90:
            end = name.rstrip(".!")
            found.append(name if name.endswith("?") else f"What is reported about “{end}”?")
    return found[:3]
