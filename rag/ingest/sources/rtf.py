"""RTF -> its text, without what is hidden in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from striprtf.striprtf import rtf_to_text

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Given
from rag.ingest.sources.files import CHARACTERS, load, too_long

BYTES = 30_000_000
"""Largest file; the reader takes some hundred bytes of memory for each mark in it."""

_PICTURE = re.compile(r"\{\\\*?\\?(?:pict|shppict|nonshppict|objdata)\b[^{}]*\}")
_BINARY = re.compile(r"\b[0-9a-fA-F]{2000,}\b")
_HIDDEN = re.compile(r"\{[^{}]{0,80}\\v(?![a-z0-9])[^{}]*\}|\\v(?![a-z0-9]) ?[^{}]*?\\v0(?![0-9])")
_PAGE_CODE = re.compile(r"\\ansicpg(\d{3,5})")
_OLD_CODE = re.compile(r"\s*{\\rtf1?\\(mac|pca|pc)\b")
_OLD_CODES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
"""Encodings that files of before Windows name by a word."""
_ROW = re.compile(r"^([^\n]{1,2000}\|)[ \t]*$", re.MULTILINE)
"""A row of a table, as the library writes it: "Year|Cost|"."""
_ABOUT = r"\{{\\{name} ([^{{}}]{{1,500}})\}}"


@dataclass(frozen=True, slots=True)
class Rich:
    """What an RTF file holds."""

    text: str
    title: str | None
    authors: tuple[str, ...]
    hidden: int
    """Words that its readers would not see."""


def read(given: Given) -> Rich:
    """Return the text of an RTF file.

    Raises:
        SourceError: it is none, or too much.
    """
    data = load(given)
    if len(data) > BYTES:
        raise SourceError(too_long(given.origin, f"{len(data) / 1e6:,.0f} MB"))
    if not data.lstrip().startswith(b"{\\rtf"):
        raise SourceError(f"{given.origin} is no RTF file: it does not begin with {{\\rtf")
    # All beyond ASCII is written as marks, so no other encoding is needed for what it is made of.
    raw = _BINARY.sub("", data.decode("latin-1"))
    raw = _PICTURE.sub("", raw)
    found = _PAGE_CODE.search(raw[:2000])
    old = _OLD_CODE.match(raw)
    encoding = f"cp{found[1]}" if found else _OLD_CODES[old[1]] if old else "cp1252"
    try:
        hidden = sum(len(_plain(h.group(), encoding).split()) for h in _HIDDEN.finditer(raw))
        text = _plain(_HIDDEN.sub("", raw), encoding)
    except (ValueError, LookupError, RecursionError) as error:
        raise SourceError(f"{given.origin} cannot be read as RTF: {error}") from error
    if not text.strip():
        raise SourceError(f"{given.origin}: there is no text in it")
    if len(text) > CHARACTERS:
        raise SourceError(too_long(given.origin, f"{len(text):,} characters"))
    text = _ROW.sub(lambda row: " | ".join(filter(None, row[1].split("|"))), text)
    title, author = (_about(raw, name, encoding) for name in ("title", "author"))
    return Rich(text, fields.words(title), fields.people(author), hidden)


def _plain(raw: str, encoding: str) -> str:
    return str(rtf_to_text(raw, encoding=encoding, errors="replace"))  # type: ignore[no-untyped-call]


def _about(raw: str, name: str, encoding: str) -> str | None:
    found = re.search(_ABOUT.format(name=name), raw[:20_000])
    return _plain(f"{{\\rtf1 {found[1]}}}", encoding).strip() or None if found else None
