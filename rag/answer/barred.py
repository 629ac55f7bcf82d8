"""Which of the filters leaves nothing to read: that is no ignorance of the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.answer.days import written
from rag.archive.archive import Archive
from rag.types import Filter

BARRED = "The filters leave no article to read"


def barred(within: Filter, archive: Archive) -> str:
    """Return in a sentence which filter leaves no article, alone or with others; else nothing."""
    if not within or archive.allowed(within) != set():
        return ""
    each = [part for part in _each(within) if part[0]]
    alone = [words for only, words in each if archive.allowed(only) == set()]
    why = f"none is {', and none '.join(alone)}" if alone else _together(each)
    return f"{BARRED}: {why}."


def _together(each: Sequence[tuple[Filter, str]]) -> str:
    return f"none is at once {' and '.join(words for _, words in each)}"


def _each(within: Filter) -> Iterator[tuple[Filter, str]]:
    """Yield each part of a filter by itself, and in words."""
    since, until = within.since, within.until
    if since and until and since > until:
        words = f"published from {written(since)} until {written(until)}"
        yield Filter(since=since, until=until), words
    else:
        yield Filter(since=since), f"published from {written(since)} on"
        yield Filter(until=until), f"published until {written(until)}"
    yield Filter(publishers=within.publishers), f"from {_or(within.publishers)}"
    yield Filter(authors=within.authors), f"by {_or(within.authors)}"
    yield from ((Filter(entities=(name,)), f"naming {name}") for name in within.entities)
    yield Filter(collections=within.collections), f"in the collection {_or(within.collections)}"
    yield Filter(without=within.without), "left over"
    yield Filter(languages=within.languages), f"written in {_or(within.languages)}"


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
