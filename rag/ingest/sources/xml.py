"""XML -> drafts or links: which of the formats that news uses it is, and its reader.

Sitemaps are read here: the addresses of a site's pages, and of further sitemaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft, Given, Link
from rag.ingest.sources.files import load
from rag.ingest.sources.tree import bare, local, parse

BEGINNING = 8192
"""Bytes by which a kind of file is known."""

_FEEDS = {"rss", "RDF", "feed", "channel"}
_G2 = {"newsMessage", "newsItem", "packageItem", "conceptItem", "knowledgeItem"}
_SITEMAPS = {"urlset", "sitemapindex"}


def read(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield what an XML file holds.

    Raises:
        SourceError: it is no XML, or of no format that is known here.
    """
    if _is_wordpress(given):
        from rag.ingest.sources import wxr

        yield from wxr.read(given)
        return
    whole = replace(given, data=load(given))
    root = _root(whole)
    if root in _FEEDS:
        from rag.ingest.sources import feeds

        yield from feeds.read(whole)
    elif root in _SITEMAPS:
        yield from _sitemap(parse(whole), whole)
    elif root == "nitf":
        from rag.ingest.sources import nitf

        yield replace(nitf.read(bare(parse(whole)), whole), original=whole)
    elif root in _G2:
        from rag.ingest.sources import newsml

        yield from newsml.read(bare(parse(whole)), whole)
    else:
        raise SourceError(
            f"{given.origin}: no reader for XML of the kind {root[:60]!r}; "
            "there are RSS, Atom, NITF, NewsML-G2, WordPress exports and sitemaps"
        )


def _is_wordpress(given: Given) -> bool:
    """Say whether a file is an export of WordPress, which may be larger than one article can be."""
    try:
        with given.open() as stream:
            beginning = stream.read(BEGINNING)
    except OSError:
        return False  # `load` says why
    return b"<rss" in beginning and b"wordpress.org/export/" in beginning


def _sitemap(root: lxml.etree._Element, given: Given) -> Iterator[Link | SourceError]:
    """Yield a link for each address of a sitemap."""
    count = 0
    for count, entry in enumerate(root, start=1):
        parts = {local(e.tag): e.text or "" for e in entry.iter()}
        url = fields.address(parts.get("loc"))
        if url is None:
            yield SourceError(f"{given.origin}:{count}: no address in this entry of the sitemap")
            continue
        yield Link(
            origin=f"{given.origin}:{count}",
            url=url,
            title=fields.words(parts.get("title")),
            published=fields.moment(parts.get("publication_date")),
            updated=fields.moment(parts.get("lastmod")),
        )
    if not count:
        yield SourceError(f"{given.origin}: there is no address in this sitemap")


def _root(given: Given) -> str:
    """Return the name of the first element, reading no further."""
    parser = lxml.etree.XMLPullParser(
        ("start",), resolve_entities=False, no_network=True, huge_tree=False, recover=True
    )
    data = load(given)
    try:
        for start in range(0, min(len(data), 1_000_000), 4096):
            parser.feed(data[start : start + 4096])
            for _, element in parser.read_events():
                return local(element.tag)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise SourceError(f"{given.origin} cannot be read as XML: {error}") from error
    raise SourceError(f"{given.origin} cannot be read as XML: it has no element")
