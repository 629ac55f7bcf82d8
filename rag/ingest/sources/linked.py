"""What a page states of its article for search engines: JSON-LD, in all the forms they accept.

An article may stand at the top, in a list, in `@graph` or as the `mainEntity` of a page; its author
and publisher may be named by an `@id` that stands elsewhere. A script may be wrapped in CDATA or in
a comment, have trailing commas, or its quotation marks as character references.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources import fields
from rag.language.characters import one_line

Item = Mapping[str, Any]

LIMIT = 1_000_000
"""Longest script that is read."""
_ITEMS = 2_000
"""Most objects of a page that are looked at."""

_DEEP = 8
"""Levels of lists and parts that are looked into."""
_TYPES = ("article", "newsarticle", "reportage", "report", "blogposting", "socialmediaposting")
_WRAPPED = re.compile(
    r"^\s*(?:(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?|<!--)|(?:(?://|/\*)?\s*\]\]>"
    r"(?:\s*\*/)?|(?://\s*)?-->)\s*;?\s*$"
)
_REMARK = re.compile(r"^(?:\s*(?://[^\n]*\n|/\*.{0,500}?\*/))+", re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_BEGINS = re.compile(r"[\[{]\s*[\"{\[]")
_DECODER = json.JSONDecoder(strict=False)
_NESTED = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "hasPart",
    "isPartOf",
    "itemListElement",
    "item",
)


def article(tree: HtmlElement) -> dict[str, Any]:
    """Return the object that describes the page's article, references resolved; {} without one."""
    items = list(_items(tree))
    named: dict[str, Item] = {}
    for item in items:
        if isinstance(name := item.get("@id"), str) and len(item) > 1:
            named.setdefault(name, item)
    articles: list[Item] = [item for item in items if is_article(item)]
    if not articles:
        return {}
    chosen = _of_page(tree, articles)
    return {name: _resolved(value, named) for name, value in chosen.items()}


def is_article(item: Item) -> bool:
    """Return True when an object describes an article."""
    kinds = item.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(str(name).lower().endswith(_TYPES) for name in names)


def body(item: Item) -> str:
    """Return the article's text as it is stated, empty without it."""
    value = item.get("articleBody") or item.get("reviewBody") or ""
    if isinstance(value, list):
        value = "\n".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return html.unescape(value) if "&" in value else value


def selectors(item: Item) -> list[str]:
    """Return the CSS selectors of those parts of the article that have to be paid for."""
    parts = item.get("hasPart")
    found: list[str] = []
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, Mapping):
            value = part.get("cssSelector")
            found += [s for s in (value if isinstance(value, list) else [value]) if s]
    return [selector for selector in found if isinstance(selector, str)]


def updates(item: Item) -> list[Item]:
    """Return the entries of a live blog, the oldest first."""
    value = item.get("liveBlogUpdate")
    entries = [e for e in (value if isinstance(value, list) else [value]) if isinstance(e, Mapping)]
    return sorted(entries, key=lambda entry: str(entry.get("datePublished") or ""))


def _of_page(tree: HtmlElement, articles: list[Item]) -> Item:
    """Return the article that the page is about: by its address, else by its headline."""
    if len(articles) == 1:
        return articles[0]
    here = {one_line(u) for u in tree.xpath("//link[@rel='canonical']/@href")}
    shown = {one_line(e.text_content()[:500]).casefold() for e in tree.xpath("//h1|//title")}
    for item in articles:
        page = item.get("mainEntityOfPage")
        entity = page.get("@id") if isinstance(page, Mapping) else page
        if {str(item.get("url")), str(entity)} & here:
            return item
    for item in articles:
        headline = (fields.words(item.get("headline")) or "").casefold()
        if headline and any(headline in title for title in shown):
            return item
    return articles[0]


def _resolved(value: Any, named: Mapping[str, Item]) -> Any:  # noqa: ANN401 - JSON
    """Put what an `@id` refers to in its place, one level deep."""
    if isinstance(value, list):
        return [_resolved(each, named) for each in value[:_ITEMS]]
    if isinstance(value, Mapping) and not value.get("name"):
        return named.get(str(value.get("@id")), value)
    return value


def _items(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield every object of the page's scripts that could be an article or be referred to."""
    left = _ITEMS
    for script in tree.iter("script"):
        if not (script.get("type") or "").strip().lower().startswith("application/ld+json"):
            continue
        for value in parsed(script.text_content()):
            for item in _within(value, 0):
                if left:
                    left -= 1
                    yield item


def _within(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEP:
        return
    if isinstance(value, list):
        for each in value:
            yield from _within(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _NESTED:
            yield from _within(value.get(name), depth + 1)


def parsed(text: str) -> list[Any]:
    """Return the JSON values of a script, mended where search engines' readers mend it."""
    if len(text) > LIMIT:
        return []
    text = _REMARK.sub("", _WRAPPED.sub("", text))
    for mend in (_as_it_is, _without_commas, _without_references):
        try:
            return _values(mend(text))
        except (ValueError, RecursionError):
            continue
    if found := _BEGINS.search(text):
        # Whatever else is wrapped around it, as some publishing systems do in several layers.
        try:
            return [_DECODER.raw_decode(text, found.start())[0]]
        except (ValueError, RecursionError):
            return []
    return []


def _values(text: str) -> list[Any]:
    """Read one JSON value, or several one after the other."""
    found, at = [], 0
    text = text.strip().rstrip(";")
    while at < len(text):
        value, end = _DECODER.raw_decode(text, at)
        found.append(value)
        at = end
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return found


def _as_it_is(text: str) -> str:
    return text


def _without_commas(text: str) -> str:
    return _TRAILING.sub(lambda found: found[1] or "", text)


def _without_references(text: str) -> str:
    return _without_commas(html.unescape(text))
