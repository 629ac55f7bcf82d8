"""The cited articles as CSL-JSON, for Zotero and its like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rag.archive.clips import Articles
from rag.archive.exchanges import Conversation, Exchange
from rag.errors import DatelineError
from rag.types import Source, day
from ui.markup import href, label
from ui.report import quoted

Authors = Callable[[str], tuple[str, ...]]
"""Tells who wrote an article, by its id."""


def nobody(_: str) -> tuple[str, ...]:
    """Tell of no article who wrote it."""
    return ()


def authors_of(articles: Articles) -> Authors:
    """Return what tells the authors of an archive's articles; nobody of one that is deleted."""

    def told(article_id: str) -> tuple[str, ...]:
        try:
            return articles.article(article_id).authors
        except DatelineError:
            return ()

    return told


def references(_: Conversation, exchanges: Sequence[Exchange], authors: Authors = nobody) -> str:
    """Return the articles that answers cite, each once."""
    found: dict[str, Source] = {}
    for e in exchanges:
        for name, places in (quoted(e.answer) if e.answer else {}).items():
            found.setdefault(name, places[0].source)
    return bibliography((s, authors(name)) for name, s in found.items())


def bibliography(found: Iterable[tuple[Source, Sequence[str]]]) -> str:
    """Return articles with their authors as CSL-JSON."""
    items = [_reference(s, authors) for s, authors in found]
    return json.dumps(items, indent=2, ensure_ascii=False) + "\n"


def _reference(s: Source, authors: Sequence[str]) -> Mapping[str, Any]:
    known = day(s.published)
    parts = [known.year, known.month, known.day] if known else None
    fields = {
        "id": label(s.article_id),
        "type": "article-newspaper",
        "title": label(s.title),
        "author": [_person(name, label(s.publisher)) for a in authors if (name := label(a))],
        "container-title": label(s.publisher),
        "issued": {"date-parts": [parts]} if parts else None,
        "URL": href(s.url),
    }
    return {name: value for name, value in fields.items() if value}


def _person(name: str, outlet: str) -> dict[str, str]:
    """Return a name in its parts: the last word is the family's, small words before it go with it.

    A single word, a name that is not written word by word with capitals, and one that shares a
    word with its outlet ("Courier staff") stay as they are.
    """
    *given, family = name.split()
    if set(name.casefold().split()) & set(outlet.casefold().split()):
        return {"literal": name}
    particles: list[str] = []
    while given and given[-1].islower():
        particles.insert(0, given.pop())
    if not given or not all(part[:1].isupper() for part in (*given, family)):
        return {"literal": name}
    person = {"family": family, "given": " ".join(given)}
    return person | ({"non-dropping-particle": " ".join(particles)} if particles else {})
