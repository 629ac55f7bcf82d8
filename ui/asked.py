"""How a model was asked, in words: for the terminal, the page and the exports."""

from __future__ import annotations

from collections.abc import Iterator

from rag.types import Answer, Search


def search_words(search: Search) -> str:
    """Say in words what the model had searched for, and what it found."""
    found = "1 article" if search.articles == 1 else f"{search.articles} articles"
    return f"{search.query} ({found}, {search.new} new)"


def means(answer: Answer) -> Iterator[str]:
    """Yield by what means a larger model was asked, and what it cost; nothing for a small one."""
    if answer.profile is not None and answer.profile.name != "small":
        yield f"profile {answer.profile.name}"
    if answer.verifier:
        yield f"read again by {answer.verifier}"
    if answer.spent is not None and answer.spent.cost is not None:
        yield f"{answer.spent.cost:.4f} {answer.spent.currency}"
