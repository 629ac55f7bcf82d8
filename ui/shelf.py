"""The Archive tab: articles listed, searched and opened; files taken in; how the archive is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.archive.collections import Collections
from rag.errors import DatelineError, SettingsError, SourceError
from rag.ingest.sources.reading import Link, is_address
from rag.rights import people, reader
from ui import holdings, masthead
from ui.browse import SHOWN, Browse, panel
from ui.holdings import LISTED, Condition, Page
from ui.means import Means
from ui.theme import ASSETS
from ui.upload import FILE_BYTES
from ui.wiring import CLICKS, PLAIN, QUIET, clicked, page_of

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from rag.archive.catalogue import Leaf
    from rag.archive.edits import Edits
    from rag.types import Filter
    from ui.intake import Intake

_LIST = (
    CLICKS
    + """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-page], [data-facet], [data-delete], [data-find]');
  if (!button || button.disabled) return;
  dateline.browsing();
  if (button.dataset.find) { dateline.find(button.dataset.find); return; }
  if (!button.dataset.delete) trigger('select', {...button.dataset});
  else if (dateline.sure(button)) trigger('delete', {article: button.dataset.delete});
});
element.addEventListener('change', (event) => {
  if (event.target.matches('[data-order]')) trigger('select', {order: event.target.value});
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const typed = {};
  for (const [name, value] of new FormData(event.target, event.submitter)) {
    typed[name] = name in typed ? `${typed[name]}\\n${value}` : value;
  }
  trigger('submit', typed);
});
document.addEventListener('dl-browse', (event) => trigger('select', {browse: event.detail}));
watch('value', () => {
  dateline.drawn(element);
  const shown = element.querySelector('[data-browse]');
  if (shown) dateline.browsed(shown.dataset.browse);
  dateline.agree();
});
dateline.agree();
"""
)

_EACH: dict[str, Any] = {"trigger_mode": "multiple", **QUIET}
"""What is sent while another job runs waits for its turn; gradio's own way is to drop it."""
_INTO = """
element.addEventListener('change', (event) => {
  if (event.target.matches('[data-into]')) trigger('select', {name: event.target.value});
});
"""

_FIRST = """
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-sample]')) trigger('select', {});
});
"""

MOST_PAGES = 1000
"""Most open pages of which it is known that somebody looked for articles there."""
MOST_TICKED = 500
"""Most articles that are changed at once."""


@dataclass(frozen=True, slots=True)
class First:
    """What a first visitor sees of adding: steps while there is nothing, a place for files."""

    steps: gr.HTML
    drop: gr.HTML | None
    report: gr.HTML | None
    into: gr.HTML | None


@dataclass(slots=True)
class Shown:
    """What the tab shows and the rest of the page must know of."""

    report: gr.HTML
    find: gr.Textbox
    listed: gr.HTML
    first: First
    condition: gr.HTML
    browse: gr.State
    """What this visitor looks at."""
    into: gr.State
    """The collection that this visitor adds to."""
    choosers: list[gr.HTML]
    """Where it is chosen."""
    jobs: list[Any]
    """Events after which the archive may hold other articles."""


