"""From the raw text of an article to the text that is stored and quoted: pure, idempotent.

What comes in is untrusted. What goes out is NFC, has no invisible characters, has one blank line
between paragraphs and none elsewhere, and none of the lines that sites put around the reporting.
Wording, quotation marks and dashes are never touched, since quotes must be exact.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.ingest.boilerplate import kind_of, without_tail
from rag.language.characters import normal

WRAP = range(40, 121)
"""Between these widths a text may be hard-wrapped; longer lines are paragraphs."""

_LIST_ITEM = re.compile(r"(?:[•●▪■►▶‣*–—-]|\d{1,3}[.)]|[A-Za-z][.)])\s")
_DATELINE = re.compile(r"[A-Z][^\n.!?:;“”\"]{1,58}[ )][–—]{1,2}")
_SPACES = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """Return the text as it is stored: readable characters, paragraphs, no site boilerplate.

    Cleaning a cleaned text changes nothing.
    """
    return "\n\n".join(_kept(_paragraphs(normal(text))))


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs, joining lines that were only wrapped."""
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    width = max(map(len, lines), default=0)
    wrapped = width in WRAP and _is_wrapped(lines, width)
    paragraphs: list[list[str]] = []
    for before, line in zip(["", *lines], lines, strict=False):
        if not line:
            continue
        if wrapped and before and _wraps(before, line, width):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return [" ".join(lines) for lines in paragraphs]


def _is_wrapped(lines: list[str], width: int) -> bool:
    """Say whether the breaks between neighbouring lines are mostly those of a word wrap."""
    pairs = [(a, b) for a, b in pairwise(lines) if a and b]
    wraps = sum(_wraps(a, b, width) for a, b in pairs)
    return wraps >= 2 and wraps >= 0.6 * len(pairs)


def _wraps(before: str, after: str, width: int) -> bool:
    """Say whether the next word did not fit on the line, which is why it was broken there."""
    if _LIST_ITEM.match(after) or kind_of(before) or kind_of(after):
        return False
    return len(before) + 1 + len(after.split(" ", 1)[0]) > width - 3


def _kept(paragraphs: list[str]) -> list[str]:
    """Drop boilerplate, and put a dateline that stands alone before the paragraph it opens."""
    kept: list[str] = []
    for whole in paragraphs:
        paragraph = without_tail(whole)
        if kind_of(whole) or kind_of(paragraph):
            continue
        if kept and _DATELINE.fullmatch(kept[-1]):
            kept[-1] = f"{kept[-1]} {paragraph}"
        else:
            kept.append(paragraph)
    return kept
