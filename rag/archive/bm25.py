"""bm25 as FTS5 has it, to the last bit, over hits that a database found.

How often a word stands in a passage is slow to look up, and most passages cannot be among the best
whatever it is: a word counts at least as if it stood there once, and never more than `_K1 + 1`
times its rarity. So it is looked up for those alone that can.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from rag.archive.vectors import Numbers

_K1, _B = 1.2, 0.75
_ROUNDING = 1 - 1e-9
"""Two bounds that are nearly equal are not told apart by it."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


class Hits(NamedTuple):
    """The passages that one term found."""

    numbers: Numbers
    """Ascending."""
    lengths: Floats
    rarity: float
    """See `rarity`."""
    counted: bool
    """Whether each has the term once at least, as it is weighed; of phrases that is not known."""


class Often(NamedTuple):
    """How often terms stand in passages, as it is weighed."""

    numbers: Numbers
    """Of passages, ..."""
    places: Numbers
    """... and of the terms that they have, in the order in which these were asked."""
    times: Floats
    """NaN where it is not known: then the term counts nothing."""


def rarity(passages: int, hits: int) -> float:
    """Return what a term weighs that so many of all passages have: its idf."""
    idf = math.log((passages - hits + 0.5) / (hits + 0.5)) if hits <= passages else 0.0
    return idf if idf > 0 else 1e-6


def rarest(counts: Sequence[int], most: int) -> list[int]:
    """Return the places of the rarest terms that match `most` passages together; one at least."""
    total, kept = 0, set[int]()
    for place in sorted(range(len(counts)), key=lambda n: counts[n]):
        total += counts[place]
        if total > most and any(counts[k] for k in kept):
            break
        kept.add(place)
    return sorted(kept)


class Ranking:
    """Scores passages by the terms that they have, in the order of the terms."""

    def __init__(self, found: Sequence[Hits], usual: float, limit: int) -> None:
        """Prepare.

        Args:
            found: What each term found.
            usual: How long a passage is on average.
            limit: How many of the best are wanted.
        """
        self._found, self._usual, self._limit = found, usual, limit
        self._numbers = _all(found)
        self._chosen = self._numbers[self._may_be_best()]

    def unsure(self) -> tuple[list[int], list[int]]:
        """Return the passages, and the places of their terms, for which `Often` is needed."""
        numbers, places = list[int](), list[int]()
        for place, hits in enumerate(self._found):
            near = np.intersect1d(hits.numbers, self._chosen, assume_unique=True).tolist()
            numbers += near
            places += [place] * len(near)
        return numbers, places

    def best(self, often: Often) -> list[tuple[int, float]]:
        """Return number and score of the best passages, best first, and equals by number."""
        scores = np.zeros(len(self._chosen))
        known = np.zeros(len(self._chosen), dtype=bool)
        for place, hits in enumerate(self._found):
            of = often.places == place
            numbers, times = often.numbers[of], often.times[of]
            at = np.searchsorted(self._chosen, numbers)
            lengths = hits.lengths[np.searchsorted(hits.numbers, numbers)]
            scores[at] += np.nan_to_num(hits.rarity * self._counts(times, lengths))
            known[at] = True  # a passage that is gone meanwhile is not
        order = np.lexsort((self._chosen, -scores))
        first = order[known[order]][: self._limit]
        return list(zip(self._chosen[first].tolist(), scores[first].tolist(), strict=True))

    def _counts(self, times: Floats | float, lengths: Floats) -> Floats:
        usual = _K1 * (1 - _B + _B * lengths / self._usual)
        counts: Floats = (times * (_K1 + 1.0)) / (times + usual)
        return counts

    def _may_be_best(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        least, most = np.zeros(len(self._numbers)), np.zeros(len(self._numbers))
        for hits in self._found:
            at = np.searchsorted(self._numbers, hits.numbers)
            most[at] += hits.rarity * (_K1 + 1.0)
            if hits.counted:
                least[at] += hits.rarity * self._counts(1.0, hits.lengths)
        if len(least) <= self._limit:
            return np.ones(len(least), dtype=bool)
        last = np.partition(least, -self._limit)[-self._limit]
        chosen: np.ndarray[Any, np.dtype[np.bool_]] = most >= last * _ROUNDING
        return chosen


def _all(found: Sequence[Hits]) -> Numbers:
    if not found:
        return np.zeros(0, dtype=np.int64)
    return np.unique(np.concatenate([hits.numbers for hits in found]))
