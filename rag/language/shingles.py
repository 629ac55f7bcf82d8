"""Whether two texts are the same words but for small changes."""

from __future__ import annotations

import re

NEAR = 0.8
"""Copies share this part of all their word sequences (Jaccard index)."""
CONTAINED = 0.9
"""A shortened copy holds at least this part of its sequences in common with the longer one."""
SHORTEST = 0.4
"""A shortened copy is at least this long, compared with the longer one."""

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_LONGEST = 200_000  # characters: the beginning of a giant text says enough


def shingles(text: str) -> set[str]:
    """Return all sequences of four words, regardless of case, punctuation and spacing."""
    words = _WORD.findall(text[:_LONGEST].casefold())
    last = max(1, len(words) - _SHINGLE + 1)
    return {" ".join(words[start : start + _SHINGLE]) for start in range(last)} - {""}


def is_copy(one: set[str], other: set[str]) -> bool:
    """Say whether two texts, given as shingles, are the same words but for small changes."""
    if not one or not other:
        return False
    common = len(one & other)
    shorter, longer = sorted((len(one), len(other)))
    return common >= NEAR * (shorter + longer - common) or (
        common >= CONTAINED * shorter and shorter >= SHORTEST * longer
    )
