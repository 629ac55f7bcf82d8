"""A text cut where one thing is said after another: each clause with its subject and its verbs.

No parser is needed for it: news writes its verbs in the past or after an auxiliary, and what stands
ahead of the first of them is the subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.language.memory import MEMORY
from rag.language.places import ALIAS
from rag.language.thesaurus import EVENTS, same
from rag.language.words import Word, lists, words

_CUT = re.compile(
    r"[.;:!?]+(?=\s|$)|,(?=\s)|\s[–—-]\s|—|\n"
    r"|\b(?:and|but|while|whereas|although|though|after|before|when|which|who|because|until)\b"
    r"|\bthat\b",
    re.IGNORECASE,
)
_LISTS = lists("predicates")
_RELATIVE = _LISTS["relative"]
_PRONOUNS = _LISTS["pronouns"]
_AUXILIARY = _LISTS["auxiliary"]
_LEADS = _AUXILIARY | {"to"}
_SAYS = _LISTS["says"]
_PAST = _LISTS["past"]
_FINITE = _AUXILIARY | _SAYS
_PRESENT = _LISTS["present"]
_NO_VERB = _LISTS["no_verb"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One stretch `text[start:end]` with what it says, each word as the stem that stands for it."""

    start: int
    end: int
    subject: frozenset[str]
    """The words of content ahead of its first verb."""
    verbs: frozenset[str]
    content: frozenset[str]
    own: bool
    """True when it has a verb and a subject of its own, or one that "which" stands for."""
    refers: bool
    """True when a pronoun stands ahead of its verb."""

    says: bool
    """True when its first verb is one of saying."""

    def holds(self, place: int) -> bool:
        """Say whether the character at `place` is one of its own."""
        return self.start <= place < self.end


def fold(word: Word) -> str:
    """Return the stem that stands for a word."""
    return ALIAS.get(word.low) or same(word.stem)


@MEMORY.of_texts(bytes_a_character=30)
def predicates(text: str) -> tuple[Clause, ...]:
    """Cut a text at punctuation and conjunctions and read each piece."""
    run = words(text)
    told = frozenset(run[k + 1].start for k in range(len(run) - 1) if _tells(run, k))
    cuts = [0, *(m.start() for m in _CUT.finditer(text) if m.start() not in told), len(text)]
    found: list[Clause] = []
    for start, end in pairwise(cuts):
        clause = _clause(run, start, end)
        if found and text[start] == "," and _goes_on(found[-1], clause):
            clause = _clause(run, found.pop().start, end)
        found.append(clause)
    return tuple(found)


def _tells(run: tuple[Word, ...], k: int) -> bool:
    """Say whether the "that" after a word only opens what is said: "warned that", "say that"."""
    if run[k + 1].low != "that":
        return False
    said = any(w.low in _SAYS for w in run[max(0, k - 5) : k + 1])
    return said or _is_verb(run, k) or not run[k].content


def _goes_on(before: Clause, clause: Clause) -> bool:
    """Say whether a comma only sets off an aside: "the mayor, Ellen Shaw, insisted"."""
    return not before.verbs and not before.own and bool(before.subject) and not clause.own


def _clause(run: tuple[Word, ...], start: int, end: int) -> Clause:
    mine = [w for w in run if start <= w.start < end]
    verbs = [k for k, w in enumerate(mine) if _is_verb(mine, k)]
    first = next((k for k, w in enumerate(mine) if k in verbs or w.low in _FINITE), None)
    ahead = mine[:first] if first is not None else mine
    subject = frozenset(fold(w) for w in ahead if w.content)
    relative = bool(mine) and mine[0].low in _RELATIVE
    return Clause(
        start=start,
        end=end,
        subject=subject,
        verbs=frozenset(fold(mine[k]) for k in verbs),
        content=frozenset(fold(w) for w in mine if w.content),
        own=first is not None and (bool(subject) or relative),
        refers=any(w.low in _PRONOUNS for w in ahead[relative and bool(subject) :]),
        says=first is not None and mine[first].low in _SAYS,
    )


def _is_verb(run: Sequence[Word], k: int) -> bool:
    """Say whether a word is a verb by its form or by what stands ahead of it."""
    word = run[k]
    if not word.content or word.low in _NO_VERB or (word.capital and k):
        return False
    past = word.low in _PAST | _PRESENT or (word.low.endswith("ed") and len(word.low) > 4)
    led = k > 0 and run[k - 1].low in _LEADS and (fold(word) in EVENTS or run[k - 1].low != "to")
    return past or led


@MEMORY.of_texts(bytes_a_character=2)
def doers(text: str) -> tuple[frozenset[str], ...]:
    """Return for each clause whom it speaks of: its own subject, else that of the one before it.

    "The club bought the striker and sold the keeper" has the club sell him, and so has "It sold".
    """
    found: list[frozenset[str]] = []
    for clause in predicates(text):
        goes_on = bool(found) and not clause.subject
        found.append(found[-1] if goes_on else clause.subject)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Deed:
    """One verb with who stands ahead of it and who behind it, with a name's or noun's words."""

    verb: str
    ahead: frozenset[str]
    behind: frozenset[str]
    """Its object; where it is passive, what stands behind "by"."""
    passive: bool


_BE = _LISTS["be"]
_ENDS = _LISTS["ends"]
"""What ends an object."""
_AHEAD, _BY = 5, 4
"""Words of content that may make a subject; words between a passive verb and "by"."""


@MEMORY.of_texts(bytes_a_character=8)
def deeds(text: str) -> tuple[Deed, ...]:
    """Return the verbs of a text with what stands on their two sides."""
    run = list(words(text))
    found = []
    for k in range(len(run)):
        if not _is_verb(run, k):
            continue
        by = next((i for i in range(k + 1, min(k + _BY, len(run))) if run[i].low == "by"), None)
        passive = any(w.low in _BE for w in run[max(0, k - 2) : k]) or by == k + 1
        start = next(c.start for c in reversed(predicates(text)) if c.start <= run[k].start)
        ahead = [fold(w) for w in run[:k] if w.start >= start and w.content][-_AHEAD:]
        first = by if passive and by is not None else k
        behind = [] if passive and by is None else _object(text, run, first + 1)
        found.append(Deed(fold(run[k]), frozenset(ahead), frozenset(behind), passive))
    return tuple(found)


def _object(text: str, run: list[Word], k: int) -> list[str]:
    found: list[str] = []
    for i in range(k, len(run)):
        if run[i].low in _ENDS or set(text[run[i - 1].end : run[i].start]) & set(",.;:!?"):
            break
        if run[i].content:
            found.append(fold(run[i]))
    return found
