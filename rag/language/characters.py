"""Characters as they are stored and shown: NFC, one kind of space, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xFFFC})
_INVISIBLE_RANGES = (range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_BREAKS = {"\r\n": "\n", "\u2029": "\n\n"}
_SIGNS = re.compile(r"[^\w\s]{64,}")
_FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]+")
_SMUGGLED = re.compile(
    "[\U000e0000-\U000e007f\u202d\u202e\u2066-\u2069]|[\u200b-\u200d\u2060-\u2064\ufeff]{4,}"
)
_JOINING = (0x200C, 0x200D)
"""ZWNJ and ZWJ: a part of the spelling in some scripts, of a picture in emoji."""
_JOINED = (
    "\u0600-\u074f\u0750-\u077f\u0840-\u08ff\ufb50-\ufdff\ufe70-\ufefc"  # Arabic, Syriac
    "\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\uaaff"  # Indic and their neighbours
)
_EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_LOOKS = (0xFE0E, 0xFE0F)
"""Variation selectors: whether a sign is drawn as text or as a picture."""
_SIGNS_TOO = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u231a-\u23ff\u24c2\u25aa-\u25fe\u3030\u303d\u3297\u3299"
)
_JOINER = re.compile(
    f"(?:(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
    f"|(?<=[\u0900-\u0dff])\u200d(?!\\w|[\u200b-\u200d])"
    f"|(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]\ufe0f))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_EMOJI}{_SIGNS_TOO}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3))"
    "|([\u200c\u200d\ufe0e\ufe0f])"
)
"""A joiner or selector that belongs where it stands; in group 1, one that does not."""


class _Plain(dict[int, str | None]):
    """What becomes of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _plain(code)
        return self[code]


def _plain(code: int) -> str | None:
    """Return what replaces a character; None takes it out."""
    char = chr(code)
    if code in _JOINING or code in _LOOKS:
        return char
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


def unseen(text: str) -> int:
    """Count the characters that `normal` takes out and that someone may have hidden a message in.

    Tags outside of flags, marks that turn the direction of reading, runs of characters without
    width; single ones come from word processors, and from scripts and emoji that need them.
    """
    if text.isascii():
        return 0
    return sum(len(found[0]) for found in _SMUGGLED.finditer(_FLAGS.sub("", text)))


def encodable(text: str) -> str:
    """Return text that can be stored and sent: a lone half of a surrogate pair becomes "?".

    The sign of no number, which PostgreSQL does not store, becomes the sign for what is unknown.
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def one_line(text: str) -> str:
    """Return a title, name or other short text with readable characters only, on one line."""
    return " ".join(normal(text).split())


def normal(text: str) -> str:
    """Normalise characters: NFC, one kind of space and of line break, nothing invisible."""
    for old, new in _BREAKS.items():
        text = text.replace(old, new)
    text = text.translate(_TABLE)
    if not text.isascii():
        text = _JOINER.sub(lambda found: "" if found[1] else found[0], text)
        # Thousands of stacked accents make NFC quadratic, and no language has them.
        text = unicodedata.normalize("NFC", _SIGNS.sub(_unstacked, text))
    return text


def _unstacked(run: re.Match[str]) -> str:
    return "".join(c for c in run.group() if not unicodedata.combining(c))
