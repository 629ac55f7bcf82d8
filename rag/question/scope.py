"""For which places a value is: deaths "in Turkey" are others than those "in Turkey and Syria"."""

from __future__ import annotations

import re

from rag.language.names import names
from rag.language.places import ALIAS

ANYWHERE = "*"
"""The place of a total over several places that its words do not name."""
_ALL = re.compile(r"\b(?:combined|total|overall|altogether|both countries)\b", re.IGNORECASE)
_DATELINE = re.compile(r"^[A-Z][A-Z .'’]+(?:, [A-Z][\w .]+?)? [—–-] ")
_PREPOSITION = re.compile(
    r"(?<!ministry )(?<!officials )(?<!office )\b(?:in|across|throughout|for|struck|hit|shook)"
    r" (?:the |all |southern |northern |eastern |western |central )*$",
    re.IGNORECASE,
)

_DOES = re.compile(r"['’]s? (?!(?:\w+ )?(?:toll|dead|deaths?|count|total|number|figures?)\b)")
"""Behind a country whose deed did the harm: "Russia's strike on Kharkiv killed 12 people"."""


def places(text: str, *, losses: bool) -> frozenset[str]:
    """Return the places that a value is for: those it stands "in", or all for harmed people."""
    text = _DATELINE.sub("", text)
    found: set[str] = set()
    end = 0
    for name in names(text):
        joined = found and re.fullmatch(r",? (?:and )?(?:\w+ern )?", text[end : name.span.start])
        placed = _PREPOSITION.search(text[: name.span.start]) is not None
        suffers = losses and name.last in ALIAS and not _DOES.match(text, name.span.end)
        if placed or joined or suffers:
            found.add(name.last)
            end = name.span.end
    countries = found & set(ALIAS.values())
    if not countries and _ALL.search(text):
        return frozenset({ANYWHERE})
    return frozenset(countries or found)


def one_place(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two values are for the same places; a total is for any several."""
    if ANYWHERE in one | other:
        return len(one | other) != 2
    return one == other
