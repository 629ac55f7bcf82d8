"""IPTC ninjs (JSON, versions 1 to 3) -> draft: what news agencies send.

Version 3 writes the same names in camel case (`versionCreated`), so all are compared in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rag.errors import SourceError
from rag.ingest.sources import fields, markup, standing
from rag.ingest.sources.draft import Draft, Given
from rag.language.dates import parse_moment

_BODIES = ("body_html", "body_xhtml", "body_text", "body_nitf")
_PUBLISHED = ("firstpublished", "published", "firstcreated", "contentcreated", "versioncreated")
_KINDS = ("html", "plain", "", "nitf")
"""Kinds of body, the one that is read best first; what is none of them counts as the third."""
_MADE = ("creator", "author", "writer", "byline", "reporter")
"""What somebody is to an item who made it, and is not its subject."""
_TEXTS = ("text", "main", "body", "bodytext", "fulltext")
"""Roles of a description that is the text of the item."""


def is_ninjs(record: Mapping[str, Any]) -> bool:
    """Say whether a record is a ninjs item: it has an URI and a body of one of its kinds."""
    if not isinstance(record.get("uri"), str):
        return False
    return any(name in record for name in (*_BODIES, "bodies", "headlines")) or (
        any(name in _low(record) for name in ("pubstatus", "versioncreated"))
    )


def draft(record: Mapping[str, Any], given: Given) -> Draft | SourceError:
    """Return the draft of a ninjs item; one that was withdrawn or is under embargo is an error."""
    item, spelt = _low(record), {str(name).lower(): str(name) for name in record}
    key = str(item["uri"])[:400]
    url = fields.address(item.get("url")) or fields.address(item["uri"])
    version = fields.moment(item.get("versioncreated"))
    if word := standing.told(item.get("pubstatus")):
        field = spelt["pubstatus"]
        return standing.refused(given.origin, word, field=field, key=key, url=url, moment=version)
    # Not by `fields`, to which a day that is still to come is no date of an article.
    if kept_back := standing.embargo(given.origin, parse_moment(str(item.get("embargoed") or ""))):
        return kept_back
    text = next(_texts(item, given), "")
    if not text:
        return SourceError(f"{given.origin}: no text in any body of this ninjs item")
    source, published = next(
        ((n, m) for n in _PUBLISHED if (m := fields.moment(item.get(n)))), (None, None)
    )
    named = ("byline", "by", "bylines", "authors")
    written = next((v for n in named if (v := item.get(n))), None) or _creators(item)
    publisher = _publisher(item)
    return Draft(
        origin=given.origin,
        text=text,
        key=key,
        title=_worded(item.get("headline")) or _worded(item.get("headlines")),
        publisher=publisher,
        authors=fields.people(written, [publisher or ""]) or fields.people(written),
        published=published,
        updated=version if version != published else None,
        url=url,
        language=fields.language(item.get("language")),
        date_source=f"ninjs {spelt[source]}" if source else None,
        original=given,
    )


def _low(record: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in record.items()}


def _texts(item: Mapping[str, Any], given: Given) -> Iterator[str]:
    """Yield the bodies, of version 1 by their names and of later ones from the lists."""
    for name in _BODIES:
        yield from _body(item.get(name), name, given)
    for body in sorted(_objects(item, "bodies"), key=_rank):
        yield from _body(body.get("value"), str(body.get("contenttype", "")), given)
    for description in _objects(item, "descriptions"):
        if str(description.get("role", "")).lower() in _TEXTS:
            yield from _body(description.get("value"), "", given)
    if item.get("type") in (None, "text"):
        yield from _body(item.get("description_text") or item.get("description_html"), "", given)


def _objects(item: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values = item.get(name)
    return [_low(v) for v in values if isinstance(v, dict)] if isinstance(values, list) else []


def _rank(body: Mapping[str, Any]) -> tuple[bool, int]:
    """Return the place of a body: those that are the text of the item before captions."""
    role, kind = str(body.get("role") or _TEXTS[0]).lower(), str(body.get("contenttype", ""))
    known = next((k for k in _KINDS if k and k in kind.lower()), "")
    return role not in _TEXTS, _KINDS.index(known)


def _creators(item: Mapping[str, Any]) -> list[Any]:
    """Return the people of an item of whom it says that they made it."""
    people = _objects(item, "people")
    return [p for p in people if str(p.get("rel", "")).lower() in _MADE]


def _body(value: object, kind: str, given: Given) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        return
    if "nitf" in kind.lower() or "<nitf" in value[:300]:
        text = _nitf(value, given)
    elif "html" in kind or markup.is_markup(value):
        text = markup.plain(value)
    else:
        text = value.strip()
    yield from [text] if text else []


def _nitf(value: str, given: Given) -> str:
    """Return the text of a body that is a NITF document, without its head and its contact lines."""
    from rag.ingest.sources import nitf, tree

    inner = replace(given, format="xml", data=value.encode("utf-8", "replace"))
    try:
        return nitf.read(tree.bare(tree.parse(inner)), inner).text
    except SourceError:
        return markup.plain(value)


def _worded(value: object) -> str | None:
    """Return a headline that is given as text or, since version 2, as a list with roles."""
    if isinstance(value, list):
        words = [fields.words(h.get("value")) for h in value if isinstance(h, dict)]
        return next(filter(None, words), None)
    return fields.words(value)


def _publisher(item: Mapping[str, Any]) -> str | None:
    """Return who it comes from; the holder of the copyright stands for a missing source."""
    sources = item.get("infosources")
    first = sources[0] if isinstance(sources, list) and sources else None
    named = (first, item.get("source"), item.get("copyrightholder"))
    return next((name for value in named if (name := fields.words(value, 200))), None)
