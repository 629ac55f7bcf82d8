"""Who says so: the speakers of a text, next to the verbs of saying."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from rag.language.memory import MEMORY
from rag.language.names import Name, names
from rag.language.places import COUNTRIES
from rag.language.words import Word, lists, words
from rag.types import Span

_LISTS = lists("speech")
SAYING = _LISTS["verbs"]
"""Verbs of saying."""
TELLING = _LISTS["telling"]
"""Verbs of saying that tell little more than "said"."""
_PRONOUNS = _LISTS["pronouns"]
COLLECTIVE = _LISTS["collective"]
_DEEDS = _LISTS["deeds"]
_DONE = _LISTS["done"]
_BE = _LISTS["be"]
_PLACE_LINE = re.compile(r"(?:^|\n)(?:[^\n.!?:;“”\"]{1,60}? [–—-]{1,2} |\([A-Z][A-Za-z ]{1,30}\) )")
"""The place and agency that open a report: "WASHINGTON (AP) – "; they say nothing."""
_ASIDE = re.compile(r"^,? (?:who|which|whose|whom|speaking|traveling|travelling|visiting)\b")
_PLACED = re.compile(r"\b(?:in|at|near|from|outside) (?:the )?$", re.IGNORECASE)
"""Before the place of what is told: "a man in Lille said"."""
_NEAR = 48
"""Characters between a speaker and the verb of saying."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One verb of saying with its speaker: a name, a common noun ("official"), or a pronoun."""

    verb: str
    span: Span
    name: Name | None
    noun: str


@MEMORY.of_texts(bytes_a_character=2)
def speeches(text: str) -> tuple[Speech, ...]:
    """Return the verbs of saying of a text, "according to" among them, with their speakers."""
    run = words(text)
    known = tuple(n for n in names(text) if _could_speak(text, n))
    found = []
    for i, w in enumerate(run):
        according = w.low == "according" and i + 1 < len(run) and run[i + 1].low == "to"
        if not according and (w.low not in SAYING or _passive(run, i) or _no_words(run, i)):
            continue
        name = _after(text, run, i + 1, known) if according else _speaker(text, run, i, known)
        noun = "" if name else _noun(run, i, according=according)
        span = Span(start=w.start, end=w.end)
        if name or noun or w.low in {"said", "says", "told", "according"}:
            found.append(Speech(w.low, span, name, noun))
    return tuple(found)


def _no_words(run: tuple[Word, ...], i: int) -> bool:
    """Say whether nothing is said: who claims victory or reports a loss utters no words."""
    return run[i].low in _DEEDS and any(w.low in _DONE for w in run[i + 1 : i + 4])


@MEMORY.of_texts(bytes_a_character=1)
def _place_lines(text: str) -> tuple[int, ...]:
    """Return where the place lines of a text end; there are few, or somebody made them up."""
    return tuple(m.end() for m in islice(_PLACE_LINE.finditer(text), 20))


def _passive(run: tuple[Word, ...], i: int) -> bool:
    """Say whether something is said of a subject, not by it: "Brady was revealed as the best"."""
    if run[i].low.endswith(("ing", "says", "tells")):
        return False
    before = [w.low for w in run[max(0, i - 2) : i]]
    if before and (before[-1].endswith("ly") or before[-1] in {"also", "first", "not"}):
        before.pop()
    return bool(before) and before[-1] in _BE


def _could_speak(text: str, name: Name) -> bool:
    """Say whether a name can be trusted to be one: "Police" and "Doctors" open sentences too."""
    if _PLACED.search(text[max(0, name.span.start - 12) : name.span.start]):
        return False
    if name.sure:
        return True
    plural = name.last.endswith("s") or name.last in COLLECTIVE
    following = text[name.span.end : name.span.end + 12].split()
    aside = bool(_ASIDE.search(text[name.span.end :]))
    return not plural and bool(following) and (aside or following[0].lower() in SAYING)


def _speaker(text: str, run: tuple[Word, ...], i: int, known: tuple[Name, ...]) -> Name | None:
    verb = run[i]
    start = max((text.rfind(c, 0, verb.start) for c in '.;!?"”\n—'), default=-1) + 1
    start = max([start, *(end for end in _place_lines(text) if end <= verb.start)])
    before = [n for n in known if n.span.end <= verb.start and n.span.start >= start]
    if i and run[i - 1].low in _PRONOUNS:
        return None
    if len(before) > 1 and _ASIDE.search(text[before[0].span.end : before[-1].span.start]):
        return before[0]  # "Austin, who was in Laos, said"
    if before and _is_subject(text, before[-1], verb):
        return before[-1]
    if before and verb.start - before[-1].span.end <= _NEAR:
        return before[0] if verb.start - before[0].span.end <= _NEAR else before[-1]
    quoted = text[: verb.start].rstrip().endswith(("”", '"', ",", "'", "’"))
    return _after(text, run, i, known) if quoted or i == 0 else None


_OWNS = re.compile(r"\b(?:of|for|by|and|or)(?: the)?\s*$", re.IGNORECASE)
_ADVERBS = re.compile(r"\s*(?:(?:has|have|had|also|then|later|\w{3,}ly)\s*)*$")


def _is_subject(text: str, name: Name, verb: Word) -> bool:
    """Say whether a name stands right before its verb, and belongs to no noun before it."""
    owned = _OWNS.search(text[: name.span.start])
    return not owned and bool(_ADVERBS.fullmatch(text[name.span.end : verb.start]))


def _after(text: str, run: tuple[Word, ...], i: int, known: tuple[Name, ...]) -> Name | None:
    end = run[i].end
    limit = min((p for c in ".;,\n" if (p := text.find(c, end)) >= 0), default=len(text))
    found = [n for n in known if end <= n.span.start <= min(limit, end + _NEAR)]
    while len(found) > 1 and found[0].last in COUNTRIES:
        del found[0]  # "the French newspaper Le Figaro"
    return found[0] if found else None


def _noun(run: tuple[Word, ...], i: int, *, according: bool) -> str:
    """Return the stem of the common noun that speaks ("officials said", "police say")."""
    if according:
        near = [w for w in run[i + 2 : i + 6] if w.content]
        return near[-1].stem if near else ""
    if i and run[i - 1].low in _PRONOUNS:
        return run[i - 1].low
    if i and run[i - 1].content and run[i].start - run[i - 1].end <= 2:
        return run[i - 1].stem
    return ""
