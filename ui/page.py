"""The reading room: one gradio page from anything that answers, and an archive to read.

A rail on the left leads to the rooms; each is a module of its own, which lays itself out and
handles its events. Here they are put side by side, and every click that names an article is led to
the reading pane on the right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import gradio as gr

from rag import rights
from rag.answer.examples import Example
from rag.archive.clips import Clips
from rag.archive.conversations import Conversations
from rag.errors import DatelineError
from rag.types import Article
from ui import masthead, reader
from ui.asking import Asking
from ui.board import NAMES
from ui.browse import Browse
from ui.checking import Checking
from ui.desk import Asker, Desk
from ui.guard import READER
from ui.history import History
from ui.judging import Judging
from ui.keeping import Keeper
from ui.loops import within_a_loop
from ui.markup import label
from ui.means import Means
from ui.names import Names
from ui.opening import Opening
from ui.owners import PAGES
from ui.preferences import Preferences
from ui.related import Related
from ui.shelf import Shelf
from ui.talk import Talk
from ui.watches import Room as Watches
from ui.watching import Watching
from ui.wiring import ACTIONS, CLICKS, PLAIN, QUIET, clicked

if TYPE_CHECKING:
    from rag.archive.archive import Archive

MOST = 4
"""Example questions on the page."""


def questions(articles: Sequence[Article]) -> list[Example]:
    """Return up to `MOST` questions about articles, each of another outlet or day."""
    found: list[Example] = []
    for article in articles:
        name = label(article.title)
        if 15 <= len(name) <= 90:
            end = name.rstrip(".!")
            asked = name if name.endswith("?") else f"What is reported about “{end}”?"
            found.append(Example(asked, ""))
    return found[:MOST]


_ADDRESS = "(_, ...known) => [window.location.search, ...known]"
_HEAD = "watch('value', () => dateline.tell());"
_SHOWN = (
    CLICKS
    + """
