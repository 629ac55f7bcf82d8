"""Quotes that people kept: exact words of articles, gathered across questions.

    with Clips.open(folder) as kept:
        kept.keep(article, Span(start=10, end=58), question="Who won?")

The words are stored as they were read. `clips_of` compares them with the articles as they are now;
when an article is deleted for good, its words go with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from rag.archive.beside import Beside
from rag.errors import NotFound
from rag.language.characters import encodable
from rag.rights import owner
from rag.types import Article, Span

State = Literal["stands", "changed", "withdrawn", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Some words of an article that somebody kept."""

    id: str
    article_id: str
    digest: str
    """The revision that they were read in."""
    span: Span
    quote: str
    """Empty once the article is deleted."""
    question: str
    """What was asked when they were found; empty where they were found by reading."""
    made: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A kept quote beside its article as it is now; None where that is deleted."""

    clip: Clip
    article: Article | None
    state: State


class Articles(Protocol):
    """Where articles are looked up: `Archive`."""

    def article(self, article_id: str) -> Article:
        """Return an article; raises `NotFound`."""
        ...


class Clips(Beside):
    """The quotes that were kept from one archive; where people sign in, each person's own."""

    def keep(self, article: Article, span: Span, *, question: str = "") -> str:
        """Keep some words of an article; returns the name of the clip, the old one if it is kept.

        Raises:
            ValueError: the words lie outside of the article.
        """
        if span.end > len(article.text):
            raise ValueError(f"{span} lies outside of {article.id!r}")
        known = self.named(article.id, span)
        if known is not None:
            return known
        name = secrets.token_hex(8)
        values = (
            *(name, encodable(article.id), article.digest, span.start, span.end),
            *(encodable(span.of(article.text)), encodable(question)),
            owner(),
            datetime.now(UTC).isoformat(),
        )
        with self._writing() as db:
            db.execute(
                "INSERT INTO clip (id, article, digest, begins, ends, quote, question, owner, "
                "made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return name

    def named(self, article_id: str, span: Span) -> str | None:
        """Return the name of the clip of these words; None when they are not kept."""
        query = "SELECT id FROM clip WHERE article = ? AND begins = ? AND ends = ? AND owner = ?"
        row = self._one(query, (encodable(article_id), span.start, span.end, owner()))
        return None if row is None else str(row["id"])

    def drop(self, name: str) -> None:
        """Keep some words no longer."""
        with self._writing() as db:
            db.execute("DELETE FROM clip WHERE id = ? AND owner = ?", (name, owner()))

    def listed(self) -> tuple[Clip, ...]:
        """Return all that is kept, the latest first."""
        return tuple(
            Clip(
                id=row["id"],
                article_id=row["article"],
                digest=row["digest"],
                span=Span(start=row["begins"], end=row["ends"]),
                quote=row["quote"],
                question=row["question"],
                made=datetime.fromisoformat(row["made"]),
            )
            for row in self._all(
                "SELECT * FROM clip WHERE owner = ? ORDER BY made DESC, id", (owner(),)
            )
        )


def clips_of(kept: Clips, articles: Articles) -> tuple[Shown, ...]:
    """Return all that is kept, and whether its articles still have these words."""
    return tuple(_shown(clip, articles) for clip in kept.listed())


def _shown(clip: Clip, articles: Articles) -> Shown:
    try:
        article = articles.article(clip.article_id)
    except NotFound:
        return Shown(clip=clip, article=None, state="deleted")
    if article.withdrawn:
        return Shown(clip=clip, article=article, state="withdrawn")
    stands = article.digest == clip.digest or clip.quote in article.text
    return Shown(clip=clip, article=article, state="stands" if stands else "changed")
