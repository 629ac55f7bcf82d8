"""The index of vectors that the settings name: beside the archive, or on a server."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.archive.remote import Collections, RemoteIndex
from rag.errors import SettingsError
from rag.settings import Address, IndexSettings, Settings

_IDENTITY = "index identity"


def open_index(
    archive: Archive,
    on_trouble: Callable[[str], None] | None = None,
    how: IndexSettings | None = None,
) -> Index:
    """Open the index, and bring it in line with the archive if that is open for writing.

    Args:
        archive: What is indexed.
        on_trouble: Is told in words what goes wrong, and so is the log.
        how: Which index; None asks the environment, which is the same for all processes.

    Raises:
        SettingsError: the index has no address.
    """
    how = how or Settings().index
    if how.engine == "chroma":
        return Index.open(archive, on_trouble)
    index = RemoteIndex(archive, on_trouble, _collections(archive, how), how.engine)
    if archive.writable:
        index.sync()
    return index


def tend(archive: Archive) -> None:
    """Bring the index in line with an archive that is open for writing, and let go of it."""
    if Settings().index.engine == "chroma":
        Index.tend(archive)
    else:
        open_index(archive).close()


def _collections(archive: Archive, how: IndexSettings) -> Collections:
    if how.engine == "chroma-server":
        from rag.archive.chroma_server import ChromaServer

        if not how.url:
            raise SettingsError("index.engine chroma-server needs index.url: http://host:port")
        return ChromaServer(how.url, _identity(archive))
    from rag.archive.pgvector import PgVector

    at = how.url or (archive.place if isinstance(archive.place, Address) else "")
    if not at:
        raise SettingsError("index.engine pgvector needs index.url: postgresql://...")
    return PgVector(Address(at))


def _identity(archive: Archive) -> str:
    """Return what tells an archive's collections from those of others, by whatever name it goes."""
    known = archive.noted(_IDENTITY)
    if known is None:
        known = secrets.token_hex(6)
        if archive.writable:
            archive.note(_IDENTITY, known)
    return known
