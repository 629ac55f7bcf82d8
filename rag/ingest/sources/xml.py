"""XML -> drafts or links: which of the formats that news uses it is, and its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources.draft import Draft, Given, Link
from rag.ingest.sources.files import load

BEGINNING = 8192
"""Bytes by which a kind of file is known."""
ELEMENTS = 500_000
"""Most elements of a file."""

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
        from rag.ingest.sources import sitemap

        yield from sitemap.read(parse(whole), whole)
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


def bare(root: lxml.etree._Element) -> lxml.etree._Element:
    """Take the namespaces off the names of all elements, and return the root."""
    for element in root.iter(lxml.etree.Element):
        element.tag = local(element.tag)
    return root


def local(tag: object) -> str:
    """Return the name of an element without its namespace."""
    return str(tag).rpartition("}")[2]


def _is_wordpress(given: Given) -> bool:
    """Say whether a file is an export of WordPress, which may be larger than one article can be."""
    try:
        with given.open() as stream:
            beginning = stream.read(BEGINNING)
    except OSError:
        return False  # `load` says why
    return b"<rss" in beginning and b"wordpress.org/export/" in beginning


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
