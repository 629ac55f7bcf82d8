"""The archive: one SQLite file that holds the full text of every article, and is the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal

from langchain_core.documents import Document

from rag import catalogue, filing, fulltext, originals, rows, vectors
from rag.catalogue import Leaf, Tally
from rag.errors import NotFound
from rag.filing import Filed, Filing
from rag.originals import Original
from rag.store import Store
from rag.types import Article, Coverage, Filter, Source, Span
from rag.vectors import Matrix

_COLUMNS = ", ".join(f"r.{name}" for name in (*rows.METADATA, "digest", "ingested", "origin"))
_CURRENT = "article AS a JOIN revision AS r ON r.article = a.n AND r.digest = a.digest"
_PASSAGE = f"""
SELECT p.id, p.start, p."end", p.article, p.digest, a.id AS article_id, a.cluster,
       r.title, r.publisher, r.published, r.url
FROM passage AS p JOIN {_CURRENT.replace("article AS a", "article AS a ON a.n = p.article")}
"""  # noqa: S608 - made of our own column names, as all queries here


class Archive(Store):
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
            "SELECT count(*), count(day), min(day), max(day) FROM article"
        )[0]
        return Coverage(
            articles=count,
            earliest=date.fromisoformat(first) if first else None,
            latest=date.fromisoformat(last) if last else None,
            undated=count - dated,
        )

    def article(self, article_id: str, digest: str | None = None) -> Article:
        """Return an article as it is now, or the old revision that `digest` names."""
        found = self._one(
            f"""
            SELECT a.id, r.text, {_COLUMNS} FROM article AS a JOIN revision AS r
            ON r.article = a.n AND r.digest = coalesce(?, a.digest) WHERE a.id = ?
            """,  # noqa: S608
            (digest, article_id),
        )
        if found is None:
            which = f"revision {digest[:12]!r} of article" if digest else "article"
            raise NotFound(f"there is no {which} {article_id!r} in {str(self.folder)!r}")
        return rows.to_article(found)

    def articles(self, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        """List articles, newest first and undated last, without their text (it is empty)."""
        query = f"""
            SELECT a.id, '' AS text, {_COLUMNS} FROM {_CURRENT}
            ORDER BY a.day IS NULL, a.day DESC, a.id LIMIT ? OFFSET ?
        """  # noqa: S608
        values = (-1 if limit is None else limit, offset)
        return [rows.to_article(row) for row in self._all(query, values)]

    def leaf(self, text: str, *, limit: int, offset: int = 0) -> Leaf:
        """List the articles that match some words, newest first; see `catalogue.leaf`."""
        with self._reading() as db:
            return catalogue.leaf(db, text, limit, offset)

    def months(self) -> list[tuple[date, int]]:
        """Return how many articles each month has, by its first day."""
        with self._reading() as db:
            return catalogue.months(db)

    def tally(self) -> Tally:
        """Count articles, copies, earlier texts, passages and vectors."""
        with self._reading() as db:
            return catalogue.tally(db)

    def sentences(self, article_id: str) -> tuple[Span, ...]:
        """Return the sentence spans of an article's current text."""
        query = f"SELECT r.sentences FROM {_CURRENT} WHERE a.id = ?"  # noqa: S608
        found = self._one(query, (article_id,))
        if found is None:
            raise NotFound(f"there is no article {article_id!r} in {str(self.folder)!r}")
        return rows.to_spans(found["sentences"])

    def copies(self, article_id: str) -> tuple[Source, ...]:
        """Return the other articles that carry the same story in nearly the same words."""
        query = f"""
            SELECT a.id, {_COLUMNS} FROM {_CURRENT}
            WHERE a.id != ? AND a.cluster = (SELECT cluster FROM article WHERE id = ?)
            ORDER BY a.day IS NULL, a.day, a.id
        """  # noqa: S608
        return tuple(rows.to_source(row) for row in self._all(query, (article_id, article_id)))

    def publishers(self) -> tuple[str, ...]:
        """Return the outlets of the articles, those with most articles first."""
        query = """
            SELECT r.publisher, count(*) AS articles FROM article AS a
            JOIN revision AS r ON r.article = a.n AND r.digest = a.digest
            WHERE r.publisher IS NOT NULL GROUP BY r.publisher ORDER BY articles DESC, r.publisher
        """
        return tuple(row["publisher"] for row in self._all(query))

    def authors(self) -> tuple[str, ...]:
        """Return the names that articles are signed with, those with most articles first."""
        query = """
            SELECT name.value AS author, count(*) AS articles FROM article AS a
            JOIN revision AS r ON r.article = a.n AND r.digest = a.digest,
            json_each(r.authors) AS name GROUP BY author ORDER BY articles DESC, author
        """
        return tuple(row["author"] for row in self._all(query))

    def allowed(self, within: Filter) -> set[str] | None:
        """Return the ids of the articles that a filter lets through; None means all."""
        if not within:
            return None
        clause, values = fulltext.where(within)
        query = f"SELECT a.id FROM article AS a WHERE TRUE {clause}"  # noqa: S608
        return {row["id"] for row in self._all(query, values)}

    def passages(self, ids: Sequence[str]) -> list[Document]:
        """Return passages in the order of `ids`, leaving out those that are gone."""
        marks = ", ".join("?" * len(ids))
        with self._reading() as db:
            found = db.execute(f"{_PASSAGE} WHERE p.id IN ({marks})", tuple(ids)).fetchall()
            by_id = {str(p.id): p for p in _documents(db, found)}
        return [by_id[i] for i in ids if i in by_id]

    def search(self, terms: Sequence[str], limit: int, within: Filter) -> list[tuple[str, float]]:
        """Return (passage id, bm25 score) of passages that hold any of the words, best first."""
        with self._reading() as db:
            return fulltext.search(db, terms, limit, within)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each word occurs in any of its forms."""
        with self._reading() as db:
            return fulltext.frequencies(db, terms)

    def vectors(self, ids: Sequence[str] | None = None) -> tuple[list[str], Matrix]:
        """Return passage ids and their vectors, float32 of shape (n, dimensions).

        All of them, or those of `ids`, always in the order in which they were stored.
        """
        with self._reading() as db:
            return vectors.read(db, ids)

    def vector_ids(self) -> list[str]:
        """Return the ids of the passages that `vectors` returns."""
        with self._reading() as db:
            return vectors.ids(db)

    def revisions(self, article_id: str) -> list[str]:
        """Return the digests of every text that an article has had, oldest first."""
        query = """
            SELECT r.digest FROM revision AS r JOIN article AS a ON a.n = r.article
            WHERE a.id = ? ORDER BY r.ingested, r.digest = a.digest
        """
        return [row["digest"] for row in self._all(query, (article_id,))]

    def original(self, article_id: str, digest: str) -> Original | None:
        """Return what a revision was read from, or None when that was not kept."""
        with self._reading() as db:
            return originals.of(db, article_id, digest)

    # For the writer

    def with_originals(self) -> list[tuple[str, str]]:
        """Return id and digest of the articles whose current text can be read again."""
        with self._reading() as db:
            return list(originals.current(db))

    def known(self, by: Literal["id", "key", "url", "place"], name: str) -> list[tuple[str, str]]:
        """Return id and text of the articles that are known by this name."""
        query = f"SELECT a.id, r.text FROM {_CURRENT} WHERE a.{by} = ? ORDER BY a.n"  # noqa: S608
        return [(row["id"], row["text"]) for row in self._all(query, (name,))]

    def same_text(self, digest: str) -> list[tuple[str, str]]:
        """Return id and place of the articles whose text is exactly this."""
        query = "SELECT id, coalesce(place, '') AS place FROM article WHERE digest = ? ORDER BY n"
        return [(row["id"], row["place"]) for row in self._all(query, (digest,))]

    def near(self, bands: Sequence[int]) -> list[tuple[Article, str]]:
        """Return the articles that share a MinHash band, each with its cluster."""
        marks = ", ".join("?" * len(bands))
        query = f"""
            SELECT a.id, a.cluster, r.text, {_COLUMNS} FROM {_CURRENT}
            WHERE a.n IN (SELECT article FROM band WHERE value IN ({marks})) ORDER BY a.n
        """  # noqa: S608
        return [(rows.to_article(row), row["cluster"]) for row in self._all(query, bands)]

    def put(
        self,
        article: Article,
        passages: Sequence[Document],
        sentences: Sequence[Span],
        how: Filing | None = None,
    ) -> Filed:
        """Store an article with its passages and words in one transaction.

        When it returns, the article is on disk and can be found by its words.
        """
        with self._writing() as db:
            filed = filing.put(db, article, passages, sentences, how or Filing())
            if filed != "unchanged":
                _grow(db, "generation")
            if filed in ("revised", "duplicate"):
                _grow(db, "vectors")
            return filed

    def holds(self, article: Article, how: Filing) -> bool:
        """Say whether this article, or an earlier revision of it, is here already."""
        with self._reading() as db:
            return filing.holds(db, article, how)

    def pending(self, fingerprint: str) -> list[str]:
        """Return the ids of passages that the model of this fingerprint has not embedded yet."""
        query = """
            SELECT p.id FROM passage AS p WHERE NOT EXISTS (
                SELECT 1 FROM embedding AS e WHERE e.passage = p.n AND e.fingerprint = ?)
            ORDER BY p.n
        """
        return [row["id"] for row in self._all(query, (fingerprint,))]

    def embedded(self, ids: Sequence[str], matrix: Matrix, fingerprint: str) -> None:
        """Store the vectors of passages in one transaction; ids that are gone are left out."""
        with self._writing() as db:
            vectors.write(db, ids, matrix, fingerprint)
            _grow(db, "generation", "vectors")

    def _meta(self, name: str) -> str:
        return str(self._all("SELECT value FROM meta WHERE name = ?", (name,))[0][0])


def _grow(db: sqlite3.Connection, *counters: str) -> None:
    for name in counters:
        db.execute("UPDATE meta SET value = value + 1 WHERE name = ?", (name,))


def _documents(db: sqlite3.Connection, found: Collection[sqlite3.Row]) -> list[Document]:
    """Build passages, reading each text once."""
    texts: dict[int, str] = {}
    for row in found:
        if row["article"] not in texts:
            query = "SELECT text FROM revision WHERE article = ? AND digest = ?"
            texts[row["article"]] = db.execute(query, (row["article"], row["digest"])).fetchone()[0]
    return [rows.to_passage(row, texts[row["article"]]) for row in found]
