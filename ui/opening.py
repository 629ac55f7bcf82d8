"""Which article stands in the reading pane: what was clicked, or the first that an answer cites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rag.errors import DatelineError
from rag.types import Span
from ui import reader
from ui.view import View

if TYPE_CHECKING:
    from rag.archive.archive import Archive

_MOST = 1000
"""Most visitors of whom it is known what they opened."""


class Opening:
    """Opens articles, and remembers for which question a visitor has opened one by hand."""

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive
        self._by_hand: dict[str, str] = {}

    def clicked(self, view: View, data: Mapping[str, Any], page: str) -> str:
        """Show what a visitor clicked; it stays until they ask something else."""
        self._by_hand[page] = view.id
        while len(self._by_hand) > _MOST:
            del self._by_hand[next(iter(self._by_hand))]
        return self.named(view, data)

    def chosen(self, view: View, page: str) -> bool:
        """Return True when this visitor has opened an article by hand since they asked."""
        return self._by_hand.get(page) == view.id

    def named(self, view: View, data: Mapping[str, Any]) -> str:
        """Show the article, and the place in it, that a click or an address names."""
        newest = "newest" in data
        span, said = _span(data), _number(data, "said")
        return self._shown(view, str(data.get("open", "")), span, said, newest=newest)

    def first(self, view: View) -> str:
        """Show the words to read first of an answer; an empty pane where there are none."""
        place = view.first
        if place is None:
            return reader.empty()
        said = 0 if view.answer is not None and view.answer.citations else None
        return self._shown(view, place.source.article_id, place.span, said)

    def _shown(
        self, view: View, name: str, span: Span | None, said: int | None, *, newest: bool = False
    ) -> str:
        if self._archive is None:
            return reader.missing("There is no archive yet.")
        try:
            article = self._archive.article(name)
            read = (view.digests or {}).get(article.id, article.digest)
            if read == article.digest or newest:
                return reader.reader(article, view, span, said)
            try:
                old = self._archive.article(article.id, read)
            except DatelineError:  # no longer kept: shown as it is now, marked where it still fits
                return reader.reader(article, view, span, said)
            return reader.reader(old, view, span, said, revised=True)
        except DatelineError as error:
            return reader.missing(str(error))


def _number(data: Mapping[str, Any], name: str) -> int | None:
    try:
        return int(data[name])
    except (KeyError, TypeError, ValueError):
        return None


def _span(data: Mapping[str, Any]) -> Span | None:
    start, end = _number(data, "start"), _number(data, "end")
    try:
        return None if start is None or end is None else Span(start=start, end=end)
    except ValueError:
        return None
