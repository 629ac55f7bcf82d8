"""What became of the words of a citation: found for ever, by digest and offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from rag.errors import Erased, NotFound
from rag.language.sentences import split
from rag.types import Article, Span

if TYPE_CHECKING:
    from rag.archive.archive import Archive

State = Literal["stands", "changed", "withdrawn"]

AROUND = 120
"""Most characters of the text before and after that are shown with a quote."""
_ALIKE = 0.5
"""Words that agree to this part are the same words, reworded."""
_SHORTEST = 12
"""Fewest digits of a digest that name a revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of words in the comparison of two texts."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of some words of one revision."""

    state: State
    """`stands`: the current text has these very words; `changed`: it has others in their place;
    `withdrawn`: it has nothing like them, or its sender withdrew it as a whole."""
    article: Article
    """The revision that is cited."""
    current: Article
    span: Span
    now: Span | None
    """Where the words, or what stands in their place, are in the current text."""
    diff: tuple[Piece, ...] = ()

    @property
    def quote(self) -> str:
        """The words that are cited."""
        return self.span.of(self.article.text)

    @property
    def prefix(self) -> str:
        """What stands before them in the revision that is cited."""
        return self.article.text[max(0, self.span.start - AROUND) : self.span.start]

    @property
    def suffix(self) -> str:
        """What stands behind them."""
        return self.article.text[self.span.end : self.span.end + AROUND]


def standing(archive: Archive, article_id: str, digest: str, span: Span) -> Standing:
    """Return what became of the words at a span of a revision.

    Args:
        archive: Where to look.
        article_id: The article.
        digest: The revision, by its digest or at least the first twelve digits of it.
        span: The words.

    Raises:
        Erased: The article was deleted for good.
        NotFound: There is no such article or revision, or no such place in it.
    """
    with archive.snapshot():
        if archive.erased(article_id):
            raise Erased(f"the article {article_id!r} was deleted for good")
        current = archive.article(article_id)
        cited = archive.article(article_id, _whole(archive, article_id, digest))
    if span.end > len(cited.text) or span.start == span.end:
        raise NotFound(f"article {article_id!r} has no characters {span.start} to {span.end}")
    if current.withdrawn:
        return Standing(state="withdrawn", article=cited, current=current, span=span, now=None)
    quote = span.of(cited.text)
    here = _nearest(current.text, quote, span.start)
    if here is not None:
        return Standing(state="stands", article=cited, current=current, span=span, now=here)
    now = _reworded(current.text, quote)
    if now is None:
        return Standing(state="withdrawn", article=cited, current=current, span=span, now=None)
    diff = compared(quote, now.of(current.text))
    return Standing(state="changed", article=cited, current=current, span=span, now=now, diff=diff)


def compared(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two texts word by word."""
    before, after = old.split(), new.split()
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind="same", text=" ".join(before[i:j])))
            continue
        if i < j:
            pieces.append(Piece(kind="removed", text=" ".join(before[i:j])))
        if k < m:
            pieces.append(Piece(kind="added", text=" ".join(after[k:m])))
    return tuple(pieces)


def _whole(archive: Archive, article_id: str, digest: str) -> str:
    for known in archive.revisions(article_id):
        if len(digest) >= _SHORTEST and known.startswith(digest):
            return known
    raise NotFound(f"there is no revision {digest[:64]!r} of article {article_id!r}")


def _nearest(text: str, quote: str, start: int) -> Span | None:
    """Return where a quote stands, the nearest to where it stood; None where it does not."""
    found: list[int] = []
    at = text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    if not found:
        return None
    best = min(found, key=lambda place: abs(place - start))
    return Span(start=best, end=best + len(quote))


def _reworded(text: str, quote: str) -> Span | None:
    """Return the sentences that are most like a quote, if any are like it."""
    sentences = split(text)
    width = max(1, len(split(quote)))
    windows = [_joined(sentences[i : i + width]) for i in range(len(sentences) - width + 1)]
    if not windows:
        return None
    words = quote.split()
    likeness = [
        SequenceMatcher(None, words, w.of(text).split(), autojunk=False).ratio() for w in windows
    ]
    best = max(range(len(windows)), key=likeness.__getitem__)
    return windows[best] if likeness[best] >= _ALIKE else None


def _joined(sentences: Sequence[Span]) -> Span:
    return Span(start=sentences[0].start, end=sentences[-1].end)
