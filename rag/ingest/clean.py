"""From the raw text of an article to the text that is stored and quoted: pure, idempotent.

What comes in is untrusted. What goes out is NFC, has no invisible characters, has one blank line
between paragraphs and none elsewhere, and none of the lines that sites put around the reporting.
Wording, quotation marks and dashes are never touched, since quotes must be exact.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from rag.ingest.boilerplate import kind_of, without_tail

WRAP = range(40, 121)
"""Between these widths a text may be hard-wrapped; longer lines are paragraphs."""

_INVISIBLE = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xFFFC})
_INVISIBLE_RANGES = (range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_BREAKS = {"\r\n": "\n", "\u2029": "\n\n"}
_SIGNS = re.compile(r"[^\w\s]{64,}")
_LIST_ITEM = re.compile(r"(?:[•●▪■►▶‣*–—-]|\d{1,3}[.)]|[A-Za-z][.)])\s")
_DATELINE = re.compile(r"[A-Z][^\n.!?:;“”\"]{1,58}[ )][–—]{1,2}")
_FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]+")
_SMUGGLED = re.compile(
    "[\U000e0000-\U000e007f\u202d\u202e\u2066-\u2069]|[\u200b-\u200d\u2060-\u2064\ufeff]{4,}"
)
_SPACES = re.compile(r"[^\S\n]+")


class _Plain(dict[int, str | None]):
    """What becomes of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _plain(code)
        return self[code]


def _plain(code: int) -> str | None:
    """Return what replaces a character; None takes it out."""
    char = chr(code)
    if char in "\n\r\v\f\x1c\x1d\x1e\x85\u2028":
        return "\n"
    if code in _INVISIBLE or any(code in span for span in _INVISIBLE_RANGES):
        return None
    category = unicodedata.category(char)
    if category == "Zs" or char in "\t\u2800":
        return " "
    if category in {"Cc", "Cf", "Cs", "Co"} or (code & 0xFFFE) == 0xFFFE:
        return None
    return char


_TABLE = _Plain()


def clean(text: str) -> str:
    """Return the text as it is stored: readable characters, paragraphs, no site boilerplate.

    Cleaning a cleaned text changes nothing.
    """
    return "\n\n".join(_kept(_paragraphs(_characters(text))))


def unseen(text: str) -> int:
    """Count the characters that `clean` takes out and that someone may have hidden a message in.

    Tags outside of flags, marks that turn the direction of reading, runs of characters without
    width; single ones come from word processors, and from scripts and emoji that need them.
    """
    if text.isascii():
        return 0
    return sum(len(found[0]) for found in _SMUGGLED.finditer(_FLAGS.sub("", text)))


def encodable(text: str) -> str:
    """Return text that can be stored and sent: a lone half of a surrogate pair becomes "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Return a title, name or other short text with readable characters only, on one line."""
    return " ".join(_characters(text).split())


def _characters(text: str) -> str:
    """Normalise characters: NFC, one kind of space and of line break, nothing invisible."""
    for old, new in _BREAKS.items():
        text = text.replace(old, new)
    text = text.translate(_TABLE)
    if not text.isascii():
        # Thousands of stacked accents make NFC quadratic, and no language has them.
        text = unicodedata.normalize("NFC", _SIGNS.sub(_unstacked, text))
    return text


def _unstacked(run: re.Match[str]) -> str:
    return "".join(c for c in run.group() if not unicodedata.combining(c))


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
