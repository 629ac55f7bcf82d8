"""Plain text -> draft. Nothing in it says when it was written, so nothing does here."""

from __future__ import annotations

import re

from rag.ingest.boilerplate import kind_of
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.language.characters import one_line

_FIRST = re.compile(r"\s*(\S[^\n]{0,199})\n[^\S\n]*\n(?=[\s\S]*\S)")


def read(given: Given) -> Draft:
    """Return the article of a text file; a headline on its first line becomes the title."""
    return titled(words(given), given)


def words(given: Given) -> str:
    """Return the text of a file, its lines ended by line feeds."""
    return re.sub(r"\r\n?|\u2028", "\n", decode(load(given), given.origin))


def titled(text: str, given: Given) -> Draft:
    """Return the article that a text is; a headline on its first line becomes the title."""
    found = _FIRST.match(text)
    if found and is_headline(one_line(found[1])):
        return Draft(origin=given.origin, title=one_line(found[1]), text=text[found.end() :])
    return Draft(origin=given.origin, text=text)


def is_headline(line: str) -> bool:
    """Say whether a first line, with a blank line after it, is a headline."""
    if not 2 <= len(line.split()) <= 30 or len(line) > 160:
        return False
    if line.endswith((".", ",", ";", ":", "—", "–", "-", "…", ".”", '."')):
        return False
    return not line.lower().startswith("by ") and kind_of(line) is None
