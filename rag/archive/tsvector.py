"""The words of passages in PostgreSQL: a tsvector of our own tokens, and our own bm25.

PostgreSQL has no bm25, and its own parser and stemmers are others than SQLite's. So the tokens are
made by SQLite's FTS5, in memory, and stored as lexemes with their places: title A, label B, text C,
marks D. GIN finds the passages; their score is that of FTS5, to the last bit.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from rag.archive.database import Database, Entry, Within
from rag.archive.fts5 import WEIGHTS
from rag.archive.matches import Known, Search, State

_COLUMNS = "title, label, body, marks"
_PLACES = {name: place for place, name in enumerate(_COLUMNS.split(", "))}
_LONGEST = 500
"""Characters of a token that are kept: PostgreSQL takes 2,046 bytes."""
_FARTHEST = 16_000
"""The last place in a passage that is kept: PostgreSQL takes 16,383."""
_TOGETHER = 500
_REMEMBERED = 4_096
"""Terms whose frequency is remembered while the archive stays as it is."""
_SPREAD = 64
"""Rows of `words_sum` from which on they are added up."""

Token = tuple[str, int, int]
"""A lexeme, its column, its place there."""

_LINES = """
SELECT p.n, coalesce(r.title, ''), a.label, substr(r.text, CAST(p.start + 1 AS INTEGER),
       CAST(p."end" - p.start AS INTEGER)), m.marks
FROM passage AS p JOIN article AS a ON a.n = p.article JOIN article_marks AS m ON m.n = p.article
JOIN revision AS r ON r.article = p.article AND r.digest = p.digest ORDER BY p.n
"""

_AS_MADE = """
SELECT count(*) FROM unnest(CAST(? AS BIGINT[]), CAST(? AS INTEGER[]), CAST(? AS TEXT[]),
                            CAST(? AS TEXT[])) AS made (passage, length, often, vector)
JOIN words AS w ON w.passage = made.passage AND w.length = made.length
     AND w.often = CAST(made.often AS JSONB) AND w.vector = CAST(made.vector AS TSVECTOR)
