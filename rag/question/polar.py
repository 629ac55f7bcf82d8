"""Questions whose answer is one of two words: yes or no, consistent or inconsistent.

What is asked of two reports is that they agree, that something changed between them, or that each
says what the question says it does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Asks = Literal["agree", "change", "claims"]

_AUX = r"(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would)"
_POLAR = re.compile(rf"(?:^|[,;] ){_AUX} (?:\S+ )", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:^|[,;] |\b(?:and|or) )(?:who|whom|whose|which|what|when|where|why|how)\b", re.IGNORECASE
)
_AGREE = re.compile(
    r"\b(?P<no>in)?consisten(?:t|tly|cy|cies)\b|\b(?P<no2>dis)?agreement\b|\bcontradict\w*\b"
    r"|\bdiscrepanc\w+\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\bconsistent(?:ly)? or (?:inconsistent|not)", re.IGNORECASE)
_CHANGE = re.compile(
    r"\bthere (?:been |really )?(?P<no>no )?(?:an? |any |some )?(?:\w+ )?(?:change|shift)s?\b"
    r"|(?:^|[,;] )(?:has|have|had|did|was|were)\b[^;]{2,300}?"
    r"\b(?P<no2>not? |un)?(?:chang(?:e|ed)|shift(?:ed)?)\b",
    re.IGNORECASE,
)
_CHANGE_EITHER = re.compile(r"\bchanged? or (?:a |the )?(?:consisten\w+|same)\b", re.IGNORECASE)
_ORDER = re.compile(r"\b(?:before or after|after or before|earlier or later)\b", re.IGNORECASE)
_REPORTS = re.compile(
    r"\b(?:report\w*|article\w*|cover\w*|stor(?:y|ies)|portray\w*|publish\w*|describ\w*|news|"
    r"accounts?|attribut\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polar:
    """What a question wants decided, and the word for each result."""

    asks: Asks
    true: str = "Yes"
    """The word when the reports agree, when something changed, when each says what is said."""
    false: str = "No"


def polar(question: str) -> Polar | None:
    """Read a question about reports for one of two words; None when it asks for anything else."""
    text = " ".join(question.split()).rstrip("?! ")
    opened, other = _POLAR.search(text), _OTHER.search(text)
    if opened is None or (other and other.start() < opened.start()) or _ORDER.search(text):
        return None
    return _asked(text) if _REPORTS.search(text) else None


def _asked(text: str) -> Polar:
    if _CHANGE_EITHER.search(text):
        return Polar(asks="change", true="Change", false="Consistent")
    if found := _AGREE.search(text):
        if _EITHER.search(text):
            return Polar(asks="agree", true="Consistent", false="Inconsistent")
        against = bool(found["no"] or found["no2"]) or found[0].lower()[:4] in {"cont", "disc"}
        return _polar("agree", against=against)
    if found := _CHANGE.search(text):
        return _polar("change", against=bool(found["no"] or found["no2"]))
    return Polar(asks="claims")


def _polar(asks: Asks, *, against: bool) -> Polar:
    """Return yes and no, the other way round where the opposite is asked for."""
    yes, no = ("No", "Yes") if against else ("Yes", "No")
    return Polar(asks=asks, true=yes, false=no)
