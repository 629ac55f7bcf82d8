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
_PERSON = (
    r"actor|actress|president|player|singer|leader|politician|person|man|woman|minister|senator|"
    r"author|celebrity|athlete|official|candidate|coach|director"
)
_AUXILIARY = (
    r"(?:do|does|did|is|are|was|were|has|have|had|will|would|can|could|may|might|shall|should|must)"
)
_BETWEEN = (
    rf"(?!(?:{_AUXILIARY}|the|an?|this|that|these|those|his|her|its|their|of|in|on|at|by|for|from|to"
    r"|with|inside|outside|besides|near|against|about|led|made|caused|causes?|happens?|happened"
    r"|takes?|took|used|uses|kinds?|types?|sorts?|parts?)\b)[\w.'’-]+ "
)
"""A word that may stand between "what" and the noun that it goes with. In "what did the court
decide" it does not go with the court, which is known: what was decided is asked for."""
_LATER = r"(?:of|in|from|now|today|that|who|\w+(?:ed|ly|s))"
_NO_COMPOUND = (
    rf"(?! (?:{_ORGANISATION}|{_PLACE}|{_PERSON})\b)(?!-\w)"
    rf"(?! (?!{_LATER} )\w+ {_AUXILIARY}\b)"
)
"""Behind such a noun: "what court ruling did ..." and "which ministry official" ask for neither."""
_ONLY = r"(?:\w+est|most \w+|first|last|next|only|other|\w*other|second|third|main|name of the)"


def _asks(heads: str) -> str:
    """Return a pattern for questions whose "what" or "which" goes with one of these nouns."""
    own = rf"\b(?:what|which) (?:{_BETWEEN}){{0,3}}(?:{heads})\b{_NO_COMPOUND}"
    is_the = (
        rf"\b(?:what|which) (?:is|are|was|were) (?:the )?"
        rf"(?:(?:{_BETWEEN}){{0,2}}(?:{heads}) (?:that|which|whose|where|who)\b"
        rf"|{_ONLY} (?:{_BETWEEN}){{0,2}}(?:{heads})\b{_NO_COMPOUND})"
    )
    return rf"{own}|{is_the}"


_PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (
        "quote",
        (
            r"\bwhat (?:exactly |else )?(?:did|does|has|have|do) .{1,120}\b(?:(?:say|said|tell|told"
            r"|write|argue|warn|describe)\b|(?:report|state|claim|call)(?:\W*$| (?:the|an?|about|on"
            r"|that|to|in|as|at|after|before|when|during|for|from|was|were|is|it|them|him|his|her|their|its"
            r"|itself|themselves|this|regarding)\b))"
            r"|\bwhat (?:was|were|is|are) .{1,80}['’]s? (?:own |first |exact )?(?:words?|comments?"
            r"|answer|repl(?:y|ies)|response|reaction|statement)\b"
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
            r"pay)\b|was .{1,80}\b(?:fined|paid|worth|sold)\b)|\bwhat (?:will|would|did|does|has|is"
            r"|are|was|were) .{1,80}?\bcost\b(?! of\b)|\bwhat (?:is|was|were) the (?:\w+ )?"
            r"(?:price|cost|fine|salary|value|budget|revenue|profit)s?\b"
        ),
    ),
    (
        "duration",
        r"\bhow (?:long|old)\b|\bin what time\b|\bfor how many (?:years|months|weeks|days|hours)\b",
    ),
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
    ("organisation", _asks(_ORGANISATION)),
    (
        "place",
        (
            rf"\bwhere\b|{_asks(_PLACE)}|\bwhat (?:is|was|are|were) the (?:\w+ )?"
            r"(?:location|venue|(?:nation|country|place) of)\b"
        ),
    ),
    ("person", rf"\bwho(?:m|se)?\b|{_asks(_PERSON)}"),
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


_OPENED = re.compile(
    r"^(?:(?:and|but|so) )?(?:(?:on|in|at|by|for|from|to|of|with|under|since|until) )?"
    r"(?:what|which|who|whom|whose|how|where|why|when)\b"
)
_BESIDE = re.compile(
    r"(?<!\band)(?<!\bor)(?<!,)(?<!\bto)(?<!\bby) (?:who|whose|whom|when|where|how|why)\b"
)
"""What only says more of a thing: "the minister who resigned", "when it opened"."""


def answer_type(question: str) -> AnswerType:
    """Say what kind of thing a question asks for, by its question word and what follows it."""
    low = " ".join(fold(question).split())[:400]
    if opened := _OPENED.search(low):
        low = low[: opened.end()] + _BESIDE.sub(" ", low[opened.end() :])
    if _YESNO.search(low):
        return "yesno"
    return next((kind for kind, pattern in _TYPES if pattern.search(low)), "thing")
