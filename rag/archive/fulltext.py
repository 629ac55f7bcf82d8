"""Search by words: bm25 over title, label and text of the passages, filtered inside SQLite."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence

from rag.archive.rows import publisher_key
from rag.language.entities import keys_of
from rag.types import Filter

WEIGHTS = (2.0, 1.0, 1.0, 0.0)
"""How much a word counts in title, label (publisher and date), text, and marks."""

_MOST_TERMS = 64
MOST_MATCHES = 20_000
"""Passages that a search scores, about; each costs a microsecond or two. Over 31,000 passages one
of 300 questions loses its article among the first ten by this bound, with half of it three do."""
_MOST_MONTHS = 12
"""Months that are looked up by their marks; more let so much through that it costs time instead."""

_SIGNED = """
    SELECT 1 FROM revision AS w, json_each(w.authors) AS name
    WHERE w.article = a.n AND w.digest = a.digest AND name.value
"""

_NAMES = "SELECT 1 FROM mention AS m WHERE m.article = a.n AND"
_WRITTEN = "SELECT 1 FROM revision AS w WHERE w.article = a.n AND w.digest = a.digest"

_SIGN = "\ue000"
"""Begins every mark, so that no word of a question is one: a letter of nobody's alphabet."""

_NO_WORDS = re.compile(f"[\0{_SIGN}]")

Entry = tuple[int, str, str, str, str]
"""Number of the passage, title, label, body, marks."""


def entries(db: sqlite3.Connection, n: int) -> list[Entry]:
    """Return what the full-text index holds, or is to hold, of the article number `n`."""
    head = db.execute(
        """
        SELECT a.label, r.title, r.text, m.marks FROM article AS a
        JOIN article_marks AS m ON m.n = a.n
        JOIN revision AS r ON r.article = a.n AND r.digest = a.digest WHERE a.n = ?
        """,
        (n,),
    ).fetchone()
    spans = db.execute('SELECT n, start, "end" FROM passage WHERE article = ? ORDER BY n', (n,))
    title, label, text = head["title"] or "", head["label"], head["text"]
    return [(p["n"], title, label, text[p["start"] : p["end"]], head["marks"]) for p in spans]


