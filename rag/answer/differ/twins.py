"""Sentences of two articles that are the same words but for one value: who said it differently?

"Hideki Matsuyama wins the Masters" and "Shane Lowry wins the Masters" cannot both be. This is the
surest sign that sources disagree, and it needs no knowledge of what the words mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from rag.language.names import names
from rag.language.numbers import numbers
from rag.language.terms import held_stems
from rag.language.when import dates
from rag.language.words import STOP, fold, words
from rag.question.form import AnswerForm
from rag.search.candidates import Candidate
from rag.types import Span

ALIKE = 0.5
"""Share of their stems that two sentences must have in common to be compared word by word."""
SAME = 0.6
"""Share of the longer one's words that must stand in both, in one order."""
LEAST = 4
"""Fewest words in common: less is a phrase that anyone may write."""
LONGEST = 6
"""Most words of a value."""
_IN_VALUES = frozenset({"a", "an", "the", "of", "for", "and"})
"""Small words of what a thing may be called; "making it" and "when they" call nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A value that a sentence gives for what is asked, in the sentence's own words."""

    candidate: Candidate
    text: str


def twins(question: str, candidates: Sequence[Candidate]) -> list[tuple[Told, Told]]:
    """Return the pairs of values by which two sentences that are otherwise alike differ.

    Args:
        question: Tells the form of the value; what it says itself is none.
        candidates: The sentences that may answer it.
    """
    form = AnswerForm(question)
    if form.kind in {"yesno", "quote", "reason", "manner"}:
        return []
    held = {c: held_stems(c.text) for c in candidates}
    asked = held_stems(question)
    found = []
    for one, other in combinations(candidates, 2):
        if one.article.id == other.article.id or not _alike(held[one], held[other]):
            continue
        pair = _differ(form, one, other)
        if pair and _exclusive(held_stems(pair[0].text), held_stems(pair[1].text), asked):
            found.append(pair)
    return found


def _exclusive(one: frozenset[str], other: frozenset[str], asked: frozenset[str]) -> bool:
    """Say whether both values say something of their own: "causing" and "that caused" do not."""
    return not (one <= asked or other <= asked or one <= other or other <= one)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * max(len(one), len(other), 1)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word, or all the words of one value of the form that is asked for."""

    key: str
    span: Span
    value: bool
    tells: bool


def _differ(form: AnswerForm, one: Candidate, other: Candidate) -> tuple[Told, Told] | None:
    """Return the one value by which two sentences differ; None when they differ in more."""
    left, right = _units(form, one.text), _units(form, other.text)
    match = SequenceMatcher(None, [u.key for u in left], [u.key for u in right], autojunk=False)
    same = sum(block.size for block in match.get_matching_blocks())
    if same < max(LEAST, SAME * max(len(left), len(right))):
        return None
    pairs = {
        (fold(a), fold(b)): (Told(candidate=one, text=a), Told(candidate=other, text=b))
        for a, b in _replaced(form, (one.text, left), (other.text, right), match)
    }
    return next(iter(pairs.values())) if len(pairs) == 1 else None


def _units(form: AnswerForm, text: str) -> list[_Unit]:
    """Cut a sentence into words, keeping each value of the asked form in one piece."""
    spans = sorted(_spans(form, text), key=lambda s: (s.start, -s.end))
    found: list[_Unit] = []
    for word in words(text):
        here = Span(start=word.start, end=word.end)
        whole = next((s for s in spans if s.overlaps(here)), None)
        if whole is None:
            tells = word.low not in STOP and word.low[0].isalnum()
            found.append(_Unit(word.low, here, value=False, tells=tells))
        elif not (found and found[-1].span == whole):
            found.append(_Unit(fold(whole.of(text)), whole, value=True, tells=True))
    return found


def _replaced(
    form: AnswerForm,
    one: tuple[str, list[_Unit]],
    other: tuple[str, list[_Unit]],
    match: SequenceMatcher[str],
) -> Iterator[tuple[str, str]]:
    """Yield what stands in place of what; words added at an end are a cut, no other value."""
    (first, left), (second, right) = one, other
    for tag, a, b, c, d in match.get_opcodes():
        if tag == "equal" or not any(u.tells for u in (*left[a:b], *right[c:d])):
            continue
        inside = a > 0 and c > 0 and b < len(left) and d < len(right)
        if tag == "replace":
            yield _value(form, first, left[a:b]), _value(form, second, right[c:d])
        elif inside:
            yield "", ""  # a word more in the middle: the two say different things


def _value(form: AnswerForm, text: str, run: Sequence[_Unit]) -> str:
    """Return the only value in some units; nothing when something else stands beside it."""
    held = [u for u in run if u.value]
    if not held and form.kind == "thing" and len(run) <= LONGEST:
        return Span(start=run[0].span.start, end=run[-1].span.end).of(text) if _calls(run) else ""
    if len(held) != 1 or any(u.tells for u in run if not u.value):
        return ""
    return held[0].span.of(text)


def _calls(run: Sequence[_Unit]) -> bool:
    """Say whether a run of words may name a thing: of small words only those of a title."""
    return run[0].key not in {"and", "of", "for"} and all(
        u.key not in STOP or u.key in _IN_VALUES for u in run
    )


def _spans(form: AnswerForm, text: str) -> list[Span]:
    """Return the places of all values of the form that is asked for, names last."""
    days = [d.span for d in dates(text)]
    counts = [q.span for q in numbers(text)]
    called = [n.span for n in names(text)]
    if form.kind == "date":
        return days
    if form.kind in {"number", "money", "percent", "duration"}:
        return counts
    return called if form.kind in {"person", "organisation", "place"} else days + counts + called
