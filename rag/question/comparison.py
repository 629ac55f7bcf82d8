"""Two events that a question compares: taken out of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.language.datewords import masked
from rag.language.kinds import ROLES
from rag.language.names import names
from rag.language.terms import asked_terms
from rag.language.words import words

_BE = r"(?:did|was|were|is|are|has|had|do|does)"
_HOW_LONG = r"how (?:long|much time|many (?P<unit>day|week|month|year)s?)"
_A, _B = r"(?P<a>.{3,200}?)", r"(?P<b>.{3,200})"
_HAPPENED = r"(?!(?:came|happened|occurred|was|were|is|did)\b)"
_SINGLE = r"(?:who|which(?: of the \w+(?: \w+)?| \w+)?)"
_FORMS: tuple[tuple[str, str], ...] = (
    (
        "first",
        rf"^{_SINGLE} (?P<deed>{_HAPPENED}[a-z].{{2,99}}?) (?:first|earlier)[,:]? {_A},? or {_B}$",
    ),
    ("first", rf"^which .{{0,60}}?\b(?:first|earlier)\b[,:;]? {_A},? or {_B}$"),
    ("order", rf"^{_BE} {_A},? (?:before or after|after or before|earlier or later than) {_B}$"),
    ("between", rf"^{_HOW_LONG}\b.{{0,40}}? between {_A} and {_B}$"),
    (
        "between",
        rf"^{_HOW_LONG} (?:passed|elapsed|went by|lay|was it|were there|is it) from {_A} to {_B}$",
    ),
    ("after", rf"^{_HOW_LONG} after {_A},? (?:did|does|do) {_B}$"),
    ("after", rf"^{_HOW_LONG} after (?P<a>.{{3,200}}),? {_BE} {_B}$"),
    ("before", rf"^{_HOW_LONG} before (?P<b>.{{3,200}}?),? {_BE} (?P<a>.{{3,200}})$"),
    ("between", rf"^{_HOW_LONG} {_BE} {_A} before {_B}$"),
    ("yes_before", rf"^{_BE} {_A} before {_B}$"),
    ("yes_after", rf"^{_BE} {_A} after {_B}$"),
)


_IT = re.compile(r"^(?:it|he|she|they) ", re.IGNORECASE)
_ITS = re.compile(r"^(?:its|his|her|their) ", re.IGNORECASE)
_PERSON = re.compile(r"^(?:he|she|his|her) ", re.IGNORECASE)
_THING = re.compile(
    r"^(?:[Tt]he|[Aa]n?) (?:[A-Z][\w’'-]* )*[a-z][\w’'-]*(?: of(?: the)?(?: [A-Z][\w-]*)+)?"
)
"""What a side begins with that is no name: "the takeover completed"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a question compares: two events, and in which form it wants the result."""

    form: str
    first: str
    second: str
    unit: str | None = None
    labels: tuple[str, str] | None = None
    """What the events are called where the question names only who did it; None: their words."""


def compared(question: str) -> Comparison | None:
    """Take a question about the order or distance of two events apart; None when it is not one."""
    text = question.strip().rstrip("?").strip()
    for form, pattern in _FORMS:
        if match := re.search(pattern, text, re.IGNORECASE):
            unit = match.groupdict().get("unit")
            a, b = match["a"].strip(" ,"), match["b"].strip(" ,")
            if not (asked_terms(masked(a)) and asked_terms(masked(b))):
                return None  # a bare date is no event to look for
            if done := match.groupdict().get("deed"):
                return Comparison(
                    form=form, first=f"{a} {done}", second=f"{b} {done}", labels=(a, b)
                )
            a, b = _with_names(a, b)
            return Comparison(form=form, first=a, second=b, unit=unit and unit.lower())
    return None


def _with_names(a: str, b: str) -> tuple[str, str]:
    """Put what the other side speaks of in the place of "it", "its": each is looked for alone."""
    one, other = _subject(a, b), _subject(b, a)
    if one:
        return a, _ITS.sub(f"{one}'s ", _IT.sub(f"{one} ", b))
    return _ITS.sub(f"{other}'s ", _IT.sub(f"{other} ", a)) if other else a, b


def _subject(side: str, other: str) -> str:
    """Return what a side of a question speaks of, for the "it" that the other begins with.

    That is what it begins with, else its first name; "he" is nothing but a person.
    """
    if _IT.match(side) or _ITS.match(side):
        return ""
    thing = _THING.match(side)
    person = _PERSON.match(other) is not None
    if thing and not (person and ROLES.isdisjoint(w.low for w in words(thing[0]))):
        return thing[0]
    return next((n.text for n in names(side)), "")
