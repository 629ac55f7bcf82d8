"""What several doors write of the archive: passages, holdings, and places in lists as cursors."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict
from typing import Any

from rag.record import iso
from rag.types import Source
from ui.api.service import Found, Service

WRONG = "This cursor is none that was given out."


def source_json(source: Source) -> dict[str, Any]:
    """Return the label of an article as JSON."""
    return asdict(source) | {"published": iso(source.published)}


def found_json(service: Service, found: Found) -> dict[str, Any]:
    """Return a passage that was found as JSON."""
    start, end = found.span.start, found.span.end
    return source_json(found.source) | {
        "digest": found.digest,
        "start": start,
        "end": end,
        "text": found.text,
        "address": service.citer.address(found.source.article_id, found.digest, start, end),
    }


def holdings(service: Service) -> dict[str, Any]:
    """Return what the archive holds, as JSON."""
    archive = service.reading()
    held = archive.coverage()
    return {
        "articles": held.articles,
        "undated": held.undated,
        "earliest": iso(held.earliest),
        "latest": iso(held.latest),
        "publishers": list(archive.publishers()),
        "months": [{"month": f"{m:%Y-%m}", "articles": n} for m, n in archive.months()],
        "generation": archive.generation,
    }


def packed(place: list[Any]) -> str:
    """Return a place in a list as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int:
    """Return the offset that a cursor holds; raises `ValueError` when it is none of ours."""
    if not cursor:
        return 0
    (offset,) = _unpacked(cursor, 1)
    if not isinstance(offset, int) or not 0 <= offset < 10_000:
        raise ValueError(WRONG)
    return offset


def place_of(cursor: str | None) -> tuple[str | None, str] | None:
    """Return the day and the id that a cursor holds; raises `ValueError` as `offset_of` does."""
    if not cursor:
        return None
    when, name = _unpacked(cursor, 2)
    if not isinstance(name, str) or not (when is None or isinstance(when, str)):
        raise ValueError(WRONG)
    return when, name


def _unpacked(cursor: str, length: int) -> list[Any]:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or len(place) != length:
        raise ValueError(WRONG)
    return place
