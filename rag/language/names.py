"""Names in a text, and whether a source knows them: surnames, acronyms, demonyms, spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag.language.datewords import masked
from rag.language.memory import MEMORY
from rag.language.places import ALIAS, PHRASES
from rag.language.sentences import sentences
from rag.language.words import STOP, Word, lists, words
from rag.types import Span

_LISTS = lists("names")
TITLES = _LISTS["titles"]
_PARTICLES = _LISTS["particles"]
_SMALL = _LISTS["small"]

_OPENERS = _LISTS["openers"]
"""Words that open a sentence in front of a name and are no part of it."""

_REGIONS = _LISTS["regions"]
"""Alone they name nothing that a source must repeat: "Western tanks", "the South"."""

Licence = Literal["same", "other", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A proper name: its words without titles, folded and with countries unified.

    `sure` is False for a lone capitalised word that opens a sentence, and in headlines.
    """

    span: Span
    text: str
    parts: tuple[str, ...]
    sure: bool = True
    title: str = ""

    @property
    def last(self) -> str:
        """Return the part that stands for the whole: the surname, or the only word."""
        return self.parts[-1]


def canonical(low: str) -> str:
    """Return the one form of a name's word: "american" is "usa", "kiev" is "kyiv"."""
    return ALIAS.get(low, low)


_BODIES = _LISTS["bodies"]
"""Last words of names that are common words too: "the bank" alone is not Port Clare Bank."""
NEAR = 4
"""Words between a name and the body that it belongs to: "police in the city of Chicago"."""
SIGHT = 100
"""Characters in which such words are looked for."""
_OPENING = re.compile(r"(?:^|[.!?:]\s+|[\"“‘`(\n]\s*)['’]?$")


@MEMORY.of_texts(bytes_a_character=14)
def names(text: str) -> tuple[Name, ...]:
    """Return the proper names of a text in order."""
    run = [w for w in words(masked(text)) if w.low[0].isalpha()]
    share = sum(w.capital for w in run) / max(len(run), 1)
    headline = share > 0.7 and len(run) > 6
    found: list[Name] = []
    i = 0
    while i < len(run):
        if not _names(run[i]):
            i += 1
            continue
        j = _end(text, run, i)
        name = _name(text, run[i:j], headline=headline)
        if name is not None:
            found.append(name)
        i = j
    return tuple(found)


def _names(word: Word) -> bool:
    return word.capital and (word.low not in STOP or (len(word.text) > 1 and word.text.isupper()))


def _end(text: str, run: list[Word], i: int) -> int:
    """Return the index after the name that starts at `i`."""
    j = i + 1
    while j < len(run):
        gap = text[run[j - 1].end : run[j].start]
        if gap not in {" ", "-", ". ", " & ", "\u00a0"} or (
            gap == ". " and run[j - 1].low not in TITLES and len(run[j - 1].text) > 1
        ):
            break
        if _names(run[j]):
            j += 1
        elif (after := _past_particles(text, run, j)) > j:
            j = after
        else:
            break
    return j


def _past_particles(text: str, run: list[Word], j: int) -> int:
    """Return the index after "van der Berg" at `j`, or `j` when no name goes on there."""
    k = j
    while k < min(j + 3, len(run)) and run[k].low in _PARTICLES:
        k += 1
    if k == j or k >= len(run) or not _names(run[k]):
        return j
    whole = text[run[j].start : run[k].start]
    return k + 1 if not set(whole) & set('.,;:()\n"') else j


def _name(text: str, run: list[Word], *, headline: bool) -> Name | None:
    opening = bool(_OPENING.search(text[max(0, run[0].start - 3) : run[0].start]))
    sure = not headline and not (opening and len(run) == 1 and not _certain(run[0]))
    title = ""
    if opening and len(run) > 1 and (run[0].low in _OPENERS or run[0].low.endswith("ly")):
        run, opening = run[1:], False
    while run and run[0].low in TITLES:
        title, run = run[0].low, run[1:]
    while run and run[-1].low in TITLES | _PARTICLES:
        run = run[:-1]
    sure = sure and not (opening and len(run) == 1 and not title and not _certain(run[0]))
    sure = sure and not (len(run) == 1 and run[0].low in _REGIONS)
    parts = _parts(w.low for w in run if w.low not in _SMALL)
    if not parts:
        return None
    start, end = run[0].start, run[-1].end
    span = Span(start=start, end=end)
    return Name(span=span, text=text[start:end], parts=parts, sure=sure, title=title)


def _certain(word: Word) -> bool:
    return word.text.isupper() or word.low in ALIAS


def _parts(lows: Iterable[str]) -> tuple[str, ...]:
    parts = tuple(lows)
    for phrase, short in PHRASES.items():
        if parts[: len(phrase)] == phrase:
            parts = (short, *parts[len(phrase) :])
    return tuple(canonical(p) for p in parts)


