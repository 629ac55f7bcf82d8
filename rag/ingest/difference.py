"""Two texts of one article -> what was taken out, put in and reworded, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from rag.language.sentences import split

_ALIKE = 0.5
"""Two sentences whose words agree to this part are one sentence, reworded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place where two texts differ; the side that has nothing there is empty."""

    kind: Literal["removed", "added", "changed"]
    old: str
    new: str


def changes(old: str, new: str) -> list[Change]:
    """Return the differences of two texts, in the order of the new one.

    Example:
        >>> changes("It rained. Ten died.", "It rained. Twelve died.")
        [Change(kind='changed', old='Ten died.', new='Twelve died.')]
    """
    before = [span.of(old) for span in split(old)]
    after = [span.of(new) for span in split(new)]
    found: list[Change] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found += _paired(before[i:j], after[k:m])
    return found


def _paired(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """Pair the sentences that were reworded; the others came or went."""
    found: list[Change] = []
    left = list(old)
    for sentence in new:
        best = max(left, key=lambda other: _likeness(other, sentence), default=None)
        if best is None or _likeness(best, sentence) < _ALIKE:
            found.append(Change(kind="added", old="", new=sentence))
            continue
        place = left.index(best)
        found += [Change(kind="removed", old=gone, new="") for gone in left[:place]]
        found.append(Change(kind="changed", old=best, new=sentence))
        left = left[place + 1 :]
    return found + [Change(kind="removed", old=gone, new="") for gone in left]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()
