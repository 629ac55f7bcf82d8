"""The facts of a text in normal form, for checking, choosing sentences and finding disagreement."""

from __future__ import annotations

import re
from typing import Literal

from rag.language.cues import claims, quotes
from rag.language.direction import turns
from rag.language.names import Known, Name, names
from rag.language.numbers import Quantity, numbers
from rag.language.speech import Speech, speeches
from rag.language.when import When, dates
from rag.language.words import fold, stem, stems, words

__all__ = [
    "AnswerType",
    "Known",
    "Name",
    "Quantity",
    "Speech",
    "When",
    "answer_type",
    "claims",
    "dates",
    "fold",
    "names",
    "numbers",
    "quotes",
    "speeches",
    "stem",
    "stems",
    "turns",
    "words",
]

AnswerType = Literal[
    "person",
    "organisation",
    "place",
    "date",
    "number",
    "money",
    "percent",
    "duration",
    "reason",
    "manner",
    "yesno",
    "quote",
    "thing",
]

_ORGANISATION = (
    r"company|companies|firm|organi[sz]ation|agency|bank|party|team|club|university|network|"
    r"newspaper|outlet|publisher|airline|retailer|court|ministry|department|union|group|brand"
)
_PLACE = (
    r"country|countries|city|cities|state|states|town|place|region|province|continent|county|"
    r"village|island|nation|nations|location|venue"
)
_PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (
        "quote",
        (
            r"\bwhat (?:did|does|has|have|do) .{1,120}\b(?:say|said|tell|told|write|report|"
            r"state|claim|argue|call|warn|describe)\b"
        ),
    ),
    (
        "percent",
        (
            r"\b(?:what|which) (?:percent\w*|per cent|share|proportion|fraction)\b|"
            r"\bhow many percent\b|\bby what percent"
        ),
    ),
    (
        "money",
        (
            r"\bhow much (?:money|did .{1,80}\b(?:cost|pay|paid|spend|sell|earn|raise|donate"
            r"|lose|make)\b|does .{1,80}\bcost\b|is .{1,80}\bworth\b|will .{1,80}\b(?:cost|"
            r"pay)\b|was .{1,80}\b(?:fined|paid|worth|sold)\b)|\bwhat (?:will|would|did|does|has)"
            r" .{1,80}?\bcost\b|\bwhat (?:is|was|were) the (?:\w+ )?"
            r"(?:price|cost|fine|salary|value|budget|revenue|profit)s?\b"
        ),
    ),
    ("duration", r"\bhow (?:long|old)\b|\bfor how many (?:years|months|weeks|days|hours)\b"),
    (
        "date",
        (
            r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|time|weekday)\b|"
            r"\bsince when\b"
        ),
    ),
    (
        "number",
        (
            r"\bhow (?:many|much|far|tall|high|large|big|fast|often|deep|heavy)\b|"
            r"\bwhat (?:number|score|figure)\b|\bwhat (?:is|was) the (?:\w+ )?(?:number|"
            r"score|toll|total|rate|count)\b"
        ),
    ),
    (
        "reason",
        (
            r"\bwhy\b|\bfor what reason\b|\bwhat (?:caused|led to|prompted)\b|"
            r"\b(?:due|owing|thanks) to what\b|\bbecause of what\b|"
            r"\bwhat (?:is|was) the (?:reason|cause)\b"
        ),
    ),
    ("organisation", rf"\b(?:what|which) (?:\w+ ){{0,3}}(?:{_ORGANISATION})\b"),
    ("place", rf"\bwhere\b|\b(?:what|which) (?:\w+ ){{0,2}}(?:{_PLACE})\b"),
    (
        "person",
        (
            r"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ ){0,3}(?:actor|actress|president|"
            r"player|singer|leader|politician|person|man|woman|minister|senator|author|"
            r"celebrity|athlete|official|candidate|coach|director)\b"
        ),
    ),
    ("manner", r"\bhow\b"),
    (
        "yesno",
        (
            r"^(?:so |and |but )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|"
            r"would|should|may|might|must)\b"
        ),
    ),
)
_TYPES: tuple[tuple[AnswerType, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern)) for kind, pattern in _PATTERNS
)
_YESNO = _TYPES[-1][1]


def answer_type(question: str) -> AnswerType:
    """Say what kind of thing a question asks for, by its question word and what follows it."""
    low = " ".join(fold(question).split())[:400]
    if _YESNO.search(low):
        return "yesno"
    return next((kind for kind, pattern in _TYPES if pattern.search(low)), "thing")