class Shelf:
    """The handlers of the Archive tab."""

    def __init__(self, archive: Archive | None, means: Means) -> None:
        self._archive = archive
        self._means = means
        self._moved: dict[str, None] = {}
        self._named: tuple[object, list[tuple[str, int]]] | None = None

    def first_steps(self) -> First:
        """Lay out what stands below the examples: the first steps, and where files are dropped."""
        steps = gr.HTML(self.first(), elem_id="dl-first-run", js_on_load=_FIRST, **PLAIN)
        if self._means.intake is None:
            return First(steps, None, None, None)
        with gr.Column(elem_id="dl-hand"):
            into = _chooser()
            drop = _drop("dl-hand-drop", "dl-hand-files")
            report = gr.HTML(elem_id="dl-hand-intake", js_on_load=CLICKS, **PLAIN)
        return First(steps, drop, report, into)

    def tab(self, first: First) -> Shown:
        """Lay out the tab and wire it."""
        find = gr.Textbox(
            label="Find articles",
            show_label=False,
            placeholder="Title, outlet, author, date or text",
            container=False,
            max_length=200,
            elem_id="dl-find",
        )
        report = gr.HTML(elem_id="dl-intake", js_on_load=CLICKS, render=False, **PLAIN)
        into = gr.State("")
        choosers = [first.into] if first.into is not None else []
        jobs = self._adding(report, into, choosers) if self._means.intake else []
        report.render()  # type: ignore[no-untyped-call]
        with gr.Accordion("About this archive", open=False, elem_id="dl-about"):
            condition = gr.HTML(elem_id="dl-condition", js_on_load=None, **PLAIN)
            if self._means.intake:
                again = gr.Button("Index again", size="sm", elem_id="dl-again")
                jobs.append(again.click(self.rebuild, None, [report], **QUIET))
        browse = gr.State(Browse())
        listed = gr.HTML(self.shown(Browse()), elem_id="dl-shelf", js_on_load=_LIST, **PLAIN)
        both: dict[str, Any] = {"outputs": [browse, listed], "queue": False, **QUIET}
        find.change(self.found, [find, browse], trigger_mode="always_last", **both)
        listed.select(self.turn, [browse], **both)
        jobs.append(listed.delete(self.delete, None, [report], **_EACH))
        jobs.append(listed.submit(self.bulk, None, [report], **_EACH))
        jobs.append(first.steps.select(self.sample, [into], [first.steps], **QUIET))
        if first.drop is not None and first.report is not None:
            jobs.append(first.drop.upload(self.sent, [into], [first.report], **_EACH))
        for chooser in choosers:
            chooser.select(self.chosen, None, [into, *choosers], queue=False, **QUIET)
        return Shown(report, find, listed, first, condition, browse, into, choosers, jobs)

    def wire(self, page: gr.Blocks, shown: Shown) -> None:
        """Show the job that is running to somebody who opens the page."""
        page.load(self.resume, None, [shown.report], **QUIET)
        if people() and shown.choosers:  # what there is to choose from is each person's own
            for event in (page.load, *(job.then for job in shown.jobs)):
                event(self.offered, [shown.into], shown.choosers, queue=False, **QUIET)

    def _adding(self, report: gr.HTML, into: gr.State, choosers: list[gr.HTML]) -> list[Any]:
        """Lay out what takes articles in; returns its events."""
        with gr.Accordion("Add articles", open=self.empty, elem_id="dl-adding"):
            choosers.append(_chooser())
            drop = _drop("dl-drop", "dl-files")
            jobs = [drop.upload(self.sent, [into], [report], **_EACH)]
            if self._means.folders or self._means.addresses:
                with gr.Row(elem_id="dl-folder", equal_height=True):
                    label, info = _place(self._means)
                    name = gr.Textbox(label=label, info=info, max_length=2000, scale=1)
                    read = gr.Button("Read it", scale=0, min_width=96)
                asked = [name.submit, read.click]
                jobs.append(gr.on(asked, self.named, [name, into], [report], **QUIET))
        return jobs

    @property
    def empty(self) -> bool:
        """Whether there is no article yet."""
        return self._archive is None or self._archive.coverage().articles == 0

    @property
    def _writable(self) -> bool:
        """Whether who looks may change the archive."""
        who = reader()
        return self._means.intake is not None and (who is None or who.edits)

    def first(self) -> str:
        """Return the first steps, as long as the archive is empty."""
        if self._archive is None or not self.empty:
            return ""  # without an archive at all, the examples say how to make one
        writable = self._writable
        return masthead.first_run(writable=writable, sample=self._means.sample is not None)

    def found(
        self, text: str, browse: Browse, request: gr.Request | None = None
    ) -> tuple[Browse, str]:
        """Return the first page of the articles that have all words of a text."""
        self._move(request)
        browse = browse.finding(text)
        return browse, self.shown(browse)

    def turn(
        self, browse: Browse, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Browse, str]:
        """Return what was clicked: another page, another order, one facet more or less."""
        self._move(request)
        browse = browse.after(clicked(event))
        return browse, self.shown(browse)

    def _move(self, request: gr.Request | None) -> None:
        self._moved[page_of(request)] = None
        while len(self._moved) > MOST_PAGES:
            self._moved.pop(next(iter(self._moved)), None)

    def moved(self, request: gr.Request) -> bool:
        """Say whether a page has had another list drawn than the one that it was opened with.

        Who is quick clicks before the opening is answered: that list comes too late then.
        """
        return page_of(request) in self._moved

    def bulk(self, event: gr.EventData) -> Iterator[str]:
        """Do what a person wants with the articles that are ticked."""
        data = clicked(event)
        ids = [i for i in str(data.get("ids", "")).splitlines() if i][:MOST_TICKED]
        try:
            if data.get("do") == "edit":
                edits = _edits(data, ids)
                yield from self._job(lambda intake: intake.edit(ids, [], edits))
            elif data.get("do") in ("collect", "release") and self._means.intake is not None:
                yield self._collected(
                    str(data.get("collection", "")), ids, data.get("do") == "collect"
                )
        except DatelineError as error:
            yield holdings.refusal(str(error))

    def _collected(self, name: str, ids: Sequence[str], into: bool) -> str:
        """Put articles into a collection, or take them out; returns what came of it."""
        if self._archive is None or not ids:
            return holdings.refusal("Tick the articles first.")
        with Collections.open(self._archive.place) as kept:
            count = kept.add(name, ids) if into else kept.remove(name.strip(), ids)
        articles = "1 article" if count == 1 else f"{count:,} articles"
        done = f"put into “{name.strip()}”" if into else f"taken out of “{name.strip()}”"
        return masthead.note(f"{articles} {done}.")

    def into(self, chosen: str) -> str:
        """Return where the person chooses a collection to add to, if there is a choice."""
        who = reader()
        if self._archive is None or who is None or not self._writable:
            return ""
        return holdings.into(self._archive.collections(), chosen, free=who.everything)

    def offered(self, chosen: str) -> list[str]:
        """Return the same for each place where it is chosen."""
        return [self.into(chosen)] * 2

    def chosen(self, event: gr.EventData) -> list[str]:
        """Remember which collection the person adds to, and show it in both places."""
        name = str(clicked(event).get("name", ""))
        return [name, *self.offered(name)]

    def sent(self, into: str, event: gr.EventData) -> Iterator[str]:
        """Index the files that were sent, and show how far that is."""
        uploads, token = self._means.uploads, str(event.batch)
        if uploads is not None:
            yield from self._job(lambda _: uploads.index(token, into))

    def named(self, name: str, into: str) -> Iterator[str]:
        """Index a folder of this computer or an address, if it is one that may be named."""
        yield from self._job(lambda intake: intake.add([place(name, self._means)], collection=into))

    def sample(self, into: str) -> Iterator[str]:
        """Fill an empty archive with the sample articles."""
        sample = self._means.sample
        if sample is not None:
            yield from self._job(lambda intake: intake.add([sample], collection=into))

    def delete(self, event: gr.EventData) -> Iterator[str]:
        """Delete an article for good."""
        yield from self._job(lambda intake: intake.delete(str(event.article)))

    def rebuild(self) -> Iterator[str]:
        """Make the index anew."""
        yield from self._job(lambda intake: intake.rebuild())

    def resume(self) -> Iterator[str]:
        """Show the job that is running when somebody opens the page, if there is one."""
        latest = self._means.intake.latest if self._means.intake else None
        if latest is not None and latest.running:
            yield from self._job(lambda _: latest.number)
        else:
            yield ""

    def condition(self) -> str:
        """Return how the archive is."""
        if self._archive is None:
            return ""
        whole = not self._archive.restricted
        return holdings.condition(
            Condition(
                coverage=self._archive.coverage(),
                tally=self._archive.tally(),
                months=self._archive.months(),
                index=self._means.index(),
                size=_size(self._archive.folder) if whole else 0,
                free=shutil.disk_usage(self._archive.folder).free if whole else 0,
            )
        )

    def _meant(self, leaf: Leaf, text: str) -> str:
        """Return what may have been meant by a search that finds nothing."""
        from rag.search.spelling import respelt

        if leaf.total or not text.strip() or self._archive is None:
            return ""
        return respelt(self._archive, text) or ""

    def _said(self, known: Archive, within: Filter) -> list[tuple[str, int]]:
        """Return who is named most in articles, counted anew only when they have changed.

        The list is drawn with every letter of a search, and each mention is counted.
        """
        state = (known.generation, known.unnamed(), within, reader())
        before = self._named
        if before is None or before[0] != state:
            found, _ = known.entities(within=within, limit=SHOWN)
            before = (state, [(one.name, one.articles) for one in found])
            self._named = before
        return before[1]

    def shown(self, browse: Browse) -> str:
        """Return the list with its facets."""
        if self._archive is None:
            return ""
        known = self._archive
        leaf = known.leaf(browse.chosen, limit=LISTED, offset=browse.number * LISTED)
        names = known.collections()
        said = self._said(known, browse.chosen.within)
        above = panel(browse, known.cards, names, known.incomplete(), said)
        writable = self._writable
        page = Page(leaf=leaf, browse=browse, meant=self._meant(leaf, browse.chosen.text))
        return holdings.listing(page, writable=writable, above=above, collections=names)

    def _job(self, begin: Callable[[Intake], int]) -> Iterator[str]:
        intake = self._means.intake
        if intake is None:
            return
        try:
            number = begin(intake)
        except DatelineError as error:
            yield holdings.refusal(str(error))
            return
        for job in intake.watch(number):
            yield holdings.report(job)


