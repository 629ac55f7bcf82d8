"""A question, read: what to search for, which articles may answer, what form the answer has.

Rules only, and all of them visible: what they infer is shown with the answer and can be changed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.errors import QuestionError
from rag.language.dates import parse_moment
from rag.language.entities import tagged
from rag.language.terms import asked_terms
from rag.language.tongue import Tongue
from rag.language.words import fold
from rag.question.comparison import compared
from rag.question.parts import divided
from rag.question.publishers import named as outlets_named
from rag.question.publishers import short
from rag.types import Filter, day

Kind = Literal["fact", "order", "duration", "change", "timeline", "yesno", "open"]

Period = tuple[date, date]
"""The first and the last day, both included."""

LONGEST = 2_000
"""Most characters of a question; what is longer is a document, not a question."""

_MONTHS = {m.lower(): i for i, m in enumerate(calendar.month_name) if m}
_MONTHS |= {m.lower(): i for i, m in enumerate(calendar.month_abbr) if m} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}} (?:{_MONTH})\.?,? \d{{4}}"
    rf"|(?:{_MONTH})\.? \d{{1,2}},? \d{{4}}|(?:{_MONTH})\.? \d{{4}}|(?:19|20)\d{{2}})"
)
_AS_OF = re.compile(rf"\bas (?:of|at) ({_DATE})\b", re.IGNORECASE)
_PUBLISHED = re.compile(
    rf"\b(?:published|articles|coverage|stories) (?:published )?(?:of|from|on|in) ({_DATE})\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"\b(?:published|reports?|articles?|coverage) (?:between|from) ({_DATE})"
    rf" (?:and|to|until|-|–) ({_DATE})\b",
    re.IGNORECASE,
)
MENTION = re.compile(rf"\b({_DATE})\b", re.IGNORECASE)
_RECENT = re.compile(
    r"\b(?:latest|newest|most recent|currently|current|now|nowadays|today|at present|so far"
    r"|still|these days|up to date|this (?:week|weekend|month|season)|last (?:week|month)|recently"
    r"|recent|yesterday|tonight|upcoming)\b"
)
_ORDER = re.compile(
    r"\b(?:before or after|after or before|earlier or later|which (?:came|happened|was) first"
    r"|which of (?:the )?(?:two|these).{0,40}first|did .{3,160} (?:before|after) .{3,160}\?)"
)
_DURATION = re.compile(
    r"\bhow (?:long|many (?:days|weeks|months|years)) (?:\w+ ){0,4}?"
    r"(?:between|after|before|did|passed|went by|from)\b"
)
_CHANGE = re.compile(
    r"\b(?:chang(?:e|ed|es|ing)|still|no longer|evolv\w+|revers(?:e|ed)|differ\w* (?:from|over)"
    r"|over time|until when|since when)\b"
)
_TIMELINE = re.compile(
    r"^(?:please )?(?:summari[sz]e|sum up) (?:what|how|the (?:story|news|events|course|coverage))\b"
    r"|\b(?:timeline|chronolog\w+|(?:sequence|order|course) of (?:the )?events|step by step"
    r"|day by day|what happened when|(?:the|all|its|their) successive)\b|\bwhat steps\b"
    r"|\bin order\??$"
    # A request ("Trace the dispute."), not "trace amounts of what metal", "a trace of".
    r"|(?:^|[.;:,] )(?:please )?trace (?!\w+ (?:of|from|in) (?:what|which|whose)\b)"
    r"(?!(?:of|amounts?|quantit\w+|levels?|elements?|metals?|minerals?|gas(?:es)?|evidence)\b)"
    r"|\bwhat happened\b.{0,60}[,:;] from .{3,60} to\b"
    r"|\bhow did .{3,120}\b(?:develop|move|evolve|unfold)\b.{0,60}"
    r"\b(?:from|between) .{3,40} (?:to|and)\b"
)
_YESNO = re.compile(
    r"^(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should|may|might)\b"
)
_OPEN = re.compile(
    r"^(?:why|what happen|in what ways?"
    r"|how(?! (?:many|much|old|long|far|often|tall|big|large|high|deep|wide|fast|soon|heavy)\b)"
    r"|what (?:(?:is|are|was|were|the|some|main|key|major|other|specific|possible|significant|legal"
    r"|economic|political|two|three) ){0,4}"
    r"(?:factors?|challenges?|concerns?|reasons?|impacts?|effects?|examples?)\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question as the retrievers and the reader use it."""

    text: str
    terms: tuple[str, ...]
    """Folded words that an answering text is expected to hold, in order."""
    kind: Kind
    filters: Filter
    """What may be read: given by the caller or, failing that, stated in the question."""
    inferred: bool
    """True when the question, not the caller, set a filter."""
    mentions: tuple[Period, ...] = ()
    """Periods that the question names without restricting the publication: a preference."""
    as_of: date | None = None
    """The day on which it is to be answered, stated in the question or given by the caller."""
    recent: bool = False
    """True when the question asks for the news, or for the state of things now."""
    asked_on: date | None = None
    """The day on which the question is put, where that matters: its news is read first."""

    tongue: Tongue | None = None
    """The language that it is asked in, where it is not English and articles are in it."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The questions in the question: "When did it land, and who built it?" has two."""
        if self.tongue is not None:
            return (self.text,)
        if asked := compared(self.text):
            return (asked.first, asked.second)
        return (self.text,) if self.kind in _WHOLE else divided(self.text)


