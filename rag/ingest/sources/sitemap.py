"""Sitemaps -> links: the addresses of a site's pages, and of further sitemaps."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Given, Link
from rag.ingest.sources.xml import local


def read(root: lxml.etree._Element, given: Given) -> Iterator[Link | SourceError]:
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
