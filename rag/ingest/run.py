"""Files -> archive: read, recognise, store; then embed and index what is new.

Each article is one transaction, so whatever was reported as added is on disk and found by its
words. Vectors follow in batches over several articles. A run that was killed is simply run again.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.archive.archive import Archive
from rag.archive.erase import purge
from rag.errors import ArchiveBusy
from rag.ingest.intake import Fetch, FileReport, Item, Run, limits
from rag.ingest.naming import name_pending
from rag.ingest.outlets import Names
from rag.ingest.sources.reading import find
from rag.ingest.sources.worker import Reader
from rag.models.embed import embedded_text
from rag.models.encoder import Encoder
from rag.rights import SYSTEM, acting
from rag.settings import Settings

log = logging.getLogger(__name__)

__all__ = [
    "FileReport",
    "Item",
    "OnProgress",
    "Progress",
    "embed_pending",
    "ingest",
    "limits",
    "reread",
]

_EMBEDDED_AT_ONCE = 2
"""Batches of the model for each transaction that stores vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a phase is: records while reading, passages while embedding.

    How many records a file has is known when it has been read; until then it counts as one.
    """

    phase: Literal["reading", "embedding"]
    done: int
    total: int
    rate: float
    """How many a second, over the whole phase."""
    eta: float | None
    """Seconds left at that rate."""


OnProgress = Callable[[Progress], None]


def ingest(  # noqa: PLR0913 - what one run may depend on
    archive: Archive,
    embedder: Encoder,
    items: Sequence[Item],
    settings: Settings,
    *,
    mapping: Mapping[str, str] | None = None,
    fetch: Fetch | None = None,
    progress: OnProgress | None = None,
    collection: str = "",
) -> Iterator[FileReport]:
    """Read into an archive that is open for writing, and report on each record.

    What is stored is put into the collection whose id is given, if any. Addresses are fetched by
    `fetch`: those among the items, and as many of those that feeds and sitemaps name as
    `settings.read.links` says.

    Raises:
        SourceError: a named file or folder does not exist; nothing has been read then.
        ArchiveFull: there is too little room; what has been reported is stored.
    """
    archive.check_space()
    files = list(_spread(items, archive.folder.resolve()))
    clock = _Clock("reading", progress)
    if settings.ingest.engine == "ray":
        from rag.ingest import rayed

        with rayed.cluster(archive, settings):
            sent = rayed.read(archive, files, settings, mapping or {}, collection)
            for seen, report in enumerate(sent, 1):
                clock.tick(seen, max(seen, len(files)))
                yield report
            name_pending(archive)
            rayed.embed(archive, embedder, settings, _Clock("embedding", progress).tick)
        _finish(archive)
        return
    names = Names.of(archive.folder)
    with Reader(limits(settings.read)) as reader:
        run = Run(archive, reader, settings, mapping or {}, fetch, names, collection)
        seen = 0
        for number, item in enumerate(files, 1):
            for report in run.reports(item):
                seen += 1
                clock.tick(seen, seen + len(files) - number)
                yield report
    name_pending(archive)
    embed_pending(archive, embedder, settings.embed.batch, progress)
    _finish(archive)


def embed_pending(
    archive: Archive, embedder: Encoder, batch: int, progress: OnProgress | None = None
) -> int:
    """Give a vector to each passage that has none of this model, and return how many got one."""
    waiting = archive.pending(embedder.fingerprint)
    clock = _Clock("embedding", progress)
    step = batch * _EMBEDDED_AT_ONCE
    if archive.shared and waiting:  # each of several writers begins somewhere else
        first = random.randrange(0, len(waiting), step)  # noqa: S311 - no secret
        waiting = waiting[first:] + waiting[:first]
    for start in range(0, len(waiting), step):
        some = waiting[start : start + step]
        passages = archive.passages(
            archive.pending(embedder.fingerprint, some) if archive.shared else some
        )
        if not passages:
            continue
        matrix = embedder.encode([embedded_text(passage) for passage in passages])
        archive.embedded([str(p.id) for p in passages], matrix, embedder.fingerprint)
        clock.tick(min(start + step, len(waiting)), len(waiting))
    return len(waiting)


def reread(
    archive: Archive, embedder: Encoder, settings: Settings, progress: OnProgress | None = None
) -> Iterator[FileReport]:
    """Read the kept originals again; what comes out otherwise is stored as revisions."""
    archive.check_space()
    clock = _Clock("reading", progress)
    kept = archive.with_originals()
    names = Names.of(archive.folder)
    with Reader(limits(settings.read)) as reader:
        run = Run(archive, reader, settings, {}, None, names)
        for number, (article_id, digest) in enumerate(kept, 1):
            yield run.again(article_id, digest)
            clock.tick(number, len(kept))
    name_pending(archive)
    embed_pending(archive, embedder, settings.embed.batch, progress)
    _finish(archive)


def _finish(archive: Archive) -> None:
    """Bring both indexes in line, and go on with a deletion that was cut off."""
    archive.settle()
    try:
        with acting(SYSTEM):
            purge(archive)
    except ArchiveBusy as busy:  # all is stored and indexed; what was deleted is found by nobody
        log.warning("%s", busy)


def _spread(items: Sequence[Item], ours: Path) -> Iterator[Item]:
    """Replace folders by their files, having looked whether all that is named is there.

    The archive's own folder may lie below one of them; its files are none to read.
    """
    paths = [item for item in items if isinstance(item, Path)]
    for path in find(paths):
        if path in paths or not path.resolve().is_relative_to(ours):
            yield path
    yield from (item for item in items if not isinstance(item, Path))


class _Clock:
    """Tells a callback how far a phase is."""

    def __init__(self, phase: Literal["reading", "embedding"], tell: OnProgress | None) -> None:
        self._phase, self._tell = phase, tell
        self._begun = time.monotonic()

    def tick(self, done: int, total: int) -> None:
        if self._tell is None:
            return
        rate = done / max(time.monotonic() - self._begun, 1e-9)
        eta = (total - done) / rate if rate else None
        self._tell(Progress(phase=self._phase, done=done, total=total, rate=rate, eta=eta))
