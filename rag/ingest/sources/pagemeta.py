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

from rag.ingest.sources import fields
from rag.ingest.sources.people import begins_byline, folded
from rag.language.characters import one_line
from rag.language.dates import role_of
from rag.types import Moment

_PUBLISHED = (
    *("article:published_time", "og:published_time", "og:article:published_time", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish-date"),
    *("publish_date", "publication_date", "citation_publication_date", "citation_date"),
    *("dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dcterms.date"),
    *("dc.date", "article.published", "originalpublicationdate", "cxenseparse:recs:publishtime"),
    *("cxenseparse:publishtime", "date.release", "ptime", "datecreated", "last-published", "date"),
)
_MODIFIED = (
    *("article:modified_time", "og:modified_time", "og:updated_time", "datemodified", "lastmod"),
    *("last-modified", "dcterms.modified", "dc.date.modified", "article.updated", "revised"),
)
_TITLE = ("og:title", "twitter:title", "parsely-title", "dc.title", "sailthru.title", "headline")
_PUBLISHER = ("og:site_name", "application-name", "publisher", "dc.publisher", "cre")
_AUTHOR = (
    *("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "citation_author", "cxenseparse:author"),
)
_DATED = ("date", "publish", "timestamp")
_ASIDE = ("aside", "nav", "footer")
_LONG = 120
"""Characters of a <p> with which a text begins."""
_APART = (" | ", " - ", " – ", " — ", " • ", " · ")
_BYLINE = (
    "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' author ')"
    " or contains(concat(' ', @class, ' '), ' byline ') or starts-with(@class, 'byline')"
    " or contains(@class, '_byline')"
    + "".join(
        f" or contains(translate(@class, '-_', ''), '{name}')"
        for name in ("bylinename", "authorname", "articleauthor", "authorlink", "articlebyline")
    )
    + "]"
)
_OWN = (
    "contains(@href, '/author/') or contains(@href, '/authors/') or contains(@href, '/autor/')"
    " or contains(@href, '/autoren/') or contains(@href, '/auteur/')"
)
_NAMED = "contains(@class, 'author') and not(contains(@class, 'comment'))"
_AUTHORED = f"//a[{_OWN}]|//*[{_NAMED}]"
"""Where a byline may stand that nothing calls one."""
_LABELLED = (
    "//*[self::strong or self::b or self::span or self::dt or self::th][starts-with("
    "normalize-space(.), 'Aut') and string-length(normalize-space(.)) < 16]"
)
"""The label of a line such as "Author: Ann Lee", in many languages."""
_WRITTEN = re.compile(
    r"written by|verfasst von|geschrieben von|escrito por|[ée]crit par|scritto da"
)
_UNTIL_BY = re.compile(r"^.{0,40}?\b(?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or) (?=[A-Z]\S* [A-Z])")
_SHORT = 60
"""Characters of a line that only signs."""
_SIGNATURE = re.compile(r"(?:[^\W\d_][\w'’.-]* ){1,3}[^\W\d_][\w'’.-]+")
_UNTIL_NUMBER = re.compile(r"\s\(?\d.*$")
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
        + [(f"meta {name}", value) for name in _PUBLISHED for value in metas.get(name, ())]
        + [(f"time {where}", value) for role, where, value in times if role == "published"]
    )
    updated, _ = _first_moment(
        [("", linked.get("dateModified"))]
        + [("", value) for name in _MODIFIED for value in metas.get(name, ())]
        + [("", value) for role, _, value in times if role == "updated"],
        update=True,
    )
    publisher = fields.words(_one(linked.get("publisher")), 200) or _meta(metas, _PUBLISHER)
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
    for element in tree.iter("time", "span", "div", "p"):
        if element.tag == "p" and len(_shown(element)) > _LONG:
            return
        if not any(e.tag in _ASIDE for e in element.iterancestors()):
            yield element


def _first_paragraph(tree: HtmlElement) -> HtmlElement | None:
    """Return the first paragraph of running text, outside of side matter."""
    return next(
        (
            p
            for p in tree.iter("p")
            if len(_shown(p)) > _LONG and not any(e.tag in _ASIDE for e in p.iterancestors())
        ),
        None,
    )


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
    stated = fields.words(linked.get("headline")) or _meta(metas, _TITLE)
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
    outlets = [publisher, *(metas[name][0] for name in _PUBLISHER if name in metas)]
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
        found = _shown_authors(tree, known) or _signed(tree, known) or found
    # The outlet, or initials, stand for the author only where nobody is named.
    return found or fields.people(stated) or _tagged(metas, []) or _initials(tree, known)


def _full(names: tuple[str, ...]) -> bool:
    """Return True when a name is more than one word, or of a writing without spaces."""
    return any(" " in name or not name.isascii() for name in names)


def _tagged(metas: Mapping[str, list[str]], outlets: list[str]) -> tuple[str, ...]:
    """Return the names of the first meta tag that has any."""
    return next((names for n in _AUTHOR if (names := fields.people(metas.get(n), outlets))), ())


def _signed(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return who signs the text: a short line right above or below its paragraphs.

    It begins with "By", joins two names by a slash, or stands at the right end below.
    """
    blocks: dict[HtmlElement, list[tuple[HtmlElement, str]]] = defaultdict(list)
    for line in tree.iter("p"):
        if said := _shown(line):
            blocks[line.getparent()].append((line, said))
    lines = max(blocks.values(), key=lambda block: sum(len(said) for _, said in block), default=[])
    for line, said in (*lines[:3], *reversed(lines[-2:])):
        turned = "text-align:right" in (line.get("style") or "").replace(" ", "")
        if len(said) <= _SHORT and (turned or "/" in said or begins_byline(said)):
            names = _full_names(line, outlets)
            if names and all(map(_signs, names)) and not any(map(str.isdigit, said)):
                return names
    return ()


def _signs(name: str) -> bool:
    """Return True for a few words with capitals, but for short ones between: Ana de Reis."""
    if not _SIGNATURE.fullmatch(name):
        return False
    first, *between, last = name.split()
    plain = [
        word for word in (first, last, *(w for w in between if len(w) > 3)) if word[0].islower()
    ]
    return not plain


def _initials(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the single words in the byline that the page shows: "aln/dpa"."""
    lines = (_shown(element) for element in tree.xpath(_BYLINE))
    return next(
        (names for line in lines if len(line) < 40 if (names := fields.people(line, outlets))), ()
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


def _shown_authors(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the names in the byline that the page shows."""
    if names := _side_by_side(tree.xpath(_BYLINE), outlets):
        return names
    text = _first_paragraph(tree)
    above = (
        tree.xpath(_AUTHORED)
        if text is None
        else text.xpath(f"preceding::*[{_NAMED}]|preceding::a[{_OWN}]")
    )
    if names := _side_by_side(above, outlets):
        return names
    for label in tree.xpath(_LABELLED):
        rest = one_line(label.tail or "")
        if names := fields.people(rest.strip(" :"), outlets) if len(rest) < 100 else ():
            return names
    return ()


def _side_by_side(elements: list[HtmlElement], outlets: list[str]) -> tuple[str, ...]:
    """Return the names in the first of these elements that has any, and in those beside it."""
    named = (
        (element, names)
        for element in elements
        if 0 < len(_shown(element)) <= 120 and (names := _full_names(element, outlets))
    )
    first = next(named, None)
    if first is None:
        return ()
    # Several authors have an element each, side by side; others further down are of other articles.
    beside = [names for e, names in named if e.getparent() is first[0].getparent()]
    return fields.people([name for names in (first[1], *beside) for name in names])


def _full_names(element: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the names in a byline that are more than one word; dates after them are left out."""
    line = _UNTIL_NUMBER.sub("", _shown(element))
    names = fields.people(_UNTIL_BY.sub("", line), outlets)
    outlet = tuple(filter(None, map(folded, outlets)))
    return tuple(
        name
        for name in names
        if (" " in name or not name.isascii())
        and not name[0].islower()
        and ":" not in name
        and role_of(name) is None
        and not any(o in folded(name) for o in outlet)
    )


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
