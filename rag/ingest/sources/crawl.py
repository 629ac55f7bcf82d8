"""Web archives (WARC) -> the pages that were fetched, each with its address."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Given
from rag.ingest.sources.files import LIMITS, in_utf8

RECORDS = 1_000_000
"""Most records of an archive that are looked at."""

_KINDS = {"text/html": "html", "application/xhtml+xml": "html", "application/pdf": "pdf"}
"""What is read of an archive; pictures and scripts are parts of pages."""


_BROKEN = (
    *(ArchiveLoadFailed, EOFError, OSError, zlib.error, gzip.BadGzipFile),
    *(AttributeError, TypeError, ValueError),
)
"""What the reader of archives raises over broken ones, the last three by accident."""


def pages(given: Given) -> Iterator[Given | SourceError]:
    """Yield each page of a web archive that was answered with success."""
    found = 0
    try:
        with given.open() as stream:
            records = ArchiveIterator(_plain(stream), arc2warc=True)
            for number, record in enumerate(records, start=1):
                if number > RECORDS:
                    yield SourceError(f"{given.origin}: over {RECORDS:,} records; the rest is out")
                    break
                page = _page(record, replace(given, origin=f"{given.origin}:{number}"))
                if page is not None:
                    found += 1
                    yield page
    except _BROKEN as error:
        yield SourceError(f"{given.origin} cannot be read as a web archive to its end: {error}")
        return
    if not found:
        yield SourceError(f"{given.origin}: there is no page in this web archive")


def _plain(stream: IO[bytes]) -> IO[bytes]:
    """Return the archive unpacked, whether each record or the whole of it was packed."""
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    return cast("IO[bytes]", gzip.open(stream)) if packed else stream


def _page(record: Any, given: Given) -> Given | SourceError | None:  # noqa: ANN401
    """Return the page of a record; None for what is none, such as a redirect or a picture."""
    if record.rec_type not in ("response", "resource", "revisit"):
        return None
    http = record.http_headers
    if record.rec_type == "revisit" or (http is not None and http.get_statuscode() != "200"):
        return None
    headers = http or record.rec_headers
    served = headers.get_header("Content-Type") or ""
    kind = _KINDS.get(served.partition(";")[0].strip().lower())
    if kind is None:
        return None
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    limit = LIMITS[kind]
    data = record.content_stream().read(limit + 1)
    if len(data) > limit:
        return SourceError(f"{given.origin}: {url[:200]} is over {limit / 1e6:.0f} MB")
    data = in_utf8(data, served) if kind != "pdf" else data
    # Without bytes it would be taken for a path to open.
    return replace(given, format=kind, data=data or b" ", url=fields.address(url))
