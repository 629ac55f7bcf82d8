"""The index of vectors: Chroma where it agrees with the archive, else an exact scan."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

import numpy as np

from rag.archive import Archive
from rag.errors import ArchiveFull
from rag.storage.chroma import Collection, Hits
from rag.storage.editions import Damaged, Edition, Editions
from rag.storage.scan import Scan
from rag.storage.vectors import Matrix

log = logging.getLogger(__name__)

SCANNED = 20_000
"""Up to so many passages an exact scan answers as fast as Chroma, and saves a single question the
seconds that loading and checking Chroma takes."""

FEW = 5_000
"""Of so many articles a large archive's vectors are read when they are asked for; for more, all of
them are brought into memory and kept there."""

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
        index = cls(archive, None)
        now, edition = archive.vectors_generation, index._editions.current()
        if edition is None or edition.vectors != now or not index._small(now):
            index.sync()
        index._editions.sweep()
        index.close()

    def close(self) -> None:
        """Let go of Chroma's files; searching still works, by scan."""
        with self._lock:
            collection, self._collection, self._shown = self._collection, None, None
        if collection is not None:
            collection.close()

    @property
    def state(self) -> Literal["chroma", "scan"]:
        """Whether Chroma shows the archive as it is now; what it does not show is scanned."""
        return "scan" if self._follow(self._archive.vectors_generation) is None else "chroma"

    def search(self, vector: Matrix, limit: int, within: set[str] | None) -> Hits:
        """Return (passage id, cosine) of the passages nearest to a unit vector, best first.

        `within` holds the ids of the articles that may be read; None means all.
        """
        now = self._archive.vectors_generation
        scanned = within is not None or limit < 1 or self._small(now)
        collection = None if scanned else self._follow(now)
        if collection is not None:
            try:
                return collection.search(vector[None], limit)[0]
            except Damaged as error:
                self._report(str(error))
                self._give_up()
        if within is not None and len(within) <= FEW and not self._small(now):
            return Scan(now, *self._archive.vectors_of(within)).nearest(vector, limit, None)
        return self._load(now).nearest(vector, limit, within)

    def sync(self) -> None:
        """Bring Chroma in line with the archive; does nothing when it is.

        When that fails, on a full disk for instance, searching goes on by scan.
        """
        with self._lock:
            now = self._archive.vectors_generation
            if self._follow(now) is None:
                self._renew(now)
            # Also when there was nothing to do: a process may have died before its own sweep.
            self._editions.sweep()

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
            self._failed = self._editions.current()
            self.sync()

    def _small(self, now: int) -> bool:
        """Say whether scanning is as fast as Chroma; passages are counted once a generation."""
        if self._counted[0] != now:
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
            try:
                collection = Collection(self._editions.path(edition))
                self._check(collection)
            except Damaged as error:
                self._failed = edition
                self._report(str(error))
                return None
            old, self._collection, self._shown = self._collection, collection, edition
        if old is not None:
            old.close()
        return collection

    def _check(self, collection: Collection) -> None:
        ids = self._archive.vector_ids()
        sample = [ids[int(i)] for i in np.linspace(0, len(ids) - 1, _SAMPLE)] if ids else []
        collection.check(set(ids), *self._archive.vectors(sample))

    def _give_up(self) -> None:
        """Do not use the collection again; its files are left to the writer to replace."""
        with self._lock:
            self._failed = self._shown
            self._collection = self._shown = None

    def _load(self, now: int) -> Scan:
        """Return all vectors, read again only when the archive has changed."""
        with self._lock:
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
            try:
                return self._make(ids, self._editions.path(current))
            except Damaged as error:
                self._report(f"{error}; the vector index is made anew from the archive")
        return self._make(ids, None)

    def _make(self, ids: list[str], base: Path | None) -> Path:
        folder = self._editions.draft(base)
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

    def _new(self, ids: list[str], held: set[str]) -> tuple[list[str], Matrix]:
        missing = [i for i in ids if i not in held]
        return self._archive.vectors(missing if held else None)

    def _report(self, trouble: str) -> None:
        log.warning("vector index of %s: %s", self._archive.folder, trouble)
        if self._on_trouble is not None:
            self._on_trouble(trouble)
