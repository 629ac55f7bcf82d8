"""What an HTML page states about its article: JSON-LD first, then meta tags, then what is shown.

Published and modified stay apart, and each date is kept with the name of the field it came from.
Nothing is inferred from running text or addresses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources import bylines, fields
from rag.ingest.sources.people import folded
from rag.ingest.sources.words import data
from rag.language.characters import one_line
from rag.language.dates import labelled, role_of
from rag.types import Moment

_METAS = {field: tuple(names) for field, names in data("metas").items()}
"""Our field -> the names of the meta tags that state it."""
_DATED = ("date", "publish", "timestamp")
_ASIDE = ("aside", "nav", "footer")
_LONG = 120
"""Characters of a <p> with which a text begins."""
_APART = (" | ", " - ", " – ", " — ", " • ", " · ")
_WRITTEN = re.compile(
    r"written by|verfasst von|geschrieben von|escrito por|[ée]crit par|scritto da"
)
_OTHER = re.compile(
    r"[^\d\W][^:]{0,40}: ?$|(?<!^)\b(?:on|am|until|till|from|bis|vom|since|le|el|to)$"
)
"""A label before a date that is not that of the article: "Date:", "Concert on"."""
_EVENTS = ("event", "expir", "start", "end-date", "due", "birth")


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


def read(tree: HtmlElement, linked: Mapping[str, Any]) -> PageMeta:
    """Return what the page says about its article; `linked` is what it says in JSON-LD."""
    metas = _metas(tree)
    times = list(_times(tree))
    published, source = _first_moment(
        [("JSON-LD datePublished", linked.get("datePublished"))]
        + [(f"meta {name}", value) for name in _METAS["published"] for value in metas.get(name, ())]
        + [(f"time {where}", value) for role, where, value in times if role == "published"]
    )
    updated, _ = _first_moment(
        [("", linked.get("dateModified"))]
        + [("", value) for name in _METAS["modified"] for value in metas.get(name, ())]
        + [("", value) for role, _, value in times if role == "updated"],
        update=True,
    )
    publisher = (
        fields.words(_one(linked.get("publisher")), 200)
        or _meta(metas, _METAS["publisher"])
        or _marked_publisher(tree)
    )
    return PageMeta(
        title=_title(tree, linked, metas, publisher),
        publisher=publisher,
        authors=_authors(tree, linked, metas, publisher),
        published=published,
        date_source=source,
        updated=updated,
        url=_address(tree, linked, metas),
        language=fields.language(tree.get("lang") or linked.get("inLanguage") or ""),
    )


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the meta tags, by name, property or itemprop."""
    found: dict[str, list[str]] = defaultdict(list)
    for meta in tree.xpath("//meta[@content]"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = one_line(meta.get("content"))
        if content:
            found[name.strip().lower()].append(content)
    return found


def _meta(metas: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((fields.words(metas[name][0]) for name in names if name in metas), None)


def _marked_publisher(tree: HtmlElement) -> str | None:
    """Return the name of what a page marks as its publisher in microdata."""
    named = "//*[@itemprop='publisher' and @itemscope]//*[@itemprop='name']"
    names = (name.get("content") or _shown(name) for name in tree.xpath(named))
    return next((word for name in names if (word := fields.words(name, 200))), None)


def _times(tree: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield role, place and value of what <time> elements and dated labels say.

    Those that name their role come first. An element without a role counts as the publication only
    before the first paragraph of the article, where bylines stand, and only if no other word stands
    before it as its label: "Date: 10 August" may be that of a festival.
    """
    for element in tree.xpath("//*[@itemprop or self::time]"):
        said = f"{element.get('itemprop', '')} {element.get('class', '')}".lower()
        role = "updated" if "modif" in said else "published" if "publish" in said else None
        if element.get("pubdate") is not None:
            role = "published"
        if role:
            value = element.get("datetime") or element.get("content") or _shown(element)
            yield role, "datetime", value
    for element in _byline(tree):
        yield from _dated(element)


def _dated(element: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """Yield what an element near the byline says of dates."""
    named = (element.get("class") or "").lower()
    label = _label(element)
    changed = "modif" in named or "updat" in named or role_of(label) == "updated"
    role = "updated" if changed else "published"
    if element.tag == "time":
        if role_of(label) or not (_OTHER.search(label) or _goes_on(element)):
            yield role, "datetime", element.get("datetime") or _shown(element)
        return
    dated = any(w in named for w in _DATED) and not any(w in named for w in _EVENTS)
    if dated and not element.xpath(".//time"):
        said = _shown(element)
        yield role, f"class {one_line(named)[:40]}", said
        yield from [("updated", "", said)] if fields.dates(said).updated else []
    elif len(element) == 0:
        yield from _labelled(one_line(element.text or ""))


def _labelled(said: str) -> Iterator[tuple[str, str, str]]:
    """Yield a line that says itself which dates it states: "Published 2 May | Updated 3 May"."""
    if len(said) < _LONG and any(map(str.isdigit, said)):
        # Where no class calls it a date, only what is called the publication is believed.
        found = labelled(said)
        yield from [("published", "label", said)] if found.published else []
        yield from [("updated", "label", said)] if found.updated else []


def _goes_on(element: HtmlElement) -> bool:
    """Return True when a sentence goes on after a date: "Concert on 10 August in Norwick"."""
    after = one_line(element.tail or "").strip(" ,.|·•-–—()")
    return len(after.split()) > 1 and role_of(after) is None and not any(map(str.isdigit, after))


def _label(element: HtmlElement) -> str:
    """Return the words right before an element, in the same line."""
    before = element.getprevious()
    if before is None:
        parent = element.getparent()
        return one_line((parent.text if parent is not None else "") or "")
    between = one_line(before.tail or "")
    if between or before.tag in ("time", "br"):
        return between
    return _shown(before)[-60:]


def _byline(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what stands before the first paragraph of the text, outside of side matter."""
    for element in tree.iter("time", "span", "div", "p", "li"):
        if element.tag == "p" and len(_shown(element)) > _LONG:
            return
        if not any(e.tag in _ASIDE for e in element.iterancestors()):
            yield element


def _first_moment(
    candidates: list[tuple[str, Any]], *, update: bool = False
) -> tuple[Moment | None, str | None]:
    """Return the first date of these, and where it stands."""
    for name, value in candidates:
        for each in value if isinstance(value, list) else [value]:
            said = fields.dates(each)
            moment = said.updated or said.published if update else said.published
            if moment is not None:
                return moment, name
    return None, None


def _title(
    tree: HtmlElement,
    linked: Mapping[str, Any],
    metas: Mapping[str, list[str]],
    publisher: str | None,
) -> str | None:
    headings = [text for h in tree.xpath("//h1") if (text := _shown(h))]
    stated = fields.words(linked.get("headline")) or _meta(metas, _METAS["title"])
    if stated is None and len(headings) == 1:
        stated = headings[0]
    if stated is None:
        stated = next((text for t in tree.xpath("//title") if (text := _shown(t))), None)
    return _without_outlet(stated, publisher, headings) if stated else None


def _without_outlet(title: str, publisher: str | None, headings: list[str]) -> str:
    """Take " | Outlet" or " - Section" off the end of a title.

    The heading that the page shows tells how long the title is; else the outlet's name does.
    """
    for heading in headings:
        rest = title.removeprefix(heading)
        if heading and rest != title and rest.startswith(_APART):
            return heading
    for between in _APART:
        head, sign, tail = title.rpartition(between)
        if sign and publisher and folded(tail) == folded(publisher):
            return head.strip()
    return title


def _authors(
    tree: HtmlElement,
    linked: Mapping[str, Any],
    metas: Mapping[str, list[str]],
    publisher: str | None,
) -> tuple[str, ...]:
    """Return who wrote the article: people first, an organisation only where no one is named."""
    outlets = [publisher, *(metas[name][0] for name in _METAS["publisher"] if name in metas)]
    known = [name for name in outlets if name]
    value = linked.get("author") or linked.get("creator")
    stated = value if isinstance(value, list) else [value]
    persons = fields.people([each for each in stated if not _is_organisation(each)], known)
    told = (
        fields.people(stated, known) if persons else (),
        _tagged(metas, known),
        fields.people(_written_by(metas), known),
    )
    found = next(filter(_full, told), ()) or next(filter(None, told), ())
    # A single word may be an account or a section: whoever the page itself names goes first.
    if not _full(found):
        found = bylines.shown(tree, known) or found
    # The outlet, or initials, stand for the author only where nobody is named.
    found = found or fields.people(stated) or _tagged(metas, [])
    return found or bylines.dated(tree, known) or bylines.initials(tree, known)


def _full(names: tuple[str, ...]) -> bool:
    """Return True when a name is more than one word, or of a writing without spaces."""
    return any(" " in name or not name.isascii() for name in names)


def _tagged(metas: Mapping[str, list[str]], outlets: list[str]) -> tuple[str, ...]:
    """Return the names of the first meta tag that has any."""
    return next(
        (names for n in _METAS["author"] if (names := fields.people(metas.get(n), outlets))), ()
    )


def _written_by(metas: Mapping[str, list[str]]) -> list[str]:
    """Return what tags for cards of social networks say: "Written by" beside a name."""
    return [
        value
        for name, labels in metas.items()
        if name.startswith("twitter:") and _WRITTEN.search(f"{name} {labels[0].lower()}")
        for value in metas.get(name.replace("label", "data"), ())[:1]
    ]


def _is_organisation(value: object) -> bool:
    kind = value.get("@type") if isinstance(value, Mapping) else None
    return any("organi" in str(k).lower() for k in (kind if isinstance(kind, list) else [kind]))


def _address(
    tree: HtmlElement, linked: Mapping[str, Any], metas: Mapping[str, list[str]]
) -> str | None:
    canonical = next(iter(tree.xpath("//link[@rel='canonical']/@href")), None)
    page = linked.get("mainEntityOfPage")
    entity = page.get("@id") if isinstance(page, Mapping) else page
    candidates = (canonical, *metas.get("og:url", ())[:1], linked.get("url"), entity)
    return next((url for url in map(fields.address, candidates) if url), None)


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _shown(element: HtmlElement) -> str:
    return one_line(element.text_content()[:2000])
