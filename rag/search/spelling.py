"""A word that an archive does not have, and the nearest that it has: "artmis" is "Artemis".

    respelt(archive, "wen will artmis 2 lauch")  # "When will Artemis 2 launch"

The words that may be meant are those of titles, outlets and authors: an archive's own names. Words
that the archive has somewhere, however rare, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Protocol

from rag.archive.catalogue import Card
from rag.types import Filter

CLOSE = 0.8
"""How alike two words must be, from 0 to 1: one letter more, less or other in five."""
SHORTEST = 4
"""Letters of a word that is looked at."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_ASKED = ("When", "What", "Where", "Which", "Whose")


class Vocabulary(Protocol):
    """What an archive is asked for: `Archive`."""

    def cards(self, *within: Filter) -> list[Card]:
        """List what is known of its articles."""
        ...

    def frequencies(self, terms: list[str]) -> dict[str, int]:
        """Count the passages in which words occur."""
        ...


def respelt(archive: Vocabulary, text: str) -> str | None:
    """Return a question or a search as it may be meant; None where no word of it is unknown."""
    found = [m[0] for m in _WORD.finditer(text)]
    counts = archive.frequencies(list(dict.fromkeys(found)))
    unknown = [w for w in found if not counts.get(w)]
    if not unknown:
        return None
    known = vocabulary(archive.cards())
    meant = {word: near for word in unknown if (near := nearest(word, known)) is not None}
    if not meant:
        return None
    return _WORD.sub(lambda m: meant.get(m[0], m[0]), text)


def vocabulary(cards: Iterable[Card], texts: Iterable[str] = ()) -> dict[str, str]:
    """Return the words of titles, outlets, authors and texts, by how they are compared."""
    words: dict[str, str] = {word.casefold(): word for word in _ASKED}
    labels = (text for c in cards for text in (c.title, c.outlet, *c.authors))
    for text in (*labels, *texts):
        for match in _WORD.finditer(text):
            words.setdefault(match[0].casefold(), match[0])
    return words


def nearest(word: str, known: Mapping[str, str], close: float = CLOSE) -> str | None:
    """Return the known word that is most like a word; None where none is like enough."""
    plain = word.casefold()
    alike = [k for k in known if abs(len(k) - len(plain)) <= 2 and k[0] == plain[0]]
    near = get_close_matches(plain, alike, 1, close)
    return known[near[0]] if near and near[0] != plain else None
