"""All vectors of an archive in one file beside Chroma's: searched exactly, and read in parts.

    vectors.f32    the vectors as float32, row after row, in the order in which they were stored
    passages.i64   the number of each row's passage, ascending

Both are written once, into a folder that is published whole (`rag.archive.editions`). To read a
month's vectors from here takes a tenth of what SQLite needs to hand them out one by one, and an
archive whose vectors would fill the memory can still be searched within any filter.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from weakref import finalize

import numpy as np

from rag.archive.editions import FLAT, Damaged
from rag.archive.scan import highest
from rag.archive.vectors import Matrix, Numbers

VECTORS, NUMBERS = FLAT
KEPT = 1 << 28
"""Bytes of vectors that are kept in memory once read: 170,000 of 384 dimensions."""
_AT_ONCE = 1 << 24
_FLOAT, _INT = np.dtype("<f4"), np.dtype("<i8")
_MOST = 1.001  # a cosine, and what rounding adds


def write(folder: Path, rows: Iterable[tuple[int, bytes]]) -> None:
    """Write the numbers and vectors of passages, ascending by number, into a folder.

    Raises:
        Damaged: the vectors are not all of one size.
    """
    sizes, numbers = set[int](), list[int]()
    with (folder / VECTORS).open("wb") as file:
        for number, vector in rows:
            numbers.append(number)
            sizes.add(len(vector))
            file.write(vector)
    if len(sizes) > 1:
        raise Damaged("the archive's vectors are not all of one size")
    (folder / NUMBERS).write_bytes(np.array(numbers, dtype=_INT).tobytes())


class Flat:
    """The vectors of one published folder; may be used by several threads.

    The file stays open, so that a folder that is removed meanwhile can still be searched.
    """

    def __init__(self, folder: Path, sums: Mapping[str, int]) -> None:
        """Open the files of a folder.

        Args:
            folder: Where `write` put them.
            sums: Their checksums by name. That of the vectors is compared where they are kept.

        Raises:
            Damaged: they are missing, or not what they were.
        """
        self._path = folder / VECTORS
        try:
            self._file = os.open(self._path, os.O_RDONLY)
            finalize(self, os.close, self._file)
            size = os.fstat(self._file).st_size
            numbers = (folder / NUMBERS).read_bytes()
        except OSError as error:
            raise Damaged(f"{str(folder)!r} cannot be read: {error.strerror}") from error
        if zlib.crc32(numbers) != sums.get(NUMBERS):
            raise Damaged(f"{str(folder / NUMBERS)!r} is damaged")
        self._numbers: Numbers = np.frombuffer(numbers, dtype=_INT)
        self._row, rest = divmod(size, max(len(self._numbers), 1))
        if rest or self._row % _FLOAT.itemsize or bool(self._row) != bool(len(self._numbers)):
            raise Damaged(f"{str(self._path)!r} is damaged")
        self.dimensions = self._row // _FLOAT.itemsize
        """Of each vector; 0 when there is none."""
        self._kept = self._vectors(0, len(self)) if size <= KEPT else None
        if self._kept is not None and zlib.crc32(self._kept.data) != sums.get(VECTORS):
            raise Damaged(f"{str(self._path)!r} is damaged")

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return len(self._numbers)

    def check(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Raise `Damaged` unless these are exactly the numbers and vectors that the files hold."""
        vectors = (row.tobytes() for piece in self._read([(0, len(self))]) for row in piece)
        held = zip(self._numbers.tolist(), vectors, strict=True)
        if any(ours != theirs for ours, theirs in zip_longest(held, rows)):
            raise Damaged(f"{str(self._path)!r} holds other vectors than the archive")

    def nearest(self, vector: Matrix, limit: int, only: Numbers | None) -> list[tuple[int, float]]:
        """Return (number of the passage, cosine) of the nearest to a unit vector, best first.

        Args:
            vector: As long as `dimensions`.
            limit: How many.
            only: The passages that may be read, ascending; None means all.

        Raises:
            Damaged: the file is not what it was.
        """
        rows = np.arange(len(self)) if only is None else self._rows_of(only)
        if not len(rows) or limit < 1:
            return []
        scores = self._scores(vector, rows)
        return [(int(self._numbers[rows[i]]), float(scores[i])) for i in highest(scores, limit)]

    def _rows_of(self, only: Numbers) -> Numbers:
        """Return where the passages stand; one without a vector here stands nowhere."""
        rows = np.searchsorted(self._numbers, only)
        inside = rows < len(self)
        rows, only = rows[inside], only[inside]
        found: Numbers = rows[self._numbers[rows] == only]
        return found

    def _scores(self, vector: Matrix, rows: Numbers) -> Matrix:
        if self._kept is not None:
            scores = (self._kept if len(rows) == len(self) else self._kept[rows]) @ vector
        else:
            runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
            pieces = self._read((int(run[0]), int(run[-1]) + 1) for run in runs)
            scores = np.concatenate([piece @ vector for piece in pieces])
        if not (np.abs(scores) <= _MOST * np.linalg.norm(vector)).all():
            raise Damaged(f"{str(self._path)!r} is damaged")
        return scores

    def _read(self, runs: Iterable[tuple[int, int]]) -> Iterator[Matrix]:
        """Yield the vectors of runs of rows, in pieces of `_AT_ONCE` bytes."""
        most = max(1, _AT_ONCE // max(1, self._row))
        for start, stop in runs:
            for first in range(start, stop, most):
                yield self._vectors(first, min(first + most, stop))

    def _vectors(self, start: int, stop: int) -> Matrix:
        size = (stop - start) * self._row
        try:
            read = os.pread(self._file, size, start * self._row)
        except OSError as error:
            raise Damaged(f"{str(self._path)!r} cannot be read: {error.strerror}") from error
        if len(read) != size:
            raise Damaged(f"{str(self._path)!r} is damaged")
        return np.frombuffer(read, dtype=_FLOAT).reshape(stop - start, self.dimensions)
