"""What the articles of a listing say: of the first few, the sentence nearest to its topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.archive.clips import Articles
from rag.errors import DatelineError
from rag.language.sentences import split
from rag.language.terms import asked_terms, held_stems
from rag.search.select import source_of
from rag.types import Answer, Article, Citation, Listing, Span

MOST = 3
"""Articles that are quoted below a listing."""


def led(answer: Answer, articles: Articles) -> Answer:
    """Return an answer that lists articles with words of the first of them."""
    if answer.listing is None or answer.closest:
        return answer
    return replace(answer, closest=tuple(_leads(answer.listing, articles)))


def _leads(listing: Listing, articles: Articles) -> Iterator[Citation]:
    topic = held_stems(" ".join(asked_terms(listing.title)))
    ids = dict.fromkeys(name for row in listing.rows for name in row.articles)
    for number, name in enumerate(list(ids)[:MOST], 1):
        try:
            article = articles.article(name)
        except DatelineError:  # deleted meanwhile
            continue
        if (found := _nearest(article, topic, number)) is not None:
            yield found


def _nearest(article: Article, topic: frozenset[str], number: int) -> Citation | None:
    """Return the sentence that has most of what is told of the article, the first of several.

    Where its title has the topic, that is what the title says; else it is the topic: what is listed
    for a name in passing is quoted with that name.
    """
    spans = [span for span in split(article.text) if span.of(article.text).strip()]
    if not spans:
        return None
    title = held_stems(article.title or "")
    passing = (topic - title) & held_stems(article.text)  # a count is no word of an article

    def told(span: Span) -> int:
        return len(held_stems(span.of(article.text)) & (passing or title))

    best = max(spans, key=told)
    return Citation(
        number=number, source=source_of(article), span=best, quote=best.of(article.text)
    )
