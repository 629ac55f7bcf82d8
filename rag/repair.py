"""Putting right by hand whatever can be made again from the articles' texts."""

from __future__ import annotations

from collections.abc import Iterator

from rag.archive import Archive
from rag.encoder import Encoder
from rag.erase import purge
from rag.errors import ArchiveDamaged
from rag.index import Index
from rag.ingest import OnProgress, embed_pending


def repair(
    archive: Archive, encoder: Encoder, batch: int, progress: OnProgress | None = None
) -> Iterator[str]:
    """Check and mend an archive, and say in words what was done.

    The index of words is made anew where it disagrees with the texts, unusable vectors are computed
    again, what a deletion left is removed, and the vector index is always made anew.

    Raises:
        ArchiveDamaged: pages are lost; or, at the end, texts are not what was stored, which only
            their source or a backup can bring back.
    """
    yield from archive.mend()
    if count := embed_pending(archive, encoder, batch, progress):
        yield f"{count} vectors computed"
    if archive.unpurged:
        purge(archive)
        yield "remains of deleted articles removed"
    index = Index.open(archive)
    index.rebuild()
    yield f"vector index made anew: {len(archive.vector_ids())} vectors, search by {index.state}"
    index.close()
    if lost := archive.damaged_texts():
        raise ArchiveDamaged(
            f"{'; '.join(lost[:5])} ({len(lost)} in all): delete them and index their sources "
            "again, or bring a backup back with: dateline restore"
        )
