"""Which articles are copies of one story, among those that a person may read.

The archive notes for each article the cluster of the copy that it was nearest to when it came. That
copy may be one which this person may not read: then two readable articles would count as one source
because of a third, and the person would learn that it is there. So for who may not read everything,
clusters are made of what may be read: in the order in which the articles came, as when they came.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from rag.archive.database import Database
from rag.language.shingles import is_copy, shingles

_NEAR = """
SELECT DISTINCT o.article AS n FROM band AS b JOIN band AS o ON o.value = b.value
WHERE b.article = ? AND o.article < ?
"""
_AROUND = """
SELECT DISTINCT o.article AS n FROM band AS b JOIN band AS o ON o.value = b.value
WHERE b.article = ?
"""
_TEXT = """
SELECT a.id, a.digest, r.text FROM article AS a
JOIN revision AS r ON r.article = a.n AND r.digest = a.digest WHERE a.n = ?
"""

_REMEMBERED = 4_096
"""Pairs of texts of which it is remembered whether they are copies."""


class Stories:
    """The clusters of what a connection shows; made when asked for, and kept as long as it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[int, str] = {}
        self._texts: dict[int, tuple[str, str, str]] = {}

    def of(self, n: int) -> str:
        """Return the cluster of the article number `n`: the id of the first of its copies."""
        waiting = [n]
        while waiting:
            one = waiting[-1]
            near = [] if one in self._known else self._copies(one)
            unknown = [other for other, _ in near if other not in self._known]
            if unknown:
                waiting += unknown
                continue
            if one not in self._known:
                best = max(((common, self._known[o]) for o, common in near), default=None)
                self._known[one] = best[1] if best else self._text(one)[0]
            waiting.pop()
        return self._known[n]

    def _copies(self, n: int) -> list[tuple[int, int]]:
        """Return earlier copies of an article, each with how much of it they share."""
        near = [int(row["n"]) for row in self._db.execute(_NEAR, (n, n))]
        if not near:
            return []
        shared = ((other, self._shared(n, other)) for other in sorted(near))
        return [(other, common) for other, common in shared if common is not None]

    def _shared(self, one: int, other: int) -> int | None:
        (_, first, text), (_, second, copy) = self._text(one), self._text(other)
        known = _pairs.get((first, second))
        return known[0] if known else _pairs.put((first, second), _common(text, copy))

    def _text(self, n: int) -> tuple[str, str, str]:
        if n not in self._texts:
            row = self._db.execute(_TEXT, (n,)).fetchone()
            self._texts[n] = (row["id"], row["digest"], row["text"])
        return self._texts[n]


def members(db: Database, n: int) -> list[int]:
    """Return the numbers of the other articles of the story of the article number `n`."""
    stories = Stories(db)
    story, seen, waiting = stories.of(n), {n}, [n]
    while waiting:  # members of a story hang together by copies, each of an earlier one
        own = waiting.pop()
        near = {int(row["n"]) for row in db.execute(_AROUND, (own,))} - seen
        seen |= near
        waiting += [other for other in near if stories.of(other) == story]
    return sorted(other for other in seen - {n} if stories.of(other) == story)


def _common(one: str, other: str) -> int | None:
    """Return how many word sequences two copies share; None where they are none."""
    first, second = shingles(one), shingles(other)
    return len(first & second) if is_copy(first, second) else None


class _Pairs:
    """What is known of pairs of texts, by their digests.

    It follows from the two texts alone, so that what is remembered tells nobody anything.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, str], tuple[int | None]] = OrderedDict()

    def get(self, pair: tuple[str, str]) -> tuple[int | None] | None:
        with self._lock:
            return self._found.get(pair)

    def put(self, pair: tuple[str, str], common: int | None) -> int | None:
        with self._lock:
            self._found[pair] = (common,)
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return common


_pairs = _Pairs()
