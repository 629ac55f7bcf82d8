"""The archive as a list to leaf through: articles that match some words, counts by month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from rag.archive import fulltext, rows
from rag.archive.database import Database, Row
from rag.language.entities import tagged
from rag.types import Filter, Source

_CURRENT = "article AS a JOIN revision AS r ON r.article = a.n AND r.digest = a.digest"
_SOURCE = "a.id, r.title, r.publisher, r.published, r.url"
# Copies have no passages of their own, and authors are in no passage.
_MATCHING = """
    WITH hit AS (
        SELECT DISTINCT p.article AS n FROM ({words}) AS f JOIN passage AS p ON p.n = f.n
    )
    SELECT n FROM hit
    UNION SELECT c.n FROM article AS c JOIN article AS o ON o.id = c.copy_of
        WHERE o.n IN (SELECT n FROM hit)
    UNION SELECT w.article FROM revision AS w WHERE instr(lower(w.authors), lower(?)) > 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Some articles of a list, and how long the whole list is."""

    sources: tuple[Source, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a list says of an article."""

    n: int
    id: str
    title: str
    outlet: str
    authors: tuple[str, ...]
    day: str
    """ISO 8601, or empty."""
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much an archive holds."""

    articles: int
    copies: int
    """Articles with exactly the text of another."""
    revisions: int
    """Earlier texts that are kept."""
    passages: int
    embedded: int
    """Passages that have a vector."""


Order = Literal["newest", "oldest", "outlet", "title"]
ORDERS: dict[Order, str] = {
    "newest": "a.day IS NULL, a.day DESC, a.id",
    "oldest": "a.day IS NULL, a.day, a.id",
    "outlet": "r.publisher IS NULL, r.publisher, a.day DESC, a.id",
    "title": "r.title IS NULL, r.title, a.id",
}
_LACKING = "(a.day IS NULL OR a.publisher_key IS NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which articles are listed, and in which order."""

    text: str = ""
    """All of its words must be in title, outlet, date, author or text; the last may be unfinished.
    `entity:"Jerome Powell"` narrows it to the articles that name him."""
    within: Filter = field(default_factory=Filter)
    lacking: bool = False
    """Only those whose day or outlet is unknown."""
    order: Order = "newest"


def leaf(db: Database, text: str | Chosen, *, limit: int, offset: int = 0) -> Leaf:
    """List the articles that match some words, or are chosen otherwise; undated ones stand last."""
    chosen = Chosen(text=text) if isinstance(text, str) else text
    text, named = tagged(chosen.text)
    text, sets = tagged(text, "collection")
    words = fulltext.cleaned(text.split())
    within = replace(chosen.within, entities=(*chosen.within.entities, *named))
    if sets:
        within = replace(within, collections=sets)
    narrowed, asked = fulltext.where(within)
    clause, values = f"WHERE a.withdrawn IS NULL {narrowed}", tuple(asked)
    if chosen.lacking:
        clause += f" AND {_LACKING}"
    if words:
        clause += f" AND a.n IN ({_MATCHING.format(words=db.words.matching)})"
        values += (db.words.all_of(words), " ".join(text.split()))
    elif text.strip():
        return Leaf(sources=(), total=0)
    total = db.execute(f"SELECT count(*) FROM {_CURRENT} {clause}", values).fetchone()[0]  # noqa: S608
    found = db.execute(
        f"SELECT {_SOURCE} FROM {_CURRENT} {clause} "  # noqa: S608 - our own column names
        f"ORDER BY {ORDERS[chosen.order]} LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return Leaf(sources=tuple(rows.to_source(row) for row in found), total=total)


def cards(db: Database, *within: Filter) -> list[Card]:
    """List the articles that all filters let through, oldest first and undated last."""
    narrowed = [fulltext.where(one) for one in within]
    clause = " ".join(clause for clause, _ in narrowed)
    found = db.execute(
        f"SELECT a.n, a.id, a.day, r.title, r.publisher, r.authors, r.language FROM {_CURRENT} "  # noqa: S608
        f"WHERE a.withdrawn IS NULL {clause} ORDER BY a.day IS NULL, a.day, r.published, a.id",
        [value for _, values in narrowed for value in values],
    )
    return [
        Card(
            n=row["n"],
            id=row["id"],
            title=row["title"] or "",
            outlet=row["publisher"] or "",
            authors=tuple(json.loads(row["authors"])),
            day=row["day"] or "",
            language=row["language"] or "",
        )
        for row in found
    ]


def whole(db: Database, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the number of each article with its title and text."""
    for row in _rows(db, numbers, "a.n, r.title, r.text"):
        yield row["n"], f"{row['title'] or ''}\n{row['text'] or ''}"


def sizes(db: Database, numbers: Sequence[int]) -> dict[int, int]:
    """Return the characters of the text of each article, by its number."""
    return {row["n"]: row["size"] or 0 for row in _rows(db, numbers, "a.n, length(r.text) AS size")}


def _rows(db: Database, numbers: Sequence[int], columns: str) -> Iterator[Row]:
    """Yield columns of articles, five hundred of them at a time."""
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT {columns} FROM {_CURRENT} WHERE a.n IN ({marks})"  # noqa: S608
        yield from db.execute(sql, some)


def page(db: Database, limit: int, after: tuple[str | None, str] | None = None) -> list[Source]:
    """List articles, newest first and undated last, behind a day (None: undated) and an id.

    Unlike an offset, such a place stays where it is while articles come and go.
    """
    clause, values = "", tuple[object, ...]()
    if after is not None:
        day, name = after
        if day is None:
            clause, values = "WHERE a.day IS NULL AND a.id > ?", (name,)
        else:
            clause = "WHERE a.day IS NULL OR a.day < ? OR (a.day = ? AND a.id > ?)"
            values = (day, day, name)
    found = db.execute(
        f"SELECT {_SOURCE} FROM {_CURRENT} {clause} "  # noqa: S608 - our own column names
        "ORDER BY a.day IS NULL, a.day DESC, a.id LIMIT ?",
        (*values, limit),
    )
    return [rows.to_source(row) for row in found]


def incomplete(db: Database) -> int:
    """Count the articles whose day or outlet is unknown."""
    query = f"SELECT count(*) FROM article AS a WHERE a.withdrawn IS NULL AND {_LACKING}"  # noqa: S608
    return int(db.execute(query).fetchone()[0])


def months(db: Database) -> list[tuple[date, int]]:
    """Return the first day of each month that has articles, with their number, in order."""
    found = db.execute(
        "SELECT substr(day, 1, 7) AS month, count(*) AS articles FROM article "
        "WHERE day IS NOT NULL AND withdrawn IS NULL GROUP BY month ORDER BY month"
    )
    return [(date.fromisoformat(f"{row['month']}-01"), row["articles"]) for row in found]


def tally(db: Database) -> Tally:
    """Count what the archive holds."""
    articles, copies, revisions, passages, embedded = db.execute(
        "SELECT (SELECT count(*) FROM article), "
        "(SELECT count(*) FROM article WHERE copy_of IS NOT NULL), "
        "(SELECT count(*) FROM revision), (SELECT count(*) FROM passage), "
        "(SELECT count(*) FROM embedding)"
    ).fetchone()
    return Tally(
        articles=articles,
        copies=copies,
        revisions=revisions - articles,
        passages=passages,
        embedded=embedded,
    )
