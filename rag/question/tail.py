"""The words behind "articles" in a question about the archive: whose, of when, about what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from rag.language.words import fold
from rag.question.publishers import short
from rag.question.query import MENTION, period

Wanted = Literal["count", "list", "outlets", "authors", "first", "latest", "covered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is asked of the archive."""

    wanted: Wanted
    topic: str = ""
    """What the articles are to mention, in the person's words; empty for all."""
    outlets: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    most: int = 0
    """How many are asked for; 0 where the question does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive has, by which its outlets, authors and "last week" are understood."""

    outlets: Sequence[str] = ()
    authors: Sequence[str] = ()
    today: date | None = None


_HERE = (
    r"(?:(?:in|within|of) (?:the|this|your|our|my) (?:archive|collection|library|database)"
    r"|(?:do|have) (?:you|we|i)(?: (?:have|hold|got|store|know of))?|(?:you|we|i) (?:have|hold)"
    r"|(?:does|has) (?:the|this|your|our|my) (?:archive|collection|library|database)"
    r" (?:have|hold|contain|store|got)"
    r"|(?:the|this|your|our|my) (?:archive|collection|library|database) (?:has|holds|contains)"
    r"|(?:that )?(?:are|were|is) (?:there|here|stored|archived|indexed))"
)
_TOPIC = (
    r"(?:(?:that|which|who) )?(?:(?:do|does|did) )?(?:about|on|concerning|regarding"
    r"|(?:are|is|were|was) (?:about|on)|mention(?:s|ed|ing)?|cover(?:s|ed|ing)?"
    r"|deal(?:s|t|ing)? with|discuss(?:es|ed|ing)?|refer(?:s|red|ring)? to|name(?:s|d)?"
    r"|contain(?:s|ed|ing)?|talk(?:s|ed|ing)? about|report(?:s|ed|ing)? (?:on|about)"
    r"|wrote about|writ(?:e|ing) about|with the words?|have the words?) "
)
_VERBS = (
    r"(?:(?:that |which )?(?:were|was|have been|has been|are|is) "
    r"(?:published|written|printed|stored)"
    r"|(?:that |which )?(?:appeared|came out|ran)|published|written|dated)"
)
_WROTE = (
    r"(?:did|has|have) (?P<by>.{2,80}?)"
    r" (?:writ(?:e|ten)|publish(?:ed)?|run|carr(?:y|ied)|print(?:ed)?|had)"
)
_RELATIVE = r"(?:this|last|the last|the past|past) (?:week|month|year)|today|yesterday"
_DAY = r"(?:\d{4}-\d\d-\d\d|\d{1,2} \w+ \d{4}|\w+ \d{1,2},? \d{4}|\w+ \d{4}|\d{4})"
_PERIOD = re.compile(
    rf"(?:^|\s)(?:(?:between|from) (?P<a>{_DAY}) (?:and|to|until|till|through|-) (?P<b>{_DAY})"
    rf"|(?:(?P<how>in|on|during|of|from|for|since|after|before|until|till|by|up to) )?"
    rf"(?:the (?:month|year) (?:of )?)?(?:(?P<day>{_DAY})|(?P<rel>{_RELATIVE})))$",
    re.IGNORECASE,
)


