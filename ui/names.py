"""The room of names and topics: who is named where, and all that the archive has of a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from markupsafe import Markup

from rag.archive.catalogue import Chosen
from rag.errors import DatelineError
from rag.language.characters import encodable
from rag.rights import reader
from rag.types import Filter
from ui import dossier, named
from ui.holdings import refusal
from ui.markup import EMPTY
from ui.masthead import note
from ui.named import ARTICLES, BACK, KINDS, LISTED, Look
from ui.wiring import ACTIONS, PLAIN, QUIET, clicked, page_of

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.archive.archive import Archive
    from ui.intake import Intake
    from ui.machine import Machine

_LONGEST = 300
Step = TypeVar("Step")
_WAIT = Markup('<p class="dl-wait" role="status"><i></i>{}</p>')


class Latest:
    """Lets each page see only what came of its latest wish; a sheet takes seconds to make."""

    _MOST = 1000
    """Most pages of which it is known."""

    def __init__(self) -> None:
        self._wishes: dict[str, object] = {}
        self._lock = Lock()

    def begun(self, page: str) -> object:
        """Note that a page wishes something else from now on; returns that wish."""
        wish = object()
        with self._lock:
            self._wishes.pop(page, None)
            self._wishes[page] = wish
            while len(self._wishes) > self._MOST:
                del self._wishes[next(iter(self._wishes))]
        return wish

    def only(self, page: str, steps: Iterator[Step]) -> Iterator[Step]:
        """Yield what comes of a wish, until the page has another one."""
        wish = self.begun(page)
        for step in steps:
            if self._wishes.get(page, wish) is not wish:
                return
            yield step


class Names:
    """The handlers of the room."""

    def __init__(self, archive: Archive, machine: Machine, intake: Intake | None) -> None:
        self._archive, self._machine, self._intake = archive, machine, intake
        self._latest = Latest()

    @property
    def _writable(self) -> bool:
        """Whether who looks may change the archive."""
        who = reader()
        return self._intake is not None and (who is None or who.edits)

    def tab(self, room: gr.Tab) -> gr.HTML:
        """Lay out the room and wire it; returns what shows names, articles and questions."""
        look = gr.State(Look())
        with gr.Row(elem_id="dl-topic", equal_height=True):
            typed = gr.Textbox(
                label="A name or a topic",
                show_label=False,
                placeholder="A name, or any topic",
                container=False,
                max_length=_LONGEST,
                scale=1,
                elem_id="dl-about-what",
            )
            whole = gr.Button("Dossier", scale=0, min_width=96, elem_id="dl-dossier")
            figures = gr.Button("Figures", scale=0, min_width=96, elem_id="dl-figures")
        shown = gr.HTML(elem_id="dl-named", js_on_load=ACTIONS, **PLAIN)
        both: dict[str, Any] = {"outputs": [look, shown], **QUIET}
        typed.change(self.found, [typed, look], queue=False, trigger_mode="always_last", **both)
        room.select(self.opened, [look, shown], queue=False, **both)
        sheets: dict[str, Any] = {"concurrency_limit": 4, "trigger_mode": "once", **both}
        gr.on([typed.submit, whole.click], self.dossier, [typed, look], **sheets)
        figures.click(self.figures, [typed, look], **sheets)
        shown.select(self.act, [look], **{**sheets, "trigger_mode": "multiple"})
        return shown

    def opened(self, look: Look, shown: str) -> tuple[Look, Any]:
        """Return the index when the room is first opened; else leave it as it is."""
        return look, gr.skip() if shown else self.index(look)

    def found(self, text: str, look: Look, request: gr.Request | None = None) -> tuple[Look, str]:
        """Return the names that begin with what is typed."""
        self._latest.begun(page_of(request))
        look = replace(look, like=encodable(text)[:_LONGEST], number=0)
        return look, self.index(look)

    def index(self, look: Look) -> str:
        """Return a page of the index."""
        try:
            names, total = self._archive.entities(
                like=look.like, kind=look.kind, limit=LISTED, offset=look.number * LISTED
            )
        except DatelineError as error:
            return refusal(str(error))
        return named.index(look, names, total)

    def act(
        self, look: Look, event: gr.EventData, request: gr.Request | None = None
    ) -> Iterator[tuple[Look, str]]:
        """Do what was clicked: another kind or page, a name, a dossier of it, two told apart."""
        yield from self._latest.only(page_of(request), self._done(look, clicked(event)))

    def _done(self, look: Look, data: Mapping[str, Any]) -> Iterator[tuple[Look, str]]:
        topic = str(data.get("topic", ""))
        match data.get("do"):
            case "name":
                yield from self._name(look, data)
            case "apart":
                yield from self._apart(look, data)
            case "dossier":
                yield from self._sheet(topic, look, BACK, _dossier)
            case "figures":
                yield from self._sheet(topic, look, BACK, _figures)
            case _:
                look = _after(look, data)
                yield look, self.index(look)

    def dossier(
        self, topic: str, look: Look, request: gr.Request | None = None
    ) -> Iterator[tuple[Look, str]]:
        """Put together what the archive has of a topic."""
        yield from self._latest.only(page_of(request), self._sheet(topic, look, BACK, _dossier))

    def figures(
        self, topic: str, look: Look, request: gr.Request | None = None
    ) -> Iterator[tuple[Look, str]]:
        """List the figures that reports give on a topic."""
        yield from self._latest.only(page_of(request), self._sheet(topic, look, BACK, _figures))

    def _sheet(
        self, topic: str, look: Look, above: Markup, made: Callable[[str, NewsQA], Markup]
    ) -> Iterator[tuple[Look, str]]:
        topic = encodable(topic).strip()[:_LONGEST]
        if not topic:
            yield look, above + note("Write a name or a topic first.")
            return
        yield look, above + _WAIT.format("Reading what the articles say")
        try:
            sheet = self._machine.work(lambda qa: made(topic, qa), alone=False)
        except DatelineError as error:
            sheet = refusal(str(error))
        yield look, above + sheet

    def _name(
        self, look: Look, data: Mapping[str, Any], told: Markup = EMPTY
    ) -> Iterator[tuple[Look, str]]:
        """Show the articles of a name at once, and its dossier when that is made."""
        name, kind = str(data.get("name", ""))[:_LONGEST], str(data.get("kind", ""))
        kind = kind if kind in KINDS else "name"
        within = Filter(entities=(name,))
        leaf = self._archive.leaf(Chosen(within=within), limit=ARTICLES)
        above = named.one(name, kind, leaf, writable=self._writable, told=told)
        if leaf.total:
            yield from self._sheet(name, look, above, _dossier)
        else:
            yield look, above

    def _apart(self, look: Look, data: Mapping[str, Any]) -> Iterator[tuple[Look, str]]:
        """Let the articles that are ticked mean somebody else from now on."""
        name, apart = str(data.get("name", "")), " ".join(str(data.get("apart", "")).split())
        ids = [i for i in str(data.get("ids", "")).splitlines() if i][:ARTICLES]
        told = note("Tick the articles first, and say whom they mean.")
        if self._intake is not None and ids and apart:
            told = self._told_apart(self._intake, name, ids, apart, str(data.get("form", "")))
        yield from self._name(look, data, told)

    def _told_apart(
        self, intake: Intake, name: str, ids: list[str], apart: str, form: str
    ) -> Markup:
        """Tell articles apart, and return what came of it."""
        try:
            jobs = list(intake.watch(intake.apart(name, ids, apart, form)))
        except DatelineError as error:
            return refusal(str(error))
        articles = "1 article" if len(ids) == 1 else f"{len(ids):,} articles"
        fault = jobs[-1].error if jobs else ""
        return (
            refusal(fault) if fault else note(f"In {articles} it stands for {apart} from now on.")
        )


def _dossier(topic: str, qa: NewsQA) -> Markup:
    from rag.answer.dossier import dossier as made

    return dossier.sheet(made(topic, qa))


def _figures(topic: str, qa: NewsQA) -> Markup:
    from rag.answer.claims import claims

    return dossier.ledger(topic, claims(topic, qa))


def _after(look: Look, data: Mapping[str, Any]) -> Look:
    """Return what is looked at after a click; all of it comes from a browser."""
    if data.get("do") == "kind":
        return replace(look, kind=next((k for k in KINDS if k == data.get("kind")), None), number=0)
    page = str(data.get("page", ""))
    if data.get("do") == "page" and page.isdecimal() and len(page) < 7:
        return replace(look, number=int(page))
    return look