def _drop(box: str, name: str) -> gr.HTML:
    """Lay out a place where files are dropped or chosen."""
    script = (ASSETS / "upload.js").read_text("utf-8")
    form = holdings.adding(name, most=FILE_BYTES)
    return gr.HTML(form, elem_id=box, js_on_load=script, **PLAIN)


def _chooser() -> gr.HTML:
    """Lay out where a person chooses the collection to add to; empty until it is known who."""
    return gr.HTML("", elem_classes="dl-chooser", js_on_load=_INTO, **PLAIN)


def _edits(data: Mapping[str, Any], ids: Sequence[str]) -> Edits:
    """Read what is stated of the articles that are ticked.

    Raises:
        SettingsError: nothing is stated or ticked, or one title of several articles.
    """
    from rag.maintenance.edit import stated

    typed = {name: str(data.get(name, "")).strip() for name in ("published", "outlet", "title")}
    authors = [a.strip() for a in str(data.get("authors", "")).split(";") if a.strip()]
    given = {name: value for name, value in typed.items() if value}
    if not ids:
        raise SettingsError("Tick the articles first.")
    if not (given or authors):
        raise SettingsError("Say what to state: an outlet, a day, authors or a title.")
    if "title" in given and len(ids) > 1:
        raise SettingsError("A title is stated of one article at a time.")
    return stated(**given, authors=authors or None)


