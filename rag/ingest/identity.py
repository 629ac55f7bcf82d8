"""Which article is this? Known again by its key, its URL in any spelling, or its place."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from rag.archive.addresses import canonical
from rag.archive.archive import Archive
from rag.archive.rows import digest_of as digest
from rag.ingest.dedupe import resemble
from rag.ingest.sources.reading import Draft

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_RECORD = re.compile(r":\d+$")


def identify(archive: Archive, draft: Draft, text: str, claimed: Collection[str]) -> str:
    """Return the id of a draft's article: the one it had before, or a new one.

    A record's own key is its id. Without key and URL the place decides; but the lines of a file of
    many records move, so there an article is known again by its text, or by the place if the texts
    resemble each other. `claimed` are the ids of other records of this run.
    """
    if draft.key and _KEY.fullmatch(draft.key):
        return draft.key
    url = address(draft.url)
    if draft.key or url:
        known = archive.known("key" if draft.key else "url", draft.key or url or "")
        return known[0][0] if known else _hashed(draft.key or draft.url or "")
    return _by_place(archive, draft, text, claimed)


def _by_place(archive: Archive, draft: Draft, text: str, claimed: Collection[str]) -> str:
    many = _RECORD.search(draft.origin)
    for known, other in archive.known("place", draft.origin):
        if not many or other == text or resemble(other, text):
            return known
    file = _RECORD.sub(":", draft.origin)
    for known, place in archive.same_text(digest(text)):
        if many and known not in claimed and _RECORD.sub(":", place) == file:
            return known
    new = _hashed(text)
    return _hashed(f"{draft.origin}\0{text}") if archive.known("id", new) else new


def address(url: str | None) -> str | None:
    """Return the one spelling of a URL that can name an article; a site's front page names none."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return canonical(url) if parts.path.strip("/") or parts.query else None


def _hashed(name: str) -> str:
    return "a" + digest(name)[:12]
