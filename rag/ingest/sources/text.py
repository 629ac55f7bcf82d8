"""Plain text -> draft. Only lines such as "Date: 5 March 2025" at its top say what it is and when.

Without them nothing says when it was written, so nothing does here.
"""

from __future__ import annotations

import re

from rag.ingest.boilerplate import kind_of
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.language.characters import one_line

_FIRST = re.compile(r"\s*(\S[^\n]{0,199})\n[^\S\n]*\n(?=[\s\S]*\S)")

_HEAD = re.compile(
    r"\s*((?:[A-Za-z][A-Za-z _-]{0,20}:[^\S\n]+\S[^\n]{0,499}\n){2,9})\s*\n(?=[\s\S]*\S)"
)
"""Lines with a name and a value each, ahead of an empty line."""
_STATED = ("title", "published", "publisher", "authors", "url", "updated", "language", "id")


def read(given: Given) -> Draft:
    """Return the article of a text file; a headline on its first line becomes the title."""
    return titled(words(given), given)


def words(given: Given) -> str:
    """Return the text of a file, its lines ended by line feeds."""
    return re.sub(r"\r\n?|\u2028", "\n", decode(load(given), given.origin))


def titled(text: str, given: Given) -> Draft:
    """Return the article that a text is; a headline on its first line becomes the title."""
    if (stated := _stated(text, given)) is not None:
        return stated
    found = _FIRST.match(text)
    if found and is_headline(one_line(found[1])):
        return Draft(origin=given.origin, title=one_line(found[1]), text=text[found.end() :])
    return Draft(origin=given.origin, text=text)


def _stated(text: str, given: Given) -> Draft | None:
    """Return the article of a text that begins with its title, day and the like, each on a line.

    All of these lines must be such; else they belong to the text, as in a play or an interview.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    pairs = (line.split(":", 1) for line in head[1].splitlines())
    record = {name.strip(): value.strip() for name, value in pairs}
    values = {field: fields.find(record, field, {}) for field in _STATED}
    if {name for name, _ in values.values() if name} != set(record) or not (
        values["title"][0] or values["published"][0]
    ):
        return None
    published = fields.moment(values["published"][1])
    publisher, url = fields.outlet(values["publisher"][1], fields.address(values["url"][1]))
    return Draft(
        origin=given.origin,
        text=text[head.end() :],
        key=fields.key(values["id"][1]),
        title=fields.words(values["title"][1]),
        publisher=publisher,
        authors=fields.people(values["authors"][1]),
        published=published,
        updated=fields.moment(values["updated"][1]),
        url=url,
        language=fields.language(values["language"][1]),
        date_source=f"line {values['published'][0]}" if published else None,
    )


def is_headline(line: str) -> bool:
    """Say whether a first line, with a blank line after it, is a headline."""
    if not 2 <= len(line.split()) <= 30 or len(line) > 160:
        return False
    if line.endswith((".", ",", ";", ":", "—", "–", "-", "…", ".”", '."')):
        return False
    return not line.lower().startswith("by ") and kind_of(line) is None
