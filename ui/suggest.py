"""Example questions for an archive, made of its articles by code."""

from __future__ import annotations

from collections.abc import Sequence

from rag.types import Article
from ui.markup import label

MOST = 3
"""Example questions on the page."""


def questions(articles: Sequence[Article]) -> list[str]:
    """Return up to `MOST` questions about articles, each of another outlet or day."""
    found: list[str] = []
    for article in articles:
        name = label(article.title)
        if 15 <= len(name) <= 90:
            end = name.rstrip(".!")
            found.append(name if name.endswith("?") else f"What is reported about “{end}”?")
    return found[:MOST]