class Tail:
    """Reads what follows "articles": whose, of when, about what, in any order."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.found = Holding(wanted="list")
        self.here = self.strong = self.quoted = False

    def take(self, text: str) -> bool:
        """Return True when all of the words are understood."""
        text = re.sub(r"\b(?:in total|altogether|in all)$", "", text).strip()
        while text:
            shorter = self._end(text)
            if shorter is None:
                break
            text = shorter
        while text and (shorter := self._start(text)) is not None:
            text = shorter
        text = re.sub(rf"^{_VERBS}\b", "", text, flags=re.IGNORECASE).strip()
        text = re.sub(r"^(?:that|which|are|is|were|exist)$", "", text)
        if not text:
            return True
        topic = re.match(_TOPIC, text, re.IGNORECASE)
        if topic is None:
            return self._titled(text)
        self.strong = not re.match(r"(?:on|concerning|regarding|name)\b", text, re.IGNORECASE)
        said = text[topic.end() :].strip(" ,")
        self.quoted = bool(re.fullmatch(r"[\"'“].+[\"'”]", said))
        self.found = replace(self.found, topic=said)
        return 0 < len(said.split()) <= 12

    def _titled(self, text: str) -> bool:
        titled = re.fullmatch(r"(?:titled|headlined|called|entitled )? ?[\"“'](.+)[\"”']", text)
        if titled:
            self.quoted = True
            self.found = replace(self.found, topic=f'"{titled[1]}"')
        return titled is not None

    def someone(self, text: str) -> bool:
        """Return True when the words are an outlet or an author of the archive."""
        said = fold(re.sub(r"^the ", "", text.strip(" ,\"'"), flags=re.IGNORECASE))
        for outlet in self.known.outlets:
            if said in _called(outlet):
                self.found = replace(self.found, outlets=(*self.found.outlets, outlet))
                return True
        if author := next((a for a in self.known.authors if fold(a) == said), None):
            self.found = replace(self.found, authors=(author,))
            return True
        return False

    def _end(self, text: str) -> str | None:
        """Take a period, an outlet, an author or "in the archive" from the end of some words."""
        if here := re.search(rf"(?:^|\s){_HERE}$", text, re.IGNORECASE):
            self.here = True
            return text[: here.start()].rstrip(" ,")
        if (when := _PERIOD.search(text)) and self._dated(when):
            return re.sub(rf"\s*\b{_VERBS}$", "", text[: when.start()].rstrip(" ,"))
        wrote = re.search(rf"\s{_WROTE}$", text, re.IGNORECASE)
        if wrote and self.someone(wrote["by"]):
            return text[: wrote.start()].rstrip(" ,")
        for by in re.finditer(
            r"(?:^|\s)(?:(?:published |written |carried |printed )?(?:by|from|in|of))\s", text
        ):
            if self.someone(text[by.end() :]):
                return text[: by.start()].rstrip(" ,")
        return None

    def _start(self, text: str) -> str | None:
        """Take "do you have", "did Tom Vale write" from the beginning of some words."""
        if here := re.match(rf"{_HERE}(?:$|\s)", text, re.IGNORECASE):
            self.here = True
            return text[here.end() :].strip()
        wrote = re.match(rf"(?:that |which )?{_WROTE}\b", text, re.IGNORECASE)
        if wrote and self.someone(wrote["by"]):
            return text[wrote.end() :].strip()
        said = re.match(rf"(?:from|by|of|in) (?:the )?(.+?)(?= {_TOPIC}| {_VERBS}|$)", text)
        if said and self.someone(said[1]):
            return text[said.end() :].strip()
        return None

    def _dated(self, when: re.Match[str]) -> bool:
        if when["a"]:
            first, last = period(when["a"]), period(when["b"])
            bounds = (first[0], last[1]) if first and last else None
        elif when["rel"]:
            bounds = _relative(when["rel"].lower(), self.known.today)
        elif MENTION.fullmatch(when["day"]):
            bounds = period(when["day"])
        else:
            bounds = None
        if bounds is None or (when["day"] and not when["how"] and when.start() > 0):
            return False
        since, until = _opened(bounds, (when["how"] or "in").lower())
        self.found = replace(self.found, since=since, until=until)
        return True


def _opened(bounds: tuple[date, date], how: str) -> tuple[date | None, date | None]:
    one = timedelta(days=1)
    match how:
        case "since":
            return bounds[0], None
        case "after":
            return bounds[1] + one, None
        case "before":
            return None, bounds[0] - one
        case "until" | "till" | "by" | "up to":
            return None, bounds[1]
        case _:
            return bounds


def _relative(said: str, today: date | None) -> tuple[date, date] | None:
    """Return the days of "last week", seen from the newest article or the day that is given."""
    if today is None:
        return None
    one = timedelta(days=1)
    if said in ("today", "yesterday"):
        day = today if said == "today" else today - one
        return day, day
    unit = said.rpartition(" ")[2]
    start = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[unit]
    if said.startswith("this"):
        return start, today
    end = start - one
    before = {
        "week": start - timedelta(days=7),
        "month": end.replace(day=1),
        "year": end.replace(month=1, day=1),
    }[unit]
    return before, end


def _called(outlet: str) -> frozenset[str]:
    """Return the names by which people call an outlet, folded; "cnn.com" is CNN."""
    names = {fold(outlet), fold(short(outlet)), fold(outlet.removeprefix("The "))}
    names |= {fold(outlet).removeprefix("www."), re.sub(r"^www\.|\.\w+$", "", fold(outlet))}
    return frozenset(names)
