"""Articles made from the documents that a public set gives with a question."""

from __future__ import annotations

import hashlib
from datetime import date

from rag.ingest.clean import clean
from rag.language.sentences import split
from rag.types import Article, Moment


def article(
    name: str,
    text: str,
    *,
    title: str | None = None,
    publisher: str | None = None,
    published: Moment | None = None,
) -> Article:
    """Return an article that is not in any archive; its text is cleaned as at ingest."""
    tidy = clean(text)
    return Article(
        id=name,
        digest=hashlib.sha256(tidy.encode()).hexdigest(),
        text=tidy,
        title=title or None,
        publisher=publisher or None,
        published=published,
    )


def sentence_at(text: str, place: int) -> str:
    """Return the sentence of `text` that holds the character at `place`; empty when none does."""
    spans = (span for span in split(text) if span.start <= place < span.end)
    return next((span.of(text) for span in spans), "")


def parse_day(raw: object) -> date | None:
    """Return the day that an ISO 8601 date or date-time begins with, or None."""
    try:
        return date.fromisoformat(str(raw)[:10])
    except ValueError:
        return None
