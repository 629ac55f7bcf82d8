"""Takes articles into the archive of a running server: one job after another, as people watch.

A job holds the archive's writer lock while it runs and gives it back, so that the command line may
write in between; questions are answered meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.errors import ArchiveBusy, DatelineError, NotAllowed, NotFound
from rag.rights import SYSTEM, acting, carried, owner, reader
from rag.settings import Settings
from ui.desk import INTERNAL

if TYPE_CHECKING:
    from rag.archive.edits import Edits
    from rag.ingest.run import FileReport, Progress
    from rag.ingest.sources.draft import Given
    from rag.ingest.sources.reading import Link
    from rag.models.embed import Embedder

log = logging.getLogger(__name__)

_BAD = ("failed", "unread")
Phase = Literal["waiting", "reading", "embedding", "indexing", "done", "failed"]

KEPT_JOBS = 50
"""So many jobs are remembered, the newest ones."""
KEPT_LINES = 1000
"""So many lines of a job are kept; failures stay longest, since somebody must read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one file or record; `name` is as the person knows it."""

    name: str
    outcome: str
    reason: str = ""
    article_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to do to the archive, and how far it is."""

    number: int
    what: str
    phase: Phase = "waiting"
    done: int = 0
    total: int = 0
    eta: float | None = None
    """Seconds left in this phase."""
    lines: tuple[Line, ...] = ()
    """The last `KEPT_LINES` of them, failures before all others."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """How many files or records had each outcome."""
    error: str = ""
    owner: str = ""
    """Whose it is; see `rag.rights`."""

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.phase not in ("done", "failed")


Work = Callable[["Step"], None]


class Step:
    """The hand of a job on its own record."""

    def __init__(self, job: Job, tell: Callable[[Job], None], *, counted: bool = False) -> None:
        self.job = job
        self._counted = counted
        self._tell = tell

    def change(self, **changes: object) -> None:
        """Write down what has changed."""
        self.job = replace(self.job, **changes)  # type: ignore[arg-type]
        self._tell(self.job)

    def progress(self, progress: Progress) -> None:
        """Take over how far the ingestion is."""
        self.change(
            phase=progress.phase, done=progress.done, total=progress.total, eta=progress.eta
        )

    def add(self, line: Line) -> None:
        """Add what became of one file."""
        if self._counted:
            from rag.telemetry.metrics import item

            item(line.outcome)
        lines = (*self.job.lines, line)
        if len(lines) > KEPT_LINES:
            good = next((n for n, one in enumerate(lines) if one.outcome not in _BAD), 0)
            lines = lines[:good] + lines[good + 1 :]
        totals = Counter(self.job.totals)
        totals[line.outcome] += 1
        self.change(lines=lines, totals=dict(totals))


class Intake:
    """The line of jobs on one archive.

    Example:
        number = intake.add([Path("export.jsonl")])
        for job in intake.watch(number):
            print(job.phase, job.done, job.total)
    """

    def __init__(self, settings: Settings, *, web: bool = False) -> None:
        """Prepare; `web` says whether this computer may fetch what people or feeds name."""
        self.settings = settings
        self._web = web
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="dateline-intake")
        self._embedder: Embedder | None = None
        self._closed = threading.Event()

    def add(
        self,
        items: Sequence[Path | Link],
        *,
        refused: Sequence[Line] = (),
        within: Path | None = None,
        collection: str = "",
        afterwards: Callable[[], None] | None = None,
    ) -> int:
        """Read files, folders and addresses into the archive; returns the number of the job.

        Args:
            items: What to read.
            refused: Files that were not even taken, with the reason.
            within: None where the files are the user's own; else each lies in a folder there that
                was made for it.
            collection: The name of the one that all goes into. Who may read several and not
                everything must name it; who may read one need not.
            afterwards: Removes the files that were sent: the archive has the text, and what is
                deleted there must not be left elsewhere.

        Raises:
            NotAllowed: the person may not add anything.
            WhereUnclear: it is not clear where to.
        """
        into = self._where_to(collection)

        def work(step: Step) -> None:
            for line in refused:
                step.add(line)
            if not items:
                return
            try:
                self._ingest(step, items, into, within)
            finally:
                if afterwards is not None:
                    afterwards()

        return self._submit(_named(items), work)

    def delete(self, article_id: str) -> int:
        """Delete an article with all its revisions, and return the number of the job."""
        _editors()

        def work(step: Step) -> None:
            from rag.archive.archive import Archive
            from rag.archive.erase import erase

            with Archive.create(self.settings.archive) as archive:
                name = archive.article(article_id).title or article_id
                step.change(phase="indexing")
                kept = ""
                try:
                    with acting(SYSTEM):
                        erase(archive, [article_id])
                except ArchiveBusy as busy:  # deleted, but somebody still reads its last bytes
                    kept = str(busy)
            step.add(Line(name=name, outcome="deleted", reason=kept))

        return self._submit("Deleting", work)

    def edit(self, ids: Sequence[str], where: Sequence[str], edits: Edits) -> int:
        """State something of articles by hand, and return the number of the job."""
        _editors()

        def work(step: Step) -> None:
            from rag.archive.archive import Archive
            from rag.maintenance.edit import chosen, edit

            with Archive.create(self.settings.archive) as archive:
                found = chosen(archive, ids, where)
                step.change(phase="indexing", total=len(found))
                with acting(SYSTEM):
                    edit(archive, self._encoder(), self.settings.embed.batch, found, edits)
                for article_id in found:
                    name = archive.article(article_id).title or article_id
                    step.add(Line(name=name, outcome="edited", article_id=article_id))

        return self._submit("Editing", work)

    def apart(self, name: str, ids: Sequence[str], apart: str, form: str = "") -> int:
        """Let articles mean somebody else of one name, and return the number of the job."""
        _editors()

        def work(step: Step) -> None:
            from rag.archive.archive import Archive
            from rag.ingest.naming import name_pending

            with Archive.create(self.settings.archive) as archive:
                known = [one for one in ids if archive.has(one)]  # of those that may be read
                with acting(SYSTEM):
                    name_pending(archive)
                    moved = archive.split_entity(name, known, apart, form)
            if not moved:
                raise NotFound(f"none of these articles names {form or name!r}")
            step.add(Line(name=name, outcome="edited", reason=f"stands for {apart} now"))

        return self._submit("Telling names apart", work)

    def rebuild(self) -> int:
        """Make the index of vectors anew, and return the number of the job."""
        who = reader()
        if who is not None and not who.manages:
            raise NotAllowed("Only admins may make the index anew.")

        def work(step: Step) -> None:
            from rag.archive.archive import Archive
            from rag.archive.indexes import open_index
            from rag.ingest.run import embed_pending

            with acting(SYSTEM), Archive.create(self.settings.archive) as archive:
                embed_pending(
                    archive, self._encoder(), self.settings.embed.batch, self._watched(step)
                )
                step.change(phase="indexing", done=0, total=0, eta=None)
                index = open_index(archive)
                index.rebuild()
                index.close()

        return self._submit("Indexing again", work)

    def job(self, number: int) -> Job | None:
        """Return a job as it is now; None when it is unknown, long forgotten, or another's."""
        found = self._jobs.get(number)
        return found if found is not None and _own(found) else None

    @property
    def latest(self) -> Job | None:
        """The newest job of who asks."""
        own = [number for number, job in tuple(self._jobs.items()) if _own(job)]
        return self._jobs[max(own)] if own else None

    def watch(self, number: int, *, every: float = 0.4) -> Iterator[Job]:
        """Yield a job whenever it has changed, until it is over."""
        seen: Job | None = None
        while (job := self.job(number)) is not None:
            if job is not seen:
                seen = job
                yield job
            if not job.running or self._closed.is_set():
                return
            self._closed.wait(every)

    def catch_up(self) -> None:
        """Bring an archive that an older program made up to date, between the jobs."""
        with suppress(RuntimeError):  # the server is going down
            self._worker.submit(self._catch_up)

    def _catch_up(self) -> None:
        from rag.ingest.naming import catch_up

        with acting(SYSTEM):
            more = not self._closed.is_set() and catch_up(self.settings.archive)
        if more:
            self.catch_up()

    def close(self) -> None:
        """Give up what waits and end what runs at its next file; what is stored stays."""
        self._closed.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _submit(self, what: str, work: Work) -> int:
        with self._lock:
            number = max(self._jobs, default=0) + 1
            self._jobs[number] = Job(number=number, what=what, owner=owner())
            while len(self._jobs) > KEPT_JOBS:
                del self._jobs[min(self._jobs)]
        self._worker.submit(carried(partial(self._run, number, work)))
        return number

    def _run(self, number: int, work: Work) -> None:
        step = Step(self._jobs[number], self._tell, counted=self.settings.telemetry.metrics)
        try:
            work(step)
        except _Closing:
            step.change(phase="failed", error="Dateline was stopped. What is listed is stored.")
        except DatelineError as error:
            step.change(phase="failed", error=str(error))
        except Exception:
            log.exception("job %d failed", number)
            step.change(phase="failed", error=INTERNAL)
        else:
            step.change(phase="done", eta=None)

    def _tell(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.number] = job

    def _ingest(
        self,
        step: Step,
        items: Sequence[Path | Link],
        collection: str,
        within: Path | None = None,
    ) -> None:
        from rag.archive.archive import Archive
        from rag.ingest.run import ingest

        with Archive.create(self.settings.archive) as archive:
            reports = ingest(
                archive,
                self._encoder(),
                items,
                self.settings,
                fetch=_fetch if self._web else None,
                progress=self._watched(step),
                collection=collection,
            )
            for report in reports:
                step.add(line_of(report, within))

    def _where_to(self, collection: str) -> str:
        """Return the id of the collection that what a person adds belongs to; empty for none."""
        from rag.archive.collections import Collections

        _editors()
        with Collections.open(self.settings.archive) as kept:
            return kept.where_to(collection)

    def _watched(self, step: Step) -> Callable[[Progress], None]:
        def progress(progress: Progress) -> None:
            if self._closed.is_set():
                raise _Closing
            step.progress(progress)

        return progress

    def _encoder(self) -> Embedder:
        """Return an embedder of our own: a batch of passages must not make a question wait."""
        from rag.models.embed import load

        if self._embedder is None:
            self._embedder = load(self.settings.embed)
        return self._embedder


