"""Dates in a text, as days: "Dec. 1", "1 December 2024", "last Tuesday", "two weeks ago".

What depends on the day of writing is resolved against the article's own date and stays as it
stands (no days, only its fields) when the article has none.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from rag.language.datewords import DAYS, FUTURE, MONTHS, matches
from rag.language.memory import MEMORY
from rag.language.numerals import NUMERALS
from rag.types import Moment, Span, day


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """One date or period: the days `first` to `last` where they are known.

    `fields` are what the words themselves say, such as {"month": 12, "day": 1}; `stated` is True
    when no other date was needed to know the days.
    """

    span: Span
    text: str
    first: date | None = None
    last: date | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    stated: bool = False

    @property
    def known(self) -> bool:
        """Say whether the days are known."""
        return self.first is not None and self.last is not None


def dates(text: str, published: Moment | None = None) -> tuple[When, ...]:
    """Return the dates of a text in order, resolved against the day of publication."""
    return _dates(text, day(published))


@MEMORY.of_texts(bytes_a_character=2)
def _dates(text: str, written: date | None) -> tuple[When, ...]:
    found = (_when(match, written, ahead=_looks_ahead(text, match)) for match in matches(text))
    return tuple(w for w in found if w is not None)


_SAYING = (
    r"(?:said|says|told|announced|added|reported|confirmed|declared|wrote|warned|denied|tweeted"
    r"|testified|ruled|voted|stated|acknowledged|insisted)"
)
_NO_MODAL = r"(?:\s+(?!(?:will|would|shall|to|that|due|could|may|might)\b)[\w’'-]+)"
_SAID_BEFORE = re.compile(rf"\b{_SAYING}\b{_NO_MODAL}{{0,5}}?\s*$", re.IGNORECASE)
_SAID_AFTER = re.compile(rf"^,?{_NO_MODAL}{{0,6}}?\s+{_SAYING}\b", re.IGNORECASE)
_FRONTED = re.compile(
    r"(?:^|[,;:]|\bthat)\s*(?:(?:in|on|by|from|until|after|before)\s*)?$", re.IGNORECASE
)
"""What stands before a date that opens its clause: "said that in May, flights will begin"."""
_BUSY = re.compile(
    r"[;:—]|\b(?:that|which|who)\b|\b(?:and|but)\b(?!\s+[A-Z])|\b\w+ed\b|,\s+(?!(?:and\s+)?[A-Z])"
)
"""What tells of something before the sentence looks ahead: "In May, it fell, and will"."""
_NEAR_BY = 240
"""Characters to either side in which the words stand that speak of a date."""
_SENTENCE_END = re.compile(r"[.!?;][\"”’']?\s+(?=[\"“‘A-Z])")


def _looks_ahead(text: str, match: re.Match[str]) -> bool:
    """Say whether a date is one to come: "will" speaks of it, and not "said on Friday"."""
    before = _SENTENCE_END.split(text[max(0, match.start() - _NEAR_BY) : match.start()])[-1]
    after = _SENTENCE_END.split(text[match.end() : match.end() + _NEAR_BY])[0]
    if _SAID_BEFORE.search(before) or (_SAID_AFTER.match(after) and not FUTURE.search(before)):
        return False
    if _FRONTED.search(before) and _opens_ahead(after):
        return True
    own_clause = re.split(r"[,:]\s|\s[–—-]\s|—", after)[0]
    return bool(FUTURE.search(before) or FUTURE.search(match.group()) or FUTURE.search(own_clause))


def _opens_ahead(after: str) -> bool:
    """Say whether the first thing told after a date at the front of its clause is one to come."""
    ahead = FUTURE.search(after)
    if ahead is None or not after.startswith(","):
        return False
    return _BUSY.search(after[1 : ahead.start()].rstrip(" ,")) is None


@dataclass(frozen=True, slots=True)
class _At:
    """A match, the day of writing, and whether its sentence looks ahead to it."""

    match: re.Match[str]
    written: date | None
    ahead: bool


def _when(match: re.Match[str], written: date | None, *, ahead: bool) -> When | None:
    kind = next(k for k in _READERS if match[k] is not None)
    try:
        return _READERS[kind](_At(match, written, ahead))
    except (ValueError, OverflowError):
        return None  # such as 31 February: not a date


def _span(match: re.Match[str]) -> tuple[Span, str]:
    return Span(start=match.start(), end=match.end()), match.group()


def _month(name: str) -> int:
    return MONTHS[name.lower().rstrip(".")]


def _ymd(at: _At, form: str) -> When:
    """Read day and month, and the year where it stands; else take the nearest such day."""
    span, text = _span(at.match)
    month, number = _month(at.match[f"{form}_m"]), int(at.match[f"{form}_d"])
    given = at.match[f"{form}_y"] is not None
    year = int(at.match[f"{form}_y"]) if given else None
    if year is None and at.written is not None:
        year = _nearest_year(month, number, at.written, at.ahead)
    exact = date(year, month, number) if year else None
    return When(
        span=span,
        text=text,
        first=exact,
        last=exact,
        year=year if given else None,
        month=month,
        day=number,
        stated=given,
    )


def _nearest_year(month: int, number: int, written: date, ahead: bool) -> int:
    """Return the year that puts a day nearest to the writing, later when the text looks ahead."""
    fits = []
    for year in (written.year, written.year - 1, written.year + 1):
        if number <= monthrange(year, month)[1]:
            away = (date(year, month, number) - written).days - (30 if ahead else 0)
            fits.append((abs(away), year))
    return min(fits)[1] if fits else written.year


def _iso(at: _At) -> When:
    span, text = _span(at.match)
    exact = date.fromisoformat(at.match["iso"])
    return When(
        span=span,
        text=text,
        first=exact,
        last=exact,
        year=exact.year,
        month=exact.month,
        day=exact.day,
        stated=True,
    )


def _whole_month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _month_year(at: _At) -> When:
    span, text = _span(at.match)
    year, month = int(at.match["my_y"]), _month(at.match["my_m"])
    first, last = _whole_month(year, month)
    return When(span=span, text=text, first=first, last=last, year=year, month=month, stated=True)


def _month_only(at: _At) -> When | None:
    span, text = _span(at.match)
    month = _month(at.match["m_m"])
    if at.match["m_m"].lower() in {"may", "march", "mar"} and not at.match["m_m"][0].isupper():
        return None  # the verb
    if at.written is None:
        return When(span=span, text=text, month=month)
    year = at.written.year + (
        (month < at.written.month) if at.ahead else -(month > at.written.month)
    )
    first, last = _whole_month(year, month)
    return When(span=span, text=text, first=first, last=last, month=month)


def _week_day(at: _At) -> When:
    span, text = _span(at.match)
    number = DAYS[at.match["weekday"].lower()]
    which = (at.match["which"] or "").lower()
    if at.written is None:
        return When(span=span, text=text, weekday=number)
    back = (at.written.weekday() - number) % 7
    if which in {"next", "coming"}:
        exact = at.written + timedelta(days=(-back) % 7 or 7)
    elif at.ahead and which not in {"last", "past"}:
        exact = at.written + timedelta(days=(-back) % 7)
    else:
        exact = at.written - timedelta(days=back or (7 if which in {"last", "past"} else 0))
    return When(span=span, text=text, first=exact, last=exact, weekday=number)


_NEAR = {
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "the day before yesterday": -2,
    "the day after tomorrow": 2,
}


def _relative(at: _At) -> When:
    span, text = _span(at.match)
    if at.written is None:
        return When(span=span, text=text)
    exact = at.written + timedelta(days=_NEAR.get(at.match["rel"].lower(), 0))
    return When(span=span, text=text, first=exact, last=exact)


def _period(at: _At) -> When:
    span, text = _span(at.match)
    if at.written is None:
        return When(span=span, text=text)
    step = {"last": -1, "past": -1, "next": 1}.get(at.match["period_w"].lower(), 0)
    first, last = _around(at.written, at.match["period"].lower(), step)
    return When(span=span, text=text, first=first, last=last)


def _around(written: date, unit: str, step: int) -> tuple[date, date]:
    if unit == "week":
        monday = written - timedelta(days=written.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        months = written.year * 12 + written.month - 1 + step
        return _whole_month(months // 12, months % 12 + 1)
    return date(written.year + step, 1, 1), date(written.year + step, 12, 31)


def _ago(at: _At) -> When | None:
    span, text = _span(at.match)
    if at.match["ago"].lower() != "ago" or at.written is None:
        return When(span=span, text=text)
    raw = at.match["ago_n"].lower()
    amount = int(raw) if raw.isdigit() else NUMERALS.get(raw, 1)
    unit = at.match["ago_u"].lower().rstrip("s")
    if unit == "day":
        exact = at.written - timedelta(days=amount)
        return When(span=span, text=text, first=exact, last=exact)
    if unit == "decade":
        unit, amount = "year", amount * 10
    first, last = _around(at.written, unit, -amount)
    return When(span=span, text=text, first=first, last=last)


def _years(at: _At) -> When:
    span, text = _span(at.match)
    year = int(at.match["year"] or at.match["dec"])
    last = date(year + (9 if at.match["dec"] else 0), 12, 31)
    return When(
        span=span,
        text=text,
        first=date(year, 1, 1),
        last=last,
        year=None if at.match["dec"] else year,
        stated=True,
    )


_READERS: dict[str, Callable[[_At], When | None]] = {
    "iso": _iso,
    "mdy_d": partial(_ymd, form="mdy"),
    "dmy_d": partial(_ymd, form="dmy"),
    "my_y": _month_year,
    "weekday": _week_day,
    "m_m": _month_only,
    "rel": _relative,
    "period": _period,
    "ago_n": _ago,
    "dec": _years,
    "year": _years,
}
