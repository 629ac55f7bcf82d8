"""The Archive tab: articles listed, searched and opened; files taken in; how the archive is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from rag.errors import DatelineError, SourceError
from rag.ingest.sources.reading import Link, is_address
from ui import holdings, masthead
from ui.holdings import LISTED, Condition, Page
from ui.means import Means
from ui.theme import ASSETS
from ui.upload import FILE_BYTES
from ui.wiring import CLICKS, PLAIN, QUIET

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from ui.intake import Intake

_LIST = (
    CLICKS
    + """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-page], [data-delete]');
  if (!button || button.disabled) return;
  if (button.dataset.page) trigger('select', {page: button.dataset.page});
  else if (dateline.sure(button)) trigger('delete', {article: button.dataset.delete});
});
"""
)

_FIRST = """
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-sample]')) trigger('select', {});
});
"""


@dataclass(slots=True)
class Shown:
    """What the tab shows and the rest of the page must know of."""

    report: gr.HTML
    listed: gr.HTML
    first: gr.HTML
    condition: gr.HTML
    jobs: list[Any]
    """Events after which the archive may hold other articles."""


class Shelf:
    """The handlers of the Archive tab."""

    def __init__(self, archive: Archive | None, means: Means) -> None:
        self._archive = archive
        self._means = means

    def first_steps(self) -> gr.HTML:
        """Lay out what an empty archive shows below the question box."""
        return gr.HTML(self.first(), elem_id="dl-first-run", js_on_load=_FIRST, **PLAIN)

    def tab(self, first: gr.HTML) -> Shown:
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
        jobs = self._adding(report) if self._means.intake else []
        report.render()  # type: ignore[no-untyped-call]
        with gr.Accordion("About this archive", open=False, elem_id="dl-about"):
            condition = gr.HTML(elem_id="dl-condition", js_on_load=None, **PLAIN)
            if self._means.intake:
                again = gr.Button("Index again", size="sm", elem_id="dl-again")
                jobs.append(again.click(self.rebuild, None, [report], **QUIET))
        listed = gr.HTML(self.found(""), elem_id="dl-shelf", js_on_load=_LIST, **PLAIN)
        find.change(self.found, [find], [listed], trigger_mode="always_last", queue=False, **QUIET)
        listed.select(self.turn, [find], [listed], queue=False, **QUIET)
        jobs.append(listed.delete(self.delete, None, [report], **QUIET))
        jobs.append(first.select(self.sample, None, [first], **QUIET))
        return Shown(report, listed, first, condition, jobs)

    def wire(self, page: gr.Blocks, shown: Shown) -> None:
        """Show the job that is running to somebody who opens the page."""
        page.load(self.resume, None, [shown.report], **QUIET)

    def _adding(self, report: gr.HTML) -> list[Any]:
        """Lay out what takes articles in; returns its events."""
        with gr.Accordion("Add articles", open=self.empty, elem_id="dl-adding"):
            script = (ASSETS / "upload.js").read_text("utf-8")
            form = holdings.adding(most=FILE_BYTES)
            drop = gr.HTML(form, elem_id="dl-drop", js_on_load=script, **PLAIN)
            jobs = [drop.upload(self.sent, None, [report], **QUIET)]
            if self._means.folders or self._means.addresses:
                with gr.Row(elem_id="dl-folder", equal_height=True):
                    label, info = _place(self._means)
                    name = gr.Textbox(label=label, info=info, max_length=2000, scale=1)
                    read = gr.Button("Read it", scale=0, min_width=96)
                asked = [name.submit, read.click]
                jobs.append(gr.on(asked, self.named, [name], [report], **QUIET))
        return jobs

    @property
    def empty(self) -> bool:
        """Whether there is no article yet."""
        return self._archive is None or self._archive.coverage().articles == 0

    def first(self) -> str:
        """Return the first steps, as long as the archive is empty."""
        if self._archive is None or not self.empty:
            return ""  # without an archive at all, the examples say how to make one
        writable = self._means.intake is not None
        return masthead.first_run(writable=writable, sample=self._means.sample is not None)

    def found(self, text: str) -> str:
        """Return the first page of the articles that have all words of a text."""
        return self._page(text, 0)

    def turn(self, text: str, event: gr.EventData) -> str:
        """Return another page of the list."""
        number = str(event.page)
        return self._page(text, int(number) if number.isdecimal() and len(number) < 9 else 0)

    def sent(self, event: gr.EventData) -> Iterator[str]:
        """Index the files that were sent, and show how far that is."""
        uploads, token = self._means.uploads, str(event.batch)
        if uploads is not None:
            yield from self._job(lambda _: uploads.index(token))

    def named(self, name: str) -> Iterator[str]:
        """Index a folder of this computer or an address, if it is one that may be named."""
        yield from self._job(lambda intake: intake.add([place(name, self._means)]))

    def sample(self) -> Iterator[str]:
        """Fill an empty archive with the sample articles."""
        sample = self._means.sample
        if sample is not None:
            yield from self._job(lambda intake: intake.add([sample]))

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
        return holdings.condition(
            Condition(
                coverage=self._archive.coverage(),
                tally=self._archive.tally(),
                months=self._archive.months(),
                index=self._means.index(),
                size=_size(self._archive.folder),
                free=shutil.disk_usage(self._archive.folder).free,
            )
        )

    def _page(self, text: str, number: int) -> str:
        if self._archive is None:
            return ""
        leaf = self._archive.leaf(text, limit=LISTED, offset=number * LISTED)
        writable = self._means.intake is not None
        return holdings.listing(Page(leaf=leaf, text=text, number=number), writable=writable)

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
