"""Formats that are ZIP archives: nothing is unpacked before it is known to be little enough."""

from __future__ import annotations

import io
import zipfile

from rag.errors import SourceError

UNPACKED = 200_000_000
"""Most bytes that its parts may have together when they are unpacked."""
PARTS = 5_000
"""Most files inside it."""


def opened(data: bytes, name: str, kind: str) -> zipfile.ZipFile:
    """Return an archive that would unpack to no more than one file of news can be.

    `kind` is what it is meant to be, for the message.

    Raises:
        SourceError: it is no ZIP archive, or too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise SourceError(f"{name} cannot be read as {kind}: {error}") from error
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    if len(parts) > PARTS or size > UNPACKED:
        raise SourceError(
            f"{name} unpacks to {len(parts):,} parts of {size / 1e6:,.0f} MB, too much for {kind}"
        )
    return archive
