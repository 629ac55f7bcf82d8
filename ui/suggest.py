"""Example questions for an archive until better ones are known, made of its titles by code."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.examples import Example
from rag.types import Article
from ui.markup import label

MOST = 4
"""Example questions on the page."""


def questions(articles: Sequence[Article]) -> list[Example]:
    """Return up to `MOST` questions about articles, each of another outlet or day."""
    found: list[Example] = []
    for article in articles:
        name = label(article.title)
        if 15 <= len(name) <= 90:
            end = name.rstrip(".!")
            asked = name if name.endswith("?") else f"What is reported about “{end}”?"
            found.append(Example(asked, ""))
    return found[:MOST]
