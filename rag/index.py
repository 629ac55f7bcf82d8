"""The index of vectors: Chroma where it agrees with the archive, else an exact scan."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np

from rag.archive import Archive
from rag.chroma import Collection, Hits
from rag.editions import Damaged, Edition, Editions
from rag.errors import ArchiveError, ArchiveFull
from rag.vectors import Matrix

log = logging.getLogger(__name__)

_SAMPLE = 32


@dataclass(frozen=True, slots=True)
class _Scan:
    """All vectors in memory, as the archive had them at one generation."""

    vectors: int
    ids: list[str]
    matrix: Matrix
    rows: dict[str, list[int]]
    """The rows of each article."""


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
        self._scan: _Scan | None = None

    @classmethod
    def open(cls, archive: Archive, on_trouble: Callable[[str], None] | None = None) -> Self:
        """Open the index and check it against the archive.

        Where they disagree, a writer repairs the index and a reader scans. `on_trouble` is told in
        words, and so is the log.
        """
        index = cls(archive, on_trouble)
        index._follow(archive.vectors_generation)
        if archive.writable:
            index.sync()
        return index

    def close(self) -> None:
        """Let go of Chroma's files; searching still works, by scan."""
        with self._lock:
            collection, self._collection, self._shown = self._collection, None, None
        if collection is not None:
            collection.close()

    @property
    def state(self) -> Literal["chroma", "scan"]:
        """Whether Chroma shows the archive as it is now, or vectors are scanned."""
        return "scan" if self._follow(self._archive.vectors_generation) is None else "chroma"

    def search(self, vector: Matrix, limit: int, within: set[str] | None) -> Hits:
        """Return (passage id, cosine) of the passages nearest to a unit vector, best first.

        `within` holds the ids of the articles that may be read; None means all.
        """
        now = self._archive.vectors_generation
        collection = None if within is not None or limit < 1 else self._follow(now)
        if collection is not None:
            try:
                return collection.search(vector[None], limit)[0]
            except Damaged as error:
                self._report(str(error))
                self._give_up()
        return _nearest(self._load(now), vector, limit, within)

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

    def _load(self, now: int) -> _Scan:
        """Return all vectors, read again only when the archive has changed."""
        with self._lock:
            if self._scan is None or self._scan.vectors != now:
                ids, matrix = self._archive.vectors()
                rows: dict[str, list[int]] = {}
                for row, name in enumerate(ids):
                    rows.setdefault(name.rsplit(":", 2)[0], []).append(row)
                self._scan = _Scan(now, ids, matrix, rows)
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


def _nearest(scan: _Scan, vector: Matrix, limit: int, within: set[str] | None) -> Hits:
    """Return the best of all vectors, or of those of the articles in `within`, exactly."""
    if not scan.ids or limit < 1:
        return []
    if scan.matrix.shape[1] != len(vector):
        raise ArchiveError(
            f"the archive's vectors have {scan.matrix.shape[1]} dimensions, the question's "
            f"{len(vector)}: it was made with another embedding model; use that one, or index again"
        )
    if within is None:
        rows, scores = np.arange(len(scan.ids)), scan.matrix @ vector
    else:
        kept = [row for name in within for row in scan.rows.get(name, ())]
        rows = np.array(sorted(kept), dtype=np.int64)
        scores = scan.matrix[rows] @ vector
    best = np.argsort(-scores, kind="stable")[:limit]
    return [(scan.ids[rows[i]], float(scores[i])) for i in best]
