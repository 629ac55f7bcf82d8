"""When did it happen, as a sentence says: its dates without those that only bound or frame it.

"The dam broke on Tuesday, its worst failure since 1998, the ministry said on Friday" tells of
Tuesday: 1998 is a bound and Friday is the day of the saying.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rag.language.numerals import NUMERALS
from rag.language.when import When, dates
from rag.language.words import words

MONTH = timedelta(days=31)
"""More than the days from the first of a month to its last."""
_BOUND = re.compile(
    r"\b(?:since|than|until|till|from|before|after|by|late as|early as|compared (?:with|to)|against"
    r"|ahead of|(?:\d|percent|points?) \w+ed|record of|scheduled for|planned for|due (?:in|on)?)\s+"
    r"(?:in |on )?(?:the )?(?:(?:early|late|end of) |mid-)*\Z",
    re.IGNORECASE,
)
"""What stands ahead of a day that only bounds or measures what is told, "since March 2020"."""
_ASIDE = re.compile(r",\s+(?:which|who|whose|whom|where|when|announced|signed|published)\b[^,;]*\Z")
"""An aside that is still open: ", which brought down the bridge on"."""
_OWNS = re.compile(r"['’]s\b|\s+(?:has|have|had|is|are|was|were|will|would|could)\b")
"""What stands behind a day that belongs to a noun: "Monday's quake", "the quake of May 3 has"."""
_SAYING = re.compile(
    r"\b(?:said|says|told|reported|wrote|stated|added|according to|updated|testified)\b"
    r"(?:\s+(?!(?:that|would|will|had|has|was|were)\b)[\w’'-]+){0,5}?\s*"
    r"(?:on |late |early |in )*\Z",
    re.IGNORECASE,
)
"""What stands ahead of the day on which something was only said."""
_SAID_BEHIND = re.compile(
    r"\s*(?:,\s*)?(?:[\w’'-]+\s+){0,5}(?:said|says|told reporters)\s+that\b", re.IGNORECASE
)
_SMALL = re.compile(r"(?:in|on|of|by|since|until|from|before|after) ", re.IGNORECASE)
"""A word with which the span of a day may begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A date of a sentence; `said` where only something was said then."""

    when: When
    said: bool = False


def told(text: str, published: date | None) -> Iterator[Told]:
    """Yield the days, months and years of which a sentence tells something, in its order."""
    for found in dates(text, published):
        named = _SMALL.match(text, found.span.start)
        ahead, behind = text[: named.end() if named else found.span.start], text[found.span.end :]
        if not found.known or _BOUND.search(ahead) or _ASIDE.search(ahead) or _OWNS.match(behind):
            continue
        yield Told(when=found, said=bool(_SAYING.search(ahead)))


def happened(text: str, published: date | None) -> tuple[date, date] | None:
    """Return the first and last day between which a sentence says that it happened.

    It is the first date that is told, as exact as that is, and not after the article; None where
    the sentence does not say.
    """
    for one in told(text, published):
        first, last = one.when.first, one.when.last
        if one.said or first is None or last is None:
            continue
        if published is None or first <= published:
            return first, last if published is None else min(last, max(first, published))
    return None


_DAYS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_NTH = re.compile(
    rf"\b(?:its|the|their|a|an) (?P<nth>{'|'.join(_DAYS)}) (?P<unit>day|week)\b", re.IGNORECASE
)


def began(text: str, published: date | None) -> date | None:
    """Return the day on which something began whose "third day" a sentence tells of.

    "The strike entered its third day on Tuesday" began on the Sunday before.
    """
    found = _NTH.search(text)
    if found is None:
        return None
    day = next((t.when.first for t in told(text, published) if not t.said), published)
    days = _DAYS.index(found["nth"].lower()) * (7 if found["unit"].lower() == "week" else 1)
    return None if day is None else day - timedelta(days=days)


_COUNT = re.compile(
    rf"\b(?P<n>\d{{1,3}}|an?|{'|'.join(NUMERALS)}) (?P<unit>day|week|month|year)s?"
    r" (?P<way>after|before)\b",
    re.IGNORECASE,
)
_LONG = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A day that a sentence gives by its distance from another: "two weeks after he conceded"."""

    first: date
    last: date
    """Between which days it was: weeks are exact to three days, months to two weeks."""
    since: date
    """The day that it is counted from."""
    length: str
    """How far it was from that, with the side: "two weeks before"."""


def by_distance(text: str, published: date | None, done: Collection[str]) -> Counted | None:
    """Return when something was of which a sentence only says how long before or after.

    "She was sworn in on Friday, two weeks after Kron had conceded" tells of two days, and Friday is
    that of the swearing in.

    Args:
        text: One sentence.
        published: The day of its article.
        done: Stems of the words for what was done: "conced".
    """
    found = _COUNT.search(text)
    if found is None:
        return None
    head, tail = text[: found.start()], text[found.end() :]
    behind = {w.stem for w in words(tail)}
    when = happened(head, published)
    if when is None or when[0] != when[1] or not set(done) & behind:
        return None
    if set(done) & {w.stem for w in words(head)}:
        return None
    number, unit = found["n"].lower(), found["unit"].lower()
    amount = int(number) if number.isdigit() else NUMERALS.get(number, 1)
    back = found["way"].lower() == "after"
    days = timedelta(days=round(amount * _LONG[unit]) * (-1 if back else 1))
    loose = timedelta(days={"day": 0, "week": 3, "month": 15}.get(unit, 183))
    middle = when[0] + days
    return Counted(
        first=middle - loose,
        last=middle + loose,
        since=when[0],
        length=f"{text[found.start() : found.start('way')]}{'before' if back else 'after'}",
    )


def is_month(first: date, last: date) -> bool:
    """Say whether two days are the first and the last of one month."""
    return first.day == 1 and (last + timedelta(days=1)).day == 1 and last - first < MONTH
