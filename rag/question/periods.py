"""Periods of publication in words: "since May", "between 4 and 10 June 2024", "last week".

What the words leave open is taken from the other end of the same period, else from the archive's
newest day: "in May" is then the last May that it can hold.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rag.language.datewords import MONTHS
from rag.language.numerals import NUMERALS

Days = tuple[date | None, date | None]
"""The first and the last day; None where that end is open."""

ONE = timedelta(days=1)
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH = rf"(?:{_NAMES})\b\.?"
_YEAR = r"(?:19|20)\d\d"
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "1st": 1, "2nd": 2, "3rd": 3,
        "4th": 4}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9}
_NUMBER = rf"\d{{1,3}}|{'|'.join(n for n in NUMERALS if n != 'zero')}"
_OF = r"(?:,? (?:of )?(?:the year )?)"


def _unit(tag: str) -> str:
    """Return the pattern of one day, month or year; `tag` ends the names of its groups."""
    return (
        rf"(?:the (?:year|month) (?:of )?)?(?:(?P<iso{tag}>\d{{4}}-\d\d-\d\d)"
        rf"|(?:the )?(?P<d1{tag}>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<m1{tag}>{_MONTH})"
        rf"(?:{_OF}(?P<y1{tag}>{_YEAR}))?"
        rf"|(?P<m2{tag}>{_MONTH}) (?:the )?(?P<d2{tag}>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
        rf"(?:,? (?P<y2{tag}>{_YEAR}))?"
        rf"|(?P<m3{tag}>{_MONTH})(?:{_OF}(?P<y3{tag}>{_YEAR}))?"
        rf"|(?:the )?(?P<nth{tag}>{'|'.join(_NTH)}) (?P<part{tag}>quarter|half)"
        rf"{_OF}(?P<y4{tag}>{_YEAR})"
        rf"|q(?P<q{tag}>[1-4]) (?P<y5{tag}>{_YEAR})"
        rf"|(?:the )?(?P<season{tag}>{'|'.join(_SEASONS)}){_OF}(?P<y6{tag}>{_YEAR})"
        rf"|(?:the )?(?P<decade{tag}>{_YEAR[:-4]}\d0)s"
        rf"|(?P<y7{tag}>{_YEAR}))"
    )


_REL = (
    r"(?P<rel>today|yesterday|(?:the )?(?:this|current|last|past|previous|preceding)"
    r" (?:week|month|year))"
)
_LAST = (
    rf"(?:the )?(?:last|past|previous) (?P<many>{_NUMBER}) (?P<each>days?|weeks?|months?|years?)"
)
_AGO = rf"(?P<ago>{_NUMBER}|an?) (?P<agos>days?|weeks?|months?|years?) ago"
_VERB = (
    r"(?:(?:that|which) )?(?:(?:was|were|is|are|has been|have been|got) )?"
    r"(?:(?:published|printed|written|dated|date|dates|dating|released|posted|issued) )?"
)
_IN = r"on|in|during|of|from|for|within|over|throughout|across|dated|as of"
_AFTER = (
    r"since|after|following|later than|newer than|more recent than|younger than|past"
    r"|starting (?:in|from|with|on)|beginning (?:in|with|on)|from"
)
_BEFORE = (
    r"before|until|till|by|up to|up until|prior to|earlier than|older than|ahead of|through"
    r"|no later than|not later than|preceding"
)
_INCLUSIVE = ("until", "till", "by", "up", "through", "no")
_WEEK = rf"(?:(?:{_IN}) )?(?:the )?week (?P<week>of|beginning|starting|from|ending)(?: on)?"
_TO = r"(?: ?(?:-|–|—) ?| (?:and|to|until|till|through|thru|up to|or) )"
_BETWEEN = (
    r"(?P<range>between|from|in|during|over|for|within)"
    r"(?: the (?:days|months|years|period|time)(?: of| from| between)?)?"
)
_FORMS = tuple(
    re.compile(rf"{_VERB}(?:{form})(?![\w-])", re.IGNORECASE)
    for form in (
        rf"{_BETWEEN} (?:(?P<bare>\d{{1,2}})(?:st|nd|rd|th)?|{_unit('_a')}){_TO}{_unit('_b')}",
        rf"(?P<onward>{_AFTER}) {_unit('')} (?:on|onwards?)",
        rf"(?:from )?(?P<after>{_AFTER.removesuffix('|from')}) (?:{_unit('')}|{_REL}|{_AGO})",
        rf"(?:from )?(?P<before>{_BEFORE}) (?:{_unit('')}|{_REL}|{_AGO})",
        rf"(?P<in>{_IN}) (?:{_unit('')}|{_REL}|{_LAST}|{_AGO})",
        rf"{_WEEK} {_unit('')}",
        rf"(?:{_REL}|{_LAST}|{_AGO})",
        rf"{_unit('')}",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A period that stands at some place of a text."""

    end: int
    days: Days
    bare: bool = False
    """True for a day, month or year without a word such as "in" before it."""


def period_at(text: str, start: int, today: date | None) -> Found | None:
    """Return the longest period that begins at a place, as days of publication.

    Args:
        text: A question, words one space apart.
        start: Where the period must begin.
        today: The newest day of the archive, or the day on which the question is put.
    """
    found = (_read(match, today) for form in _FORMS if (match := form.match(text, start)))
    return max((f for f in found if f is not None), key=lambda f: f.end, default=None)


