"""The words of passages in SQLite: an FTS5 table that stores no text of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from rag.archive.bm25 import rarest
from rag.archive.database import Database, Entry, Within

WEIGHTS = (2.0, 1.0, 1.0, 0.0)
"""How much a word counts in title, label (publisher and date), text, and marks."""


class Fts5:
    """See `rag.archive.database.Words`."""

    matching = "SELECT rowid AS n FROM fulltext WHERE fulltext MATCH ?"

    def any_of(self, terms: Sequence[str], scope: Sequence[Sequence[str]]) -> str:
        """Write a query; of a filtered search the index skips other months and outlets."""
        words = [f"({' OR '.join(map(_quoted, terms))})"] if terms else []
        marks = [f"marks : ({' OR '.join(map(_quoted, each))})" for each in scope]
        return " AND ".join([*marks, *words])

    def all_of(self, terms: Sequence[str]) -> str:  # noqa: D102
        return f"{' AND '.join(map(_quoted, terms))}*"

    def told(self, terms: Sequence[str]) -> str:  # noqa: D102
        return "{title body} : (" + " AND ".join(map(_quoted, terms)) + ")"

    def add(self, db: Database, entries: Iterable[Entry]) -> None:  # noqa: D102
        db.executemany(
            "INSERT INTO fulltext (rowid, title, label, body, marks) VALUES (?, ?, ?, ?, ?)",
            entries,
        )

    def remove(self, db: Database, entries: Iterable[Entry]) -> None:  # noqa: D102
        db.executemany(
            "INSERT INTO fulltext (fulltext, rowid, title, label, body, marks) "
            "VALUES ('delete', ?, ?, ?, ?, ?)",
            entries,
        )

    def compact(self, db: Database) -> None:
        """Merge the index into one piece, which holds no word of a passage that is gone."""
        db.execute("INSERT INTO fulltext (fulltext) VALUES ('optimize')")

    def settle(self, db: Database) -> None:
        """Nothing to do: FTS5 merges as it grows."""

    def sound(self, db: Database) -> bool:
        """Let FTS5 compare; needs a connection that could write."""
        try:
            db.execute("INSERT INTO fulltext (fulltext, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError:
            return False
        return True

    def rebuild(self, db: Database) -> None:  # noqa: D102
        db.execute("INSERT INTO fulltext (fulltext) VALUES ('rebuild')")

    def largest(self, db: Database) -> int:
        """Return about how many passages there are, at most."""
        return int(db.execute("SELECT coalesce(max(n), 0) FROM passage").fetchone()[0])

    def best(
        self,
        db: Database,
        terms: Sequence[str],
        scope: Sequence[Sequence[str]],
        within: Within,
        most: int,
    ) -> list[tuple[str, float]]:
        """Score the passages that have the rarest terms; all, where these find too few."""
        rare = self._rarest(db, terms, scope, most)
        found = self._scored(db, rare, scope, within)
        if len(found) == within.limit or len(rare) == len(terms):
            return found
        return self._scored(db, terms, scope, within)

    def _rarest(
        self, db: Database, terms: Sequence[str], scope: Sequence[Sequence[str]], most: int
    ) -> Sequence[str]:
        if self.largest(db) <= most or (scope and self._count(db, [], scope, most) <= most):
            return terms
        counts = [self._count(db, [term], scope, most) for term in terms]
        return [terms[n] for n in rarest(counts, most)]

    def _count(
        self, db: Database, terms: Sequence[str], scope: Sequence[Sequence[str]], most: int
    ) -> int:
        """Count the passages that match, no further than is of interest."""
        query = f"SELECT count(*) FROM ({self.matching} LIMIT ?) AS hit"  # noqa: S608 - our own SQL
        return int(db.execute(query, (self.any_of(terms, scope), most + 1)).fetchone()[0])

    def _scored(
        self, db: Database, terms: Sequence[str], scope: Sequence[Sequence[str]], within: Within
    ) -> list[tuple[str, float]]:
        """Only a filtered search pays for looking at each match's article."""
        join = "JOIN passage AS p ON p.n = f.rowid JOIN article AS a ON a.n = p.article"
        rows = db.execute(
            f"""
            SELECT p.id, best.score FROM (
                SELECT f.rowid AS n, -bm25(fulltext, ?, ?, ?, ?) AS score
                FROM fulltext AS f {f"{join} {within.clause}" if within.clause else ""}
                WHERE fulltext MATCH ? ORDER BY score DESC, n LIMIT ?
            ) AS best JOIN passage AS p ON p.n = best.n ORDER BY best.score DESC, best.n
            """,  # noqa: S608 - the clause is made of our own column names
            (*WEIGHTS, *within.values, self.any_of(terms, scope), within.limit),
        ).fetchall()
        return [(row["id"], row["score"]) for row in rows]


def _quoted(term: str) -> str:
    """Quote a term as an FTS5 string, so that no character in it is an operator.

    A star at its end is one: it finds all words that begin so.
    """
    begun = term.endswith("*")
    return '"' + term.removesuffix("*").replace('"', '""') + ('" *' if begun else '"')
