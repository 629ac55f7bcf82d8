"""All vectors of an archive in one file beside Chroma's: searched exactly, and read in parts.

    vectors.f32    the vectors as float32, row after row, in the order in which they were stored
    passages.i64   the number of each row's passage, ascending

Both are written once, into a folder that is published whole (`rag.storage.editions`). To read a
month's vectors from here takes a tenth of what SQLite needs to hand them out one by one, and an
archive whose vectors would fill the memory can still be searched within any filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import numpy as np

from rag.storage.editions import Damaged
from rag.storage.scan import highest
from rag.storage.vectors import Matrix, Numbers

VECTORS, NUMBERS = "vectors.f32", "passages.i64"
KEPT = 1 << 28
"""Bytes of vectors that are kept in memory once read: 170,000 of 384 dimensions."""
_AT_ONCE = 1 << 24
_FLOAT, _INT = np.dtype("<f4"), np.dtype("<i8")


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


def there(folder: Path) -> bool:
    """Say whether a folder has these files."""
    return (folder / NUMBERS).exists()


class Flat:
    """The vectors of one published folder; may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the files of a folder.

        Raises:
            Damaged: they are missing, or are not as long as they should be.
        """
        self._path = folder / VECTORS
        try:
            self._numbers: Numbers = np.fromfile(folder / NUMBERS, dtype=_INT)
            size = self._path.stat().st_size
        except OSError as error:
            raise Damaged(f"{str(folder)!r} cannot be read: {error.strerror}") from error
        row, rest = divmod(size, max(len(self._numbers), 1))
        if rest or row % _FLOAT.itemsize or bool(row) != bool(len(self._numbers)):
            raise Damaged(f"{str(self._path)!r} is damaged")
        self._row = row
        self.dimensions = row // _FLOAT.itemsize
        """Of each vector; 0 when there is none."""

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
            Damaged: the files are not what they were.
        """
        rows = np.arange(len(self)) if only is None else self._rows_of(only)
        if not len(rows) or limit < 1:
            return []
        scores = self._scores(vector, rows)
        return [(int(self._numbers[rows[i]]), float(scores[i])) for i in highest(scores, limit)]

    def _rows_of(self, only: Numbers) -> Numbers:
        """Return where the passages stand; what was stored later stands nowhere."""
        rows = np.searchsorted(self._numbers, only)
        rows = rows[rows < len(self)]
        return rows[np.isin(self._numbers[rows], only, assume_unique=True)]

    def _scores(self, vector: Matrix, rows: Numbers) -> Matrix:
        if len(self) * self._row <= KEPT:
            every = self._all if len(rows) == len(self) else self._all[rows]
            scores = every @ vector
        else:
            runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
            pieces = self._read((int(run[0]), int(run[-1]) + 1) for run in runs)
            scores = np.concatenate([piece @ vector for piece in pieces])
        if not np.isfinite(scores).all():
            raise Damaged(f"{str(self._path)!r} is damaged")
        return scores

    @cached_property
    def _all(self) -> Matrix:
        return np.concatenate(list(self._read([(0, len(self))])))

    def _read(self, runs: Iterable[tuple[int, int]]) -> Iterator[Matrix]:
        """Yield the vectors of runs of rows, in pieces of `_AT_ONCE` bytes."""
        most = max(1, _AT_ONCE // max(1, self._row))
        try:
            with self._path.open("rb", buffering=0) as file:
                for start, stop in runs:
                    for first in range(start, stop, most):
                        size = (min(first + most, stop) - first) * self._row
                        file.seek(first * self._row)
                        read = file.read(size)
                        if len(read) != size:
                            raise Damaged(f"{str(self._path)!r} is damaged")
                        yield np.frombuffer(read, dtype=_FLOAT).reshape(-1, self.dimensions)
        except OSError as error:
            raise Damaged(f"{str(self._path)!r} cannot be read: {error.strerror}") from error
