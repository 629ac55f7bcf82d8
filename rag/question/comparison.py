"""Two events that a question compares: taken out of its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.language.datewords import masked
from rag.language.names import names
from rag.language.terms import asked_terms

_BE = r"(?:did|was|were|is|are|has|had|do|does)"
_HOW_LONG = r"how (?:long|much time|many (?P<unit>day|week|month|year)s?)"
_A, _B = r"(?P<a>.{3,200}?)", r"(?P<b>.{3,200})"
_FORMS: tuple[tuple[str, str], ...] = (
    ("first", rf"^which .{{0,60}}?\b(?:first|earlier)\b[,:;]? {_A},? or {_B}$"),
    ("order", rf"^{_BE} {_A},? (?:before or after|after or before|earlier or later than) {_B}$"),
    ("between", rf"^{_HOW_LONG}\b.{{0,40}}? between {_A} and {_B}$"),
    ("after", rf"^{_HOW_LONG} after {_A},? (?:did|does|do) {_B}$"),
    ("after", rf"^{_HOW_LONG} after (?P<a>.{{3,200}}),? {_BE} {_B}$"),
    ("before", rf"^{_HOW_LONG} before (?P<b>.{{3,200}}?),? {_BE} (?P<a>.{{3,200}})$"),
    ("yes_before", rf"^{_BE} {_A} before {_B}$"),
    ("yes_after", rf"^{_BE} {_A} after {_B}$"),
)


_IT = re.compile(r"^(?:it|he|she|they) ", re.IGNORECASE)
_ITS = re.compile(r"^(?:its|his|her|their) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a question compares: two events, and in which form it wants the result."""

    form: str
    first: str
    second: str
    unit: str | None = None


def compared(question: str) -> Comparison | None:
    """Take a question about the order or distance of two events apart; None when it is not one."""
    text = question.strip().rstrip("?").strip()
    for form, pattern in _FORMS:
        if match := re.search(pattern, text, re.IGNORECASE):
            unit = match.groupdict().get("unit")
            a, b = match["a"].strip(" ,"), match["b"].strip(" ,")
            if not (asked_terms(masked(a)) and asked_terms(masked(b))):
                return None  # a bare date is no event to look for
            if named := names(a):
                b = _IT.sub(f"{named[0].text} ", b)
            elif named := names(b):
                a = _ITS.sub(f"{named[0].text}'s ", a)
            return Comparison(form=form, first=a, second=b, unit=unit and unit.lower())
    return None
