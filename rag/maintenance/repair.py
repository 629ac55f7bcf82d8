"""Putting right by hand whatever can be made again from the articles' texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from rag.archive.archive import Archive
from rag.archive.erase import purge
from rag.archive.indexes import open_index
from rag.archive.rows import digest_of
from rag.errors import ArchiveDamaged
from rag.ingest.run import OnProgress, embed_pending, limits
from rag.ingest.sources.reading import Draft, Given
from rag.ingest.sources.worker import Reader
from rag.models.encoder import Encoder
from rag.settings import Settings


def repair(
    archive: Archive, encoder: Encoder, settings: Settings, progress: OnProgress | None = None
) -> Iterator[str]:
    """Check and mend an archive, and say in words what was done.

    Texts that are not what was stored are read again from the originals that were kept. The index
    of words is made anew where it disagrees with the texts, unusable vectors are computed again,
    what a deletion left is removed, and the vector index is always made anew.

    Raises:
        ArchiveDamaged: pages are lost; or, at the end, texts are not what was stored, which only
            their source or a backup can bring back.
    """
    yield from archive.mend()
    if count := _brought_back(archive, settings):
        yield f"texts read again from their originals: {count}"
        yield from archive.mend()
    if count := embed_pending(archive, encoder, settings.embed.batch, progress):
        yield f"{count} vectors computed"
    if archive.unpurged:
        purge(archive)
        yield "remains of deleted articles removed"
    index = open_index(archive)
    index.rebuild()
    yield f"vector index made anew: {len(archive.vector_ids())} vectors, search by {index.state}"
    index.close()
    if lost := archive.damaged_texts():
        raise ArchiveDamaged(
            f"{'; '.join(lost[:5])} ({len(lost)} in all): delete them and index their sources "
            "again, or bring a backup back with: dateline restore"
        )


def _brought_back(archive: Archive, settings: Settings) -> int:
    """Restore texts of which the original still gives exactly what was stored; return how many."""
    count = 0
    altered = archive.altered()
    if not altered:
        return 0
    with Reader(limits(settings.read)) as reader:
        for article_id, digest in altered:
            for text in _texts(archive, reader, article_id, digest):
                if digest_of(text) == digest:
                    archive.bring_back(article_id, text)
                    count += 1
    return count


def _texts(archive: Archive, reader: Reader, article_id: str, digest: str) -> list[str]:
    """Return what a revision's kept original is read as now: one text, or none."""
    with suppress(ArchiveDamaged):
        original = archive.original(article_id, digest)
        if original is not None:
            given = Given(
                origin=article_id,
                format=original.format,
                data=original.data,
                url=original.url,
                mapping=original.mapping,
            )
            return [draft.text for draft in reader.read(given) if isinstance(draft, Draft)][:1]
    return []
