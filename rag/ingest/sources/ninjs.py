"""IPTC ninjs (JSON, versions 1 to 3) -> draft: what news agencies send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources import fields, markup
from rag.ingest.sources.draft import Draft, Given

_BODIES = ("body_html", "body_xhtml", "body_text")
_PUBLISHED = ("firstpublished", "published", "firstcreated", "contentcreated", "versioncreated")
_WITHDRAWN = ("canceled", "cancelled", "withheld")


def is_ninjs(record: Mapping[str, Any]) -> bool:
    """Say whether a record is a ninjs item: it has an URI and a body of one of its kinds."""
    if not isinstance(record.get("uri"), str):
        return False
    return any(name in record for name in (*_BODIES, "bodies", "headlines"))


def draft(record: Mapping[str, Any], given: Given) -> Draft | SourceError:
    """Return the draft of a ninjs item; one that was withdrawn is an error."""
    status = str(record.get("pubstatus", "usable"))
    if status in _WITHDRAWN:
        return SourceError(f"{given.origin} was withdrawn by its sender (pubstatus {status})")
    text = next(_texts(record), "")
    if not text:
        return SourceError(f"{given.origin}: no text in any body of this ninjs item")
    source, published = next(
        ((n, m) for n in _PUBLISHED if (m := fields.moment(record.get(n)))), (None, None)
    )
    version = fields.moment(record.get("versioncreated"))
    return Draft(
        origin=given.origin,
        text=text,
        key=fields.key(record["uri"]),
        title=_worded(record.get("headline")) or _worded(record.get("headlines")),
        publisher=_publisher(record),
        authors=fields.people(record.get("byline") or record.get("by") or record.get("bylines")),
        published=published,
        updated=version if version != published else None,
        url=fields.address(record.get("url")) or fields.address(record["uri"]),
        language=fields.language(record.get("language")),
        date_source=f"ninjs {source}" if source else None,
        original=given,
    )


def _texts(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the bodies, of version 1 by their names and of later ones from the list."""
    for name in _BODIES:
        yield from _body(record.get(name), name)
    bodies = record.get("bodies")
    for body in bodies if isinstance(bodies, list) else ():
        if isinstance(body, dict):
            yield from _body(body.get("value"), str(body.get("contenttype", "")))


def _body(value: object, kind: str) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        text = markup.plain(value) if "html" in kind or markup.is_markup(value) else value.strip()
        yield from [text] if text else []


def _worded(value: object) -> str | None:
    """Return a headline that is given as text or, since version 2, as a list with roles."""
    if isinstance(value, list):
        words = [fields.words(h.get("value")) for h in value if isinstance(h, dict)]
        return next(filter(None, words), None)
    return fields.words(value)


def _publisher(record: Mapping[str, Any]) -> str | None:
    """Return who it comes from; the holder of the copyright stands for a missing source."""
    sources = record.get("infosources")
    first = sources[0] if isinstance(sources, list) and sources else None
    named = (first, record.get("source"), record.get("copyrightholder"))
    return next((name for value in named if (name := fields.words(value, 200))), None)
