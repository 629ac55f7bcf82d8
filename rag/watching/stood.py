"""What became of the words that an answer cites: they stand, were changed, or were withdrawn.

Words that were only cleaned again stand: what is compared is their letters and digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rag.answer.standing import standing
from rag.archive.archive import Archive
from rag.archive.notices import Quoted
from rag.errors import Erased, NotFound
from rag.search.select import source_of
from rag.types import Article, Citation, Span

State = Literal["stands", "changed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """What became of some cited words."""

    state: State
    quoted: Quoted
    now: str = ""
    """The words in their place; empty where there are none."""
    why: str = ""
    """In words for people."""
    renewed: Quoted | None = None
    """The new words with their label."""


def stood(
    archive: Archive, citations: Iterable[Citation], digests: Mapping[str, str]
) -> tuple[Stood, ...]:
    """Return what became of each citation.

    Args:
        archive: As it is now.
        citations: What an answer cites.
        digests: For each article the revision that was cited.
    """
    found: dict[tuple[str, Span], Stood] = {}
    for citation in citations:
        name = citation.source.article_id
        found.setdefault((name, citation.span), _one(archive, citation, digests.get(name, "")))
    return tuple(found.values())


def _one(archive: Archive, citation: Citation, digest: str) -> Stood:
    source = citation.source
    quoted = Quoted.of(source, citation.quote)
    try:
        current = archive.article(source.article_id)
    except NotFound:
        return Stood(state="withdrawn", quoted=quoted, why="the article was deleted for good")
    if current.withdrawn:
        return Stood(state="withdrawn", quoted=quoted, why=f"the article {current.withdrawn}")
    if current.digest == digest or _letters(citation.quote) in _letters(current.text):
        return Stood(state="stands", quoted=quoted)
    try:
        found = standing(archive, source.article_id, digest, citation.span)
    except (Erased, NotFound):
        return Stood(state="withdrawn", quoted=quoted, why="the article no longer has these words")
    if found.now is None:
        return Stood(state="withdrawn", quoted=quoted, why=_said(current))
    now = found.now.of(current.text)
    renewed = Quoted.of(source_of(current), now)
    return Stood(state="changed", quoted=quoted, now=now, why=_said(current), renewed=renewed)


def _said(article: Article) -> str:
    """Say why an article was changed, as it says itself."""
    stated = next((note for note in article.notes if note.startswith("Correction")), "")
    return stated or "the article no longer has these words"


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
