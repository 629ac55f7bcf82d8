"""The reading room: one gradio page from anything that answers, and an archive to read.

Each tab is a module of its own, which lays itself out and handles its events; here they are put
side by side, and every click that names an article is led to the reading pane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from rag.errors import DatelineError
from rag.types import Span
from ui import masthead, reader
from ui.asking import Asking
from ui.desk import Asker, Desk
from ui.shelf import Shelf
from ui.view import View
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.archive import Archive

_SHOWN = CLICKS + "watch('value', () => dateline.show());"


def build_page(qa: Asker | Desk, archive: Archive | None) -> gr.Blocks:
    """Lay out the page and wire it.

    Args:
        qa: Anything called like `NewsQA.ask`, or a desk that is shared with other faces.
        archive: Where articles are read from; None shows how to make one.
    """
    room = Room(qa if isinstance(qa, Desk) else Desk(qa), archive)
    page: gr.Blocks
    with gr.Blocks(
        title="Dateline", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        view = gr.State(View())
        pane = gr.HTML(reader.empty(), elem_id="dl-pane", js_on_load=_SHOWN, render=False, **PLAIN)
        head = gr.HTML(room.head(), elem_id="dl-mast", js_on_load=None, **PLAIN)
        with gr.Row(elem_id="dl-columns", equal_height=False):
            left = gr.Column(elem_id="dl-left", scale=7, min_width=320)
            with left, gr.Tabs(elem_id="dl-tabs"):
                with gr.Tab("Ask", id="ask"):
                    examples, *asked = room.asking.tab(view, pane)
                with gr.Tab("Archive", id="archive"):
                    shelf = room.shelf.tab()
            with gr.Column(elem_id="dl-right", scale=5, min_width=320):
                pane.render()  # type: ignore[no-untyped-call]
        for clicked in (*asked, shelf, pane):
            clicked.click(room.open, [view], [pane], queue=False, **QUIET)
        page.load(room.arrive, None, [head, examples, shelf], queue=False, **QUIET)
        page.unload(room.asking.stop)
    page.queue(max_size=64, default_concurrency_limit=16, api_open=False)
    return page


class Room:
    """The tabs of one page, and what they share: the archive's head and the reading pane."""

    def __init__(self, desk: Desk, archive: Archive | None) -> None:
        self._archive = archive
        self.asking = Asking(desk, archive)
        self.shelf = Shelf(archive)

    def open(self, view: View, event: gr.EventData) -> str:
        """Show an article at the place that was clicked."""
        if self._archive is None:
            return reader.missing("There is no archive yet.")
        try:
            article = self._archive.article(str(event.open))
        except DatelineError as error:
            return reader.missing(str(error))
        return reader.reader(article, view, _span(event))

    def arrive(self) -> tuple[str, str, str]:
        """Return what depends on the archive, which may have grown since the server started."""
        return self.head(), self.asking.examples(), self.shelf.found("")

    def head(self) -> str:
        """Return the head of the page."""
        return masthead.masthead(self._archive.coverage() if self._archive else None)


def _span(event: gr.EventData) -> Span | None:
    try:
        return Span(start=int(event.start), end=int(event.end))
    except (AttributeError, TypeError, ValueError):
        return None
