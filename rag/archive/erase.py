"""Deleting for good: what was removed from the archive is also gone from its files."""

from __future__ import annotations

from collections.abc import Collection

from rag.archive.archive import Archive
from rag.archive.editions import Editions
from rag.archive.indexes import open_index, tend
from rag.archive.remote import RemoteIndex


def erase(archive: Archive, ids: Collection[str]) -> int:
    """Delete articles and every byte of them, and return how many there were.

    The deletion itself is one transaction; killed after it, the rest is done by the next run of
    `index`, `repair` or `delete`.

    Raises:
        ArchiveBusy: they are deleted, but a reader keeps their bytes alive; `purge` again later.
    """
    count = archive.delete(ids)
    purge(archive)
    return count


def purge(archive: Archive) -> None:
    """Bring the index in line, and free the files of what was deleted, if anything was."""
    if not archive.unpurged:
        tend(archive)
        return
    # A graph keeps the vectors that were taken out of it, so the new one starts from nothing.
    Editions(archive.folder / "chroma").clear()
    index = open_index(archive)
    if isinstance(index, RemoteIndex):
        index.rebuild()
    index.close()
    archive.compact()
