"""A record of our own export -> a draft with all that the archive knew, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft
from rag.types import Moment

MARK = "dateline_export"
"""The field by which a record is known as ours; its value is the version."""
VERSION = 1
_EDITED = ("title", "publisher", "authors", "published")
WITHDRAWN = 2
"""The version of a record that says that its article was withdrawn, which older programs would
take for one that may be quoted."""


def ours(record: Mapping[str, Any]) -> bool:
    """Say whether a JSON object is a record of an export."""
    return MARK in record


def read(record: Mapping[str, Any], origin: str) -> Draft | SourceError:
    """Return the draft, or what is wrong with the record; `origin` says where it stands."""
    if record[MARK] not in (VERSION, WITHDRAWN):
        return SourceError(f"{origin} was exported by a newer Dateline; update the program")
    try:
        return _draft(record, origin)
    except (KeyError, TypeError, ValueError) as error:
        return SourceError(f"{origin} is not as it was exported: {error}")


def _draft(record: Mapping[str, Any], origin: str) -> Draft:
    key = fields.key(record["id"])
    if key is None:
        raise ValueError(f"{record['id']!r} is no id")
    ingested = _moment(record, "ingested")
    return Draft(
        origin=_words(record, "origin") or origin,
        text=_words(record, "text") or "",
        key=key,
        title=_words(record, "title"),
        publisher=_words(record, "publisher"),
        authors=_list(record, "authors"),
        published=_moment(record, "published"),
        updated=_moment(record, "updated"),
        ingested=ingested if isinstance(ingested, datetime) else None,
        url=fields.address(record["url"]),
        language=_words(record, "language"),
        date_source=_words(record, "date_source"),
        notes=_list(record, "notes"),
        edits=_edits(record),
        withdrawn=_words(record, "withdrawn") if record[MARK] == WITHDRAWN else None,
    )


def _edits(record: Mapping[str, Any]) -> dict[str, str | list[str] | None] | None:
    """Return what was stated by hand; exports of before have no such field."""
    names = record.get("edited") or []
    if not isinstance(names, list) or not all(name in _EDITED for name in names):
        raise TypeError("edited is no list of fields")
    return {name: record[name] for name in names} or None


def _words(record: Mapping[str, Any], name: str) -> str | None:
    value = record[name]
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value or None


def _list(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = record[name]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError(f"{name} is no list of texts")
    return tuple(value)


def _moment(record: Mapping[str, Any], name: str) -> Moment | None:
    text = _words(record, name)
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