def _own(job: Job) -> bool:
    who = reader()
    return who is None or who.manages or job.owner == who.id


def _editors() -> None:
    who = reader()
    if who is not None and not who.edits:
        raise NotAllowed("Only editors may add, change or delete articles.")


def _fetch(url: str) -> Given:
    from rag.ingest.sources.web import Web

    return Web().fetch(url)


def _named(items: Sequence[Path | Link]) -> str:
    if len(items) == 1:
        return "Adding 1 file" if isinstance(items[0], Path) else "Adding an address"
    return f"Adding {len(items):,} files"


class _Closing(Exception):
    """Raised inside a job when the server ends."""


def line_of(report: FileReport, within: Path | None = None) -> Line:
    """Return a report without the folder on this computer that the file lies in.

    Of what was sent, the folders that were sent with it stay: they tell two files of one name
    apart.
    """
    folder, slash, _ = report.origin.rpartition("/")
    if within is not None and report.origin.startswith(f"{within}/"):
        made = report.origin.removeprefix(f"{within}/").partition("/")[0]
        folder, slash = f"{within}/{made}", "/"
    if "://" in folder:
        folder = slash = ""
    return Line(
        name=report.origin.removeprefix(folder + slash),
        outcome=report.outcome,
        reason=report.reason.replace(folder + slash, "") if folder else report.reason,
        article_id=report.article_id,
    )
