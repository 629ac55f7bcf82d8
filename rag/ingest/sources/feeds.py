"""RSS, Atom and JSON Feed -> drafts of the entries with full text, links to the others."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import feedparser

from rag.errors import SourceError
from rag.ingest.sources import fields, markup, records
from rag.ingest.sources.draft import Draft, Given, Link
from rag.ingest.sources.files import load

ENTRIES = 5_000
"""Most entries of a feed that are read."""
FULL = 600
"""A summary of fewer characters is a teaser, where there is an address to read the rest at."""
SHORT = 100
"""Fewer characters are one even where they are given as the whole content."""

_CUT = re.compile(
    r"(?:\[(?:…|\.{3}|&#8230;)\]|…|\.{3}|(?:continue|keep) reading\W*|read (?:more|on)\W*)\s*$",
    re.IGNORECASE,
)


def read(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield what the entries of an RSS or Atom feed are: articles or links."""
    # As a stream: bytes and text feedparser takes for a path or an address to open.
    stream = io.BytesIO(load(given))
    feed = feedparser.parse(stream, sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        raise SourceError(f"{given.origin}: there is no entry in this feed")
    about = {
        "publisher": feed.feed.get("title"),
        "language": feed.feed.get("language"),
    }
    for number, entry in enumerate(feed.entries[:ENTRIES], start=1):
        place = replace(given, origin=f"{given.origin}:{number}")
        # By its keys: asked for what is not there, feedparser guesses, and warns that it did.
        plain = {name: entry[name] for name in dict.keys(entry)}
        yield _entry(about | _record(plain), "content" in plain, place)


def read_json(value: Mapping[str, Any], given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield what the items of a JSON Feed are: articles or links."""
    items = value.get("items")
    if not isinstance(items, list) or not items:
        raise SourceError(f"{given.origin}: there is no item in this feed")
    about = {"publisher": value.get("title"), "language": value.get("language")}
    for number, item in enumerate(items[:ENTRIES], start=1):
        place = replace(given, origin=f"{given.origin}:{number}")
        if not isinstance(item, dict):
            yield SourceError(f"{place.origin} is no JSON object with fields")
            continue
        full = item.get("content_html") or item.get("content_text")
        yield _entry(
            about
            | {k: v for k, v in item.items() if not k.startswith("content_") and k != "id"}
            | {"text": full or item.get("summary"), "authors": item.get("authors")},
            bool(full),
            place,
        )


def _record(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry under names that `fields` knows."""
    contents = entry.get("content") or [{}]
    longest = max((str(c.get("value") or "") for c in contents), key=len)
    record = {
        "text": longest or entry.get("summary"),
        "title": entry.get("title"),
        "url": entry.get("link"),
        "published": entry.get("published"),
        "updated": entry.get("updated"),
        "authors": _people(entry),
    }
    return {name: value for name, value in record.items() if value}


def _people(entry: Mapping[str, Any]) -> object:
    """Return who wrote an entry; feedparser cuts some names out of "mail@example.org (Name)".

    What is left there of the address stands before a bracket that is not closed: "ple (Name".
    """
    whole = str(entry.get("author") or "")
    if "@" in whole:
        return whole
    names = [str(a.get("name") or "") for a in entry.get("authors", ())]
    return [n if ")" in n else n.rpartition("(")[2] for n in names] or whole


def _entry(record: dict[str, Any], full: bool, given: Given) -> Draft | Link | SourceError:
    """Return the article of an entry, or its link when the entry only announces it."""
    raw = str(record.get("text") or "")
    text = markup.plain(raw) if "<" in raw or "&" in raw else raw.strip()
    url = fields.address(record.get("url"))
    if url and (_CUT.search(text) or len(text) < (SHORT if full else FULL)):
        published = fields.moment(record.get("published") or record.get("date_published"))
        title = fields.words(record.get("title"))
        updated = fields.moment(record.get("updated") or record.get("date_modified"))
        return Link(origin=given.origin, url=url, title=title, published=published, updated=updated)
    return records.draft(record | {"text": text}, given)
