"""Which article is this? Known again by its key, its URL in any spelling, or its place."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from rag.archive.addresses import canonical
from rag.archive.archive import Archive
from rag.archive.rows import digest_of as digest
from rag.ingest.dedupe import resemble
from rag.ingest.sources.reading import Draft
from rag.rights import SYSTEM, acting

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_PLAIN = re.compile(r"\d{1,9}")
"""A record's own number, which many a file begins to count with."""
_RECORD = re.compile(r":\d+$")


def identify(
    archive: Archive, draft: Draft, text: str, claimed: Collection[str], collection: str
) -> str:
    """Return the id of a draft's article: the one it had before, or a new one.

    A record's own key is its id. Without key and URL the place decides; but the lines of a file of
    many records move, so there an article is known again by its text, or by the place if the texts
    resemble each other. `claimed` are the ids of other records of this run; `collection` is the id
    of the one that they all go into.
    """
    if draft.key and _KEY.fullmatch(draft.key):
        return draft.key
    url = address(draft.url)
    if draft.key or url:
        known = archive.known("key" if draft.key else "url", draft.key or url or "")
        return known[0][0] if known else _hashed(draft.key or draft.url or "")
    return _by_place(archive, draft, text, claimed, collection)


def scoped(archive: Archive, draft: Draft) -> Draft:
    """Return a draft with a key that is its own, where its number is that of another file's record.

    Two files may both count from 1. The first to come keeps the bare number, so no id that is
    stored changes. A record of another file is the same one if its address, title or text is.
    """
    if not draft.key or not _PLAIN.fullmatch(draft.key):
        return draft
    own = own_key(draft.origin, draft.key)
    if archive.known("key", own):
        return replace(draft, key=own)
    for known, text in archive.known("key", draft.key):
        stored = archive.article(known)
        url = address(draft.url)
        same = (
            _file(stored.origin or "") == _file(draft.origin)
            or (url is not None and url == address(stored.url))
            or (draft.title is not None and draft.title == stored.title)
            or resemble(text, draft.text)
        )
        return draft if same else replace(draft, key=own)
    return draft


def apart(archive: Archive, draft: Draft, collection: str) -> Draft:
    """Return a draft with a key of its collection, where not all of the archive may be read.

    A key that a person chooses must neither meet nor change an article that they may not read.
    """
    if not archive.restricted or not draft.key:
        return draft
    return replace(draft, key=f"{collection}/{draft.key}")


def untaken(archive: Archive, name: str, collection: str) -> str:
    """Return an id for an article, another one where it is that of one that may not be read."""
    if not archive.restricted or archive.has(name):
        return name
    with acting(SYSTEM):
        taken = archive.has(name)
    return _hashed(f"{collection}\0{name}") if taken else name


def own_key(origin: str, key: str) -> str:
    """Return a record's number with the file that it is in; another key as it is."""
    return f"{_file(origin)}#{key}" if _PLAIN.fullmatch(key) else key


def _file(origin: str) -> str:
    return _RECORD.sub("", origin)


def _by_place(
    archive: Archive, draft: Draft, text: str, claimed: Collection[str], collection: str
) -> str:
    many = _RECORD.search(draft.origin)
    for known, other in archive.known("place", draft.origin):
        if not many or other == text or resemble(other, text):
            return known
    file = _RECORD.sub(":", draft.origin)
    for known, place in archive.same_text(digest(text)):
        if many and known not in claimed and _RECORD.sub(":", place) == file:
            return known
    # A second copy is another article, also where the first could not have the id of its text.
    new = untaken(archive, _hashed(text), collection)
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