def _place(means: Means) -> tuple[str, str]:
    """Return how the box is called in which a place is named, and what may be named there."""
    below = f"Folders in {', '.join(map(str, means.folders))}" if means.folders else ""
    web = "Articles, feeds and sitemaps on the web" if means.addresses else ""
    name = " or ".join(filter(None, ("a folder" if below else "", "an address" if web else "")))
    return f"Or name {name}", ". ".join(filter(None, (below, web)))


def place(name: str, means: Means) -> Path | Link:
    """Return the folder or the address that was named.

    Raises:
        SourceError: it may not be named here.
    """
    if not is_address(name.strip()):
        return within(name, means.folders)
    if not means.addresses:
        raise SourceError("this page does not take addresses (dateline serve --allow-urls)")
    return Link(origin=name.strip(), url=name.strip())


def within(name: str, allowed: Sequence[Path]) -> Path:
    """Return the folder or file that was named.

    Raises:
        SourceError: it is not there, or not below a folder that may be read; which of the two is
            not said, so that nobody finds out what else lies on this computer.
    """
    try:
        path = Path(name.strip()).expanduser().resolve()
        good = any(path.is_relative_to(one.resolve()) for one in allowed) and path.exists()
    except (OSError, ValueError, RuntimeError):
        good = False
    if not good:
        raise SourceError(f"{name.strip()!r} is no folder that may be read from this page")
    return path


def _size(folder: Path) -> int:
    """Return the bytes of an archive's database and its index."""
    files = (*folder.glob("archive.db*"), *(folder / "chroma").rglob("*"))
    return sum(file.stat().st_size for file in files if file.is_file())
