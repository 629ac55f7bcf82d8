"""Files inside of files (.zip, .wacz, .gz) -> each as something to read, within limits."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.errors import SourceError
from rag.ingest.sources.draft import Given, Unread
from rag.ingest.sources.files import BYTES, LIMITS
from rag.ingest.sources.formats import format_of

DEPTH = 3
"""How deep archives and messages may lie in each other."""
TOTAL = 2_000_000_000
"""Most bytes that one file may unpack to, over all that lies in it."""
PARTS = 20_000
"""Most files of an archive."""
PART_BYTES = 200_000_000
"""Most bytes of one file of an archive, if its format has no smaller limit."""

_STREAMED = ("lines", "table", "warc", "mbox", "zip", "wacz", "xml")
"""Formats that are read bit by bit, so that a file may hold more than one article can."""
_OURS = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(slots=True)
class Room:
    """How much may still be unpacked of one file, over all that lies in it."""

    left: int = TOTAL

    def take(self, origin: str, size: int) -> None:
        """Count what was unpacked.

        Raises:
            SourceError: it is too much.
        """
        self.left -= size
        if self.left < 0:
            raise SourceError(f"{origin}: it unpacks to over {TOTAL / 1e9:.0f} GB; the rest is out")


def unzipped(given: Given, room: Room) -> Iterator[Given | SourceError]:
    """Yield the files of a ZIP archive, each as something to read or with the reason why not.

    Raises:
        SourceError: it is none, has too many parts, or unpacks to too much.
    """
    name = given.origin
    try:
        with given.open() as stream, zipfile.ZipFile(stream) as archive:
            parts = [part for part in archive.infolist() if _counts(part, given)]
            if len(parts) > PARTS:
                raise SourceError(f"{name} has {len(parts):,} files in it, more than {PARTS:,}")
            if not parts:
                raise SourceError(f"{name}: there is no file in it")
            for part in sorted(parts, key=lambda p: p.filename):
                yield _part(archive, part, given, room)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise SourceError(f"{name} cannot be read as a ZIP archive: {error}") from error


def _counts(part: zipfile.ZipInfo, given: Given) -> bool:
    """Say whether a part is a file of somebody's: hidden ones and what systems add are none."""
    name = part.filename.lower()
    if part.is_dir() or any(mark in name for mark in _OURS):
        return False
    if given.format == "wacz":  # beside the pages it holds indexes of them
        return name.endswith((".warc", ".warc.gz"))
    return not any(step.startswith(".") for step in PurePosixPath(name).parts)


def _part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, given: Given, room: Room
) -> Given | SourceError:
    origin = f"{given.origin}/{part.filename}"
    path = PurePosixPath(part.filename)
    kind = format_of(path)
    if kind is None:
        return Unread(f"{origin}: no reader for {path.suffix or 'a file without an ending'}")
    limit = PART_BYTES if kind in _STREAMED else LIMITS.get(kind, BYTES)
    if part.file_size > limit:
        return SourceError(f"{origin}: {part.file_size / 1e6:,.0f} MB is too much for one file")
    try:
        with archive.open(part) as stream:
            data = stream.read(limit + 1)
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError, EOFError) as error:
        # RuntimeError is what a part that needs a password raises.
        return SourceError(f"{origin} cannot be unpacked: {error}")
    except zlib.error as error:
        return SourceError(f"{origin} cannot be unpacked: {error}")
    if len(data) > limit:
        return SourceError(f"{origin}: it unpacks to more than it says")
    room.take(origin, len(data))
    return Given(origin=origin, format=kind, data=data, mapping=given.mapping)


def gunzipped(given: Given, room: Room) -> Given:
    """Return the one file that a gzip file holds.

    Raises:
        SourceError: it is none, breaks off, or unpacks to too much.
    """
    name = given.origin
    inner = PurePosixPath(name).with_suffix("")
    kind = format_of(inner)
    if kind is None:
        raise Unread(f"{name}: no reader for {inner.suffix or 'a file without an ending'} in it")
    limit = PART_BYTES if kind in _STREAMED else LIMITS.get(kind, BYTES)
    try:
        with given.open() as raw, gzip.open(raw) as stream:
            data = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name} cannot be unpacked: {error}") from error
    if len(data) > limit:
        raise SourceError(f"{name}: it unpacks to over {limit / 1e6:,.0f} MB")
    room.take(name, len(data))
    return Given(origin=name, format=kind, data=data or b" ", url=given.url, mapping=given.mapping)
