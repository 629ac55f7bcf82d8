"""How the process that reads and the one that stores talk: JSON with bytes behind it.

    4 bytes  length of the JSON object, big-endian
    4 bytes  length of the bytes
    ...      the JSON object, in UTF-8
    ...      the bytes: what is to be read, or what an article was read from

Never pickle: the reading process has handled what strangers wrote, and is not to be trusted.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources.draft import Draft, Given, Link, Unpublished, Unread
from rag.types import Moment

LARGEST = 200_000_000
"""Most bytes of one part of a frame; a longer one means that the sender is out of its mind."""

_HEAD = struct.Struct(">II")
_DATES = ("published", "updated", "ingested")


class Broken(Exception):
    """What came is no frame, or less than one."""


def pack(record: dict[str, Any], data: bytes = b"") -> bytes:
    """Return a frame."""
    head = json.dumps(record, ensure_ascii=True).encode()
    return _HEAD.pack(len(head), len(data)) + head + data


def unpack(take: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Read a frame by `take`, which returns exactly so many bytes.

    Raises:
        Broken: what comes is no frame.
    """
    length, size = _HEAD.unpack(take(_HEAD.size))
    if length > LARGEST or size > LARGEST:
        raise Broken(f"a frame of {length + size:,} bytes")
    try:
        record = json.loads(take(length))
    except (ValueError, RecursionError) as error:
        raise Broken(f"no JSON: {error}") from error
    if not isinstance(record, dict):
        raise Broken("no JSON object")
    return record, take(size)


def from_given(given: Given) -> tuple[dict[str, Any], bytes]:
    """Return something to read as record and bytes."""
    record = {name: getattr(given, name) for name in ("origin", "format", "url")}
    return record | {"mapping": dict(given.mapping), "path": given.data is None}, given.data or b""


def to_given(record: dict[str, Any], data: bytes) -> Given:
    """Return what `from_given` took apart."""
    kept = {name: record[name] for name in ("origin", "format", "url", "mapping")}
    return Given(**kept, data=None if record["path"] else data)


def from_result(result: Draft | Link | SourceError) -> tuple[dict[str, Any], bytes]:
    """Return what was read as record and bytes."""
    if isinstance(result, Unpublished):
        about = {"key": result.key, "url": result.url, "final": result.final}
        moment = result.moment.isoformat() if result.moment else None
        return {"kind": "unpublished", "message": str(result), "moment": moment} | about, b""
    if isinstance(result, SourceError):
        return {
            "kind": "unread" if isinstance(result, Unread) else "error",
            "message": str(result),
        }, b""
    if isinstance(result, Link):
        return {"kind": "link"} | _flat(result), b""
    original = result.original
    record = {"kind": "draft"} | _flat(replace(result, original=None))
    if original is None:
        return record, b""
    head, data = from_given(original)
    return record | {"original": head}, data


def to_result(record: dict[str, Any], data: bytes) -> Draft | Link | SourceError:
    """Return what `from_result` took apart.

    Raises:
        Broken: the record is none of these.
    """
    try:
        match record.pop("kind", None):
            case "error":
                return SourceError(str(record["message"]))
            case "unpublished":
                moment = _moment(record.pop("moment"))
                return Unpublished(str(record.pop("message")), moment=moment, **record)
            case "unread":
                return Unread(str(record["message"]))
            case "link":
                return Link(**_moments(record))
            case "draft":
                head = record.pop("original", None)
                record["authors"], record["notes"] = map(
                    tuple, (record["authors"], record["notes"])
                )
                original = to_given(head, data) if head else None
                return Draft(**_moments(record), original=original)
            case kind:
                raise Broken(f"a frame of kind {kind!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise Broken(f"a frame that lacks something: {error}") from error


def _flat(result: Draft | Link) -> dict[str, Any]:
    record = asdict(result)
    record.pop("original", None)
    for name in _DATES:
        if isinstance(record.get(name), date):
            record[name] = record[name].isoformat()
    return record


def _moments(record: dict[str, Any]) -> dict[str, Any]:
    known = {f.name for f in fields(Draft)} | {f.name for f in fields(Link)}
    return {k: _moment(v) if k in _DATES else v for k, v in record.items() if k in known}


def _moment(text: str | None) -> Moment | None:
    if not text:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
