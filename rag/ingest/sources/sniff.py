"""What kind of file some bytes without a name are."""

from __future__ import annotations

import json

from rag.ingest.sources.draft import Given

_XML = (b"<?xml", b"<rss", b"<feed", b"<nitf", b"<urlset", b"<rdf:rdf", b"<sitemapindex")


def from_bytes(data: bytes, origin: str) -> Given:
    """Return bytes as something to read, by the reader that their beginning asks for."""
    return Given(origin=origin, format=_kind(data), data=data)


def _kind(data: bytes) -> str:
    beginning = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"%PDF"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        # The first part of an EPUB says what it is, and is not compressed, so that it can be seen.
        return "epub" if b"application/epub+zip" in data[:100] else "docx"
    if beginning.startswith((b"{", b"[")):
        return "list" if beginning.startswith(b"[") or _is_one_value(data) else "lines"
    if beginning.startswith(_XML) and b"<html" not in beginning:
        return "xml"
    if beginning.startswith(b"<"):
        return "html"
    return "markdown" if beginning.startswith(b"---") else "text"


def _is_one_value(data: bytes) -> bool:
    """Say whether these are not JSON lines, each an object on its own."""
    first = data.lstrip().split(b"\n", 1)[0]
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not data.strip()[len(first) :].strip()
