"""The index of vectors on a server: Chroma's, or pgvector in PostgreSQL.

The archive stays the truth. What it stores of vectors has a number that only grows, the stamp; one
indexer at a time carries over what came since the last time, and then notes in the archive up to
which stamp that is, and in which collection. So a reader asks the collection, compares the vectors
that came since one by one, and takes nothing that the archive no longer has. A collection is made
anew under another name, and the note is changed to it: nobody waits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from rag.archive.archive import Archive
from rag.archive.chroma import Hits
from rag.archive.editions import Damaged
from rag.archive.index import Index, State
from rag.archive.scan import compare, highest
from rag.archive.vectors import Matrix
from rag.errors import ArchiveContended
from rag.rights import SYSTEM, acting
from rag.settings import IndexEngine
from rag.types import Filter

NOT_CARRIED = 20_000
"""So many vectors that are not carried over yet are compared one by one; of more, the first."""
_TOGETHER = 1_000
_LAST = 1 << 62
"""Behind every number of a passage."""
_T = TypeVar("_T")
_MORE = 2
"""How many times as many are asked for as are wanted, since some of them may be gone."""


class Collections(Protocol):
    """Named collections of vectors by number; whatever fails is `Damaged`."""

    def names(self) -> set[str]:
        """Return the collections that begin with this archive's name."""

    def make(self, name: str, dimensions: int) -> None:
        """Make an empty collection."""

    def seal(self, name: str) -> None:
        """Make a collection that has been filled quick to search."""

    def drop(self, name: str) -> None:
        """Remove a collection."""

    def put(self, name: str, numbers: Sequence[int], matrix: Matrix) -> None:
        """Store vectors, in place of those that have these numbers."""

    def remove(self, name: str, numbers: Sequence[int]) -> None:
        """Take vectors out."""

    def numbers(self, name: str) -> set[int]:
        """Return the numbers of all vectors."""

    def count(self, name: str) -> int:
        """Return how many there are."""

    def nearest(self, name: str, vector: Matrix, limit: int) -> list[int]:
        """Return the numbers of about the nearest, best first."""

    def close(self) -> None:
        """Disconnect."""


class Note(NamedTuple):
    """What the archive has noted of its collection."""

    collection: str
    fingerprint: str
    stamp: int


