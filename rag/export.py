"""Archive -> JSON lines that `rag.sources.exported` reads back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rag.archive import Archive
from rag.record import iso
from rag.sources.exported import MARK, VERSION
from rag.types import Article


def export(archive: Archive, *, revisions: bool) -> Iterator[dict[str, Any]]:
    """Yield every article, in the order in which they were first stored, as one state of it all.

    With `revisions` the earlier texts of an article come before its current one, so that reading
    the records one after the other makes the same archive.
    """
    with archive.snapshot():
        for article_id, digests in archive.histories():
            for digest in digests if revisions else digests[-1:]:
                yield record(archive.article(article_id, digest))


def record(article: Article) -> dict[str, Any]:
    """Return an article as JSON: ISO dates, null for what is unknown."""
    moments = {name: iso(getattr(article, name)) for name in ("published", "updated", "ingested")}
    return {MARK: VERSION} | asdict(article) | moments
