"""Which reader takes a file, by the ending of its name."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from rag.ingest.sources.draft import Given

FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "lines",
    ".jsonl.gz": "lines",
    ".ndjson": "lines",
    ".ndjson.gz": "lines",
    ".json": "list",
    ".ninjs": "list",
    ".csv": "table",
    ".tsv": "table",
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".rtf": "rtf",
    ".epub": "epub",
    ".xml": "xml",
    ".nitf": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".eml": "mail",
    ".mbox": "mbox",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".warc": "warc",
    ".warc.gz": "warc",
    ".wacz": "wacz",
    ".zip": "zip",
}
"""File name endings and the reader of each."""


def format_of(path: PurePath) -> str | None:
    """Return which reader takes the file, by its name; None when none does."""
    name = path.name.lower()
    kind = next((kind for ending, kind in FORMATS.items() if name.endswith(ending)), None)
    if kind is None and name.endswith(".gz"):
        return "gz" if format_of(PurePath(name.removesuffix(".gz"))) else None
    return kind


# What kind of file some bytes without a name are.
_HEADER = re.compile(rb"([A-Z][A-Za-z-]{1,40}): ([^\r\n]*)|[ \t]+\S")
_MAIL_ONLY = (b"message-id", b"mime-version", b"return-path", b"received")
_XML = (b"<?xml", b"<rss", b"<feed", b"<nitf", b"<urlset", b"<rdf:rdf", b"<sitemapindex")


def from_bytes(data: bytes, origin: str) -> Given:
    """Return bytes as something to read, by the reader that their beginning asks for."""
    return Given(origin=origin, format=_kind(data), data=data)


_BEGINNINGS = (
    (b"%pdf", "pdf"), (b"warc/", "warc"), (b"{\\rtf", "rtf"), (b"---", "markdown"),
)  # fmt: skip


def _kind(data: bytes) -> str:
    beginning = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    known = next((kind for mark, kind in _BEGINNINGS if beginning.startswith(mark)), None)
    if known is not None:
        return known
    if beginning.startswith((b"{", b"[")):
        return "list" if beginning.startswith(b"[") or _is_one_value(data) else "lines"
    if beginning.startswith(b"<"):
        return "xml" if beginning.startswith(_XML) and b"<html" not in beginning else "html"
    return _message(data)


def _message(data: bytes) -> str:
    """Return whether a text has the head of a mail, or of a page saved in the form of one."""
    names: dict[bytes, bytes] = {}
    for line in data[:8000].splitlines():
        found = _HEADER.match(line)
        if found is None:
            break
        names[(found[1] or b"").lower()] = found[2] or b""
    is_mail = b"@" in names.get(b"from", b"") or not names.keys().isdisjoint(_MAIL_ONLY)
    if len(names) < 2 or not is_mail:
        return "text"
    return "mhtml" if b"multipart/related" in data[:2000].lower() else "mail"


def _packed(data: bytes) -> str:
    """Return what a ZIP archive is: a document of some kind, or files of any."""
    # The first part of these says what they are, and is not compressed, so that it can be seen.
    if b"application/epub+zip" in data[:100]:
        return "epub"
    if b"application/vnd.oasis.opendocument.text" in data[:100]:
        return "odt"
    return "docx" if b"word/document.xml" in data else "zip"


def _is_one_value(data: bytes) -> bool:
    """Say whether these are not JSON lines, each an object on its own."""
    first = data.lstrip().split(b"\n", 1)[0]
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not data.strip()[len(first) :].strip()
