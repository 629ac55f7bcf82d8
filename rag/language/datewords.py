"""Where dates stand in a text: one pattern for all their forms."""

from __future__ import annotations

import re

from rag.language.memory import MEMORY
from rag.language.numerals import NUMERALS

_MONTH_NAMES = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|"
    "september sept sep|october oct|november nov|december dec"
)
_DAY_NAMES = (
    "monday mon|tuesday tues tue|wednesday wed|thursday thurs thur thu|friday fri|saturday sat|"
    "sunday sun"
)
MONTHS = {n: i + 1 for i, m in enumerate(_MONTH_NAMES.split("|")) for n in m.split()}
DAYS = {n: i for i, d in enumerate(_DAY_NAMES.split("|")) for n in d.split()}
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[6-9]|20)\d\d"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_UNIT = r"(?:day|week|month|year|decade)s?"
_AMOUNT = rf"(?:\d{{1,3}}|an?|{'|'.join(w for w in NUMERALS if w != 'zero')})"

_PATTERN = re.compile(
    rf"\b(?:(?P<iso>{_YEAR}-\d\d-\d\d)"
    rf"|(?P<mdy_m>{_MONTH})\s*(?P<mdy_d>{_DAY})(?:st|nd|rd|th)?\b(?!\s*[%,]?\d)"
    rf"(?:,?\s+(?P<mdy_y>{_YEAR})\b)?"
    rf"|(?P<dmy_d>{_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<dmy_m>{_MONTH})\b"
    rf"(?:,?\s+(?P<dmy_y>{_YEAR})\b)?"
    rf"|(?P<my_m>{_MONTH}),?\s+(?:of\s+)?(?P<my_y>{_YEAR})\b"
    rf"|(?:(?P<which>last|next|this|coming|past)\s+)?(?P<weekday>{_WEEKDAY})\b"
    rf"|(?:in|of|since|until|by|from|during|early|late|mid|last|next|this)[\s-]"
    rf"(?P<m_m>{_MONTH})\b(?!,?\s*(?:of\s+)?\d)(?!\s+(?:be|have|also|not|on|to|with)\b)"
    rf"|(?P<rel>(?:the day (?:before yesterday|after tomorrow))|yesterday|today|tonight|tomorrow"
    rf"|this (?:morning|afternoon|evening)|last night)\b"
    rf"|(?:earlier |later )?(?P<period_w>last|this|next|past)\s+(?P<period>week|month|year)\b"
    rf"|(?P<ago_n>{_AMOUNT})\s+(?P<ago_u>{_UNIT})\s+(?P<ago>ago|earlier|later)\b"
    rf"|(?P<dec>(?:1[6-9]|20)\d0)['’]?s\b"
    rf"|(?P<year>{_YEAR})\b(?![,.:]\d|%|-\d|\s*(?:percent|per cent|people|million|dollars|miles"
    rf"|jobs|kilomet|metres|meters|km)))",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"[$£€¥#]\s?$|\d[,.]$|(?<!mid)(?<!early)(?<!late)[-–]$")
FUTURE = re.compile(
    r"\b(?:will|shall|due|scheduled|plans? to|expect(?:s|ed)?|is to|are to|set to|next)\b",
    re.IGNORECASE,
)


@MEMORY.of_texts(bytes_a_character=2)
def masked(text: str) -> str:
    """Return the text with its dates blanked, so that their numbers are not read as amounts."""
    chars = list(text)
    for match in matches(text):
        if match["ago_n"] is None:
            chars[match.start() : match.end()] = " " * (match.end() - match.start())
    return "".join(chars)


@MEMORY.of_texts(bytes_a_character=2)
def matches(text: str) -> tuple[re.Match[str], ...]:
    """Return the matches of the date pattern, without years that are amounts."""
    return tuple(
        m
        for m in _PATTERN.finditer(text)
        if not (m["year"] and _MONEY_BEFORE.search(text[max(0, m.start() - 6) : m.start()]))
    )
