"""The names under which others keep what we call title, date, outlet; and reading their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from rag.errors import SourceError
from rag.ingest.clean import one_line
from rag.ingest.dates import from_timestamp, parse_moment, plausible
from rag.types import Moment

NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "article", "article_body", "articlebody", "maintext"),
    "title": ("title", "headline"),
    "published": (
        *("published", "publish_date", "published_at", "publication_date", "published_date"),
        *("date", "pubdate", "pub_date", "date_published", "datepublished", "published_time"),
    ),
    "updated": ("updated", "modified", "date_modified", "datemodified", "updated_at", "lastmod"),
    "publisher": ("publisher", "source", "outlet", "site_name", "sitename", "domain"),
    "authors": ("authors", "author", "byline", "by"),
    "url": ("url", "link", "canonical_url", "source_url"),
    "language": ("language", "lang"),
    "id": ("id", "doc_id", "article_id", "guid", "uuid"),
}
"""Our field -> their names, the most telling first; compared without case, - and _ alike."""

_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_URL = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].{0,20})?", re.IGNORECASE)
_BY = re.compile(r"(?:by|from|written by)[: ] ?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[;|]|, and |,| and | & )\s*")


def find(record: Mapping[str, Any], field: str, mapping: Mapping[str, str]) -> tuple[str, Any]:
    """Return the name and the value under which a record keeps our `field`, or ("", None)."""
    if field in mapping:
        return mapping[field], record.get(mapping[field])
    known = _known(record)
    for name in NAMES[field]:
        value = record.get(known.get(name, ""))
        if value not in (None, "", [], {}):
            return str(known[name]), value
    return "", None


def column(names: Iterable[str], field: str, mapping: Mapping[str, str]) -> bool:
    """Say whether our `field` is among the columns of a table."""
    if field in mapping:
        return mapping[field] in names
    return not _known(names).keys().isdisjoint(NAMES[field])


def _known(names: Iterable[str]) -> dict[str, str]:
    """Return the names of a record's fields by the spelling in which they are compared."""
    return {str(name).lower().replace("-", "_").replace(" ", "_"): name for name in names}


def check(mapping: Mapping[str, str]) -> None:
    """Raise SourceError when the mapping names a field that articles do not have."""
    for field in mapping:
        if field not in NAMES:
            raise SourceError(
                f"there is no field {field!r} to map to; there are {', '.join(NAMES)}"
            )


def words(value: object, limit: int = 500) -> str | None:
    """Return a short text, or None when the value is none."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return one_line(str(value))[:limit].strip() or None


def people(value: object) -> tuple[str, ...]:
    """Return the names in a byline, a list of names or a list of objects with names."""
    parts: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    names: dict[str, None] = {}
    for part in parts:
        line = words(part) or ""
        for name in _BETWEEN.split(_BY.sub("", line, count=1) if _BY.match(line) else line):
            if name and len(name) <= 100 and "@" not in name and "://" not in name:
                names[name] = None
    return tuple(names)[:20]


def moment(value: object) -> Moment | None:
    """Return the date that a value states; numbers count as Unix time when they can be that."""
    if isinstance(value, datetime | date):
        return plausible(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return plausible(from_timestamp(value))
    return plausible(parse_moment(value)) if isinstance(value, str) else None


def address(value: object) -> str | None:
    """Return a web address, or None when the value is none."""
    found = _URL.fullmatch(value.strip()) if isinstance(value, str) else None
    return found.group() if found else None


def language(value: object) -> str | None:
    """Return the language as its primary subtag: en for en-US."""
    found = _LANGUAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1].lower() if found else None


def key(value: object) -> str | None:
    """Return the record's own id, if it can serve as one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) if _KEY.fullmatch(str(value)) else None
