"""The words of SQLite's FTS5, weighed among the passages that one person may read.

FTS5's own bm25 weighs a word by how rare it is in the whole index, so that its scores would tell
how often others' articles use it. Here the same formula is computed over what may be read: where a
word stands is asked of FTS5 (`fts5vocab`), how long passages are too, and all counts are made anew.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rag.archive.database import Database, Within, Words
from rag.archive.fts5 import WEIGHTS, Fts5
from rag.archive.tsvector import AmongTsvector, Tokens, Tsvector

_K1, _B = 1.2, 0.75
_COLUMNS = ("title", "label", "body", "marks")
_WEIGHT = dict(zip(_COLUMNS, WEIGHTS, strict=True))
_LAST = "\U0010ffff"
"""Behind every letter: ends the words that begin with something."""
_SEEN = "EXISTS (SELECT 1 FROM passage AS p WHERE p.n = i.doc)"

Place = tuple[int, str, int]
"""A passage, a column of it, a place there."""


def among(words: Words) -> Words:
    """Return the words of an archive for who may not read all passages."""
    return AmongTsvector(words.tokens) if isinstance(words, Tsvector) else AmongFts5()


class AmongFts5(Fts5):
    """See `rag.archive.database.Words`; `db` shows only what may be read, and cannot be written."""

    matching = """
        SELECT f.rowid AS n FROM fulltext AS f JOIN passage AS seen ON seen.n = f.rowid
        WHERE f.fulltext MATCH ?"""

    def __init__(self) -> None:
        self._tokens = Tokens()
        self._summed: tuple[str, tuple[int, int]] = ("", (0, 0))

    def largest(self, db: Database) -> int:
        """Return how many passages may be read."""
        return self._sums(db)[0]

    def _scored(
        self, db: Database, terms: Sequence[str], scope: Sequence[Sequence[str]], within: Within
    ) -> list[tuple[str, float]]:
        """Return (passage id, bm25), best first; `scope` says no more than `within`, but faster."""
        passages, length = self._sums(db)
        scores: dict[int, float] = defaultdict(float)
        found = [hits for term in terms if (hits := self._hits(db, term)) is not None]
        lengths = self._lengths(db, {n for hits in found for n in hits})
        for hits in found:
            count = len(hits)
            idf = math.log((passages - count + 0.5) / (count + 0.5))
            idf = idf if idf > 0 else 1e-6
            for n, f in hits.items():
                usual = _K1 * (1 - _B + _B * lengths[n] / (length / passages))
                scores[n] += idf * ((f * (_K1 + 1.0)) / (f + usual))
        names = self._allowed(db, scores, within)
        ranked = sorted(names, key=lambda n: (-scores[n], n))
        return [(names[n], scores[n]) for n in ranked[: within.limit]]

    def _sums(self, db: Database) -> tuple[int, int]:
        """Return how many passages there are, and their words; counted once a generation."""
        now = db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0]
        if self._summed[0] != now:
            query = "SELECT s.sz FROM passage AS p JOIN fulltext_docsize AS s ON s.id = p.n"
            sizes = [_words(size) for (size,) in db.plain(query)]
            self._summed = (now, (len(sizes), sum(sizes)))
        return self._summed[1]

    def _lengths(self, db: Database, numbers: Iterable[int]) -> dict[int, int]:
        query = "SELECT id, sz FROM fulltext_docsize WHERE id IN (SELECT value FROM json_each(?))"
        found = db.plain(query, (json.dumps(sorted(numbers)),))
        return {n: _words(size) for n, size in found}

    def _hits(self, db: Database, term: str) -> dict[int, float] | None:
        """Return the passages that have a term, each with its weighed count; None for no word."""
        begun = term.endswith("*")
        tokens = [t for t, _, _ in self._tokens.read([("", "", term.removesuffix("*"), "")])[0]]
        if not tokens:
            return None
        *before, last = tokens
        places = set(self._places(db, last, begun=begun))
        for back, token in enumerate(reversed(before), 1):
            earlier = set(self._places(db, token))
            places = {p for p in places if (p[0], p[1], p[2] - back) in earlier}
        hits: dict[int, float] = defaultdict(float)
        for n, column, _ in places:
            hits[n] += _WEIGHT[column]
        return hits

    def _places(self, db: Database, token: str, *, begun: bool = False) -> Iterable[Place]:
        """Return where a token stands; one that is only `begun` ends as it likes."""
        which = "i.term >= ? AND i.term < ?" if begun else "i.term = ?"
        query = f"SELECT i.doc, i.col, i.offset FROM temp.instance AS i WHERE {which} AND {_SEEN}"  # noqa: S608
        return db.plain(query, (token, token + _LAST) if begun else (token,))

    def _allowed(self, db: Database, numbers: Iterable[int], within: Within) -> dict[int, str]:
        query = f"""
            SELECT p.n, p.id FROM json_each(?) AS hit JOIN passage AS p ON p.n = hit.value
            JOIN article AS a ON a.n = p.article WHERE TRUE {within.clause}
        """  # noqa: S608 - our own column names
        values = (json.dumps(sorted(numbers)), *within.values)
        return {int(n): str(name) for n, name in db.plain(query, values)}


def _words(size: bytes) -> int:
    """Add up what FTS5 notes of a passage: the length of each column, as numbers of 7 bits."""
    total = number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            total, number = total + number, 0
    return total
