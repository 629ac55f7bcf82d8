"""Archive -> JSON lines that `rag.ingest.sources.exported` reads back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rag.archive.archive import Archive
from rag.errors import ArchiveDamaged
from rag.ingest.sources.exported import MARK, VERSION, WITHDRAWN
from rag.record import iso
from rag.types import Article


def export(archive: Archive, *, revisions: bool) -> Iterator[dict[str, Any] | ArchiveDamaged]:
    """Yield every article, in the order in which they were first stored, as one state of it all.

    With `revisions` the earlier texts of an article come before its current one, so that reading
    the records one after the other makes the same archive. In place of a text that is not what was
    stored stands the error that says so: what is sound can be saved from a damaged archive.
    """
    with archive.snapshot():
        for article_id, digests in archive.histories():
            for digest in digests if revisions else digests[-1:]:
                try:
                    article = archive.article(article_id, digest)
                except ArchiveDamaged as error:
                    yield error
                else:
                    yield record(article)


def record(article: Article) -> dict[str, Any]:
    """Return an article as JSON: ISO dates, null for what is unknown."""
    moments = {name: iso(getattr(article, name)) for name in ("published", "updated", "ingested")}
    version = WITHDRAWN if article.withdrawn else VERSION
    return {MARK: version} | asdict(article) | moments
