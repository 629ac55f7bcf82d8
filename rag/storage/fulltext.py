"""Search by words: bm25 over title, label and text of the passages, filtered inside SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from rag.storage.rows import publisher_key
from rag.types import Filter

WEIGHTS = (2.0, 1.0, 1.0)
"""How much a word counts in title, label (publisher and date) and text."""

_MOST_TERMS = 64
MOST_MATCHES = 40_000
"""Passages that a search scores, about; each costs a microsecond."""

_SIGNED = """
    SELECT 1 FROM revision AS w, json_each(w.authors) AS name
    WHERE w.article = a.n AND w.digest = a.digest AND name.value
"""

Entry = tuple[int, str, str, str]
"""Number of the passage, title, label, body."""


def entries(db: sqlite3.Connection, n: int) -> list[Entry]:
    """Return what the full-text index holds, or is to hold, of the article number `n`."""
    head = db.execute(
        """
        SELECT a.label, r.title, r.text FROM article AS a
        JOIN revision AS r ON r.article = a.n AND r.digest = a.digest WHERE a.n = ?
        """,
        (n,),
    ).fetchone()
    spans = db.execute('SELECT n, start, "end" FROM passage WHERE article = ? ORDER BY n', (n,))
    title, label, text = head["title"] or "", head["label"], head["text"]
    return [(p["n"], title, label, text[p["start"] : p["end"]]) for p in spans]


def add(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Make passages searchable."""
    db.executemany("INSERT INTO fulltext (rowid, title, label, body) VALUES (?, ?, ?, ?)", entries)


def remove(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Take passages out of the index; the words must be those that were added."""
    db.executemany(
        "INSERT INTO fulltext (fulltext, rowid, title, label, body) VALUES ('delete', ?, ?, ?, ?)",
        entries,
    )


def compact(db: sqlite3.Connection) -> None:
    """Merge the index into one piece, which holds no word of a passage that is gone."""
    db.execute("INSERT INTO fulltext (fulltext) VALUES ('optimize')")


def sound(db: sqlite3.Connection) -> bool:
    """Say whether the index holds exactly the words of the passages; needs a transaction."""
    try:
        db.execute("INSERT INTO fulltext (fulltext, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    return True


def rebuild(db: sqlite3.Connection) -> None:
    """Make the index anew from the passages."""
    db.execute("INSERT INTO fulltext (fulltext) VALUES ('rebuild')")


def search(
    db: sqlite3.Connection, terms: Sequence[str], limit: int, within: Filter
) -> list[tuple[str, float]]:
    """Return (passage id, score) of the passages that hold any of the terms, best first.

    In a large archive the most frequent terms find nothing by themselves: what they weigh is
    little, and scoring half of all passages for it takes seconds.
    """
    words = quoted(terms)
    if not words or limit < 1:
        return []
    rare = _rarest(db, words)
    found = _best(db, rare, limit, within)
    return found if len(found) == limit or rare == words else _best(db, words, limit, within)


def _rarest(db: sqlite3.Connection, words: list[str]) -> list[str]:
    """Leave out the most frequent words, until the others match few enough passages."""
    [(largest,)] = db.execute("SELECT max(n) FROM passage")
    if (largest or 0) <= MOST_MATCHES:
        return words
    query = "SELECT count(*) FROM (SELECT 1 FROM fulltext WHERE fulltext MATCH ? LIMIT ?)"
    counts = {w: db.execute(query, (w, MOST_MATCHES + 1)).fetchone()[0] for w in words}
    total, kept = 0, set[str]()
    for word in sorted(words, key=lambda w: counts[w]):
        total += counts[word]
        if total > MOST_MATCHES and any(counts[k] for k in kept):
            break
        kept.add(word)
    return [word for word in words if word in kept]


def _best(
    db: sqlite3.Connection, words: Sequence[str], limit: int, within: Filter
) -> list[tuple[str, float]]:
    clause, values = where(within)
    # Only a filtered search pays for looking at each match's article.
    join = f"JOIN passage AS p ON p.n = f.rowid JOIN article AS a ON a.n = p.article {clause}"
    rows = db.execute(
        f"""
        SELECT p.id, best.score FROM (
            SELECT f.rowid AS n, -bm25(fulltext, ?, ?, ?) AS score
            FROM fulltext AS f {join if clause else ""}
            WHERE fulltext MATCH ? ORDER BY score DESC, n LIMIT ?
        ) AS best JOIN passage AS p ON p.n = best.n ORDER BY best.score DESC, best.n
        """,  # noqa: S608 - the clause is made of our own column names
        (*WEIGHTS, *values, " OR ".join(words), limit),
    ).fetchall()
    return [(row["id"], row["score"]) for row in rows]


def frequencies(db: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many passages each term occurs, stemmed as the index stems it."""
    counts = dict.fromkeys(terms, 0)
    for term in counts:
        for match in quoted([term]):
            row = db.execute("SELECT count(*) FROM fulltext WHERE fulltext MATCH ?", (match,))
            counts[term] = row.fetchone()[0]
    return counts


def quoted(terms: Sequence[str]) -> list[str]:
    """Quote terms as FTS5 strings, so that no character in them is an operator."""
    kept = dict.fromkeys(term.replace("\0", " ") for term in terms)
    words = [term for term in kept if any(c.isalnum() for c in term)]
    return ['"' + word.replace('"', '""') + '"' for word in words[:_MOST_TERMS]]


def where(within: Filter) -> tuple[str, list[str]]:
    """Write a filter as SQL conditions on the article `a`, each led by AND."""
    clauses, values = [], []
    if within.since:
        clauses.append("AND a.day >= ?")
        values.append(within.since.isoformat())
    if within.until:
        clauses.append("AND a.day <= ?")
        values.append(within.until.isoformat())
    if within.publishers:
        marks = ", ".join("?" * len(within.publishers))
        clauses.append(f"AND a.publisher_key IN ({marks})")
        values.extend(publisher_key(p) or "" for p in within.publishers)
    if within.authors:
        marks = ", ".join("?" * len(within.authors))
        clauses.append(f"AND EXISTS ({_SIGNED} IN ({marks}))")
        values.extend(within.authors)
    return " ".join(clauses), values
