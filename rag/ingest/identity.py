"""Which article is this? Known again by its key, its URL in any spelling, or its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from rag.archive.addresses import canonical
from rag.archive.archive import Archive
from rag.archive.rows import digest_of as digest
from rag.ingest.sources.reading import Draft
from rag.language.shingles import is_copy, shingles
from rag.rights import SYSTEM, acting
from rag.types import Article

# Copies of one story: MinHash finds candidates, the words themselves decide. A wire story runs in
# many papers with another byline, a new first line, a paragraph cut. Such copies share a cluster,
# so that they count as one source. Two reports of one event in different words never do: that
# they agree is worth knowing.
REVISED = 0.3
"""Texts that share less than this are not two states of one article."""

_PERMUTATIONS = 126
_ROWS = (
    3  # 42 bands of 3: a pair at .5 becomes a candidate with .996, at .36 with .87, at .1 with .04
)
_SEED = 1


def bands(text: str) -> tuple[int, ...]:
    """Return the MinHash bands of a text as signed 64-bit numbers; near copies share some.

    They are stored, so they must not change with the library's version: scheme and seed are fixed.
    """
    from datasketch import MinHash

    sequences = shingles(text)
    if not sequences:
        return ()
    sketch = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme="affine32")
    sketch.update_batch([sequence.encode() for sequence in sorted(sequences)])
    values = sketch.hashvalues.astype("<u4").reshape(-1, _ROWS)
    return tuple(_fold(number, row.tobytes()) for number, row in enumerate(values))


def resemble(one: str, other: str) -> bool:
    """Say whether two texts may be two states of one article."""
    first, second = shingles(one), shingles(other)
    return len(first & second) >= REVISED * len(first | second)


def cluster_of(article: Article, near: Iterable[tuple[Article, str]]) -> str | None:
    """Return the cluster of the nearest copy among the candidates; None when none is a copy."""
    own = shingles(article.text)
    best: tuple[int, str] | None = None
    for candidate, cluster in near:
        if candidate.id == article.id:
            continue
        other = shingles(candidate.text)
        if is_copy(own, other):
            best = max(best or (0, ""), (len(own & other), cluster))
    return best[1] if best else None


def _fold(number: int, values: bytes) -> int:
    """Fold a band into one number that SQLite can store, and that no other band shares."""
    digest = hashlib.blake2b(values, digest_size=8, key=str(number).encode()).digest()
    return int.from_bytes(digest, "little", signed=True)


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
