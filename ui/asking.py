"""The room where one asks: the sheet of the question, those before it, the box with its filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import gradio as gr
from markupsafe import Markup

from rag.archive.exchanges import Conversation
from rag.errors import DatelineError
from rag.search.select import source_of
from ui import chips, masthead
from ui.board import Easel, buttons, row
from ui.chips import Limits
from ui.keeping import Keeper
from ui.live import Live
from ui.markup import EMPTY, label, together, words
from ui.opening import Opening
from ui.related import Related
from ui.talk import Talk
from ui.view import View
from ui.wanted import MOST_CHARACTERS, Wanted, promising, typed, wanted
from ui.wiring import ACTIONS, PAUSES, PLAIN, QUIET, ROUTES, clicked

if TYPE_CHECKING:
    from rag.archive.archive import Archive


# The left rail: a new question, the rooms of the page, the questions of this conversation.
STAR = Markup('<span class="dl-starred">★<span class="dl-sr">Starred: </span></span> ')
RECENT = 5
"""Conversations that the rail names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What the rail leads to besides the sheet."""

    articles: int = 0
    lacking: int = 0
    """Articles whose day or outlet is unknown."""
    settings: bool = False
    """Whether there is anything to set."""
    drafts: bool = False
    """Whether a draft can be checked."""
    names: bool = False
    """Whether there is an index of names."""
    watches: bool = False
    """Whether answers can be watched."""


def rail(talk: Talk, rooms: Rooms, recent: Sequence[Conversation]) -> Markup:
    """Return the rail beside a conversation."""
    return Markup(
        '<div class="dl-rail"><button type="button" class="dl-new" data-do="fresh" '
        'data-room="ask">New<span class="dl-wide"> question</span></button>'
        '<nav class="dl-nav" aria-label="Rooms">{}</nav>'
        '<div class="dl-lists">{}{}</div></div>'
    ).format(_nav(rooms), _sheets(talk), _recent(recent, talk.id))


def _nav(rooms: Rooms) -> Markup:
    held = Markup(' <span class="dl-tally">{:,}</span>').format(rooms.articles)
    places = [("ask", "Ask", EMPTY), ("history", "History", EMPTY), ("archive", "Archive", held)]
    places += [("names", "Names", EMPTY)] if rooms.names else []
    further = [
        *([("watches", "Watches", EMPTY)] if rooms.watches else []),
        *([("check", "Check a draft", EMPTY)] if rooms.drafts else []),
        *([("settings", "Settings", EMPTY)] if rooms.settings else []),
    ]
    return _places(places) + (_MORE.format(_places(further)) if further else EMPTY)


def _places(places: Sequence[tuple[str, str, Markup]]) -> Markup:
    return together(
        Markup('<button type="button" data-room="{}"><span>{}</span>{}</button>').format(
            place, name, more
        )
        for place, name, more in places
    )


_MORE = Markup(
    '<button type="button" class="dl-more" popovertarget="dl-further">More</button>'
    '<div id="dl-further" popover>{}</div>'
)
"""On a phone, the rooms that the bar has no place for; on a desk they stand in the rail."""


def _sheets(talk: Talk) -> Markup:
    """Return the questions of this conversation, each leading to its sheet."""
    if len(talk.views) < 2:
        return EMPTY
    items = together(_sheet(v, current=v is talk.current) for v in talk.views)
    return Markup("<h2>In this conversation</h2><ol>{}</ol>").format(items)


def _sheet(view: View, *, current: bool) -> Markup:
    here = Markup(' aria-current="true"') if current else EMPTY
    return Markup(
        '<li><button type="button" data-sheet="{}" data-room="ask" dir="auto"{}>{}</button></li>'
    ).format(view.id, here, label(view.question, "Question"))


def _recent(recent: Sequence[Conversation], current: str) -> Markup:
    others = [c for c in recent if c.id != current][:RECENT]
    if not others:
        return EMPTY
    items = together(
        Markup(
            '<li data-conversation="{}"><button type="button" data-do="reopen" data-room="ask" '
            'dir="auto">{}{}</button></li>'
        ).format(words(c.id), STAR if c.starred else EMPTY, label(c.title, "Untitled conversation"))
        for c in others
    )
    return Markup("<h2>Asked before</h2><ol>{}</ol>").format(items)


FOLLOW_UP = "Ask a follow-up"
_FIRST = "Ask about this archive"
_EMPTY = "Add articles first: there is nothing to ask about yet"
MOST_LATEST = 5
"""Articles that the page names before anything is asked."""
_ADDRESS = "(_, ...known) => [window.location.search, ...known]"


class Asking:
    """The handlers of the Ask tab."""

    def __init__(
        self,
        keeper: Keeper,
        archive: Archive | None,
        opening: Opening,
        *,
        related: Related | None = None,
        settings: bool = False,
        drafts: bool = False,
        **rooms: bool,
    ) -> None:
        self.related = related or Related(None)
        self._keeper = keeper
        self._archive = archive
        self._opening = opening
        self._settings = settings
        self._drafts = drafts
        self._more_rooms = rooms

    def sheet(self, pane: gr.HTML) -> dict[str, Any]:
        """Lay out the sheet; returns its components by the names of `ui.board.NAMES`."""
        board: dict[str, Any] = {"talk": gr.State(Talk()), "limits": gr.State(Limits())}
        board["route"] = gr.HTML(elem_id="dl-route", js_on_load=ROUTES, **PLAIN)
        board["examples"] = gr.HTML(
            self.examples(), elem_id="dl-examples", js_on_load=ACTIONS, **PLAIN
        )
        board["told"] = gr.HTML(elem_id="dl-told", js_on_load=None, **PLAIN)
        if self._keeper.prepares:
            board["pause"] = gr.HTML(elem_id="dl-pause", js_on_load=PAUSES, **PLAIN)
        for name in ("answer", "sources", "after", "related", "earlier"):
            board[name] = gr.HTML(elem_id=f"dl-{name}", js_on_load=ACTIONS, **PLAIN)
        return board | {"pane": pane}

    def box(self, *, empty: bool) -> dict[str, Any]:
        """Lay out where a question is typed, below the sheet."""
        board: dict[str, Any] = {}
        with gr.Column(elem_id="dl-asking"):
            board["bar"] = gr.HTML(
                self.bar(Limits()), elem_id="dl-bar", js_on_load=ACTIONS, **PLAIN
            )
            with gr.Row(elem_id="dl-ask", equal_height=True):
                board["box"] = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder=_EMPTY if empty else _FIRST,
                    interactive=not empty,
                    lines=1,
                    max_lines=8,
                    max_length=MOST_CHARACTERS,
                    autofocus=True,
                    container=False,
                    scale=1,
                    elem_id="dl-question",
                )
                board["ask"] = gr.Button(
                    "Ask",
                    variant="primary",
                    interactive=not empty,
                    elem_id="dl-send",
                    scale=0,
                    min_width=88,
                )
                board["stop"] = gr.Button(
                    "Stop", visible=False, elem_id="dl-stop", scale=0, min_width=88
                )
        return board

    def ready(self, *, empty: bool) -> tuple[gr.Textbox, gr.Button]:
        """Return the box as it is for an archive that holds something, or nothing to ask about."""
        box = gr.Textbox(placeholder=_EMPTY if empty else _FIRST, interactive=not empty)
        return box, gr.Button(interactive=not empty)

    def wire(self, page: gr.Blocks, board: dict[str, Any], outputs: list[Any]) -> None:
        """Lead what is typed and clicked to the handlers."""
        known = [board["talk"], board["limits"]]
        streams: dict[str, Any] = {"concurrency_id": "ask", "concurrency_limit": 16, **QUIET}
        typed = gr.on(
            [board["box"].submit, board["ask"].click],
            self.ask,
            [board["box"], *known],
            outputs,
            trigger_mode="once",
            **streams,
        )
        names = ("answer", "sources", "after", "related", "earlier", "bar", "examples")
        spoken = [board[n] for n in names]
        chosen = gr.on([c.submit for c in spoken], self.ask_clicked, known, outputs, **streams)
        gr.on([c.select for c in spoken], self.act, known, outputs, queue=False, **QUIET)
        address = gr.Textbox(visible=False)
        # Of steps that come while one is handled gradio keeps the last, but with what the first
        # of them carried: so it is the address of the page that says where Back led.
        led = board["route"].select(
            self.route,
            [address, *known],
            outputs,
            js=_ADDRESS,
            queue=False,
            trigger_mode="always_last",
            **QUIET,
        )
        board["stop"].click(self.stop, None, None, queue=False, **QUIET)
        if "pause" in board:
            board["pause"].select(self.paused, known, None, queue=False, **QUIET)
        came = page.load(self.arrive, [address], outputs, js=_ADDRESS, queue=False, **QUIET).then(
            self.follow, [board["talk"]], outputs, **streams
        )
        for done in (typed, chosen, led, came):
            self.beside(done, board)
        page.unload(self.leave)

    def asked_from(
        self, rooms: Sequence[gr.HTML], board: dict[str, Any], outputs: list[Any]
    ) -> None:
        """Lead questions that are clicked in other rooms to their answer."""
        known = [board["talk"], board["limits"]]
        for room in rooms:
            room.submit(
                self.ask_clicked,
                known,
                outputs,
                concurrency_id="ask",
                concurrency_limit=16,
                **QUIET,
            )

    def beside(self, done: Any, board: dict[str, Any]) -> None:  # noqa: ANN401 - gradio's event
        """Look for related questions once an event has drawn an answer."""
        slow: dict[str, Any] = {"concurrency_id": "related", "concurrency_limit": 4, **QUIET}
        done.then(self.related.draw, [board["talk"]], [board["related"]], **slow)

    def ask(
        self, question: str, talk: Talk, chosen: Limits, request: gr.Request
    ) -> Iterator[list[Any]]:
        """Answer what was typed, step by step."""
        asked = typed(question, chosen)
        yield from self._ask(talk, asked, chosen, request) if asked else [row()]

    def paused(self, talk: Talk, chosen: Limits, event: gr.EventData, request: gr.Request) -> None:
        """Make ready what stands in the box; nothing does when it is no longer what it was."""
        asked = promising(str(clicked(event).get("text", "")), chosen)
        self._keeper.prepare(talk, asked, request.session_hash or "")

    def ask_clicked(
        self, talk: Talk, chosen: Limits, event: gr.EventData, request: gr.Request
    ) -> Iterator[list[Any]]:
        """Answer what was clicked: an example, a question again, a question without a filter."""
        data = clicked(event)
        asked = wanted(talk, data, chosen)
        if isinstance(asked, Wanted):
            yield from self._ask(talk, asked, chosen, request)
        elif asked is not None:
            opened = chips.entered(data)  # only a form can be wrong
            yield row(bar=self.bar(chosen, talk, opened=opened, fault=asked))
        else:
            yield row()

    def _ask(
        self, talk: Talk, asked: Wanted, chosen: Limits, request: gr.Request
    ) -> Iterator[list[Any]]:
        page = request.session_hash or ""
        talk, live = self._keeper.begin(talk, asked, page)
        self.related.shows(page, talk.current.id)
        easel = Easel()
        yield easel.draw(
            talk,
            related="",
            examples=gr.HTML(visible=False),
            box=gr.Textbox(placeholder=FOLLOW_UP),  # emptied by the page, see talk.js
            bar=self.bar(chosen, talk),
            rail=self.rail(talk),
            **buttons(talk.current.running),
        )
        if live is not None:
            yield from self._steps(talk, live, page, easel)

    def _steps(self, talk: Talk, live: Live, page: str, easel: Easel) -> Iterator[list[Any]]:
        for view in live.follow():
            if not self._keeper.watch.follows(page, live):
                return
            before, talk = talk.current, talk.now(view)
            more = {} if view.running else buttons(running=False)
            if view.first != before.first and not self._opening.chosen(view, page):
                more["pane"] = self._opening.first(view)
            yield easel.draw(talk, **more)

    def follow(self, talk: Talk, request: gr.Request) -> Iterator[list[Any]]:
        """Go on showing an answer that is being made, after the page was loaded again."""
        page = request.session_hash or ""
        live = self._keeper.watch.making(talk.current.id)
        if live is not None:
            self._keeper.watch.follow(page, live)
            yield from self._steps(talk, live, page, Easel())
        elif talk.current.running:  # it ended between loading the page and this
            yield self.opened(self._keeper.named(talk.id, ""))
        else:
            yield row()

    def stop(self, request: gr.Request) -> None:
        """Give up the question that this visitor waits for."""
        self._keeper.watch.stop(request.session_hash or "")

    def leave(self, request: gr.Request) -> None:
        """Forget a visitor whose page was closed."""
        self._keeper.leave(request.session_hash or "")

    def arrive(self, address: str) -> list[Any]:
        """Show the conversation that the page's address names: `?c=ID` or `?answer=ID`."""
        given = parse_qs(str(address).removeprefix("?"))
        if not {"c", "answer"} & given.keys():
            # Drawn empty already; who is quick may have asked, or opened the form of the filters.
            read = {"pane": self._named(Talk(), given)} if "read" in given else {}
            return row(examples=gr.HTML(self.examples()), rail=self.rail(), **read)
        return self._arrived(given)

    def _arrived(self, given: Mapping[str, list[str]]) -> list[Any]:
        try:
            talk = self._keeper.named(_first(given, "c"), _first(given, "answer"))
        except DatelineError as error:
            return row(examples=gr.HTML(masthead.note(str(error)) + self.examples()))
        return self.opened(talk, address=given)

    def route(self, search: str, talk: Talk, chosen: Limits, request: gr.Request) -> list[Any]:
        """Show what the address names after Back or Forward: a conversation, an article."""
        given = parse_qs(search.removeprefix("?"))
        if _first(given, "c") == talk.id:
            return row(pane=self._named(talk, given))
        self.leave(request)
        return self._arrived(given)

    def _named(self, talk: Talk, given: Mapping[str, list[str]]) -> str:
        """Return the article that an address names, else the first that the answer cites."""
        view = talk.view(_first(given, "s"))
        view = view if view.question else talk.current
        if not _first(given, "read"):
            return self._opening.first(view)
        start, _, end = _first(given, "at").partition("-")
        named = {"open": _first(given, "read"), "start": start, "end": end}
        return self._opening.named(view, named)

    def rail(self, talk: Talk | None = None) -> str:
        """Return the rail beside a conversation."""
        held = self._archive.coverage().articles if self._archive else 0
        rooms = Rooms(
            articles=held, settings=self._settings, drafts=self._drafts, **self._more_rooms
        )
        try:
            recent = self._keeper.kept.listed("")[: RECENT + 1]
        except DatelineError:
            recent = ()
        return rail(talk or Talk(), rooms, recent)

    def opened(self, talk: Talk, address: Mapping[str, list[str]] | None = None) -> list[Any]:
        """Return the page with a conversation of the past, or a new one."""
        return Easel().draw(
            talk,
            limits=Limits(),
            related="",
            bar=self.bar(Limits(), talk),
            examples=gr.HTML(self.examples(), visible=not talk.views),
            pane=self._named(talk, address or {}),
            rail=self.rail(talk),
            box=gr.Textbox(placeholder=FOLLOW_UP if talk.views else _FIRST),
            **buttons(talk.current.running),
        )

    def act(
        self, talk: Talk, chosen: Limits, event: gr.EventData, request: gr.Request
    ) -> list[Any]:
        """Do what was clicked and needs no answer: filters, opinions, a new conversation."""
        data = clicked(event)
        match data.get("do"):
            case "fresh":
                self.stop(request)
                return self.opened(Talk())
            case "opinion" | "case":
                return self._judge(talk, data)
            case "star":
                talk = self._keeper.star(talk)
                return Easel().draw(talk, rail=self.rail(talk))
            case "watch":
                view = talk.view(str(data.get("turn", "")))
                return Easel().draw(talk, (view.id, self._keeper.watching(view)))
        return self._limit(talk, chosen, data)

    def _judge(self, talk: Talk, data: Mapping[str, Any]) -> list[Any]:
        view = talk.view(str(data.get("turn", "")))
        now, told = self._keeper.judge(view, data)
        return Easel().draw(talk.now(now), (now.id, told))

    def _limit(self, talk: Talk, chosen: Limits, data: Mapping[str, Any]) -> list[Any]:
        opened: Limits | None = None
        fault = ""
        match data.get("do"):
            case "limits":
                opened = chosen
            case "edit":
                opened = chips.limits(talk.view(str(data.get("turn", "")))) or chosen
            case "clear":
                opened = Limits()
            case "unset":
                chosen = chosen.without(str(data.get("field")), str(data.get("name", "")))
            case "set":
                read = chips.parse(data)
                if isinstance(read, str):
                    opened, fault = chips.entered(data), read
                else:
                    chosen = read
        return row(limits=chosen, bar=self.bar(chosen, talk, opened=opened, fault=fault))

    def bar(self, chosen: Limits, talk: Talk | None = None, **shown: Any) -> str:  # noqa: ANN401
        """Return the filters of the next question."""
        known = self._archive
        asked = bool(talk and talk.views)
        if known is None:
            return chips.bar(chosen, (), (), asked=asked, **shown)
        lists = (known.publishers(), known.authors(), known.collections())
        return chips.bar(chosen, *lists, asked=asked, **shown)

    def examples(self) -> Markup:
        """Return a few questions that this archive answers, or how to fill it."""
        if self._archive is None:
            return masthead.first_run()
        newest = [source_of(a) for a in self._archive.articles(limit=MOST_LATEST)]
        if not newest:
            return Markup("")
        asked = [(e.gift, e.question) for e in self._keeper.suggestions()]
        return masthead.examples(asked) + masthead.latest(newest)


def _first(given: Mapping[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0][:200]
