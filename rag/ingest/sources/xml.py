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

ELEMENTS = 500_000
"""Most elements of a file."""

_FEEDS = {"rss", "RDF", "feed", "channel"}
_SITEMAPS = {"urlset", "sitemapindex"}


def read(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield what an XML file holds.

    Raises:
        SourceError: it is no XML, or of no format that is known here.
    """
    whole = replace(given, data=load(given))
    root = _root(whole)
    if root in _FEEDS:
        from rag.ingest.sources import feeds

        yield from feeds.read(whole)
    elif root in _SITEMAPS:
        yield from _sitemap(parse(whole), whole)
    elif root == "nitf":
        from rag.ingest.sources import nitf

        yield replace(nitf.read(parse(whole), whole), original=whole)
    else:
        raise SourceError(
            f"{given.origin}: no reader for XML of the kind {root[:60]!r}; "
            "there are RSS, Atom, NITF and sitemaps"
        )


def parse(given: Given) -> lxml.etree._Element:
    """Return the root of a small XML file, without entities and anything from elsewhere.

    Raises:
        SourceError: it cannot be parsed, or has too many elements.
    """
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = lxml.etree.fromstring(load(given), parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise SourceError(f"{given.origin} cannot be read as XML: {error}") from error
    if root is None:
        raise SourceError(f"{given.origin} cannot be read as XML: it is too broken")
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise SourceError(f"{given.origin} has more than {ELEMENTS:,} elements")
    return root


def local(tag: object) -> str:
    """Return the name of an element without its namespace."""
    return str(tag).rpartition("}")[2]


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
