"""What the words of a question match in PostgreSQL, and how it is scored.

A search asks the server four times: for the state of the archive, for the passages that each word
matches, for how often the words stand in those that may be among the best, and for their names.
Lists come as the bytes of numbers: row by row it would take longer to read than to find them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from rag.archive.bm25 import Floats, Hits, Often, Ranking, rarest, rarity
from rag.archive.database import Database, Within, written
from rag.archive.vectors import Numbers

_ASKED = "(CAST(? AS INTEGER), CAST(? AS TSQUERY))"
_SOUGHT = "(CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS TEXT[]))"
_LOOKED_UP = "coalesce(CAST(w.often ->> k.lexeme AS FLOAT8), 1)"
_PHRASE = """
(SELECT sum(hit.weight) FROM (
    SELECT max(CASE t.weight WHEN 'A' THEN 2 WHEN 'D' THEN 0 ELSE 1 END) AS weight
    FROM unnest(CAST(k.phrase AS TEXT[])) WITH ORDINALITY AS l (lexeme, place)
    JOIN LATERAL (SELECT unnest(v.positions) AS position, unnest(v.weights) AS weight
                  FROM unnest(w.vector) AS v WHERE v.lexeme = l.lexeme) AS t ON TRUE
    GROUP BY t.position - l.place HAVING count(*) = cardinality(k.phrase)) AS hit)
"""

Matched = tuple[Numbers, Floats]
"""Passages by number, ascending, and how long each is."""


class State(NamedTuple):
    """The words of an archive at one moment."""

    generation: str
    passages: int
    length: int
    """Of all passages together, in words."""
    largest: int
    """How many passages there are at most."""


@dataclass(frozen=True)
class Known:
    """What is remembered of queries as long as the archive stays as it is."""

    generation: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    frequent: set[str] = field(default_factory=set)
    """Those that match more than are scored; how many was not counted."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Of the most frequent words, about which share of all passages has them."""


class Search:
    """One search; each phrase is asked for once."""

    def __init__(
        self,
        db: Database,
        phrases: Sequence[Sequence[str]],
        queries: Sequence[str],
        limits: str,
        within: Within,
        most: int,
    ) -> None:
        """Prepare.

        Args:
            db: The archive.
            phrases: The words of each term, as they are stored.
            queries: What matches each of them.
            limits: What matches the months and outlets that count; empty matches all.
            within: Which passages count, and how many are wanted.
            most: How many may be scored, about.
        """
        self._db, self._phrases, self._queries = db, phrases, queries
        self._limits, self._within, self._most = limits, within, most
        self._held: dict[int, Matched] = {}

    def best(self, state: State, known: Known) -> list[tuple[str, float]]:
        """Score the passages that have the rarest phrases; all, where these find too few."""
        every = range(len(self._phrases))
        rare = self._rarest(state, known) if state.largest > self._most else every
        found = self._scored(rare, state, known)
        if len(found) == self._within.limit or len(rare) == len(every):
            return found
        return self._scored(every, state, known)

    def _rarest(self, state: State, known: Known) -> Sequence[int]:
        every, beyond = range(len(self._phrases)), self._most + 1
        if self._limits and count(self._db, [self._limits], known, beyond)[0] < beyond:
            return every
        if self._limits or self._within.clause:
            counts = count(self._db, self._asked(every), known, beyond)
            return rarest(counts, self._most)
        guesses = [self._guess(n, state, known) for n in every]
        counts = [min(int(guess), beyond) for guess in guesses]
        seen = {n for n in every if self._queries[n] in known.frequent}
        while wanted := [n for n in self._undecided(counts, guesses) if n not in seen]:
            for place, matched in zip(wanted, self._matches(wanted, beyond), strict=True):
                counts[place] = len(matched[0])
                if counts[place] < beyond:
                    self._held[place] = matched
                else:
                    known.frequent.add(self._queries[place])
            seen.update(wanted)
        return rarest(counts, self._most)

    def _guess(self, place: int, state: State, known: Known) -> float:
        """Return about how many passages have a phrase; 0 where that is to be found out."""
        if self._queries[place] in known.frequent:
            return self._most + 1
        phrase = self._phrases[place]
        return known.shares.get(phrase[0], 0.0) * state.passages if len(phrase) == 1 else 0.0

    def _undecided(self, counts: Sequence[int], guesses: Sequence[float]) -> list[int]:
        """Return the places of the rarest phrases, and of those that may be among them.

        Half a guess is safe: the server takes it from thirty thousand passages.
        """
        kept = rarest(counts, self._most)
        total, highest = sum(counts[n] for n in kept), max(counts[n] for n in kept)
        room = max(self._most - total, highest)
        return [n for n, guess in enumerate(guesses) if n in kept or guess / 2 <= room]

    def _scored(self, places: Sequence[int], state: State, known: Known) -> list[tuple[str, float]]:
        phrases = [self._phrases[n] for n in places]
        usual = state.length / state.passages
        ranking = Ranking(self._hits(places, state, known), usual, self._within.limit)
        ranked = ranking.best(_often(self._db, phrases, *ranking.unsure()))
        query = "SELECT n, id FROM passage WHERE n = ANY (CAST(? AS BIGINT[]))"
        rows = self._db.execute(query, (written(n for n, _ in ranked),)) if ranked else ()
        names = {number: str(name) for number, name in rows}
        return [(names[n], score) for n, score in ranked if n in names]

    def _hits(self, places: Sequence[int], state: State, known: Known) -> list[Hits]:
        missing = [n for n in places if n not in self._held]
        self._held |= dict(zip(missing, self._matches(missing), strict=True))
        found = [self._held[n] for n in places]
        if self._limits or self._within.clause:
            counts = count(self._db, [self._queries[n] for n in places], known)
        else:
            counts = [len(numbers) for numbers, _ in found]
        return [
            Hits(*matched, rarity(state.passages, often), counted=len(self._phrases[place]) == 1)
            for place, matched, often in zip(places, found, counts, strict=True)
        ]

    def _asked(self, places: Iterable[int]) -> list[str]:
        limits = f"{self._limits} & " if self._limits else ""
        return [limits + self._queries[n] for n in places]

    def _matches(self, places: Sequence[int], most: int | None = None) -> list[Matched]:
        """Return what each phrase matches, or `most` of it."""
        if not places:
            return []
        join = "JOIN passage AS p ON p.n = w.passage JOIN article AS a ON a.n = p.article"
        allowed = f"{join} WHERE TRUE {self._within.clause}" if self._within.clause else ""
        rows = self._db.execute(
            f"""
            WITH k (place, query) AS (VALUES {_marks(_ASKED, places)})
            SELECT k.place, string_agg(int8send(w.passage), ''), string_agg(int4send(w.length), '')
            FROM k CROSS JOIN LATERAL (
                SELECT passage, length FROM words WHERE vector @@ k.query {_limit(most)}
            ) AS w {allowed} GROUP BY k.place
            """,  # noqa: S608 - made of our own names
            (*(v for asked in enumerate(self._asked(places)) for v in asked), *self._within.values),
        )
        found: list[Matched] = [(np.zeros(0, dtype=np.int64), np.zeros(0))] * len(places)
        for place, packed, lengths in rows:
            numbers = _unpacked(packed).astype(np.int64)
            order = np.argsort(numbers)
            found[place] = numbers[order], np.frombuffer(lengths, ">i4").astype(np.float64)[order]
        return found