def _read(match: re.Match[str], today: date | None) -> Found | None:
    given = {name: value for name, value in match.groupdict().items() if value is not None}
    try:
        days = _range(given, match[0], today) if "range" in given else _single(given, today)
    except (ValueError, OverflowError):  # such as 31 February
        return None
    if days is None:
        return None
    how = given.keys() & {"range", "onward", "after", "before", "in", "rel", "many", "ago", "week"}
    return Found(end=match.end(), days=days, bare=not how)


def _range(given: dict[str, str], said: str, today: date | None) -> Days | None:
    last = _stated(_fields(given, "_b"), today)
    if last is None:
        return None
    if bare := given.get("bare"):  # "between 4 and 10 June"
        return last[0].replace(day=int(bare)), last[1]
    fields = _fields(given, "_a")
    if "year" not in fields:
        fields["year"] = last[0].year
    first = _stated(fields, today)
    if first is None or first[0] > last[1]:
        return None
    listed = given["range"].lower() not in ("between", "from") and " and " in said
    gap = listed and last[0] != first[1] + ONE  # "in 2022 and 2024" is no one period
    return None if gap else (first[0], last[1])


def _single(given: dict[str, str], today: date | None) -> Days | None:
    fields = _fields(given, "")
    bounds = _relative(given, today) or _stated(fields, today)
    topic = given.get("in", "").lower() == "on" and fields and "day" not in fields
    if bounds is None or topic:  # "on March Madness", as "on May" is no day
        return None
    if week := given.get("week", "").lower():
        return _week(bounds[0], week) if bounds[0] == bounds[1] else None
    if "onward" in given:
        return bounds[0], None
    if how := given.get("after", "").lower():
        inclusive = how == "since" or how.startswith(("starting", "beginning"))
        return (bounds[0] if inclusive else bounds[1] + ONE), None
    if how := given.get("before", "").lower():
        return None, (bounds[1] if how.startswith(_INCLUSIVE) else bounds[0] - ONE)
    return bounds


def _week(one: date, how: str) -> Days:
    """Return the week that begins or ends on a day, else the one that it lies in."""
    if how == "ending":
        return one - timedelta(days=6), one
    start = one - timedelta(days=one.weekday()) if how == "of" else one
    return start, start + timedelta(days=6)


def _fields(given: dict[str, str], tag: str) -> dict[str, int]:
    """Return the numbers that a day, month or year is stated in."""

    def of(*names: str) -> str:
        return next((given[n + tag].lower() for n in names if n + tag in given), "")

    if iso := of("iso"):
        year, month, number = map(int, iso.split("-"))
        return {"year": year, "month": month, "day": number}
    found = {
        "year": of("y1", "y2", "y3", "y4", "y5", "y6", "y7", "decade"),
        "month": MONTHS.get(of("m1", "m2", "m3").rstrip(".")),
        "day": of("d1", "d2"),
        "months": 120 if of("decade") else None,
    } | _portion(of("q"), of("season"), of("nth"), of("part"))
    return {name: int(value) for name, value in found.items() if value}


def _portion(quarter: str, season: str, nth: str, part: str) -> dict[str, int]:
    """Return with which month a part of a year begins, and how many months it has."""
    if quarter:
        return {"month": 3 * int(quarter) - 2, "months": 3}
    if season:
        return {"month": _SEASONS[season], "months": 3}
    if not part:
        return {}
    length = 3 if part == "quarter" else 6
    return {"month": length * (min(_NTH[nth], 12 // length) - 1) + 1, "months": length}


def _stated(fields: dict[str, int], today: date | None) -> tuple[date, date] | None:
    """Return the first and last day of what is stated; a year that is not is the latest."""
    if not fields:
        return None
    if "year" not in fields:
        return _latest(fields, today)
    year, month = fields["year"], fields.get("month")
    if number := fields.get("day"):
        exact = date(year, month or 1, number)
        return exact, exact
    months = fields.get("months", 1 if month else 12)
    return date(year, month or 1, 1), _month_end(year, (month or 1) + months - 1)


def _latest(fields: dict[str, int], today: date | None) -> tuple[date, date] | None:
    if today is None:
        return None
    years: Iterator[int] = iter((today.year, today.year - 1))
    found = (_stated(fields | {"year": year}, today) for year in years)
    return next((days for days in found if days and days[0] <= today), None)


def _month_end(year: int, month: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def _relative(given: dict[str, str], today: date | None) -> tuple[date, date] | None:
    """Return the days of "last week", seen from the newest article or the day that is given."""
    if today is None:
        return None
    if many := given.get("many"):
        return _back(today, many, given["each"]) + ONE, today
    if ago := given.get("ago"):
        then = _back(today, ago, given["agos"])
        return then, then
    said = given.get("rel", "").lower().removeprefix("the ")
    if said in ("today", "yesterday"):
        that = today if said == "today" else today - ONE
        return that, that
    return _around(said, today) if said else None


def _around(said: str, today: date) -> tuple[date, date]:
    which, _, unit = said.partition(" ")
    start = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[unit]
    if which in ("this", "current"):
        return start, today
    end = start - ONE
    before = {
        "week": start - timedelta(days=7),
        "month": end.replace(day=1),
        "year": end.replace(month=1, day=1),
    }[unit]
    return before, end


def _back(today: date, many: str, unit: str) -> date:
    """Return the day that lies so many days, weeks, months or years back."""
    low = many.lower()
    count = int(low) if low.isdigit() else NUMERALS.get(low, 1)
    if unit.startswith(("day", "week")):
        return today - timedelta(days=count * (7 if unit.startswith("week") else 1))
    months = count * (12 if unit.startswith("year") else 1)
    whole = today.year * 12 + today.month - 1 - months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