class Known:
    """The words and names of some source texts: says whether a name is among them.

    They are read sentence by sentence, so that what was read of one is remembered for the next
    question, whatever it stands in.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        texts = [sentence for text in texts for sentence in sentences(text)]
        self._named = [(t, names(t)) for t in texts]
        self.names = [n for _, found in self._named for n in found]
        lows = [w.low for t in texts for w in words(t)]
        self.lows = frozenset(lows)
        self.words = frozenset(canonical(w) for w in lows)
        self.words |= {p for n in self.names for p in n.parts}
        self.words |= {PHRASES[p] for p in pairwise(lows) if p in PHRASES}
        self._initials = {_initials(n) for n in self.names if len(n.parts) > 1}

    def has(self, part: str) -> bool:
        """Say whether a name's word occurs, allowing for spelling and inflection."""
        if part in self.words or part.rstrip("s") in self.words or part + "s" in self.words:
            return True
        return len(part) > 4 and any(_near(part, w) for w in self.words)

    def licence(self, name: Name) -> Licence:
        """Say whether the sources have this name, another person's of that surname, or neither."""
        if len(name.parts) == 1:
            return "same" if self.has(name.last) or self._acronym(name) else "absent"
        if not self.has(name.last):
            return "same" if self._acronym(name) or self._reordered(name) else "absent"
        held = [p for p in name.parts if self.has(p)]
        if name.last in _BODIES and not self._together(name):
            return "same" if self._acronym(name) else "absent"
        if len(held) == len(name.parts):
            return "same"
        return "other" if self._namesake(name) else "same"

    def _together(self, name: Name) -> bool:
        """Say whether the last two words of a name belong together in a source.

        They do in one name ("House Oversight Committee", "Ministry of Higher Education"), or where
        a name stands near the other word ("police in Chicago"); a house that is painted white is
        not the White House.
        """
        first, last = name.parts[-2:]
        if any(_among(first, n.parts) and _among(last, n.parts) for n in self.names):
            return True
        return any(
            (_among(first, n.parts) and _among(last, (_plain(w) for w in _beside(n, text))))
            or (
                _among(last, n.parts)
                and _among(first, (_plain(w) for w in _beside(n, text) if w.capital))
            )
            for text, found in self._named
            for n in found
        )

    def _namesake(self, name: Name) -> bool:
        """Say whether the surname only ever stands with another first name."""
        full = [n for n in self.names if len(n.parts) > 1 and n.last == name.last]
        if any(name.parts[-len(n.parts) :] == n.parts for n in full):
            return False  # "Comedian Dave Chappelle" at the front of a sentence
        first = name.parts[0]
        return bool(full) and not any(_compatible(first, n.parts[0]) for n in full)

    def _acronym(self, name: Name) -> bool:
        if len(name.parts) > 1:
            initials = _initials(name)
            return initials not in STOP and initials in self.words
        return name.text.replace(".", "").isupper() and name.last in self._initials

    def _reordered(self, name: Name) -> bool:
        """Say whether most words of an organisation's name are there in some form."""
        hits = sum(self.has(p) for p in name.parts)
        return len(name.parts) > 2 and hits >= len(name.parts) - 1


def _among(part: str, others: Iterable[str]) -> bool:
    """Say whether a word is one of others, allowing for spelling and plural."""
    bare = part.rstrip("s’'")
    return any(part == o or bare == o.rstrip("s’'") or _near(part, o) for o in others)


def _beside(name: Name, text: str) -> list[Word]:
    """Return the words up to four before and behind a name, in its sentence."""
    start, end = name.span.start, name.span.end
    before = re.split(r"[.!?;]\s", text[max(0, start - SIGHT) : start])[-1]
    after = re.split(r"[.!?;]\s", text[end : end + SIGHT])[0]
    return [*words(before)[-NEAR:], *words(after)[:NEAR]]


def _plain(word: Word) -> str:
    return canonical(word.low)


def _compatible(first: str, other: str) -> bool:
    """Say whether two first names can be one person's: equal, an initial, a short form."""
    short, long = sorted((first, other), key=len)
    return long.startswith(short[:3]) if len(short) > 2 else long[0] == short[0]


def _initials(name: Name) -> str:
    return "".join(p[0] for p in name.parts)


def _near(a: str, b: str) -> bool:
    """Say whether two long words differ by one letter, or two at the end (Zelensky, Zelenskyy)."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 5:
        return False
    k = 0
    while k < min(len(a), len(b)) and a[k] == b[k]:
        k += 1
    same_tail = a[k + 1 :] == b[k + 1 :] or a[k:] == b[k + 1 :] or a[k + 1 :] == b[k:]
    return k >= 3 and same_tail and len(a) > 6
