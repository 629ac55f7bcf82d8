"""Cut an article into passages: whole sentences, exact offsets, nothing twice.

A passage is a langchain `Document` whose `page_content` is `article.text[start:end]`, character by
character. Passages end at paragraph borders where the size allows.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.documents import Document

from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article, PassageMeta, Span


def chunk(
    article: Article, settings: ChunkSettings, *, cluster: str | None = None
) -> list[Document]:
    """Return the passages of an article, in order.

    Every sentence lies in exactly one passage, and no passage is longer than
    `settings.characters` unless a single sentence is. `cluster` names the group of copies that the
    article belongs to; without it the article stands for itself.
    """
    return [
        _document(article, span, cluster or article.id)
        for span in passages(article.text, settings.characters)
    ]


def passages(text: str, characters: int) -> list[Span]:
    """Return the spans of the passages of `text`, each at most `characters` long if it can be.

    Paragraphs are gathered while they fit. One that does not fit starts a new passage; one that is
    too long by itself is cut between sentences, into parts of about the same size.
    """
    spans: list[Span] = []
    for paragraph in _paragraphs(text):
        first, *rest = _parts(paragraph, characters)
        if spans and first.end - spans[-1].start <= characters:
            spans[-1] = Span(start=spans[-1].start, end=first.end)
        else:
            spans.append(first)
        spans.extend(rest)
    return spans


def _paragraphs(text: str) -> list[list[Span]]:
    """Group the sentences of `text` by paragraph."""
    groups: list[list[Span]] = []
    end = 0
    for sentence in split(text):
        if groups and "\n" not in text[end : sentence.start]:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
        end = sentence.end
    return groups


def _parts(sentences: Sequence[Span], characters: int) -> list[Span]:
    """Cut one paragraph into as few parts as fit, none of them a mere remainder."""
    whole = _whole(sentences)
    count = -(-(whole.end - whole.start) // characters)
    if count <= 1:
        return [whole]
    even = -(-(whole.end - whole.start) // count)
    parts = [sentences[0]]
    for sentence in sentences[1:]:
        start = parts[-1].start
        if sentence.end - start <= characters and parts[-1].end - start < even:
            parts[-1] = Span(start=start, end=sentence.end)
        else:
            parts.append(sentence)
    return parts


def _whole(sentences: Sequence[Span]) -> Span:
    return Span(start=sentences[0].start, end=sentences[-1].end)


def _document(article: Article, span: Span, cluster: str) -> Document:
    meta = PassageMeta(
        article_id=article.id,
        start=span.start,
        end=span.end,
        title=article.title or "",
        publisher=article.publisher or "",
        published=article.published.isoformat() if article.published else "",
        url=article.url or "",
        cluster=cluster,
    )
    return Document(
        id=f"{article.id}:{article.digest[:8]}:{span.start}",
        page_content=span.of(article.text),
        metadata={**meta},
    )