"""


_SHARES = """
SELECT CAST(CAST(most_common_elems AS TEXT) AS TEXT[]), most_common_elem_freqs FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'words' AND attname = 'vector'
"""


class Tokens:
    """FTS5's own reading of texts; may be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def read(self, texts: Sequence[tuple[str, str, str, str]]) -> list[list[Token]]:
        """Return the tokens of some passages, each as title, label, body and marks."""
        with self._lock:
            db = self._db = self._db or _reader()
            rows = ((n, *columns) for n, columns in enumerate(texts))
            db.executemany(f"INSERT INTO t (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608
            found: list[list[Token]] = [[] for _ in texts]
            for term, n, column, place in db.execute("SELECT term, doc, col, offset FROM v"):
                found[n].append((term[:_LONGEST], _PLACES[column], place))
            db.execute("INSERT INTO t (t) VALUES ('delete-all')")
        for each in found:
            each.sort(key=lambda token: token[1:])
        return found


def _reader() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    db.execute(
        f"CREATE VIRTUAL TABLE t USING fts5 ({_COLUMNS}, content = '', "
        "tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
    return db


class Tsvector:
    """See `rag.archive.database.Words`."""

    matching = "SELECT passage AS n FROM words WHERE vector @@ CAST(? AS TSQUERY)"

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.tokens = tokens or Tokens()
        """What cuts texts into words."""
        self._known = Known()
        self._shares: tuple[int, dict[str, float]] = (0, {})

    def any_of(self, terms: Sequence[str], scope: Sequence[Sequence[str]]) -> str:  # noqa: D102
        parts = [*(self._any(each, ":D") for each in scope), *([self._any(terms)] if terms else [])]
        return " & ".join(parts) if all(parts) else ""

    def all_of(self, terms: Sequence[str]) -> str:  # noqa: D102
        phrases = [phrase for phrase in self._phrases(terms) if phrase]
        if not phrases:
            return ""
        written = [_phrase(phrase) for phrase in phrases[:-1]]
        return " & ".join([*written, _phrase(phrases[-1], last=":*")])

    def told(self, terms: Sequence[str]) -> str:  # noqa: D102
        return " & ".join(_phrase(p, where=":AC") for p in self._phrases(terms) if p)

    def _any(self, terms: Sequence[str], where: str = "") -> str:
        phrases = zip(terms, self._phrases([t.removesuffix("*") for t in terms]), strict=True)
        written = [
            _phrase(phrase, last=(where or ":") + "*" if term.endswith("*") else where)
            for term, phrase in phrases
            if phrase
        ]
        return f"({' | '.join(written)})" if written else ""

    def _phrases(self, terms: Sequence[str]) -> list[list[str]]:
        read = self.tokens.read([("", "", term, "") for term in terms])
        return [[term for term, _, _ in each] for each in read]

    def add(self, db: Database, entries: Iterable[Entry]) -> None:
        """Make passages searchable."""
        left = iter(entries)
        while some := list(islice(left, _TOGETHER)):
            read = self.tokens.read([each[1:] for each in some])
            rows = [(entry[0], *_stored(tokens)) for entry, tokens in zip(some, read, strict=True)]
            db.executemany(
                "INSERT INTO words VALUES (?, ?, CAST(? AS JSONB), CAST(? AS TSVECTOR))", rows
            )
            _sum(db, len(rows), sum(row[1] for row in rows))

    def remove(self, db: Database, entries: Iterable[Entry]) -> None:
        """Take passages out of the index, whatever words they had."""
        numbers = [entry[0] for entry in entries]
        query = "DELETE FROM words WHERE passage = ANY (CAST(? AS BIGINT[])) RETURNING length"
        lengths = [length for (length,) in db.execute(query, (numbers,))] if numbers else []
        if lengths:
            _sum(db, -len(lengths), -sum(lengths))

    def compact(self, db: Database) -> None:
        """Nothing to do: what is deleted is gone when PostgreSQL has swept."""

    def settle(self, db: Database) -> None:
        """Empty the list of what was added lately, which every search goes through from end to end.

        PostgreSQL does so by itself after a fifth more rows or 4 MB of that list.
        """
        db.execute(
            "SELECT gin_clean_pending_list(oid) FROM pg_class "
            "WHERE oid = to_regclass('words_vector') AND pg_has_role(relowner, 'USAGE')"
        )

    def sound(self, db: Database) -> bool:
        """Read all passages again and compare."""
        seen = 0
        for some in _batches(db.plain(_LINES)):
            read = self.tokens.read([each[1:] for each in some])
            made = [_stored(tokens) for tokens in read]
            columns = (list(column) for column in zip(*made, strict=True))
            values = ([each[0] for each in some], *columns)
            if db.execute(_AS_MADE, values).fetchone()[0] != len(some):
                return False
            seen += len(some)
        query = "SELECT count(*), coalesce(sum(length), 0) FROM words"
        count, length = db.execute(query).fetchone()
        return (count, length) == _sums(db) and count == seen

    def rebuild(self, db: Database) -> None:
        """Make the index anew from the passages."""
        db.execute("DELETE FROM words")
        db.execute("DELETE FROM words_sum")
        for some in _batches(db.plain(_LINES)):
            self.add(db, some)

    def best(
        self,
        db: Database,
        terms: Sequence[str],
        scope: Sequence[Sequence[str]],
        within: Within,
        most: int,
    ) -> list[tuple[str, float]]:
        """Score as FTS5 does: the sum over the terms, in their order."""
        phrases = [phrase for phrase in self._phrases(terms) if phrase]
        state = self._state(db)
        if not phrases or not state.passages or within.limit < 1:
            return []
        if self._known.generation != state.generation or len(self._known.counts) > _REMEMBERED:
            self._known = Known(state.generation, shares=self._shares_of(db, state, most))
        limits = " & ".join(self._any(each, ":D") for each in scope)
        queries = [f"({_phrase(phrase)})" for phrase in phrases]
        search = Search(db, phrases, queries, limits, within, most)
        return search.best(state, self._known)

    def _shares_of(self, db: Database, state: State, most: int) -> dict[str, float]:
        """Return what the server has noted of frequent words; asked again when much has changed."""
        if state.largest > most and not 0.9 < self._shares[0] / state.passages < 1.1:
            row = db.execute(_SHARES).fetchone()
            self._shares = state.passages, dict(zip(*row, strict=False)) if row and row[0] else {}
        return self._shares[1]

    def _state(self, db: Database) -> State:
        query = """
            SELECT (SELECT value FROM meta WHERE name = 'generation'),
                   coalesce(sum(passages), 0), coalesce(sum(length), 0),
                   (SELECT coalesce(max(n), 0) FROM passage)
            FROM words_sum
        """
        generation, *sums = db.execute(query).fetchone()
        return State(str(generation), *map(int, sums))


class AmongTsvector(Tsvector):
    """The words of what one person may read; `db` shows no others, so only their sum is made."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._summed = State("", 0, 0, 0)

    def _shares_of(self, db: Database, state: State, most: int) -> dict[str, float]:
        """Return nothing: what the server has noted is of all passages."""
        return {}

    def _state(self, db: Database) -> State:
        """Add up the words, once as long as the archive stays as it is."""
        now = db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0]
        if self._summed.generation != now:
            query = "SELECT count(*), coalesce(sum(length), 0) FROM words"
            count, length = map(int, db.execute(query).fetchone())
            self._summed = State(now, count, length, count)
        return self._summed


def _stored(tokens: Sequence[Token]) -> tuple[int, str, str]:
    """Return what a row of `words` holds of a passage: its length, what is often, its lexemes."""
    often: Counter[str] = Counter()
    places: dict[str, list[str]] = {}
    before = 0
    for column, those in groupby(tokens, key=lambda token: token[1]):
        last = 0
        for term, _, place in those:
            last = place + 1
            often[term] += int(WEIGHTS[column])
            at = min(before + last, _FARTHEST)
            places.setdefault(term, []).append(f"{at}{'ABC'[column] if column < 3 else ''}")
        before += last + 1  # a gap, so that no phrase reaches from one column into the next
    vector = " ".join(f"{_lexeme(term)}:{','.join(at)}" for term, at in places.items())
    return len(tokens), json.dumps({t: n for t, n in often.items() if n != 1}), vector


def _lexeme(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _phrase(lexemes: Sequence[str], last: str = "", where: str = "") -> str:
    *before, end = (_lexeme(each) + where for each in lexemes)
    written = " <-> ".join([*before, end + last])
    return f"({written})" if before else written


def _sum(db: Database, passages: int, length: int) -> None:
    """Note how many passages came or went: a row of its own, so that no writer waits for another.

    From time to time the rows that nobody is adding up just now are made one.
    """
    db.execute("INSERT INTO words_sum VALUES (?, ?)", (passages, length))
    if db.execute("SELECT count(*) FROM words_sum").fetchone()[0] < _SPREAD:
        return
    db.execute(
        """
        WITH gone AS (
            DELETE FROM words_sum WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM words_sum FOR UPDATE SKIP LOCKED)) RETURNING passages, length)
        INSERT INTO words_sum SELECT coalesce(sum(passages), 0), coalesce(sum(length), 0) FROM gone
        """
    )


def _sums(db: Database) -> tuple[int, int]:
    query = "SELECT coalesce(sum(passages), 0), coalesce(sum(length), 0) FROM words_sum"
    passages, length = db.execute(query).fetchone()
    return int(passages), int(length)


def _batches(rows: Iterator[tuple[object, ...]]) -> Iterator[list[Entry]]:
    while some := list(islice(rows, _TOGETHER)):
        yield some  # type: ignore[misc]
