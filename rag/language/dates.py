"""Dates as sources state them: strictly read, never guessed.

What is not certain is None. A year alone, "Tuesday", "3 hours ago" and 03/04/2024 (March or April?)
say too little to be shown beside a quote as the day of publication. A text may say which date it
is: what it calls an update is never taken for the publication.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

from rag.types import Moment

LONGEST = 100
"""A longer text is no date."""

EARLIEST = 1600
"""The first newspapers; an earlier year is a slip or a placeholder such as 0001-01-01."""

_PLACEHOLDERS = {date(1969, 12, 31), date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30)}
"""Days that programs write where they know none; with a time of day they may be meant."""
_ENGLISH = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november"),
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_LANGUAGES = (
    *("de", "fr", "es", "pt", "it", "nl", "ca", "ro", "pl", "cs", "sk", "sl", "hu"),
    *("sv", "nb", "da", "fi", "et", "lv", "lt", "tr", "ru", "uk", "bg", "el", "id", "vi", "sw"),
    *("ar", "he", "hi", "bn", "mr", "gu", "pa", "ta", "te", "kn", "ml", "ur", "fa", "ne", "th"),
    *("gl", "eu", "is", "sq", "sr", "mk", "az", "ka", "hy", "ms", "fil", "af"),
)
"""Languages whose months are known, from the Unicode project's data (CLDR).

