"""The reading room: one gradio page from anything that answers, and an archive to read.

Each tab is a module of its own, which lays itself out and handles its events; here they are put
side by side, and every click that names an article is led to the reading pane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import gradio as gr

from rag.archive.conversations import Conversations
from rag.errors import DatelineError
from rag.types import Span
from ui import masthead, reader
from ui.asking import Asking
from ui.board import NAMES
from ui.checking import Checking
from ui.desk import Asker, Desk
from ui.history import History
from ui.judging import Judging
from ui.keeping import Keeper
from ui.means import Means
from ui.preferences import Preferences
from ui.shelf import Shelf
from ui.suggest import MOST, questions
from ui.talk import Talk
from ui.view import View
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.archive.archive import Archive

_HEAD = "watch('value', () => dateline.tell());"
_SHOWN = CLICKS + "watch('value', () => dateline.show());"


def build_page(
    qa: Asker | Desk,
    archive: Archive | None,
    kept: Conversations | None = None,
    suggestions: Callable[[], Sequence[str]] | None = None,
    means: Means | None = None,
) -> gr.Blocks:
    """Lay out the page and wire it.

    Args:
        qa: Anything called like `NewsQA.ask`, or a desk that is shared with other faces.
        archive: Where articles are read from; None shows how to make one.
        kept: Where conversations are kept; None keeps them as long as the page's server runs.
        suggestions: Questions that the archive answers; None makes them of its titles.
        means: What the page may do besides asking and reading; nothing by default.
    """
    desk = qa if isinstance(qa, Desk) else Desk(qa)
    room = Room(desk, archive, kept or Conversations.in_memory(), suggestions, means)
    page: gr.Blocks
    with gr.Blocks(
        title="Dateline", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        pane = gr.HTML(reader.empty(), elem_id="dl-pane", js_on_load=_SHOWN, render=False, **PLAIN)
        head = gr.HTML(room.head(), elem_id="dl-mast", js_on_load=_HEAD, **PLAIN)
        with gr.Row(elem_id="dl-columns", equal_height=False):
            left = gr.Column(elem_id="dl-left", scale=7, min_width=320)
            with left, gr.Tabs(elem_id="dl-tabs", overflow_behavior="wrap") as tabs:
                with gr.Tab("Ask", id="ask"):
                    board = room.asking.tab(pane)
                    first = room.shelf.first_steps()
                with gr.Tab("History", id="history") as history:
                    past = room.history.tab()
                with gr.Tab("Archive", id="archive"):
                    shelf = room.shelf.tab(first)
                if room.checking:
                    with gr.Tab("Check a draft", id="check"):
                        checked = room.checking.tab()
                        checked.click(room.open, [board["talk"]], [pane], queue=False, **QUIET)
                if room.judging:
                    with gr.Tab(
                        "Evaluation", id="evaluation", elem_id="dl-evaluation-tab"
                    ) as judged:
                        room.judging.tab(judged)
                if room.preferences:
                    with gr.Tab("Settings", id="settings", elem_id="dl-settings-tab"):
                        room.preferences.tab()
            with gr.Column(elem_id="dl-right", scale=5, min_width=320):
                pane.render()  # type: ignore[no-untyped-call]
        outputs = [board[name] for name in NAMES]
        room.asking.wire(page, board, outputs)
        room.history.wire(past, history, tabs, board, outputs)
        read = [board[name] for name in ("answer", "sources", "earlier", "examples")]
        for clicked in (*read, shelf.report, shelf.listed, pane):
            clicked.click(room.open, [board["talk"]], [pane], queue=False, **QUIET)
        room.shelf.wire(page, shelf)
        whole = [head, shelf.first, shelf.listed, shelf.condition]
        page.load(room.arrive, None, whole, queue=False, **QUIET)
        for job in shelf.jobs:
            job.then(room.changed, None, [*whole, board["examples"]], queue=False, **QUIET)
        if room.preferences:
            page.unload(room.preferences.leave)
    page.queue(max_size=64, default_concurrency_limit=16, api_open=False)
    return page


class Room:
    """The tabs of one page, and what they share: the archive's head and the reading pane."""

    def __init__(
        self,
        desk: Desk,
        archive: Archive | None,
        kept: Conversations,
        suggestions: Callable[[], Sequence[str]] | None,
        means: Means | None = None,
    ) -> None:
        means = means or Means()
        self._archive = archive
        self._suggestions = suggestions
        self.preferences = Preferences(means.settings, means.llms) if means.settings else None
        wished = self.preferences.options if self.preferences else None
        keeper = Keeper(desk, archive, kept, self._examples, wished, means.ahead)
        self.asking = Asking(keeper, archive)
        self.history = History(keeper, self.asking)
        self.shelf = Shelf(archive, means)
        self.judging = Judging(means.runs) if means.runs else None
        self.checking = Checking(means.machine, archive) if means.machine and archive else None

    def _examples(self) -> Sequence[str]:
        """Return questions that the archive answers and, until they are known, its titles."""
        known = tuple(self._suggestions()) if self._suggestions else ()
        if len(known) >= MOST or self._archive is None:
            return known
        titles = questions(self._archive.articles(limit=12))
        return (*known, *titles)[:MOST]

    def open(self, talk: Talk, event: gr.EventData) -> str:
        """Show an article at the place that was clicked."""
        if self._archive is None:
            return reader.missing("There is no archive yet.")
        view = talk.view(str(getattr(event, "turn", "")))
        try:
            return self._opened(self._archive, view, event)
        except DatelineError as error:
            return reader.missing(str(error))

    def _opened(self, archive: Archive, view: View, event: gr.EventData) -> str:
        article = archive.article(str(event.open))
        read = (view.digests or {}).get(article.id, article.digest)
        if read == article.digest or hasattr(event, "newest"):
            return reader.reader(article, view, _span(event), _number(event, "said"))
        try:
            old = archive.article(article.id, read)
        except DatelineError:  # no longer kept: shown as it is now, marked where it still fits
            return reader.reader(article, view, _span(event), _number(event, "said"))
        return reader.reader(old, view, _span(event), _number(event, "said"), revised=True)

    def arrive(self) -> list[str]:
        """Return what depends on the archive, which may have grown since the server started."""
        return [self.head(), self.shelf.first(), self.shelf.found(""), self.shelf.condition()]

    def changed(self) -> list[str]:
        """Return what depends on the archive, after somebody changed it."""
        return [*self.arrive(), self.asking.examples()]

    def head(self) -> str:
        """Return the head of the page."""
        return masthead.masthead(self._archive.coverage() if self._archive else None)


def _number(event: gr.EventData, name: str) -> int | None:
    try:
        return int(getattr(event, name))
    except (AttributeError, TypeError, ValueError):
        return None


def _span(event: gr.EventData) -> Span | None:
    start, end = _number(event, "start"), _number(event, "end")
    try:
        return None if start is None or end is None else Span(start=start, end=end)
    except ValueError:
        return None
