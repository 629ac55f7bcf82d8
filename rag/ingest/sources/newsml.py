"""NewsML-G2 (XML) -> drafts: the news items of a message, as agencies send them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields, markup, nitf, standing
from rag.ingest.sources.draft import Draft, Given
from rag.language.characters import one_line
from rag.language.dates import parse_moment

_DATES = ("firstCreated", "contentCreated", "versionCreated")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(root: lxml.etree._Element, given: Given) -> Iterator[Draft | SourceError]:
    """Yield the articles of a message or of one item; the names of elements are bare.

    Raises:
        SourceError: there is no news item in it.
    """
    items = [root] if root.tag == "newsItem" else list(root.iter("newsItem"))
    if not items:
        raise SourceError(f"{given.origin}: there is no news item in this NewsML-G2 file")
    for number, item in enumerate(items, start=1):
        data = lxml.etree.tostring(item, with_tail=False)
        origin = given.origin if item is root else f"{given.origin}:{number}"
        yield _item(item, replace(given, origin=origin, format="xml", data=data))


def _item(item: lxml.etree._Element, given: Given) -> Draft | SourceError:
    key = (item.get("guid") or "")[:400] or None
    version = fields.moment(item.findtext("itemMeta/versionCreated"))
    status = item.find("itemMeta/pubStatus")
    stated = (status.get("qcode") or status.get("uri")) if status is not None else None
    if word := standing.told(stated):
        return standing.refused(given.origin, word, field="pubStatus", key=key, moment=version)
    until = parse_moment(item.findtext("itemMeta/embargoed") or "")
    if kept_back := standing.embargo(given.origin, until):
        return kept_back
    texts = list(_texts(item, given))
    if not texts:
        return SourceError(f"{given.origin}: no text in the content of this NewsML-G2 item")
    source, published = next(
        ((n, m) for n in _DATES if (m := fields.moment(item.findtext(f".//{n}")))), (None, None)
    )
    language = item.find("contentMeta/language")
    tag = language.get("tag") if language is not None else item.get(_LANG)
    return Draft(
        origin=given.origin,
        text=texts[0],
        key=key,
        title=_line(item.findtext("contentMeta/headline")),
        publisher=_publisher(item),
        authors=fields.people(_people(item)),
        published=published,
        updated=version if version != published else None,
        url=fields.address(item.findtext("itemMeta/link") or "") or given.url,
        language=fields.language(tag),
        date_source=f"NewsML-G2 {source}" if source else None,
        original=given,
    )


def _texts(item: lxml.etree._Element, given: Given) -> Iterator[str]:
    """Yield the forms in which the content stands in the item itself."""
    for part in item.iterfind("contentSet/inlineXML"):
        story = part.find("nitf")
        if story is not None:
            yield nitf.read(story, given).text
        elif text := markup.plain(lxml.etree.tostring(part, encoding="unicode", method="html")):
            yield text
    for part in item.iterfind("contentSet/inlineData"):
        text = (part.text or "").strip()
        if text:
            yield markup.plain(text) if markup.is_markup(text) else text


def _publisher(item: lxml.etree._Element) -> str | None:
    """Return who it comes from: source, provider, or the holder of the rights, by name."""
    for path in ("contentMeta/infoSource", "itemMeta/provider", "rightsInfo/copyrightHolder"):
        for element in item.iterfind(path):
            name = _line(element.findtext("name")) or element.get("literal")
            if name:
                return name[:200]
    return None


def _people(item: lxml.etree._Element) -> str | list[str]:
    if by := _line(item.findtext("contentMeta/by")):
        return by
    names = (_line(e.findtext("name")) for e in item.iterfind("contentMeta/creator"))
    return [name for name in names if name]


def _line(text: str | None) -> str | None:
    return one_line(text) or None if text else None