watch('value', () => dateline.show());
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-clip]');
  if (!button) return;
  const turn = button.closest('[data-turn]');
  trigger('select', {...(turn ? turn.dataset : {}), ...button.dataset});
  button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
});
"""
)
"""The pane is scrolled to the words; a click on "Keep quote" is a select."""


@within_a_loop
def build_page(
    qa: Asker | Desk,
    archive: Archive | None,
    kept: Conversations | None = None,
    suggestions: Callable[[], Sequence[Example]] | None = None,
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
    with Blocks(
        title="Dateline", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        pane = gr.HTML(reader.empty(), elem_id="dl-pane", js_on_load=_SHOWN, render=False, **PLAIN)
        with gr.Row(elem_id="dl-columns", equal_height=False):
            with gr.Column(elem_id="dl-side", scale=0, min_width=200):
                head = gr.HTML(room.head(), elem_id="dl-mast", js_on_load=_HEAD, **PLAIN)
                rail = gr.HTML(room.asking.rail(), elem_id="dl-rail", js_on_load=ACTIONS, **PLAIN)
            with gr.Column(elem_id="dl-left", scale=7, min_width=320):
                rooms = room.rooms(pane)
            with gr.Column(elem_id="dl-right", scale=5, min_width=320):
                pane.render()  # type: ignore[no-untyped-call]
        room.wire(page, rooms | {"rail": rail, "head": head})
    page.queue(max_size=64, default_concurrency_limit=16, api_open=False)
    return page


class Blocks(gr.Blocks):
    """gradio's page, whose handlers all read as the person whose browser sent the event.

    Events wait in a line of gradio's own and are handled in other threads than that of the request;
    so each is told here who sent it. What gradio keeps for a page belongs to the person whose page
    it is: its name alone opens it to nobody else.
    """

    async def call_function(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as gradio's
        """Call a handler."""
        if not rights.people():
            return await super().call_function(*args, **named)
        given = named.get("requests", args[3] if len(args) > 3 else None)
        request = given[0] if isinstance(given, list) and given else given
        who = sender(request)
        if not PAGES.of(who, str(getattr(request, "session_hash", "") or "")):
            raise gr.Error("This page is another person’s. Please load it again.")
        with rights.acting(who):
            return await super().call_function(*args, **named)


def sender(request: Any) -> rights.Reader:  # noqa: ANN401 - gradio's, or the request inside
    """Return who sent an event; nobody where that is not known."""
    scope = getattr(getattr(request, "request", request), "scope", None) or {}
    found = scope.get(READER)
    return found if isinstance(found, rights.Reader) else rights.NOBODY


class Room:
    """The tabs of one page, and what they share: the archive's head and the reading pane."""

    def __init__(
        self,
        desk: Desk,
        archive: Archive | None,
        kept: Conversations,
        suggestions: Callable[[], Sequence[Example]] | None,
        means: Means | None = None,
    ) -> None:
        means = means or Means()
        self._out = means.settings is not None and means.settings.auth.mode == "password"
        self._archive = archive
        self._suggestions = suggestions
        self.preferences = Preferences(means.settings, means.llms) if means.settings else None
        wished = self.preferences.options if self.preferences else None
        keeper = Keeper(desk, archive, kept, self._examples, wished, means.ahead)
        self._clips = means.clips or Clips.in_memory()
        self._opening = Opening(archive, self._clips)
        settings = bool(means.settings or means.runs)
        machine = means.machine
        self.checking = Checking(machine, archive) if archive and machine else None
        drafts = self.checking is not None
        self.names = Names(archive, machine, means.intake) if archive and machine else None
        self.watches = None
        if means.settings and machine and means.intake:
            keeper.watching = Watching(means.settings, machine)
            self.watches = Watches(means.settings, machine)
        more = {"names": bool(self.names), "watches": bool(self.watches)}
        related = Related(means.related)
        self.asking = Asking(
            keeper,
            archive,
            self._opening,
            related=related,
            settings=settings,
            drafts=drafts,
            **more,
        )
        self.history = History(keeper, self.asking, self._clips, archive)
        self.shelf = Shelf(archive, means)
        self.judging = Judging(means.runs) if means.runs else None

    def _examples(self) -> Sequence[Example]:
        """Return questions that the archive answers and, until they are known, its titles."""
        known = tuple(self._suggestions()) if self._suggestions else ()
        if len(known) >= MOST or self._archive is None:
            return known[:MOST]
        titles = questions(self._archive.articles(limit=12))
        return (*known, *titles)[:MOST]

    def rooms(self, pane: gr.HTML) -> dict[str, Any]:
        """Lay out the rooms, one a tab that the rail opens; returns what must be wired."""
        with gr.Tabs(elem_id="dl-tabs", overflow_behavior="wrap"):
            with gr.Tab("Ask", id="ask"):
                parts = self.asking.sheet(pane)
                parts["first"] = self.shelf.first_steps()
                parts |= self.asking.box(empty=self.shelf.empty)
            with gr.Tab("History", id="history") as parts["history"]:
                parts["past"] = self.history.tab()
            with gr.Tab("Archive", id="archive"):
                parts["shelf"] = self.shelf.tab(parts["first"])
            for name, label, made in self._further():
                with gr.Tab(label, id=name) as tab:
                    parts[name] = made.tab(tab)
            if self.checking:
                with gr.Tab("Check a draft", id="check"):
                    parts["checked"] = self.checking.tab()
            if self.preferences or self.judging:
                with gr.Tab("Settings", id="settings") as settings:
                    self._maintained(settings, parts)
        return parts

    def _further(self) -> list[tuple[str, str, Names | Watches]]:
        """Return the rooms of names and of watches, where there are any, with their labels."""
        known = (("names", "Names", self.names), ("watches", "Watches", self.watches))
        return [(name, label, made) for name, label, made in known if made is not None]

    def _maintained(self, tab: gr.Tab, parts: dict[str, Any]) -> None:
        """Lay out how answers are made and, for maintainers, how good they are."""
        if self.preferences:
            parts["wishes"] = self.preferences.tab()
        if self.judging:
            with gr.Accordion("For maintainers: evaluation", open=False, elem_id="dl-judged"):
                self.judging.tab(tab)

    def wire(self, page: gr.Blocks, parts: dict[str, Any]) -> None:
        """Lead every click to its handler."""
        outputs, shelf = [parts[name] for name in NAMES], parts["shelf"]
        self.asking.wire(page, parts, outputs)
        self.history.wire(parts["past"], parts["history"], parts["rail"], parts, outputs)
        read = [parts[name] for name in ("answer", "sources", "earlier", "examples", "pane")]
        checked = [parts["checked"]] if self.checking else []
        further = [parts[name] for name, _, _ in self._further()]
        self.asking.asked_from(further, parts, outputs)
        given = [shelf.first.report] if shelf.first.report else []
        also = (*given, parts["past"].clips, *checked, *further)
        for source in (*read, shelf.report, shelf.listed, *also):
            source.click(self.open, [parts["talk"]], [parts["pane"]], queue=False, **QUIET)
        clips = parts["past"].clips
        parts["pane"].select(self.clip, [parts["talk"]], [clips], queue=False, **QUIET)
        self.shelf.wire(page, shelf)
        whole = [parts["head"], shelf.first.steps, shelf.listed, shelf.condition]
        asked = [parts[name] for name in ("examples", "rail", "box", "ask")]
        if rights.people():  # nothing that was laid out before somebody came is anybody's
            known, shown = [parts["talk"]], [*whole, *asked]
            came: Callable[..., list[Any]] = self.entered
        else:
            known, shown, came = [], whole, self.came
        page.load(
            came,
            [gr.Textbox(visible=False), *known],
            [shelf.browse, *shown],
            js=_ADDRESS,
            queue=False,
            **QUIET,
        )
        for job in shelf.jobs:
            job.then(
                self.changed, [parts["talk"], shelf.browse], [*whole, *asked], queue=False, **QUIET
            )
        if self.preferences:
            self.preferences.wire(page, parts["wishes"])

    def open(self, talk: Talk, event: gr.EventData, request: gr.Request) -> str:
        """Show an article at the place that was clicked."""
        data = clicked(event)
        view = talk.view(str(data.get("turn", "")))
        return self._opening.clicked(view, data, request.session_hash or "")

    def clip(self, talk: Talk, event: gr.EventData) -> str:
        """Keep the quote in view, or keep it no longer; returns the clip list."""
        data = clicked(event)
        with suppress(DatelineError):  # deleted meanwhile: the list says so
            self._opening.clip(talk.view(str(data.get("turn", ""))), data)
        return self.history.clips()

    def arrive(self, browse: Browse | None = None) -> list[str]:
        """Return what depends on the archive, which may have grown since the server started."""
        listed = self.shelf.shown(browse or Browse())
        return [self.head(), self.shelf.first(), listed, self.shelf.condition()]

    def came(self, search: str, request: gr.Request) -> list[Any]:
        """Return the same to who opens the page, the list as the address names it.

        The box of the search is left alone, as somebody may be typing there: it follows the list.
        """
        browse = Browse.read(dict(parse_qsl(search.removeprefix("?"))).get("f", ""))
        return self._first(browse, self.arrive(browse), request)

    def _first(self, browse: Browse, shown: list[Any], request: gr.Request) -> list[Any]:
        if not self.shelf.moved(request):
            return [browse, *shown]
        head, steps, _, *further = shown
        return [gr.skip(), head, steps, gr.skip(), *further]

    def entered(self, search: str, talk: Talk, request: gr.Request) -> list[Any]:
        """Return the same and the rest of the page, which is each person's own."""
        browse = Browse.read(dict(parse_qsl(search.removeprefix("?"))).get("f", ""))
        return self._first(browse, self.changed(talk, browse), request)

    def changed(self, talk: Talk, browse: Browse) -> list[Any]:
        """Return what depends on the archive, after somebody changed it."""
        empty = self.shelf.empty
        box, ask = self.asking.ready(empty=empty)
        examples = gr.HTML(self.asking.examples(), visible=not talk.views)
        return [*self.arrive(browse), examples, self.asking.rail(talk), box, ask]

    def head(self) -> str:
        """Return the head of the page."""
        held = self._archive.coverage() if self._archive else None
        return masthead.masthead(held, out=self._out)
