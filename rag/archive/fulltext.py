"""Search by words: bm25 over title, label and text of the passages, filtered by the database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rag.archive.database import Database, Entry, Within
from rag.archive.rows import publisher_key
from rag.language.entities import keys_of
from rag.types import Filter

_MOST_TERMS = 64
MOST_MATCHES = 20_000
"""Passages that a search scores, about; each costs a microsecond or two. Over 31,000 passages one
of 300 questions loses its article among the first ten by this bound, with half of it three do."""
_MOST_MONTHS = 12
"""Months that are looked up by their marks; more let so much through that it costs time instead."""

_NOT_APART = "m.name NOT IN (SELECT x.name FROM apart AS x WHERE x.article = m.article)"
"""Whoever was told apart by hand is found by the name that was given, not as it is written."""
_SIGNED = """
    SELECT 1 FROM revision AS w, json_each(w.authors) AS name
    WHERE w.article = a.n AND w.digest = a.digest AND name.value
"""

_COLLECTED = """
    SELECT m.article FROM collected AS m JOIN collection AS c ON c.id = m.collection WHERE c.name IN
"""
_NAMES = "SELECT 1 FROM mention AS m WHERE m.article = a.n AND"
_WRITTEN = "SELECT 1 FROM revision AS w WHERE w.article = a.n AND w.digest = a.digest"

_SIGN = "\ue000"
"""Begins every mark, so that no word of a question is one: a letter of nobody's alphabet."""

_NO_WORDS = re.compile(f"[\0{_SIGN}]")


def entries(db: Database, n: int) -> list[Entry]:
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


def add(db: Database, entries: Iterable[Entry]) -> None:
    """Make passages searchable."""
    db.words.add(db, entries)


def remove(db: Database, entries: Iterable[Entry]) -> None:
    """Take passages out of the index; the words must be those that were added."""
    db.words.remove(db, entries)


def search(
    db: Database, terms: Sequence[str], limit: int, within: Filter
) -> list[tuple[str, float]]:
    """Return (passage id, score) of the passages that hold any of the terms, best first.

    In a large archive the most frequent terms find nothing by themselves: what they weigh is
    little, and scoring half of all passages for it takes seconds.
    """
    words = cleaned(terms)
    if not words or limit < 1:
        return []
    wanted = Within(*where(within), limit)
    return db.words.best(db, words, _scope(db, within), wanted, MOST_MATCHES)


def _scope(db: Database, within: Filter) -> list[list[str]]:
    """Return what a filter asks of the marks: of each list one."""
    asked = [[f"o{_hex(p)}" for p in within.publishers]]
    if within.since is not None:
        first = 12 * within.since.year + within.since.month - 1
        months = [f"{m // 12:04}-{m % 12 + 1:02}" for m in range(first, first + _MOST_MONTHS)]
        last = within.until.isoformat() if within.until else _last_day(db)
        if last[:7] <= months[-1]:
            asked.append([f"m{m[:4]}{m[5:]}" for m in months if m <= last[:7]])
    return [[_SIGN + mark for mark in marks] for marks in asked if marks]


def _hex(publisher: str) -> str:
    return (publisher_key(publisher) or "").encode().hex()


def _last_day(db: Database) -> str:
    [(day,)] = db.execute("SELECT max(day) FROM article")
    return str(day or "")


def articles(db: Database, phrases: Sequence[str]) -> set[int]:
    """Return the numbers of articles that have all phrases in one passage or the title.

    A phrase is one word or several in a row, in any of their forms. Copies of such an article
    count too.
    """
    found = cleaned(phrases)
    if not found:
        return set()
    query = f"""
        WITH hit AS (
            SELECT DISTINCT p.article AS n FROM ({db.words.matching}) AS f
            JOIN passage AS p ON p.n = f.n
        )
        SELECT n FROM hit UNION SELECT c.n FROM article AS c JOIN article AS o ON o.id = c.copy_of
        WHERE o.n IN (SELECT n FROM hit)
    """  # noqa: S608 - our own SQL
    return {row["n"] for row in db.execute(query, (db.words.told(found),))}


def frequencies(db: Database, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many passages each term occurs, stemmed as the index stems it."""
    counts = dict.fromkeys(terms, 0)
    query = f"SELECT count(*) FROM ({db.words.matching}) AS hit"  # noqa: S608 - our own SQL
    for term in counts:
        for word in cleaned([term]):
            row = db.execute(query, (db.words.any_of([word], []),))
            counts[term] = row.fetchone()[0]
    return counts


def cleaned(terms: Sequence[str]) -> list[str]:
    """Return the terms that hold a word, without what no word has, each once.

    A star at the end of a term finds all words that begin so.
    """
    kept = dict.fromkeys(_NO_WORDS.sub(" ", term) for term in terms)
    return [term for term in kept if any(c.isalnum() for c in term)][:_MOST_TERMS]


def where(within: Filter) -> tuple[str, list[str]]:
    """Write a filter as SQL conditions on the article `a`, each led by AND."""
    clauses, values = [], []
    if within.since:
        clauses.append("AND a.day >= ?")
        values.append(within.since.isoformat())
    if within.until:
        clauses.append("AND a.day <= ?")
        values.append(within.until.isoformat())
    for condition, named in _named(within):
        if named:
            clauses.append("AND " + condition.format(marks=", ".join("?" * len(named))))
            values.extend(named)
    for name in within.entities:
        keys = keys_of(name)
        marks = ", ".join("?" * len(keys))
        alone = [f"% {key}" for key in keys if " " not in key]  # a surname finds full names
        last = " OR m.key LIKE ?" * len(alone)
        written = f"m.form IN ({marks}) AND {_NOT_APART}"
        clauses.append(f"AND EXISTS ({_NAMES} (m.key IN ({marks}) OR ({written}){last}))")
        values.extend((*keys, *keys, *alone))
    return " ".join(clauses), values


def _named(within: Filter) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a filter asks of an article by names, and the names."""
    keys = tuple(publisher_key(p) or "" for p in within.publishers)
    yield "a.publisher_key IN ({marks})", keys
    yield f"EXISTS ({_SIGNED} IN ({{marks}}))", within.authors
    yield "a.id NOT IN ({marks})", within.without
    yield f"a.id IN ({_COLLECTED} ({{marks}}))", within.collections
    yield f"EXISTS ({_WRITTEN} AND w.language IN ({{marks}}))", within.languages