def read(question: str, *, filters: Filter | None = None, publishers: Iterable[str] = ()) -> Query:
    """Read a question; `publishers` are the outlets that the archive holds.

    Args:
        question: As the person typed it.
        filters: Set by the person; then none is inferred from the words.
        publishers: Names that "according to ..." may refer to.

    Raises:
        QuestionError: When it is empty, or longer than `LONGEST` characters.
    """
    text = " ".join(question.split())
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question is empty: ask something in words.")
    if len(text) > LONGEST:
        raise QuestionError(
            f"The question has {len(text):,} characters, {LONGEST:,} are the most: shorten it."
        )
    rest, named = tagged(text)
    if named:
        text = rest if any(c.isalnum() for c in rest) else " ".join(named)
        filters = replace(filters or Filter(), entities=named)
    rest, sets = tagged(text, "collection")
    if sets:
        text = rest if any(c.isalnum() for c in rest) else " ".join(sets)
        filters = replace(filters or Filter(), collections=sets)
    mentions = tuple(filter(None, map(period, dict.fromkeys(MENTION.findall(text)))))
    stated = _stated_filter(text, mentions, publishers) if filters is None else filters
    on_a_day = _AS_OF.search(text) if filters is None else None
    return Query(
        text=text,
        terms=asked_terms(text),
        kind=_kind(text.lower()),
        filters=stated,
        inferred=filters is None and bool(stated),
        mentions=mentions,
        as_of=stated.until if on_a_day and stated.since is None else None,
        recent=bool(_RECENT.search(text.lower())),
    )


def foreign(query: Query, tongue: Tongue) -> Query:
    """Return a question as one of another language: what English words would mean is left out.

    A filter that its words state is kept: it names a day or an outlet of the archive.
    """
    terms = tongue.terms(query.text)
    return replace(query, tongue=tongue, terms=terms, kind="fact", recent=False)


def _kind(text: str) -> Kind:
    """Say what form of answer a question (in lower case) asks for."""
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return "fact"


_WHOLE: frozenset[Kind] = frozenset({"timeline", "order", "duration"})
"""Kinds that put their parts together again."""
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("timeline", _TIMELINE),
    ("order", _ORDER),
    ("duration", _DURATION),
    ("change", _CHANGE),
    ("yesno", _YESNO),
    ("open", _OPEN),
)


def _stated_filter(text: str, mentions: Sequence[Period], publishers: Iterable[str]) -> Filter:
    """Return the filter that the words of a question state."""
    bounds: tuple[date | None, date | None] = (None, None)
    if between := _BETWEEN.search(text):
        bounds = _bound(between[1])[0], _bound(between[2])[1]
    elif as_of := _AS_OF.search(text):
        bounds = None, _bound(as_of[1])[1]
    elif len(mentions) == 1 and (published := _PUBLISHED.search(text)):
        bounds = _bound(published[1])
    return Filter(since=bounds[0], until=bounds[1], publishers=_stated_publishers(text, publishers))


def _stated_publishers(text: str, publishers: Iterable[str]) -> tuple[str, ...]:
    """Return the archive's outlets that the question names as its sources.

    One that is named beside such a source is one too: "reported by AP and The Verge".
    """
    folded = fold(text)
    cue = (
        r"(?:according to|reported by|as reported in|reports? (?:by|from|in|of)"
        r"|article (?:by|from|in))"
    )
    held = tuple(publishers)
    stated = [
        p
        for p in held
        if p and re.search(rf"\b{cue} (?:the )?{re.escape(fold(short(p)))}\b", folded)
    ]
    return outlets_named(text, held) if stated else ()


def period(words: str) -> Period | None:
    """Return the first and last day of a date, month or year in words; None when there is none."""
    words = words.strip()
    if re.fullmatch(r"\d{4}", words):
        return date(int(words), 1, 1), date(int(words), 12, 31)
    if month := re.fullmatch(rf"({_MONTH})\.? (\d{{4}})", words, re.IGNORECASE):
        year, number = int(month[2]), _MONTHS[month[1].lower()]
        if not 1900 <= year <= 2100:
            return None
        return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])
    stated = day(parse_moment(words))
    return (stated, stated) if stated else None


def _bound(words: str) -> Period:
    """Return the period of a date that restricts what is read, which must exist.

    Raises:
        QuestionError: When the calendar has no such day.
    """
    found = period(words)
    if found is None:
        raise QuestionError(f"{words!r} is not a date: write it like 2024-05-30 or 30 May 2024.")
    return found
