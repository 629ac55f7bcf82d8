"""The first lines of a document -> outlet, day and byline, where they state them and nothing else.

A line counts when it is wholly a date, a byline, or an outlet with a date; what stands inside a
sentence may be the day of an event, and is never taken.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft
from rag.ingest.sources.people import WORDS
from rag.language.characters import one_line
from rag.language.dates import parse_moment, plausible
from rag.types import Moment

LINES = 8
"""So many lines at the beginning may be its head."""
LONG = 140
"""A longer line is the first of the text."""

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LABELLED = re.compile(
    r"(?P<label>published(?: on)?|publication date|date(?: of publication)?|posted(?: on)?|outlet"
    r"|newspaper|source|publication|publisher|by|author|authors)\s*[:–—-]\s*(?P<value>\S.*)",
    re.IGNORECASE,
)
_NAME = r"[A-ZÀ-Þ][\w'’.-]*,?"
_BYLINE = re.compile(
    rf"[Bb][Yy] (?P<names>{_NAME}(?: (?:and|&|de|del|la|van|von|der|den|{_NAME}))+)"
)
_DIVIDED = re.compile(
    r"\s+[|•·–—-]\s+|,\s+(?=\d|[A-Z][a-z]+ \d|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
)
_APART = re.compile(r",| [|•·–—-] ")
_NOT_PUBLISHED = re.compile(r"(?:last|updated|modified|created|printed|retrieved|accessed|saved)\b")
_OUTLET = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, WORDS['outlet']))})\b"
    r"|\b[a-z0-9-]+\.(?:com|org|net|de|co\.uk|fr|es|it|news|example)\b",
    re.IGNORECASE,
)
"""Words of which a line has one when it names an outlet without saying so."""


def states(line: str) -> bool:
    """Say whether a line is wholly a date, a byline, or an outlet with a date."""
    return (
        len(line) <= LONG
        and _line(one_line(line), Draft(origin="", text="", title=" ")) is not None
    )


def stated(draft: Draft) -> Draft:
    """Return a draft with what the head of its text states, which is then no part of the text."""
    paragraphs = draft.text.split("\n\n")
    head: list[str] = []
    for paragraph in paragraphs[:LINES]:
        lines = paragraph.split("\n")
        if any(len(line) > LONG or re.search(r"[.!?][\"”’]?$", line.strip()) for line in lines):
            break
        head.append(paragraph)
    found = draft
    left: list[str] = []
    for paragraph in head:
        rest = []
        for line in paragraph.split("\n"):
            after = _line(one_line(line), found)
            rest += [line] if after is None else []
            found = after or found
        left += ["\n".join(rest)] if rest else []
    text = "\n\n".join([*left, *paragraphs[len(head) :]])
    return replace(found, text=text) if text.strip() else draft


def _line(line: str, draft: Draft) -> Draft | None:
    """Return the draft with what a line states; None when the line is none of the head."""
    if labelled := _LABELLED.fullmatch(line):
        return _of_label(labelled["label"].lower(), labelled["value"], draft)
    if moment := _moment(line):
        return _dated(draft, moment)
    if byline := _BYLINE.fullmatch(line):
        # Who a file's properties name may be whoever saved it.
        return replace(draft, authors=fields.people(byline["names"]) or draft.authors)
    return _outlet_and_day(line, draft) or _outlet(line, draft)


def _of_label(label: str, value: str, draft: Draft) -> Draft | None:
    if label.startswith(("published", "posted", "date", "publication date")):
        moment = _moment(value)
        return _dated(draft, moment) if moment else None
    if label in ("by", "author", "authors"):
        people = fields.people(value)
        return replace(draft, authors=people) if people else None
    return replace(draft, publisher=draft.publisher or fields.words(value, 200))


def _outlet_and_day(line: str, draft: Draft) -> Draft | None:
    """Read `Clare Gazette, 29 May 2024`, whatever stands between them and in either order."""
    for sign in _DIVIDED.finditer(line):
        parts = (line[: sign.start()], line[sign.end() :])
        for rest, day in (parts, parts[::-1]):
            moment = _moment(day)
            if moment and (named := _signed(rest, draft)):
                return _dated(named, moment)
    return None


def _outlet(line: str, draft: Draft) -> Draft | None:
    """Read a line that names an outlet and can be nothing else, below a title."""
    words = line.split()
    if len(words) > 4 or draft.publisher is not None or draft.title is None:
        return None
    proper = all(word[:1].isupper() or word in ("of", "the", "and") for word in words)
    if not proper or not _OUTLET.search(line) or _DIVIDED.search(line):
        return None
    return replace(draft, publisher=fields.words(line, 200))


def _signed(rest: str, draft: Draft) -> Draft | None:
    """Read what stands before a day: an outlet, a byline, or `By Ana Reis, Clare Gazette`."""
    name, *others = (part.strip() for part in _APART.split(rest))
    if _BYLINE.fullmatch(name):
        draft = replace(draft, authors=fields.people(name) or draft.authors)
    else:
        others = [rest]
    outlet = " ".join(others)
    if len(others) > 1 or len(outlet.split()) > 6 or (outlet and not outlet[:1].isupper()):
        return None
    return replace(draft, publisher=draft.publisher or fields.words(outlet, 200))


def _dated(draft: Draft, moment: Moment) -> Draft:
    if draft.published is not None:
        return draft
    return replace(draft, published=moment, date_source="first lines")


def _moment(line: str) -> Moment | None:
    """Return the moment that a line is, with a weekday before or after it."""
    bare = re.sub(rf"^{_WEEKDAY},? |,? {_WEEKDAY}$", "", line.strip(), flags=re.IGNORECASE)
    if not re.search(r"\d", bare) or len(bare) > 60 or _NOT_PUBLISHED.match(bare.lower()):
        return None
    return plausible(parse_moment(bare))
