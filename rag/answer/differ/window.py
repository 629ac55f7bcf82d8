"""Which words of a sentence belong to one of its values: the pieces up to the next rival value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.language.numbers import Quantity
from rag.language.words import Word, words
from rag.types import Span

_CUT = re.compile(
    r"[,;:](?=\s)|\s[–—-]\s|—|\s(?=(?:but|while|which|whereas|although|compared)\s)"
    r"|\s(?=and\s(?!(?:\w+ern )?[A-Z]\w+(?:[,.;]|$|\s(?:has|have|on|in|after|before|as|when)\b)))"
)
"""Where a sentence may be cut; not inside "Turkey and northern Syria has killed"."""
_ADDED = re.compile(r"[,;:]?\s?(?:and|but|while|more|fewer|less|compared|against)\b")
_ASIDE = re.compile(r",?\s?(?:which|who|that)\b")
_JOINED = re.compile(r"^(?:\s?(?:percent|%)?\s?(?:to|[-–])\s?|\s?(?:percent|%)? and )[$£€]?$")


def window(text: str, span: Span, rivals: Sequence[Span]) -> str:
    """Return the part of a sentence that belongs to the value at `span`, no other one's.

    An aside that holds a rival ("which was to fly this year, is now planned for May") is stepped
    over to reach the subject.
    """
    cuts = [m.start() for m in _CUT.finditer(text) if not span.start <= m.start() < span.end]
    pieces = [Span(start=a, end=b) for a, b in pairwise([0, *cuts, len(text)])]
    here = next(i for i, p in enumerate(pieces) if p.start <= span.start < p.end)
    taken = [any(p.start <= r.start < p.end for r in rivals) for p in pieces]
    before = list(_before(text, pieces[:here], taken))
    after = list(_after(text, pieces[here + 1 :], taken[here + 1 :]))
    own = _between(pieces[here], span, rivals) if taken[here] else pieces[here]
    return " ".join(p.of(text) for p in [*before, own, *after])


def clause(text: str, start: int) -> str:
    """Return the piece of a sentence in which a value stands, without what leads up to it."""
    cuts = [m.start() for m in _CUT.finditer(text)]
    pieces = pairwise([0, *cuts, len(text)])
    return next((text[a:b].strip(" ,;:") for a, b in pieces if a <= start < b), text)


def _before(text: str, pieces: Sequence[Span], taken: Sequence[bool]) -> list[Span]:
    kept: list[Span] = []
    for i in range(len(pieces) - 1, -1, -1):
        if taken[i] and not _ASIDE.match(pieces[i].of(text)):
            break
        if not taken[i]:
            kept.insert(0, pieces[i])
    return kept


def _after(text: str, pieces: Sequence[Span], taken: Sequence[bool]) -> list[Span]:
    kept: list[Span] = []
    for piece, other in zip(pieces, taken, strict=True):
        if other or _ADDED.match(piece.of(text)):
            break
        kept.append(piece)
    return kept


def _between(piece: Span, span: Span, rivals: Sequence[Span]) -> Span:
    start = max([piece.start, *(r.end for r in rivals if r.end <= span.start)])
    end = min([piece.end, *(r.start for r in rivals if r.start >= span.end)])
    return Span(start=start, end=end)


def ranges(text: str, found: Sequence[Quantity]) -> list[tuple[Quantity, Quantity, Span]]:
    """Join "4.75 to 5 percent" and "between 1.5 percent and 1.75 percent" into one value."""
    joined: list[tuple[Quantity, Quantity, Span]] = []
    for quantity in found:
        if joined and _ranged(text, joined[-1], quantity):
            low, _, span = joined[-1]
            joined[-1] = (low, quantity, Span(start=span.start, end=quantity.span.end))
        else:
            joined.append((quantity, quantity, quantity.span))
    return joined


def _ranged(text: str, left: tuple[Quantity, Quantity, Span], right: Quantity) -> bool:
    low, high, span = left
    gap = text[span.end : right.span.start]
    if low is not high or low.kind != right.kind or low.earlier or not _JOINED.match(gap):
        return False
    return "and" not in gap or text[: span.start].lower().rstrip().endswith("between")


def counted(text: str, span: Span) -> list[Word]:
    """Return the words that the number at `span` counts, up to the first break."""
    found: list[Word] = []
    end = span.end
    for word in [w for w in words(text) if w.start >= span.end][:8]:
        small = word.low in {"of", "the", "its", "his", "their"} and not found
        if text[end : word.start].strip(" -\u00a0") or not (
            word.content or small or word.low[0].isdigit() or _of_a_make(text, word)
        ):
            break
        found.extend([word] if word.content else [])
        end = word.end
    return found


def _of_a_make(text: str, word: Word) -> bool:
    """Return True for the letter of a make: "31 M1 tanks"."""
    return len(word.text) == 1 and word.text.isupper() and text[word.end : word.end + 1].isdigit()
