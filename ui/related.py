"""Questions beside an answer: made of its articles' sentences, offered where they are answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import gradio as gr
from markupsafe import Markup

from rag.errors import DatelineError
from rag.types import Answer
from ui.markup import EMPTY, together, words
from ui.talk import Talk
from ui.view import View

log = logging.getLogger(__name__)

_MOST = 500
"""Most answers of which it is remembered what is related, and most pages."""


class Related:
    """Finds related questions once an answer is there, while nobody asks anything else."""

    def __init__(self, find: Callable[[Answer], Sequence[str]] | None) -> None:
        self._find = find
        self._found: dict[str, tuple[str, ...]] = {}
        self._at: dict[str, str] = {}
        self._lock = threading.Lock()

    def shows(self, page: str, exchange: str) -> None:
        """Remember what a page shows now: what is found for another answer comes too late."""
        with self._lock:
            self._at[page] = exchange
            while len(self._at) > _MOST:
                del self._at[next(iter(self._at))]

    def draw(self, talk: Talk, request: gr.Request) -> object:
        """Return the questions beside the current answer of a page."""
        page, view = request.session_hash or "", talk.current
        self.shows(page, view.id)
        found = related(view, self.of(view))
        return found if self._at.get(page) == view.id else gr.skip()

    def of(self, view: View) -> tuple[str, ...]:
        """Return the questions beside an answer, which are looked for once."""
        done = view.answer
        nothing = done is None or done.listing is not None or done.declined == "nothing_found"
        if self._find is None or done is None or nothing:
            return ()
        if view.id not in self._found:
            try:
                found = tuple(self._find(done))
            except DatelineError:
                log.debug("nothing related is found", exc_info=True)
                return ()
            with self._lock:
                self._found[view.id] = found
                while len(self._found) > _MOST:
                    del self._found[next(iter(self._found))]
        return self._found[view.id]


def related(view: View, found: Sequence[str]) -> Markup:
    """Return questions that are asked with a click."""
    if not found:
        return EMPTY
    buttons = (
        Markup(
            '<li><button type="button" data-ask="example" data-question="{}" dir="auto">{}</button>'
            "</li>"
        ).format(words(question), words(question))
        for question in found
    )
    return Markup(
        '<section class="dl-related" aria-label="Related questions" data-turn="{}">'
        "<h2>Also answered here</h2><ul>{}</ul></section>"
    ).format(view.id, together(buttons))
