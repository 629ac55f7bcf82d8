"""Which article stands in the reading pane: what was clicked, or the first that an answer cites."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rag.errors import DatelineError
from rag.types import Span
from ui import reader
from ui.api.messages import public
from ui.view import View

if TYPE_CHECKING:
    from rag.archive.archive import Archive
    from rag.archive.clips import Clips

_MOST = 1000
"""Most visitors of whom it is known what they opened."""


class Opening:
    """Opens articles, and remembers for which question a visitor has opened one by hand."""

    def __init__(self, archive: Archive | None, clips: Clips | None = None) -> None:
        self._archive = archive
        self._clips = clips
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
            kept = self._kept(article.id, span)
            if read == article.digest or newest:
                return reader.reader(article, view, span, said, kept=kept)
            try:
                old = self._archive.article(article.id, read)
            except DatelineError:  # no longer kept: shown as it is now, marked where it still fits
                return reader.reader(article, view, span, said, kept=kept)
            return reader.reader(old, view, span, said, revised=True, kept=kept)
        except DatelineError as error:
            return reader.missing(public(str(error)))

    def _kept(self, article_id: str, span: Span | None) -> bool | None:
        """Say whether these words are on the clip list; None where there is no such list."""
        if self._clips is None or span is None:
            return None
        return self._clips.named(article_id, span) is not None

    def clip(self, view: View, data: Mapping[str, Any]) -> None:
        """Keep the quote that was clicked, in the revision that was read, or keep it no longer."""
        span = _span(data)
        if self._archive is None or self._clips is None or span is None:
            return
        name = str(data.get("clip", ""))
        known = self._clips.named(name, span)
        if known is not None:
            self._clips.drop(known)
            return
        article = self._archive.article(name)
        read = (view.digests or {}).get(name, article.digest)
        if read != article.digest and "newest" not in data:
            with suppress(DatelineError):  # no longer kept
                article = self._archive.article(name, read)
        if span.end <= len(article.text):
            self._clips.keep(article, span, question=view.question)


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
