"""What a source has in place of what a claim says: another value, or another who does it."""

from __future__ import annotations

import re
from datetime import date

from rag.language.names import Name, names
from rag.language.numbers import numbers
from rag.language.when import When, dates
from rag.search.candidates import Candidate
from rag.verify.values import equal

OPENS = 4
"""A name behind at most so many words opens a sentence."""
PLACE = re.compile(r"^[A-Z][A-Z .,'’-]+(?:, [A-Z][\w ]+)?(?: \([^)]*\))? [—–-] ")
"""A dateline."""


def instead(text: str, c: Candidate) -> str:
    """Say which value a source has in place of the claim's; "" where it has none of its kind."""
    days = [w for w in dates(text) if w.known]
    theirs = [w for w in dates(c.text, c.article.published) if w.known]
    if days and theirs and not any(_overlap(a, b) for a in days for b in theirs):
        return f"the source says {_written(theirs[0])}, not {days[0].text!r}"
    amounts = numbers(c.text)
    for mine in numbers(text):
        of_kind = [q for q in amounts if (q.kind, q.unit) == (mine.kind, mine.unit)]
        if of_kind and not any(equal(mine, q) for q in of_kind):
            return f"the source says {of_kind[0].text}, not {mine.text}"
    return ""


def _written(when: When) -> str:
    known = "" if when.stated or when.first is None else f" ({when.first:%d %B %Y})"
    return f"{when.text!r}{known}"


def _overlap(one: When, other: When) -> bool:
    first, last = one.first or date.min, one.last or date.max
    return first <= (other.last or date.max) and (other.first or date.min) <= last


def somebody_else(claim: str, c: Candidate) -> str:
    """Say whom a source speaks of where a claim opens with somebody else; "" where it does not."""
    mine, theirs = first_name(claim), first_name(PLACE.sub("", c.text))
    if mine is None or theirs is None or held_by(mine, c.text) or held_by(theirs, claim):
        return ""
    known = any(n.sure and set(n.parts) & set(theirs.parts) for n in names(c.article.text))
    return f"the source says this of {theirs.text}, not of {mine.text}" if known else ""


def first_name(text: str) -> Name | None:
    """Return the name that opens a sentence, if one stands among its first words."""
    for name in names(text):
        return name if len(text[: name.span.start].split()) <= OPENS else None
    return None


def held_by(name: Name, text: str) -> bool:
    """Return True when a name of a text shares a word with this one."""
    parts = {part for other in names(text) for part in other.parts}
    return bool(parts & set(name.parts))
