"""Bytes of a file -> text: limits, encodings, and a plain word when it is no text at all."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import webencodings
from charset_normalizer import from_bytes

from rag.errors import SourceError
from rag.ingest.sources.draft import Given

CHARACTERS = 5_000_000
"""Most characters of one article; nobody's article is that long."""

BYTES = 4 * CHARACTERS
"""A larger file cannot hold fewer characters in any encoding, so it is not even opened."""

LIMITS = {
    "html": 10_000_000,
    **dict.fromkeys(("pdf", "docx", "epub", "odt", "rtf", "mail", "mhtml"), 50_000_000),
}
"""Largest file in bytes of the formats that are more than their text."""

_MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a RIFF file",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old office document",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_DECLARED = re.compile(
    rb"(?:charset|<\?xml[^>]{1,60}encoding)\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_:.-]{1,40})",
    re.IGNORECASE,
)
_WIDER = {
    "gbk": "gb18030", "euc-kr": "cp949", "shift_jis": "cp932", "big5": "big5hkscs",
    "windows-1252": "cp1252", "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip
"""Python's codecs for what browsers read under these names; a page in UTF-16 could not say so."""
_WINDOWS = {"iso-8859-2": "cp1250", "iso-8859-5": "cp1251", "iso-8859-7": "cp1253"}
"""What pages have that name an encoding of ISO and hold bytes that it has no letters for."""
_SERVED = re.compile(r";\s*charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_C1 = frozenset(range(0x80, 0xA0))
_BROKEN = 0.02
"""Part of the characters beyond ASCII that may be damaged in a text that says it is UTF-8."""
_CENTRAL_EUROPEAN = {"Croatian", "Czech", "Hungarian", "Polish", "Romanian", "Slovak", "Slovene"}


def load(given: Given) -> bytes:
    """Return the bytes of a file.

    Raises:
        SourceError: it cannot be read, is empty, or is too large for one article.
    """
    limit = LIMITS.get(given.format, BYTES)
    try:
        size = len(given.data) if given.data is not None else Path(given.origin).stat().st_size
        if size > limit:
            raise SourceError(too_long(given.origin, f"{size / 1e6:,.1f} MB"))
        with given.open() as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise SourceError(f"{given.origin} cannot be read: {error.strerror or error}") from error
    if not data.strip():
        raise SourceError(f"{given.origin}: there is no text in it")
    return data[:limit]


def decode(data: bytes, name: str) -> str:
    """Return the text of `data`, whatever its encoding; `name` is for the message.

    Raises:
        SourceError: the bytes are no text.
    """
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise SourceError(f"{name} looks like a binary file ({kind})")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(data.decode(encoding, errors="replace"), name)
    if b"\x00" in data:
        raise SourceError(f"{name} looks like a binary file")
    try:
        return _checked(data.decode("utf-8"), name)
    except UnicodeDecodeError:
        return _checked(_guessed(data, name), name)


def encoding_of(beginning: bytes, name: str) -> str:
    """Return the encoding of a longer text of which this is the beginning.

    Raises:
        SourceError: the bytes are no text.
    """
    marked = next((e for mark, e in _MARKS if beginning.startswith(mark)), None)
    if marked:
        return marked
    try:
        # The cut may go through a character, so the last line, if there are more, is left out.
        beginning[: beginning.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        decode(beginning, name)
        match = from_bytes(beginning).best()
        return match.encoding if match else "cp1252"
    decode(beginning[: beginning.rfind(b"\n") + 1 or None], name)
    return "utf-8"


def too_long(name: str, size: str) -> str:
    """Word the refusal of something that is longer than an article."""
    return (
        f"{name}: {size} is more than one article can be (at most {CHARACTERS:,} characters); "
        "if it holds many articles, give them as JSON lines, one article a line"
    )


def _guessed(data: bytes, name: str) -> str:
    declared = _DECLARED.search(data[:4096])
    if declared and (text := _as_declared(data, declared[1].decode("ascii"))) is not None:
        return text
    matches = list(from_bytes(data))
    if not matches:
        raise SourceError(f"{name} looks like a binary file: no encoding fits its bytes")
    # On short texts the single-byte encodings are a toss-up that Windows' own ones mostly win.
    usual = "cp1250" if matches[0].language in _CENTRAL_EUROPEAN else "cp1252"
    likely = (m for m in matches if m.percent_chaos < 10)
    if any(usual in m.could_be_from_charset for m in likely):
        return data.decode(usual, errors="replace")
    return str(matches[0])


def _as_declared(data: bytes, label: str) -> str | None:
    """Return the text as a browser reads it that is told this encoding, or None if it is not in it.

    Browsers know encodings by the labels of the WHATWG: iso-8859-1 is windows-1252, which has curly
    quotation marks and the euro where the standard of that name has control characters.
    """
    encoding = webencodings.lookup(label)
    if encoding is None:
        return None
    if encoding.name == "utf-8":
        text = data.decode("utf-8", errors="replace")
        beyond = sum(not char.isascii() for char in text)
        return text if text.count("\ufffd") <= max(3, _BROKEN * beyond) else None
    codec = _WIDER.get(encoding.name, encoding.codec_info.name)
    if encoding.name in _WINDOWS and not _C1.isdisjoint(data):
        codec = _WINDOWS[encoding.name]  # No text has control characters where that has letters.
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None  # Pages often declare an encoding that they do not have.


def in_utf8(data: bytes, served: str) -> bytes:
    """Return the bytes of a text as UTF-8, where its server says in which other encoding it is.

    What is UTF-8, or has a mark of its own, or is not in that encoding, stays as it is.

    Args:
        data: The text.
        served: The header Content-Type with which it was served.
    """
    said = _SERVED.search(served)
    if said is None or any(data.startswith(mark) for mark, _ in _MARKS):
        return data
    label = said[1].lower()
    wide = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-16": "utf-16-le"}
    try:
        if label in wide:
            return data.decode(wide[label]).encode()
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = _as_declared(data, label)
        return data if text is None else text.encode("utf-8", "replace")
    return data


def _checked(text: str, name: str) -> str:
    if len(_CONTROL.findall(text[:100_000])) > len(text[:100_000]) / 50:
        raise SourceError(f"{name} looks like a binary file")
    if not text.strip():
        raise SourceError(f"{name}: there is no text in it")
    if len(text) > CHARACTERS:
        raise SourceError(too_long(name, f"{len(text):,} characters"))
    return text