def add(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Make passages searchable."""
    db.executemany(
        "INSERT INTO fulltext (rowid, title, label, body, marks) VALUES (?, ?, ?, ?, ?)", entries
    )


def remove(db: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Take passages out of the index; the words must be those that were added."""
    db.executemany(
        "INSERT INTO fulltext (fulltext, rowid, title, label, body, marks) "
        "VALUES ('delete', ?, ?, ?, ?, ?)",
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
    scope = _scope(db, within)
    rare = _rarest(db, words, scope)
    found = _best(db, rare, scope, limit, within)
    return found if len(found) == limit or rare == words else _best(db, words, scope, limit, within)


def _scope(db: sqlite3.Connection, within: Filter) -> str:
    """Write what a filter asks of the marks, so that the index skips other months and outlets."""
    asked = [[f"o{_hex(p)}" for p in within.publishers]]
    if within.since is not None:
        first = 12 * within.since.year + within.since.month - 1
        months = [f"{m // 12:04}-{m % 12 + 1:02}" for m in range(first, first + _MOST_MONTHS)]
        last = within.until.isoformat() if within.until else _last_day(db)
        if last[:7] <= months[-1]:
            asked.append([f"m{m[:4]}{m[5:]}" for m in months if m <= last[:7]])
    any_of = (" OR ".join(f'"{_SIGN}{mark}"' for mark in marks) for marks in asked if marks)
    return " AND ".join(f"marks : ({marks})" for marks in any_of)


def _hex(publisher: str) -> str:
    return (publisher_key(publisher) or "").encode().hex()


def _last_day(db: sqlite3.Connection) -> str:
    [(day,)] = db.execute("SELECT max(day) FROM article")
    return str(day or "")


def _matching(words: Sequence[str], scope: str) -> str:
    any_of = f"({' OR '.join(words)})"
    return f"{scope} AND {any_of}" if scope else any_of


def _rarest(db: sqlite3.Connection, words: list[str], scope: str) -> list[str]:
    """Leave out the most frequent words, until the others match few enough passages."""
    [(largest,)] = db.execute("SELECT max(n) FROM passage")
    if (largest or 0) <= MOST_MATCHES or (scope and _count(db, scope) <= MOST_MATCHES):
        return words
    counts = {word: _count(db, _matching([word], scope)) for word in words}
    total, kept = 0, set[str]()
    for word in sorted(words, key=lambda w: counts[w]):
        total += counts[word]
        if total > MOST_MATCHES and any(counts[k] for k in kept):
            break
        kept.add(word)
    return [word for word in words if word in kept]


def _count(db: sqlite3.Connection, matching: str) -> int:
    """Count the passages that match, no further than is of interest."""
    query = "SELECT count(*) FROM (SELECT 1 FROM fulltext WHERE fulltext MATCH ? LIMIT ?)"
    return int(db.execute(query, (matching, MOST_MATCHES + 1)).fetchone()[0])


def _best(
    db: sqlite3.Connection, words: Sequence[str], scope: str, limit: int, within: Filter
) -> list[tuple[str, float]]:
    clause, values = where(within)
    # Only a filtered search pays for looking at each match's article.
    join = f"JOIN passage AS p ON p.n = f.rowid JOIN article AS a ON a.n = p.article {clause}"
    rows = db.execute(
        f"""
        SELECT p.id, best.score FROM (
            SELECT f.rowid AS n, -bm25(fulltext, ?, ?, ?, ?) AS score
            FROM fulltext AS f {join if clause else ""}
            WHERE fulltext MATCH ? ORDER BY score DESC, n LIMIT ?
        ) AS best JOIN passage AS p ON p.n = best.n ORDER BY best.score DESC, best.n
        """,  # noqa: S608 - the clause is made of our own column names
        (*WEIGHTS, *values, _matching(words, scope), limit),
    ).fetchall()
    return [(row["id"], row["score"]) for row in rows]


def articles(db: sqlite3.Connection, phrases: Sequence[str]) -> set[int]:
    """Return the numbers of articles that have all phrases in one passage or the title.

    A phrase is one word or several in a row, in any of their forms. Copies of such an article
    count too.
    """
    found = quoted(phrases)
    if not found:
        return set()
    match = "{title body} : (" + " AND ".join(found) + ")"
    query = """
        WITH hit AS (
            SELECT DISTINCT p.article AS n FROM fulltext AS f JOIN passage AS p ON p.n = f.rowid
            WHERE fulltext MATCH ?
        )
        SELECT n FROM hit UNION SELECT c.n FROM article AS c JOIN article AS o ON o.id = c.copy_of
        WHERE o.n IN (SELECT n FROM hit)
    """
    return {row["n"] for row in db.execute(query, (match,))}


def frequencies(db: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many passages each term occurs, stemmed as the index stems it."""
    counts = dict.fromkeys(terms, 0)
    for term in counts:
        for match in quoted([term]):
            row = db.execute("SELECT count(*) FROM fulltext WHERE fulltext MATCH ?", (match,))
            counts[term] = row.fetchone()[0]
    return counts


def quoted(terms: Sequence[str]) -> list[str]:
    """Quote terms as FTS5 strings, so that no character in them is an operator.

    A star at the end of a term is one: it finds all words that begin so.
    """
    kept = dict.fromkeys(_NO_WORDS.sub(" ", term) for term in terms)
    words = [term for term in kept if any(c.isalnum() for c in term)]
    return [_quoted(word) for word in words[:_MOST_TERMS]]


def _quoted(word: str) -> str:
    begun = word.endswith("*")
    return '"' + word.removesuffix("*").replace('"', '""') + ('" *' if begun else '"')


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
    for name in within.entities:
        keys = keys_of(name)
        marks = ", ".join("?" * len(keys))
        alone = [f"% {key}" for key in keys if " " not in key]  # a surname finds full names
        last = " OR m.key LIKE ?" * len(alone)
        clauses.append(f"AND EXISTS ({_NAMES} (m.key IN ({marks}) OR m.form IN ({marks}){last}))")
        values.extend((*keys, *keys, *alone))
    if within.languages:
        marks = ", ".join("?" * len(within.languages))
        clauses.append(f"AND EXISTS ({_WRITTEN} AND w.language IN ({marks}))")
        values.extend(within.languages)
    return " ".join(clauses), values