Croatian is not among them: its listopad is October, that of Polish and Czech November.
"""
_ZONES = (
    dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0)
    | {"bst": 1, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9}
    | {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
    | {"akst": -9, "akdt": -8, "hst": -10, "aest": 10, "aedt": 11, "mez": 1, "mesz": 2}
)
_AMERICAN = {"et": -5, "ct": -6, "mt": -7, "pt": -8, "eastern": -5, "central": -6}
_AMERICAN |= {"mountain": -7, "pacific": -8}
"""Zones that move with daylight saving time: their hours in winter."""

_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_DAY_NAME = rf"(?:{_WEEKDAY}\.?,? )?"
_MONTH = r"(?P<month>[^\s\d_.,:;/()-]{2,16})\.?"
"""Any word: the signs of vowels in Indic scripts are no letters to `re`. Only months count."""
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>\d{4})"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?:[:.]| ?h ?)(?P<minute>\d{2}))?(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?(?: (?:uhr|h|hrs))?"
)
_NAMES = "|".join(sorted(_ZONES | _AMERICAN, key=len, reverse=True))
_ZONE = (
    r"(?: ?\(?(?P<zone>(?:utc|gmt)[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}"
    rf"|(?:{_NAMES})\b)\)?(?: time)?)?"
)
_AT = r"(?:(?:at|à|um|kl\.?|a las|às|alle|ore|o|om|klo) )?"
_BEFORE_CLOCK = rf"(?:,? {_AT}| [-–—|•] )"
_DATES = (
    rf"{_MONTH} {_DAY},? {_YEAR}",
    rf"{_DAY} {_MONTH},? {_YEAR}",
    rf"{_YEAR},? {_MONTH} {_DAY}",
)
_WORDED = [
    re.compile(pattern)
    for words in _DATES
    for pattern in (
        rf"{_DAY_NAME}{words}(?:,? {_WEEKDAY})?(?:{_BEFORE_CLOCK}{_CLOCK}{_ZONE})?",
        rf"{_CLOCK}{_ZONE},? (?:on )?{_DAY_NAME}{words}",
    )
]
_WORDED.append(re.compile(rf"{_DAY_NAME}{_MONTH} {_DAY} {_CLOCK}{_ZONE} {_YEAR}"))
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:(?:[t ] ?|(?=\d{4}))(\d{2})[:.]?(\d{2})(?:[:.]?(\d{2})(?:[.,]\d{1,9})?)?"
    r"(?: ?(z|utc|gmt|[+-]\d{2}(?::?\d{2})?))?)?"
)
_TIME = rf"(?:(?:t|,? ?[-–—|•]? ){_AT}{_CLOCK}{_ZONE})?"
_SLASHED = re.compile(rf"(\d{{1,2}})([/.-]) ?(\d{{1,2}})\2 ?(\d{{4}}|\d{{2}}){_TIME}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})([/.-]) ?(\d{{1,2}})\2 ?(\d{{1,2}})\.?{_TIME}")
_EASTERN = re.compile(
    r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일](?:[ (（][^\d]{0,8})?"
    r"(?: ?(?P<hour>\d{1,2})[:時时点시] ?(?P<minute>\d{1,2})[分분]?)?"
)
_HALF_FIRST = re.compile(
    r"(?P<half>오전|오후|上午|下午|午前|午後) ?(?P<hour>\d{1,2})(?P<rest>[:時时点시] ?\d{1,2})"
)
"""The half of the day before the hour."""
_THAI = re.compile("[\u0e00-\u0e7f]")
_BUDDHIST = 543
"""Years by which the calendar of Thailand is ahead; its years of today are over 2500."""
_HAS_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_NUMBER = re.compile(
    r"(?:/date\()?(?P<stamp>(?:\d{10}|\d{13})(?:\.\d{1,6})?)(?:[+-]\d{4})?(?:\)/)?"
)
"""Seconds or milliseconds of Unix, as they are or as .NET writes them: /Date(1716976800000)/."""
_WEEK = re.compile(r"\d{4}-?w\d{2}-?\d(?:t.{1,30})?")
_NAMED_OFFSET = re.compile(
    r"(?<=\d)([+-]\d{2}:?\d{2}|z|gmt|utc) ?\([a-z]{2,5}\)$|( [+-]\d{2}:?\d{2}) ?\([a-z]{2,5}\)$"
)
"""An offset and then what it is called: +02:00 (CEST)."""
_PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|created|released)|publi[ée]e?|veröffentlicht"
    r"|erstellt|erschienen|publicad[oa]|publicat|pubblicat[oa]|publikacja|opublikowano"
    r"|gepubliceerd|publicerad|publisert|udgivet|julkaistu|yayınlanma(?: tarihi)?|yayın tarihi"
    r"|publikováno|zveřejněno|objavljeno|δημοσιεύ(?:θηκε|τηκε)|опубликовано|опубліковано|vydáno|közzétéve|입력|등록|公開|配信|发布时间|发布|發布|發佈"
    r"|xuất bản|نشر|تاريخ النشر|प्रकाशित|פורסם"
)
_UPDATED = (
    r"(?:last )?(?:updated|modified|edited|revised|changed|amended)|mise? à jour|modifiée?"
    r"|(?:zuletzt )?aktualisiert|geändert|stand|actualizad[oa]|modificad[oa]|atualizad[oa]"
    r"|aggiornat[oa]|aktualizacja|zaktualizowano|bijgewerkt|uppdaterad|oppdatert|opdateret"
    r"|päivitetty|güncellen?me(?: tarihi)?|son güncelleme|обновлено|оновлено|aktualizováno"
    r"|(?:last )?update|frissítve|(?:letzte )?aktualisierung|(?:ultimo )?aggiornamento"
    r"|(?:última )?actualización|(?:última )?atualização|(?:poslední )?aktualizace"
    r"|(?:최종)?수정|更新(?:日時|时间)?|cập nhật|(?:آخر )?تحديث|अपडेट|עודכן"
)
_AFTER_LABEL = r"(?: (?:on|at|am|le|el|il|em|den|dne|op|in|date|time)\b)*\s*[:：-]?\s*"
_LABELS = re.compile(rf"\b(?:(?P<updated>{_UPDATED})|(?P<published>{_PUBLISHED}))\b{_AFTER_LABEL}")
_OPENING = re.compile(
    r"(?:dateline|date|ngày)[: ] ?|(?:on|le|el|am|il|em|den|der|the|dnia|kl) "
    r"|(?:日期|日時|날짜)[:：] ?"
)
_SMALL = re.compile(r"\b(?:de|del|of)\b|\bd['’](?=\w)")
_DASHED = re.compile(r"(?<=\d)-([^\W\d_]{3,12})-(\d{4}|\d{2})\b")
_PLACE = re.compile(r"\[[\w/+-]{1,40}\]$|(?<=\d) ?\([^\W\d][^()]{3,40}\)$")
"""A zone's name after its offset: [Europe/Berlin], (Central European Summer Time)."""
_BETWEEN = " \t|·•–—-,;/()[]"


