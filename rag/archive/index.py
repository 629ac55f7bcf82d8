"""The index of vectors: Chroma where it agrees with the archive, else an exact scan.

What is small or filtered is always scanned: from the file of vectors beside Chroma where there is
one that shows the archive as it is, else from the archive itself.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Self

import numpy as np

from rag.archive import flat
from rag.archive.archive import Archive
from rag.archive.chroma import Collection, Hits
from rag.archive.editions import Damaged, Edition, Editions, Unsound
from rag.archive.flat import Flat
from rag.archive.lock import WriterLock
from rag.archive.scan import Scan, compare
from rag.archive.vectors import Matrix
from rag.errors import ArchiveBusy, ArchiveFull
from rag.rights import SYSTEM, acting
from rag.settings import IndexEngine
from rag.types import Filter

log = logging.getLogger(__name__)

SCANNED = 20_000
"""Up to so many passages an exact scan answers as fast as Chroma, and saves a single question the
seconds that loading and checking Chroma takes."""

FEW = 5_000
"""Of so many articles the archive's vectors are read when they are asked for; for more, all of
them are brought into memory and kept there. Only where there is no file of vectors."""

State = IndexEngine | Literal["scan"]
"""What searches by meaning: the engine that is set, or an exact scan while it is not there."""

_SAMPLE = 32


class Index:
    """Finds passages by vector; what it returns is right in either state, only the speed differs.

    Example:
        index = Index.open(archive)
        best = index.search(embedder.encode(["Who invited them?"])[0], 50, None)
    """

    def __init__(self, archive: Archive, on_trouble: Callable[[str], None] | None) -> None:
        """Use `open`."""
        self._archive = archive
        self._editions = Editions(archive.folder / "chroma")
        self._on_trouble = on_trouble
        self._lock = threading.RLock()
        self._collection: Collection | None = None
        self._shown: Edition | None = None
        self._failed: Edition | None = None
        self._scan: Scan | None = None
        self._flat: tuple[Edition, Flat] | None = None
        self._flawed: Edition | None = None
        self._counted = (-1, 0)

    @classmethod
    def open(cls, archive: Archive, on_trouble: Callable[[str], None] | None = None) -> Self:
        """Open the index, and bring it in line with the archive if that is open for writing.

        Where they disagree, a writer repairs the index and a reader scans. `on_trouble` is told in
        words, and so is the log.
        """
        index = cls(archive, on_trouble)
        if archive.writable:
            index.sync()
        return index

    @classmethod
    def tend(cls, archive: Archive) -> None:
        """Bring the index in line with an archive that is open for writing, and let go of it.

        Where it shows the archive as it is, and is too small to be searched, Chroma is not loaded.
        """
        with acting(SYSTEM):
            cls._tend(archive)

    @classmethod
    def _tend(cls, archive: Archive) -> None:
        index = cls(archive, None)
        now, edition = archive.vectors_generation, index._editions.current()
        shown = edition is not None and edition.vectors == now
        if not shown or not index._small(now) or index._follow_flat(now) is None:
            index.sync()
        with suppress(ArchiveBusy), index._alone():
            index._editions.sweep()
        index.close()

    def close(self) -> None:
        """Let go of Chroma's files; searching still works, by scan."""
        with self._lock:
            collection, self._collection, self._shown = self._collection, None, None
        if collection is not None:
            collection.close()

    @property
    def state(self) -> State:
        """Whether Chroma shows the archive as it is now; what it does not show is scanned."""
        return "scan" if self._follow(self._archive.vectors_generation) is None else "chroma"

    def search(self, vector: Matrix, limit: int, within: Filter) -> Hits:
        """Return (passage id, cosine) of the passages nearest to a unit vector, best first.

        `within` says which articles may be read.
        """
        now = self._archive.vectors_generation
        narrowed = bool(within) or self._archive.restricted
        scanned = narrowed or limit < 1 or self._small(now)
        collection = None if scanned else self._follow(now)
        if collection is not None:
            try:
                return collection.search(vector[None], limit)[0]
            except Damaged as error:
                self._report(str(error))
                self._give_up()
        held = self._follow_flat(now)
        if held is not None:
            try:
                return self._nearest(held, vector, limit, within)
            except Damaged as error:
                self._report(str(error))
                self._give_up_flat(held)
        allowed = self._archive.allowed(within)
        if allowed is not None and len(allowed) <= FEW and not self._small(now):
            return Scan(now, *self._archive.vectors_of(allowed)).nearest(vector, limit, None)
        return self._load(now).nearest(vector, limit, allowed)

    def _nearest(self, held: Flat, vector: Matrix, limit: int, within: Filter) -> Hits:
        if held.dimensions:
            compare(held.dimensions, vector)
        narrowed = bool(within) or self._archive.restricted
        only = self._archive.numbers(within) if narrowed else None
        best = held.nearest(vector, limit, only)
        names = self._archive.names([number for number, _ in best])
        return [(names[number], cosine) for number, cosine in best if number in names]

    def sync(self) -> None:
        """Bring Chroma in line with the archive; does nothing when it is.

        When that fails, on a full disk for instance, searching goes on by scan.
        """
        with self._lock, acting(SYSTEM), suppress(ArchiveBusy), self._alone():
            now = self._archive.vectors_generation
            if not self._complete(now):
                self._renew(now)
            # Also when there was nothing to do: a process may have died before its own sweep.
            self._editions.sweep()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only one on this machine who writes the index, where an archive has many writers.

        Raises:
            ArchiveBusy: another process does, and will have shown most of what there is to show.
        """
        lock = WriterLock(self._archive.folder / "index.lock") if self._archive.shared else None
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    def _complete(self, now: int) -> bool:
        """Say whether what can be made of generation `now` is there and sound."""
        edition = self._editions.current()
        without = edition is not None and edition.vectors == now and not edition.chroma
        searched = (without and edition != self._failed) or self._follow(now) is not None
        return searched and self._follow_flat(now) is not None

    def _renew(self, now: int) -> None:
        try:
            self._archive.check_space()
            folder = self._build()
            if folder is not None:
                self._editions.publish(folder, now)
        except (Damaged, OSError, ArchiveFull) as error:
            self._report(str(error))
        self._follow(now)

    def rebuild(self) -> None:
        """Make the Chroma folder anew from the archive's vectors, whatever is there now."""
        with self._lock:
            self._give_up()
            self._flat = None
            self._failed = self._flawed = self._editions.current()
            self.sync()

    def _small(self, now: int) -> bool:
        """Say whether scanning is as fast as Chroma; passages are counted once a generation."""
        if self._counted[0] != now:
            with acting(SYSTEM):
                self._counted = now, self._archive.passage_count
        return self._counted[1] <= SCANNED

    # Following the archive

    def _follow(self, now: int) -> Collection | None:
        """Return a collection that shows generation `now`, opening it when there is one."""
        if self._shown is not None and self._shown.vectors == now:
            return self._collection
        with self._lock:
            edition = self._editions.current()
            if edition is None or edition.vectors != now or edition == self._failed:
                return None
            if not edition.chroma:
                return None
            try:
                collection = Collection(self._editions.path(edition))
                with acting(SYSTEM):
                    self._check(collection)
            except Damaged as error:
                self._failed = edition
                self._report(str(error))
                return None
            old, self._collection, self._shown = self._collection, collection, edition
        if old is not None:
            old.close()
        return collection

    def _follow_flat(self, now: int) -> Flat | None:
        """Return the file of vectors that shows generation `now`, if there is one."""
        with self._lock:
            if self._flat is not None and self._flat[0].vectors == now:
                return self._flat[1]
            edition = self._editions.current()
            if edition is None or edition.vectors != now or edition == self._flawed:
                return None
            if not self._editions.has_flat(edition):
                return None
            try:
                self._flat = edition, Flat(self._editions.folder(edition), edition.files)
            except Damaged as error:
                if edition == self._editions.current():  # else a writer has just renewed it
                    self._flawed = edition
                    self._report(str(error))
                return None
            return self._flat[1]

    def _check(self, collection: Collection) -> None:
        ids = self._archive.vector_ids()
        sample = [ids[int(i)] for i in np.linspace(0, len(ids) - 1, _SAMPLE)] if ids else []
        collection.check(set(ids), *self._archive.vectors(sample))

    def _give_up(self) -> None:
        """Do not use the collection again; its files are left to the writer to replace."""
        with self._lock:
            self._failed = self._shown
            self._collection = self._shown = None

    def _give_up_flat(self, held: Flat) -> None:
        """Do not read this file again, but the one of the next edition."""
        with self._lock:
            if self._flat is not None and self._flat[1] is held:
                self._flawed, self._flat = self._flat[0], None

    def _load(self, now: int) -> Scan:
        """Return all vectors, read again only when the archive has changed."""
        with self._lock, acting(SYSTEM):  # for all who ask; each then sees what they may read
            if self._scan is None or self._scan.vectors != now:
                self._scan = Scan(now, *self._archive.vectors())
            return self._scan

    # Building

    def _build(self) -> Path | None:
        """Make a folder that holds the archive's vectors, from the one in use if that is sound."""
        ids, current = self._archive.vector_ids(), self._editions.current()
        if not ids and current is None:
            return None
        if current is not None and current != self._failed:
            if not current.chroma:
                return self._made(None)  # what was unsound is tried again by `rebuild` alone
            try:
                return self._make(ids, self._editions.path(current))
            except Damaged as error:
                self._report(f"{error}; the vector index is made anew from the archive")
        try:
            return self._make(ids, None)
        except Unsound as error:
            self._report(f"{error}; search by meaning goes through all vectors instead")
            return self._made(None)

    def _make(self, ids: list[str], base: Path | None) -> Path:
        folder = self._made(base)
        try:
            collection = Collection(folder)
            try:
                held, wanted = collection.ids(), set(ids)
                collection.change(sorted(held - wanted), *self._new(ids, held))
                self._check(collection)
            finally:
                collection.close()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _made(self, base: Path | None) -> Path:
        """Make a folder with the file of vectors in it."""
        folder = self._editions.draft(base)
        try:
            flat.write(folder, self._archive.vector_rows())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    def _new(self, ids: list[str], held: set[str]) -> tuple[list[str], Matrix]:
        missing = [i for i in ids if i not in held]
        return self._archive.vectors(missing if held else None)

    def _report(self, trouble: str) -> None:
        log.warning("vector index of %s: %s", self._archive.known_as, trouble)
        if self._on_trouble is not None:
            self._on_trouble(trouble)
