"""A question about the archive with its words spelt right: "hw many artcles", "how many articles".

Only a word that people do not write, and that stands in no name of the archive, is read as the
nearest word of the phrases of which such questions are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from functools import cache
from itertools import combinations

from rag.question.phrases import PATTERNS, READ

CLOSE = 0.8
"""How alike two words must be, from 0 to 1: one letter more, less or other in five."""
SHORTEST = 4
"""Letters of a word that is mended alone; a shorter one only where it makes a phrase."""
MOST = 4
"""Words of a question that are mended."""
_WORD = re.compile(r"(?<![\w'-])[^\W\d_]{2,}(?![\w'-])")


def mended(text: str, common: Callable[[str], bool], names: Collection[str]) -> Iterator[str]:
    """Yield a question as it may be meant, with as few words mended as can be first.

    Args:
        text: The question, its words one space apart.
        common: Says whether a word, in small letters, is one that people write.
        names: Words that stand in names of the archive, in small letters.
    """
    slips: list[tuple[int, int, str]] = []
    for found in _WORD.finditer(text):
        low = found[0].lower()
        name = found.start() and not found[0].islower()
        if not (name or low in names or common(low)):
            near = _nearest(low, text[found.end() :], common)
            slips += [(*found.span(), near)] if near else []
    for many in range(1, min(len(slips), MOST) + 1):
        for some in combinations(slips, many):
            meant = text
            for start, end, word in reversed(some):
                meant = meant[:start] + word + meant[end:]
            yield meant


def _nearest(word: str, behind: str, common: Callable[[str], bool]) -> str:
    """Return the word of a phrase that is meant by another; empty where none is like it."""
    swapped = {word[:n] + word[n : n + 2][::-1] + word[n + 2 :] for n in range(len(word) - 1)}
    alike = [w for w in _words() if w[0] == word[0] and abs(len(w) - len(word)) <= 2]
    near = [w for w in _words() if w in swapped]
    near += [w for w in get_close_matches(word, alike, 5, CLOSE) if common(w)]
    if len(word) < SHORTEST:
        following = re.match(r" [a-z]+", behind)
        near = [w for w in near if following and _phrase(w + following[0])]
    return next(iter(near), "")


def _phrase(said: str) -> bool:
    return any(pattern.fullmatch(said) for _, pattern in PATTERNS)


@cache
def _words() -> tuple[str, ...]:
    """Return the words of the phrases, with their endings; some are pieces of words."""
    found: set[str] = set()
    for phrases in (*READ["cues"].values(), *READ["phrases"].values()):
        plain = _GROUP.sub(" ", _AHEAD.sub(" ", phrases))
        for stem, endings, bare, optional in _STEM.findall(plain):
            found |= {stem + ending for ending in endings.split("|")}
            found |= {stem, stem[:-1]} if optional else {stem} if bare else set()
    return tuple(sorted(word for word in found if len(word) > 2))


_AHEAD = re.compile(r"\(\?[=!<][^)]*\)")
_GROUP = re.compile(r"\(\?:(?=[a-z]+ )")
"""A group that begins with a whole word, not with an ending."""
_STEM = re.compile(r"(?<![\w:])([a-z]+)(?:\(\?:([a-z|]+)\)(\?)?|(\?))?(?![\w(\[?])")
"""A word of a pattern, its endings, whether it may have none, whether it may lose a letter."""