class RemoteIndex(Index):
    """An index whose graph is on a server; see `Index`, which it is in all that is asked of it."""

    def __init__(
        self,
        archive: Archive,
        on_trouble: Callable[[str], None] | None,
        collections: Collections,
        engine: IndexEngine,
    ) -> None:
        """Use `rag.archive.indexes.open_index`."""
        super().__init__(archive, on_trouble)
        self._collections = collections
        self._engine = engine
        self._key = f"index {engine}"
        self._of_note = (self._key, "fingerprint")

    def close(self) -> None:
        """Disconnect; searching still works, by scan."""
        self._collections.close()
        super().close()

    @property
    def state(self) -> State:
        """The server, where it answers with what was carried over last."""
        try:
            with acting(SYSTEM):
                note = self._note()
            if note is not None and self._collections.count(note.collection) >= 0:
                return self._engine
        except Damaged:
            pass
        return "scan"

    def search(self, vector: Matrix, limit: int, within: Filter) -> Hits:
        """Return (passage id, cosine) of the passages nearest to a unit vector, best first.

        What is small or filtered is scanned exactly, and so is all when the server is down.
        """
        if limit > 0 and not within and not self._archive.restricted:
            told = self._archive.notes("vectors", *self._of_note)
            now = int(told["vectors"])
            try:
                if not self._small(now) and (note := self._noted(told)) is not None:
                    return self._found(note, now, vector, limit)
            except Damaged as error:
                self._report(f"{error}; search by meaning goes through all vectors instead")
        return super().search(vector, limit, within)

    def _found(self, note: Note, now: int, vector: Matrix, limit: int) -> Hits:
        fresh = self._fresh(note) if note.stamp < now else []
        known = {number for _, number, _ in fresh}
        asked = _MORE * limit + len(known) // 8
        found = self._collections.nearest(note.collection, vector, asked)
        held = self._archive.vectors_at([n for n in found if n not in known])
        names = {number: name for number, name, _ in held}
        rows = sorted(
            [*((n, stored) for n, _, stored in held), *((n, stored) for _, n, stored in fresh)]
        )
        if not rows:
            return []
        numbers, matrix = [number for number, _ in rows], _matrix(stored for _, stored in rows)
        compare(matrix.shape[1], vector)
        best = highest(matrix @ vector, limit)  # equals in stored order, as a scan has them
        scores = matrix[best] @ vector
        if unnamed := [numbers[i] for i in best if numbers[i] not in names]:
            names |= self._archive.names(unnamed)
        hits = zip(best, scores, strict=True)
        return [(names[numbers[i]], float(score)) for i, score in hits if numbers[i] in names]

    def _fresh(self, note: Note) -> list[tuple[int, int, bytes]]:
        """Return stamp, number and vector of what was not carried over yet, or of the first."""
        fresh = self._archive.vectors_since((note.stamp, _LAST), NOT_CARRIED + 1)
        if len(fresh) > NOT_CARRIED:
            self._report(f"more than {NOT_CARRIED} vectors are not indexed yet")
        return fresh

    def sync(self) -> None:
        """Carry over what came since the last time; who finds another one at it leaves it to it."""
        with suppress(ArchiveContended):
            self._archive.alone(lambda: [self._key], self._guarded(self._carry))

    def rebuild(self) -> None:
        """Make the collection anew, beside the one in use."""
        self._archive.alone(lambda: [self._key], self._guarded(self._made_anew))

    def check(self) -> int:
        """Return how many vectors the collection has; raises `Damaged` unless they are all."""
        note = self._note()
        held = self._collections.numbers(note.collection) if note else set()
        wanted = {n for n, _ in self._archive.vector_rows()}
        if held != wanted:
            lacks, extra = len(wanted - held), len(held - wanted)
            raise Damaged(f"the index lacks {lacks} vectors and has {extra} too many")
        return len(held)

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                with acting(SYSTEM):
                    work()
            except Damaged as error:
                self._report(str(error))

        return guarded

    def _note(self) -> Note | None:
        """Return what was carried over, if that was of the model that is in use."""
        return self._noted(self._archive.notes(*self._of_note))

    def _noted(self, told: Mapping[str, str]) -> Note | None:
        note = Note(*json.loads(told[self._key])) if self._key in told else None
        return note if note and note.fingerprint == told["fingerprint"] else None

    def _carry(self) -> None:
        note, now = self._note(), self._archive.vectors_generation
        if note is None or note.collection not in self._collections.names():
            self._made_anew()
            return
        after = (note.stamp, _LAST)
        while rows := self._archive.vectors_since(after, _TOGETHER, upto=now):
            matrix = _matrix(stored for _, _, stored in rows)
            self._collections.put(note.collection, [number for _, number, _ in rows], matrix)
            after = rows[-1][:2]
        self._swept(note.collection)
        self._archive.note(self._key, json.dumps(note._replace(stamp=now)))

    def _made_anew(self) -> None:
        now, fingerprint = self._archive.vectors_generation, self._archive.fingerprint
        before = self._collections.names()
        name = f"{secrets.token_hex(6)}"
        made = False
        for some in _batches(self._archive.vector_rows(), _TOGETHER):
            matrix = _matrix(stored for _, stored in some)
            if not made:
                self._collections.make(name, matrix.shape[1])
                made = True
            self._collections.put(name, [n for n, _ in some], matrix)
        if not made:
            return
        self._collections.seal(name)
        self._swept(name)
        self._archive.note(self._key, json.dumps(Note(name, fingerprint, now)))
        for old in before:
            self._collections.drop(old)

    def _swept(self, name: str) -> None:
        """Take out what the archive no longer has."""
        wanted = {number for (number,) in self._archive.vector_numbers()}
        if self._collections.count(name) == len(wanted):
            return
        gone = self._collections.numbers(name) - wanted
        for some in _batches(sorted(gone), _TOGETHER):
            self._collections.remove(name, some)


def _batches(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def _matrix(stored: Iterable[bytes]) -> Matrix:
    rows = list(stored)
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), -1)
