"""An audit of an archive in a process of its own: a damaged index can crash whoever reads it.

The child prints each finding as soon as it has it, so that the parent knows what killed it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass

from rag.archive import audit
from rag.archive import engine as engines
from rag.archive.archive import Archive
from rag.archive.chroma import Collection
from rag.archive.editions import Damaged, Edition, Editions
from rag.archive.flat import Flat
from rag.archive.indexes import open_index
from rag.archive.remote import RemoteIndex
from rag.errors import ArchiveError
from rag.settings import Place, Settings

SAMPLE = 256
"""How many vectors must find themselves in the index."""
INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found; `sound` is False when something has to be done."""

    check: str
    found: str
    sound: bool = True


def examine(place: Place) -> Iterator[Finding]:
    """Check everything in an archive, and say what is wrong with it.

    Raises:
        ArchiveMissing: there is no archive.
    """
    Archive.open(place).close()
    command = [sys.executable, "-m", "rag.maintenance.doctor"]
    # Not on the command line, which everybody on the machine can read: it may hold a password.
    given = os.environ | {"DATELINE_ARCHIVE": str(place)}
    left = [*audit.CHECKS, INDEX]
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=given
    ) as child:
        for line in child.stdout or ():
            finding = Finding(**json.loads(line))
            left.remove(finding.check)
            yield finding
    if left:
        yield Finding(check=left[0], found=_end(child.returncode), sound=False)


def _end(code: int) -> str:
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"the check of it ended with {name}"


def audited(place: Place) -> Iterator[Finding]:
    """Run all checks, in this process."""
    engine = engines.of(place)
    lock, writer = None, ""
    try:
        lock = engine.lock()
    except ArchiveError as error:
        writer = str(error)
    try:
        with closing(engine.connect(writing=not writer)) as db:
            for name, check in audit.CHECKS.items():
                if writer and check is audit.words:
                    yield Finding(check=name, found=f"not checked: {writer}")
                    continue
                wrong = audit.found(check, db)
                yield Finding(check=name, found=wrong or "as stored", sound=not wrong)
        yield _index(place, writing=bool(writer))
    finally:
        if lock is not None:
            lock.release()


def _index(place: Place, *, writing: bool) -> Finding:
    if Settings().index.engine != "chroma":
        return _remote(place)
    editions = Editions(engines.folder_of(place) / "chroma")
    try:
        with Archive.open(place) as archive:
            count = len(archive.vector_ids())
            edition = editions.current()
            current = edition is not None and edition.vectors == archive.vectors_generation
            if edition is None or not current:
                said = f"Chroma does not show the {count} vectors, search is exact and slower"
                return Finding(check=INDEX, found=said, sound=writing or not count)
            if not edition.chroma:
                Flat(editions.folder(edition), edition.files).check(archive.vector_rows())
                said = f"Chroma could not hold the {count} vectors: search goes through all of them"
                return Finding(check=INDEX, found=said)
            _compare(archive, editions, edition)
    except (Damaged, ArchiveError) as error:
        return Finding(check=INDEX, found=str(error), sound=False)
    return Finding(check=INDEX, found=f"Chroma agrees with the archive in {count} vectors")


def _remote(place: Place) -> Finding:
    engine = Settings().index.engine
    try:
        with Archive.open(place) as archive, closing(open_index(archive)) as index:
            count = index.check() if isinstance(index, RemoteIndex) else 0
    except (Damaged, ArchiveError) as error:
        return Finding(check=INDEX, found=f"{engine}: {error}", sound=False)
    return Finding(check=INDEX, found=f"{engine} has the archive's {count} vectors")


def _compare(archive: Archive, editions: Editions, edition: Edition) -> None:
    """Raise `Damaged` unless Chroma and the file have every vector, and Chroma finds them."""
    collection = Collection(editions.path(edition))
    try:
        ids, matrix = archive.vectors()
        wrong = collection.differing(ids, matrix)
        if wrong:
            raise Damaged(f"Chroma has other vectors than the archive for {len(wrong)} passages")
        step = max(1, len(ids) // SAMPLE)
        collection.check(set(ids), ids[::step], matrix[::step])
    finally:
        collection.close()
    if editions.has_flat(edition):
        Flat(editions.folder(edition), edition.files).check(archive.vector_rows())


if __name__ == "__main__":
    for each in audited(Settings().archive):
        sys.stdout.write(json.dumps(asdict(each)) + "\n")
        sys.stdout.flush()
