"""What the articles of a listing say: of the first few, the sentence nearest to its topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.archive.clips import Articles
from rag.errors import DatelineError
from rag.language.sentences import split
from rag.language.terms import asked_terms
from rag.search.select import source_of
from rag.types import Answer, Article, Citation, Listing

MOST = 3
"""Articles that are quoted below a listing."""


def led(answer: Answer, articles: Articles) -> Answer:
    """Return an answer that lists articles with words of the first of them."""
    if answer.listing is None or answer.closest:
        return answer
    return replace(answer, closest=tuple(_leads(answer.listing, articles)))


def _leads(listing: Listing, articles: Articles) -> Iterator[Citation]:
    topic = set(asked_terms(listing.title))
    ids = dict.fromkeys(name for row in listing.rows for name in row.articles)
    for number, name in enumerate(list(ids)[:MOST], 1):
        try:
            article = articles.article(name)
        except DatelineError:  # deleted meanwhile
            continue
        if (found := _nearest(article, topic, number)) is not None:
            yield found


def _nearest(article: Article, topic: set[str], number: int) -> Citation | None:
    """Return the sentence that has most of the topic's words, the first of several."""
    spans = [span for span in split(article.text) if span.of(article.text).strip()]
    if not spans:
        return None
    best = max(spans, key=lambda span: len(topic & set(asked_terms(span.of(article.text)))))
    return Citation(
        number=number, source=source_of(article), span=best, quote=best.of(article.text)
    )
