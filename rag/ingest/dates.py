"""Dates as sources state them: strictly read, never guessed.

What is not certain is None. A year alone, "Tuesday", "3 hours ago" and 03/04/2024 (March or April?)
say too little to be shown beside a quote as the day of publication.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from rag.types import Moment

LONGEST = 100
"""A longer text is no date."""

EARLIEST = 1600
"""The first newspapers; an earlier year is a slip or a placeholder such as 0001-01-01."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_ZONES = (
    dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0)
    | {"bst": 1, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9}
    | {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
    | {"akst": -9, "akdt": -8, "hst": -10, "aest": 10, "aedt": 11}
)
_AMERICAN = {"et": -5, "ct": -6, "mt": -7, "pt": -8, "eastern": -5, "central": -6}
_AMERICAN |= {"mountain": -7, "pacific": -8}
"""Zones that move with daylight saving time: their hours in winter."""

_DAY_NAME = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2}))?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?"
)
_NAMES = "|".join(sorted(_ZONES | _AMERICAN, key=len, reverse=True))
_ZONE = (
    r"(?: ?\(?(?P<zone>(?:utc|gmt)[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}"
    rf"|(?:{_NAMES})\b)\)?(?: time)?)?"
)
_BEFORE_CLOCK = r"(?:,? (?:at )?|, | [-–—|•] )"
_DATES = (rf"{_MONTH} {_DAY},? {_YEAR}", rf"{_DAY} {_MONTH},? {_YEAR}", rf"{_YEAR} {_MONTH} {_DAY}")
_WORDED = [
    re.compile(pattern)
    for words in _DATES
    for pattern in (
        rf"{_DAY_NAME}{words}(?:{_BEFORE_CLOCK}{_CLOCK}{_ZONE})?",
        rf"{_CLOCK}{_ZONE},? (?:on )?{_DAY_NAME}{words}",
    )
]
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[t ] ?(\d{2})[:.]?(\d{2})(?:[:.]?(\d{2})(?:[.,]\d{1,9})?)?"
    r"(?: ?(z|utc|gmt|[+-]\d{2}(?::?\d{2})?))?)?"
)
_SLASHED = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_LABEL = re.compile(
    r"(?:(?:first |originally |last )?(?:published|posted|updated|modified|created)(?: on| at)?|on"
    r"|dateline|date)[: ] ?"
)


def parse_moment(raw: str) -> Moment | None:
    """Return the date, or the date and time, that `raw` states, or None.

    A datetime is aware exactly if the text names a zone or an offset.

    Examples:
        >>> parse_moment("Nov. 19, 2024 3:05 p.m. EST").isoformat()
        '2024-11-19T15:05:00-05:00'
        >>> parse_moment("30 May 2024")
        datetime.date(2024, 5, 30)
        >>> parse_moment("03/04/2024") is None
        True
    """
    text = " ".join(raw[: LONGEST + 1].split()).lower()
    if not text or len(raw.strip()) > LONGEST:
        return None
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    for reader in (_iso, _numbers, _worded):
        try:
            moment = reader(text)
        except (ValueError, OverflowError):
            continue
        if moment is not None and moment.year >= EARLIEST:
            return moment
    return None


def from_timestamp(seconds: float) -> datetime | None:
    """Return the moment of a Unix timestamp of 10 digits, or of 13 (milliseconds), in UTC."""
    digits = len(str(int(abs(seconds))))
    if digits not in {10, 13} or seconds < 0:
        return None
    return datetime.fromtimestamp(seconds / (1000 if digits == 13 else 1), tz=UTC)


def plausible(moment: Moment | None) -> Moment | None:
    """Return the moment unless it lies more than two days ahead: nothing is published then."""
    if moment is None:
        return None
    stated = moment.date() if isinstance(moment, datetime) else moment
    return moment if stated <= datetime.now(tz=UTC).date() + timedelta(days=2) else None


def _iso(text: str) -> Moment | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(g) if g else 0 for g in found.groups()[:6])
    if found[4] is None:
        return date(year, month, day)
    zone = _offset(found[7]) if found[7] else None
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _numbers(text: str) -> date | None:
    """Read 30/05/2024, 5/30/2024 and 2024/05/30; None where day and month could be exchanged."""
    if found := _YEAR_FIRST.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = _SLASHED.fullmatch(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if first > 12 or first == second:
        return date(year, second, first)
    return date(year, first, second) if second > 12 else None


def _worded(text: str) -> Moment | None:
    for pattern in _WORDED:
        found = pattern.fullmatch(text)
        if found:
            return _assembled(found)
    return None


def _assembled(found: re.Match[str]) -> Moment | None:
    month = _MONTHS.get(found["month"])
    if month is None:
        return None
    day = date(int(found["year"]), month, int(found["day"]))
    if found["hour"] is None:
        return day
    if found["minute"] is None and found["half"] is None:
        return None  # A bare number after a date may be anything.
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    zone = _zone(found["zone"], day) if found["zone"] else None
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)


def _zone(name: str, day: date) -> timezone:
    """Return the offset that a zone's name stands for on that day."""
    if name in _AMERICAN:
        return timezone(timedelta(hours=_AMERICAN[name] + _is_american_summer(day)))
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    return _offset(name)


def _offset(text: str) -> timezone:
    """Read Z, +02:00, -0500, UTC+2."""
    digits = re.sub(r"[^\d+-]", "", text)
    if not digits:
        return UTC
    sign = -1 if digits[0] == "-" else 1
    hours, minutes = int(digits[1:3]), int(digits[3:5] or 0)
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _is_american_summer(day: date) -> bool:
    """Say whether daylight saving time holds in the US (since 2007), noon by noon."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    starts = march + timedelta(days=(6 - march.weekday()) % 7)
    ends = november + timedelta(days=(6 - november.weekday()) % 7)
    return starts <= day < ends
