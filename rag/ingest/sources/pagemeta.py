"""What an HTML page states about its article: JSON-LD first, then meta tags, then what is shown.

Published and modified stay apart, and each date is kept with the name of the field it came from.
Nothing is inferred from running text or addresses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.clean import one_line
from rag.ingest.sources import fields
from rag.types import Moment

_ARTICLE_TYPES = ("article", "newsarticle", "reportage", "blogposting", "liveblogposting")
_PUBLISHED = (
    *("article:published_time", "og:published_time", "og:article:published_time", "datepublished"),
    *(
        "parsely-pub-date",
        "sailthru.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publish_date",
    ),
    *("publication_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created"),
    *("dc.date", "article.published", "originalpublicationdate", "cxenseparse:recs:publishtime"),
    *("date.release", "ptime", "date"),
)
_MODIFIED = (
    *("article:modified_time", "og:modified_time", "og:updated_time", "datemodified", "lastmod"),
    *("last-modified", "dcterms.modified", "dc.date.modified", "article.updated", "revised"),
)
_TITLE = ("og:title", "twitter:title", "parsely-title", "dc.title", "sailthru.title", "headline")
_PUBLISHER = ("og:site_name", "application-name", "publisher", "dc.publisher", "cre")
_AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator")
_DATED = ("date", "publish", "timestamp")
_ASIDE = ("aside", "nav", "footer")
_JSON_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeta:
    """The statements of a page about its article; None where it makes none."""

    title: str | None
    publisher: str | None
    authors: tuple[str, ...]
    published: Moment | None
    date_source: str | None
    updated: Moment | None
    url: str | None
    language: str | None


def read(tree: HtmlElement) -> PageMeta:
    """Return what the page says about its article."""
    linked = next(_articles(tree), {})
    metas = _metas(tree)
    published, source = _first_moment(
        [("JSON-LD datePublished", linked.get("datePublished"))]
        + [(f"meta {name}", metas.get(name)) for name in _PUBLISHED]
        + [(f"time {where}", value) for where, value in _times(tree, "publish")]
    )
    updated, _ = _first_moment(
        [("", linked.get("dateModified"))]
        + [("", metas.get(name)) for name in _MODIFIED]
        + [("", value) for _, value in _times(tree, "modif")]
    )
    publisher = fields.words(_one(linked.get("publisher")), 200) or _meta(metas, _PUBLISHER)
    return PageMeta(
        title=_title(tree, linked, metas, publisher),
        publisher=publisher,
        authors=fields.people(linked.get("author") or linked.get("creator"))
        or _shown_authors(tree, metas),
        published=published,
        date_source=source,
        updated=updated,
        url=_address(tree, linked, metas),
        language=fields.language(tree.get("lang") or linked.get("inLanguage") or ""),
    )


def _articles(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the JSON-LD objects that describe an article."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        content = script.text_content()
        if len(content) > _JSON_LIMIT:
            continue
        try:
            value = json.loads(content, strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _objects(value):
            kinds = item.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(str(name).lower().endswith(_ARTICLE_TYPES) for name in names):
                yield item


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects at the top of a JSON-LD value, in its lists and in its @graph."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (
                (node for node in graph if isinstance(node, dict))
                if isinstance(graph, list)
                else ()
            )


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Return the first content of each meta tag, by its name, property or itemprop."""
    found: dict[str, str] = {}
    for meta in tree.xpath("//meta[@content]"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = one_line(meta.get("content"))
        if content:
            found.setdefault(name.strip().lower(), content)
    return found


def _meta(metas: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((fields.words(metas[name]) for name in names if name in metas), None)


def _times(tree: HtmlElement, role: str) -> Iterator[tuple[str, str]]:
    """Yield what <time> elements and dated labels say, those that name their role first.

    An element without a role counts as the publication only before the first paragraph of the
    article, where bylines stand; a date further down may belong to anything.
    """
    for element in tree.xpath("//*[@itemprop or self::time]"):
        said = f"{element.get('itemprop', '')} {element.get('class', '')}".lower()
        if role in said or (role == "publish" and element.get("pubdate") is not None):
            yield "datetime", element.get("datetime") or element.get("content") or _shown(element)
    if role != "publish":
        return
    for element in _byline(tree):
        named = (element.get("class") or "").lower()
        if "modif" in named or "updat" in named:
            continue
        if element.tag == "time":
            yield "datetime", element.get("datetime") or _shown(element)
        elif element.tag in {"span", "div", "p"} and any(w in named for w in _DATED):
            yield f"class {one_line(named)[:40]}", _shown(element)


def _byline(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what stands before the first paragraph of the text, outside of side matter."""
    for element in tree.iter("time", "span", "div", "p"):
        if element.tag == "p" and len(_shown(element)) > 120:
            return
        if not any(e.tag in _ASIDE for e in element.iterancestors()):
            yield element


def _first_moment(candidates: list[tuple[str, Any]]) -> tuple[Moment | None, str | None]:
    for name, value in candidates:
        moment = fields.moment(value) if isinstance(value, str) else None
        if moment is not None:
            return moment, name
    return None, None


def _title(
    tree: HtmlElement, linked: dict[str, Any], metas: dict[str, str], publisher: str | None
) -> str | None:
    headings = [_shown(h) for h in tree.xpath("//h1") if _shown(h)]
    stated = fields.words(linked.get("headline")) or _meta(metas, _TITLE)
    if stated is None and len(headings) == 1:
        stated = headings[0]
    if stated is None:
        stated = next((_shown(t) for t in tree.xpath("//title") if _shown(t)), None)
    return _without_outlet(stated, publisher) if stated else None


def _without_outlet(title: str, publisher: str | None) -> str:
    """Take " | Outlet" or " - Outlet" off the end of a title."""
    for between in (" | ", " - ", " – ", " — "):
        head, sign, tail = title.rpartition(between)
        if sign and publisher and tail.strip().lower() == publisher.lower():
            return head.strip()
    return title


def _shown_authors(tree: HtmlElement, metas: dict[str, str]) -> tuple[str, ...]:
    stated = next((fields.people(metas[n]) for n in _AUTHOR if fields.people(metas.get(n))), ())
    if stated:
        return stated
    shown = tree.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' author ')"
        " or contains(concat(' ', @class, ' '), ' byline ') or contains(@class, 'byline-name')]"
    )
    named = (e for e in shown if 0 < len(_shown(e)) <= 120 and fields.people(_shown(e)))
    first = next(named, None)
    if first is None:
        return ()
    # Several authors have an element each, side by side; others further down are of other articles.
    beside = (e for e in named if e.getparent() is first.getparent())
    return fields.people([_shown(first), *map(_shown, beside)])


def _address(tree: HtmlElement, linked: dict[str, Any], metas: dict[str, str]) -> str | None:
    canonical = next(iter(tree.xpath("//link[@rel='canonical']/@href")), None)
    page = linked.get("mainEntityOfPage")
    entity = page.get("@id") if isinstance(page, dict) else page
    candidates = (canonical, metas.get("og:url"), linked.get("url"), entity)
    return next((url for url in map(fields.address, candidates) if url), None)


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _shown(element: HtmlElement) -> str:
    return one_line(element.text_content()[:2000])
