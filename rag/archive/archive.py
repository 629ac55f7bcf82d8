"""The archive: one SQLite file that holds the full text of every article, and is the truth."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from langchain_core.documents import Document

from rag.archive import catalogue, fulltext, originals, rows, stories
from rag.archive import entities as mentions
from rag.archive import vectors as embeddings
from rag.archive.database import Database, Row, one_of
from rag.archive.ledger import Ledger
from rag.archive.scoped import Scoped
from rag.archive.store import reads
from rag.archive.stories import Stories
from rag.archive.vectors import Numbers
from rag.errors import ArchiveDamaged, NotFound
from rag.types import Article, Coverage, Filter, Source, Span

log = logging.getLogger(__name__)

_ALL = 1 << 62
"""As a limit: none."""

_PASSAGE = f"""
WITH p AS MATERIALIZED (SELECT n, id, start, "end", article, digest FROM passage WHERE {{chosen}})
SELECT p.n AS number, p.id, p.start, p."end", p.article, p.digest, a.id AS article_id, a.cluster,
       r.title, r.publisher, r.published, r.url
FROM p JOIN {rows.CURRENT.replace("article AS a", "article AS a ON a.n = p.article")}
ORDER BY p.n
"""  # noqa: S608 - made of our own column names, as all queries here
"""Passages first: PostgreSQL, which cannot know that every article has just one current revision,
would begin with all articles."""


class Archive(Ledger):
    """Articles, passages, words and vectors of one folder; safe to use from several threads.

    Example:
        with Archive.open(folder) as archive:
            for passage_id, score in archive.search(["ATACMS"], 10, Filter()):
                ...
    """

    @property
    def generation(self) -> int:
        """A number that grows with every change."""
        return int(self._meta("generation"))

    @property
    def vectors_generation(self) -> int:
        """A number that grows whenever vectors come or go."""
        return int(self._meta("vectors"))

    @property
    def fingerprint(self) -> str:
        """The model that made the vectors; empty while there are none."""
        return self._meta("fingerprint")

    @property
    def passage_count(self) -> int:
        """How many passages there are."""
        return int(self._all("SELECT count(*) FROM passage")[0][0])

    def coverage(self) -> Coverage:
        """Say how many articles there are and which days they cover."""
        count, dated, first, last = self._all(
            "SELECT count(*), count(day), min(day), max(day) FROM article WHERE withdrawn IS NULL"
        )[0]
        return Coverage(
            articles=count,
            earliest=date.fromisoformat(first) if first else None,
            latest=date.fromisoformat(last) if last else None,
            undated=count - dated,
        )

    def lacking(self) -> tuple[int, int]:
        """Count the articles whose day, and those whose outlet, is unknown."""
        query = """
            SELECT count(*) - count(day), count(*) - count(publisher_key) FROM article
            WHERE withdrawn IS NULL
        """
        undated, nameless = self._all(query)[0]
        return undated, nameless

    def counts(self) -> dict[str, int]:
        """Count texts, exact copies, passages, their vectors, and outlets."""
        row = self._all(
            """
            SELECT (SELECT count(*) FROM revision) AS revisions,
                   (SELECT count(*) FROM article WHERE copy_of IS NOT NULL) AS copies,
                   (SELECT count(*) FROM passage) AS passages,
                   (SELECT count(*) FROM embedding) AS vectors,
                   (SELECT count(DISTINCT publisher_key) FROM article) AS outlets
            """
        )[0]
        return dict(row)

    def article(self, article_id: str, digest: str | None = None) -> Article:
        """Return an article as it is now, or the old revision that `digest` names."""
        found = self._one(
            f"""
            SELECT a.id, r.text, {rows.COLUMNS} FROM article AS a JOIN revision AS r
            ON r.article = a.n AND r.digest = coalesce(?, a.digest) WHERE a.id = ?
            """,  # noqa: S608
            (digest, article_id),
        )
        if found is None:
            which = f"revision {digest[:12]!r} of article" if digest else "article"
            raise NotFound(f"there is no {which} {article_id!r} in {self.known_as!r}")
        if rows.digest_of(found["text"]) != found["digest"]:
            raise ArchiveDamaged(
                f"the text of article {article_id!r} in {self.known_as!r} is not what was "
                "stored; delete it and index its source again, or restore a backup"
            )
        return rows.to_article(found)

    def has(self, article_id: str) -> bool:
        """Say whether there is an article of this id."""
        return self._one("SELECT 1 FROM article WHERE id = ?", (article_id,)) is not None

    def articles(self, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        """List articles, newest first and undated last, without their text (it is empty)."""
        query = f"""
            SELECT a.id, '' AS text, {rows.COLUMNS} FROM {rows.CURRENT}
            ORDER BY a.day IS NULL, a.day DESC, a.id LIMIT ? OFFSET ?
        """  # noqa: S608
        values = (_ALL if limit is None else limit, offset)
        return [rows.to_article(row) for row in self._all(query, values)]

    page = reads(catalogue.page)
    leaf = reads(catalogue.leaf)
    incomplete = reads(catalogue.incomplete)
    cards = reads(catalogue.cards)
    matching = reads(fulltext.articles)

    def whole(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield the number of each article with its title and text."""
        with self._reading() as db:
            yield from catalogue.whole(db, numbers)

    sizes = reads(catalogue.sizes)
    months = reads(catalogue.months)
    tally = reads(catalogue.tally)

    def revisions(self, article_id: str) -> list[str]:
        """Return the digests of every text that an article has had, oldest first."""
        query = """
            SELECT r.digest FROM revision AS r JOIN article AS a ON a.n = r.article
            WHERE a.id = ? ORDER BY r.ingested, r.digest = a.digest
        """
        return [row["digest"] for row in self._all(query, (article_id,))]

    original = reads(originals.of)

    def histories(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return each article's id and the digests of its texts, the current one last.

        Articles stand in the order in which they were stored, exact copies after all others.
        """
        query = """
            SELECT a.id, r.digest FROM article AS a JOIN revision AS r ON r.article = a.n
            ORDER BY a.copy_of IS NOT NULL, a.n, r.digest = a.digest, r.rowid
        """
        digests: dict[str, list[str]] = {}
        for row in self._all(query):
            digests.setdefault(row["id"], []).append(row["digest"])
        return [(name, tuple(each)) for name, each in digests.items()]

    def sentences(self, article_id: str) -> tuple[Span, ...]:
        """Return the sentence spans of an article's current text."""
        query = f"SELECT r.sentences FROM {rows.CURRENT} WHERE a.id = ?"  # noqa: S608
        found = self._one(query, (article_id,))
        if found is None:
            raise NotFound(f"there is no article {article_id!r} in {self.known_as!r}")
        return rows.to_spans(found["sentences"])

    def copies(self, article_id: str) -> tuple[Source, ...]:
        """Return the other articles that carry the same story in nearly the same words."""
        if self.restricted:
            return self._copies_seen(article_id)
        query = f"""
            SELECT a.id, {rows.COLUMNS} FROM {rows.CURRENT}
            WHERE a.id != ? AND a.withdrawn IS NULL
            AND a.cluster = (SELECT cluster FROM article WHERE id = ?)
            ORDER BY a.day IS NULL, a.day, a.id
        """  # noqa: S608
        return tuple(rows.to_source(row) for row in self._all(query, (article_id, article_id)))

    def _copies_seen(self, article_id: str) -> tuple[Source, ...]:
        """Return those copies that may be read, of a story made of what may be read."""
        with self._reading() as db:
            own = db.execute("SELECT n FROM article WHERE id = ?", (article_id,)).fetchone()
            story = stories.members(db, own["n"]) if own is not None else []
            marks = ", ".join("?" * len(story))
            query = f"""
                SELECT a.id, {rows.COLUMNS} FROM {rows.CURRENT}
                WHERE a.n IN ({marks}) AND a.withdrawn IS NULL ORDER BY a.day IS NULL, a.day, a.id
            """  # noqa: S608
            found = db.execute(query, story).fetchall() if story else []
        return tuple(rows.to_source(row) for row in found)

    def publishers(self) -> tuple[str, ...]:
        """Return the outlets of the articles, those with most articles first."""
        query = """
            SELECT r.publisher, count(*) AS articles FROM article AS a
            JOIN revision AS r ON r.article = a.n AND r.digest = a.digest
            WHERE r.publisher IS NOT NULL AND a.withdrawn IS NULL
            GROUP BY r.publisher ORDER BY articles DESC, r.publisher
        """
        return tuple(row["publisher"] for row in self._all(query))

    def collections(self) -> tuple[str, ...]:
        """Return the names of the collections."""
        return tuple(row["name"] for row in self._all("SELECT name FROM collection ORDER BY name"))

    def authors(self) -> tuple[str, ...]:
        """Return the names that articles are signed with, those with most articles first."""
        query = """
            SELECT name.value AS author, count(*) AS articles FROM article AS a
            JOIN revision AS r ON r.article = a.n AND r.digest = a.digest,
            json_each(r.authors) AS name WHERE a.withdrawn IS NULL
            GROUP BY author ORDER BY articles DESC, author
        """
        return tuple(row["author"] for row in self._all(query))

    unnamed = reads(mentions.waiting)
    entities = reads(mentions.find)

    def languages(self) -> tuple[str, ...]:
        """Return the languages of the articles, as codes in order."""
        query = """
            SELECT DISTINCT r.language FROM article AS a
            JOIN revision AS r ON r.article = a.n AND r.digest = a.digest
            WHERE r.language IS NOT NULL AND a.withdrawn IS NULL ORDER BY r.language
        """
        return tuple(row["language"] for row in self._all(query))

    def allowed(self, within: Filter) -> set[str] | None:
        """Return the ids of the articles that a filter lets through; None means all."""
        if not within and not self.restricted:
            return None
        clause, values = fulltext.where(within)
        query = f"SELECT a.id FROM article AS a WHERE a.withdrawn IS NULL {clause}"  # noqa: S608
        return {row["id"] for row in self._all(query, values)}

    def numbers(self, within: Filter) -> Numbers:
        """Return the numbers of the passages that a filter lets through, ascending."""
        clause, values = fulltext.where(within)
        query = f"""
            SELECT p.n FROM article AS a JOIN passage AS p ON p.article = a.n WHERE TRUE {clause}
        """  # noqa: S608
        with self._reading() as db:
            found = list(db.plain(query, values))
        return np.sort(np.array(found, dtype=np.int64).ravel())

    def names(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return the ids of passages by their numbers, leaving out those that are gone."""
        with self._reading() as db:
            chosen, values = one_of(db.dialect, "n", numbers)
            found = db.execute(f"SELECT n, id FROM passage WHERE {chosen}", values)  # noqa: S608
            return {row["n"]: row["id"] for row in found}

    def passages(self, ids: Sequence[str]) -> list[Document]:
        """Return passages in the order of `ids`, leaving out those that are gone."""
        with self._reading() as db:
            chosen, values = one_of(db.dialect, "id", ids)
            found = db.execute(_PASSAGE.format(chosen=chosen), values).fetchall()
            by_id = {str(p.id): p for p in _documents(db, found)}
        return [by_id[i] for i in ids if i in by_id]

    def newest_passage(self, articles: Sequence[str] | None = None) -> int:
        """Return the number of the passage that was stored last, of all or of some articles.

        Numbers only grow; 0 where there is none.
        """
        if articles is None:
            return int(self._all("SELECT coalesce(max(n), 0) FROM passage")[0][0])
        marks = ", ".join("?" * len(articles))
        query = f"""
            SELECT coalesce(max(p.n), 0) FROM passage AS p JOIN article AS a ON a.n = p.article
            WHERE a.id IN ({marks})
        """  # noqa: S608
        return int(self._all(query, articles)[0][0])

    def passages_after(self, number: int, limit: int) -> list[tuple[int, Document]]:
        """Return the passages stored after one, each with its number, oldest first."""
        query = _PASSAGE.format(chosen="n > ? ORDER BY n LIMIT ?")
        with self._reading() as db:
            found = db.execute(query, (number, limit)).fetchall()
            numbers = {row["id"]: row["number"] for row in found}
            return [(numbers[str(p.id)], p) for p in _documents(db, found)]

    search = reads(fulltext.search)
    frequencies = reads(fulltext.frequencies)
    vectors = reads(embeddings.read)
    vectors_of = reads(embeddings.of)

    def vector_rows(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each passage that has a vector, with its float32, in stored order."""
        with self._reading() as db:
            yield from embeddings.rows(db)

    vectors_since = reads(embeddings.since)
    vectors_at = reads(embeddings.at)

    def vector_numbers(self) -> Iterator[tuple[Any, ...]]:
        """Yield the numbers of the passages that have a vector."""
        with self._reading() as db:
            yield from embeddings.numbers(db)

    vector_ids = reads(embeddings.ids)


def _documents(db: Database, rows_found: Collection[Row]) -> list[Document]:
    """Build passages, reading each text once; of a damaged text nothing may be quoted."""
    found = [dict(zip(row.keys(), row, strict=True)) for row in rows_found]  # read often: by name
    wanted = {row["article"]: row for row in found}
    texts = _texts(db, wanted.values())
    for article, row in wanted.items():
        if article not in texts:
            log.warning("the text of article %s is damaged; it is left out", row["article_id"])
    told = Stories(db) if isinstance(db, Scoped) and db.restricted else None
    return [
        rows.to_passage(row, text, told.of(row["article"]) if told else row["cluster"])
        for row in found
        if (text := texts.get(row["article"])) is not None
        and rows.inside(row["start"], row["end"], len(text))
    ]


def _texts(db: Database, wanted: Collection[Mapping[str, Any]]) -> dict[int, str]:
    """Read the sound ones among some texts, all at once: a server is asked a single time."""
    if not wanted:
        return {}
    marks = ", ".join(["(?, ?)"] * len(wanted))
    query = f"""
        WITH k (article, digest) AS (VALUES {marks})
        SELECT r.article, r.digest, r.text FROM k
        JOIN revision AS r ON r.article = k.article AND r.digest = k.digest
    """  # noqa: S608 - only marks
    values = [value for row in wanted for value in (row["article"], row["digest"])]
    read = db.execute(query, values).fetchall()
    return {
        row["article"]: row["text"] for row in read if rows.digest_of(row["text"]) == row["digest"]
    }
