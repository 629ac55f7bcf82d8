"""The Archive tab: articles listed, searched, and opened in the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from rag.select import source_of
from rag.types import Article
from ui import reader
from ui.markup import plain_when
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.archive import Archive

LISTED = 200
"""Most articles in the list of the archive."""


class Shelf:
    """The handlers of the Archive tab."""

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive

    def tab(self) -> gr.HTML:
        """Lay out the tab and wire it; returns the list, whose clicks open articles."""
        find = gr.Textbox(
            label="Find articles",
            show_label=False,
            placeholder="Find by title, outlet or date",
            container=False,
            max_length=200,
            elem_id="dl-find",
        )
        listed = gr.HTML(self.found(""), elem_id="dl-shelf", js_on_load=CLICKS, **PLAIN)
        find.change(self.found, [find], [listed], trigger_mode="always_last", queue=False, **QUIET)
        return listed

    def found(self, text: str) -> str:
        """Return the articles whose title, outlet or date holds all words of a text."""
        everything = self._archive.articles() if self._archive else []
        wanted = text.casefold().split()
        found = [a for a in everything if all(w in _described(a) for w in wanted)]
        return reader.shelf([source_of(a) for a in found[:LISTED]], len(everything))


def _described(article: Article) -> str:
    day = plain_when(article.published)
    parts = (article.title, article.publisher, day, *article.authors)
    return " ".join(p for p in parts if p).casefold()