def count(db: Database, queries: Sequence[str], known: Known, most: int | None = None) -> list[int]:
    """Count what each query matches, no further than `most`; what is not known all at once.

    Each query is a value of the statement: of one that is written into it the server may see that
    it matches much, and then reads the whole table in place of the index.
    """
    counts = {query: known.counts[query] for query in queries if query in known.counts}
    if most is not None:
        counts |= {q: most for q in queries if q in known.frequent and q not in counts}
    new = [query for query in dict.fromkeys(queries) if query not in counts]
    if new:
        rows = db.execute(
            f"""
            WITH k (place, query) AS (VALUES {_marks(_ASKED, new)})
            SELECT k.place, (SELECT count(*) FROM (
                SELECT 1 FROM words AS w WHERE w.vector @@ k.query {_limit(most)}) AS hit) FROM k
            """,  # noqa: S608 - made of our own names
            [value for asked in enumerate(new) for value in asked],
        )
        for place, found in rows:
            counts[new[place]] = int(found)
            if most is None or found < most:
                known.counts[new[place]] = int(found)
            else:
                known.frequent.add(new[place])
    return [counts[query] if most is None else min(counts[query], most) for query in queries]


def _often(
    db: Database, phrases: Sequence[Sequence[str]], numbers: list[int], places: list[int]
) -> Often:
    """Look up how often passages have the phrases at some places."""
    sought = [
        value
        for place, phrase in enumerate(phrases)
        for value in (place, phrase[0] if len(phrase) == 1 else None, list(phrase))
    ]
    times = _LOOKED_UP
    if any(len(phrase) > 1 for phrase in phrases):
        times = f"CASE WHEN k.lexeme IS NULL THEN CAST({_PHRASE} AS FLOAT8) ELSE {_LOOKED_UP} END"
    row = db.execute(
        f"""
        WITH k (place, lexeme, phrase) AS (VALUES {_marks(_SOUGHT, phrases)}),
        w AS MATERIALIZED (
            SELECT passage, often, vector FROM words WHERE passage = ANY (CAST(? AS BIGINT[]))),
        hit AS (
            SELECT d.n, d.place, {times} AS times
            FROM unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[])) AS d (n, place)
            JOIN k ON k.place = d.place JOIN w ON w.passage = d.n
        )
        SELECT string_agg(int8send(n), ''), string_agg(int8send(place), ''),
               string_agg(float8send(coalesce(times, 'NaN')), '') FROM hit
        """,  # noqa: S608 - made of our own names
        (*sought, written(sorted(set(numbers))), written(numbers), written(places)),
    ).fetchone()
    ours, at, often = (value or b"" for value in row)
    return Often(
        _unpacked(ours).astype(np.int64),
        _unpacked(at).astype(np.int64),
        np.frombuffer(often, ">f8").astype(np.float64),
    )


def _unpacked(packed: bytes) -> Numbers:
    return np.frombuffer(packed, ">i8")


def _marks(one: str, of: Sequence[object]) -> str:
    return ", ".join([one] * len(of))


def _limit(most: int | None) -> str:
    return "" if most is None else f"LIMIT {int(most)}"