@dataclass(frozen=True, slots=True)
class Stated:
    """The dates that a text states, by what it calls them."""

    published: Moment | None = None
    """Called so, or not called anything."""
    updated: Moment | None = None


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
        >>> parse_moment("Updated 30 May 2024") is None
        True
    """
    return stated(raw).published


def stated(raw: str) -> Stated:
    """Return the dates that a short text states: "Published: 29 May 2024 | Updated: 30 May 2024".

    Example:
        >>> stated("Last updated: 30 May 2024")
        Stated(published=None, updated=datetime.date(2024, 5, 30))
    """
    text = " ".join(raw[: LONGEST + 1].split()).lower()
    if not text or len(raw.strip()) > LONGEST:
        return Stated()
    labels = list(_LABELS.finditer(text))
    if not labels:
        return Stated(published=_moment(text))
    ends = [*(label.start() for label in labels[1:]), len(text)]
    found: dict[str, Moment] = {}
    for label, end in zip(labels, ends, strict=True):
        moment = _moment(text[label.end() : end].strip(_BETWEEN))
        if moment is not None:
            found.setdefault(str(label.lastgroup), moment)
    before = _moment(text[: labels[0].start()].strip(_BETWEEN))
    return Stated(found.get("published", before), found.get("updated"))


def labelled(raw: str) -> Stated:
    """Return the dates that a short text states behind a word that says which they are."""
    text = " ".join(raw.split()).lower()
    found = _LABELS.search(text)
    return stated(text[found.start() :]) if found else Stated()


def role_of(label: str) -> str | None:
    """Return which date a label announces, `published` or `updated`; None when neither."""
    labels = list(_LABELS.finditer(label.lower()))
    return labels[-1].lastgroup if labels else None


def before_label(text: str) -> str:
    """Return what stands before the word that announces a date, such as "Updated"."""
    found = _LABELS.search(text.lower())
    return text[: found.start()] if found and found.start() else text


def _moment(text: str) -> Moment | None:
    """Return the date that a text in small letters and with single spaces is."""
    text = _OPENING.sub("", text, count=1) if _OPENING.match(text) else text
    text = _PLACE.sub("", text).strip(" .")
    text = _NAMED_OFFSET.sub(lambda found: found[1] or found[2], text)
    text = _HALF_FIRST.sub(_of_day, text)
    for reader in (_iso, _week, _epoch, _numbers, _eastern, _worded):
        try:
            moment = reader(text)
        except (ValueError, OverflowError):
            continue
        if moment is not None and moment.year >= EARLIEST and not is_placeholder(moment):
            return moment
    return None


def _of_day(found: re.Match[str]) -> str:
    """Return an hour of the morning or the afternoon as one of the day."""
    later = 12 if found["half"] in ("오후", "下午", "午後") else 0
    return f"{int(found['hour']) % 12 + later}{found['rest']}"


def is_placeholder(moment: Moment) -> bool:
    """Return True for what programs write where they know no date, such as 1970-01-01T00:00Z."""
    if not isinstance(moment, datetime):
        return moment in _PLACEHOLDERS
    whole = (moment.minute, moment.second) == (0, 0)
    return whole and moment.date() in _PLACEHOLDERS


def from_timestamp(seconds: float) -> datetime | None:
    """Return the moment of a Unix timestamp of 10 digits, or of 13 (milliseconds), in UTC."""
    digits = len(str(int(abs(seconds))))
    if digits not in {10, 13} or seconds < 0:
        return None
    return datetime.fromtimestamp(seconds / (1000 if digits == 13 else 1), tz=UTC)


def plausible(moment: Moment | None) -> Moment | None:
    """Return the moment unless it lies more than two days ahead: nothing is published then."""
    if moment is None or is_placeholder(moment):
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


def _week(text: str) -> Moment | None:
    """Read a day by its week, 2024-W05-3, alone or with a time."""
    if not _WEEK.fullmatch(text):
        return None
    return (datetime if "t" in text else date).fromisoformat(text.upper())


def _epoch(text: str) -> datetime | None:
    found = _NUMBER.fullmatch(text)
    return from_timestamp(float(found["stamp"])) if found else None


def _numbers(text: str) -> Moment | None:
    """Read 30/05/2024, 5/30/24 and 2024/5/30; None where day and month could be exchanged.

    With full stops the day is first wherever people write so, by the Unicode project's data (CLDR).
    """
    if found := _YEAR_FIRST.fullmatch(text):
        return _at(date(int(found[1]), int(found[3]), int(found[4])), found)
    found = _SLASHED.fullmatch(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), _year(found[4])
    if first > 12 or first == second or found[2] == ".":
        return _at(date(year, second, first), found)
    return _at(date(year, first, second), found) if second > 12 else None


def _year(digits: str) -> int:
    """Return the year of four digits, or of two as POSIX reads them: 69 to 99 are of the 1900s."""
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= 69 else 2000)


def _eastern(text: str) -> Moment | None:
    """Read 2024年5月29日 10時15分."""
    found = _EASTERN.fullmatch(text)
    if not found:
        return None
    day = date(int(found[1]), int(found[2]), int(found[3]))
    if found["hour"] is None:
        return day
    return datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001


def _worded(text: str) -> Moment | None:
    text = " ".join(_SMALL.sub(" ", _DASHED.sub(_spaced, text)).split())
    if not _HAS_YEAR.search(text):
        return None
    found = _match(text) or _match(" ".join(_without_weekday(text)))
    if found is None or (month := _month(found["month"])) is None:
        return None
    year = int(found["year"])
    if year > 2400 and _THAI.search(found["month"]):
        year -= _BUDDHIST
    return _at(date(year, month, int(found["day"])), found)


def _match(text: str) -> re.Match[str] | None:
    return next((found for p in _WORDED if (found := p.fullmatch(text))), None)


def _without_weekday(text: str) -> list[str]:
    """Return the words of a date without the day of the week and "г." for "year"."""
    days = _weekdays()
    return [word for word in text.split() if _bare(word.rstrip(".,")) not in days]


def _spaced(found: re.Match[str]) -> str:
    return f" {found[1]} {_year(found[2])}"


def _month(name: str) -> int | None:
    """Return the number of a month; None when it is none, or not the same in all languages."""
    if name in _ENGLISH:
        return _ENGLISH[name]
    numbers = _months().get(_bare(name), frozenset())
    return next(iter(numbers)) if len(numbers) == 1 else None


@cache
def _months() -> dict[str, frozenset[int]]:
    """Return the names of the months in the languages that we know, long and short."""
    from babel import Locale  # half a second for all languages, and few dates need it

    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        names = Locale(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[form][width].items():
                    found.setdefault(_bare(name.lower()), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def _weekdays() -> frozenset[str]:
    from babel import Locale

    names = {"г", "року", "roku", "r", "года"}  # "year", as some languages end a date
    for language in _LANGUAGES:
        for number, name in Locale(language).days["format"]["wide"].items():
            names |= {_bare(name.lower())} if number in range(7) else set()
    return frozenset(names)


def _bare(name: str) -> str:
    """Return a name without accents and point, in which the spellings of one month differ."""
    apart = unicodedata.normalize("NFKD", name.strip(". "))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _at(day: date, found: re.Match[str]) -> Moment | None:
    """Return the day with the time of day that stands beside it."""
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
