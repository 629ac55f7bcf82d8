"""HTML pages -> draft: trafilatura finds the article, `pagemeta` reads what the page states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import trafilatura
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest import corrections
from rag.ingest.sources import bodies, edges, fields, linked, markup, pagemeta, scripted, waiting
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.ingest.sources.hidden import remove_hidden
from rag.ingest.sources.markup import drop_pointers, paragraphs, parse
from rag.language.characters import one_line, unseen

_JOINERS = re.compile("[\u200c\u200d]")
_STAND_INS = {0x200C: "\U00010980", 0x200D: "\U00010981"}
"""Letters of a script without readers, for joiners of others, which trafilatura leaves out."""
_FEW = 0.3
"""A text of less than this part of the stated one is not the article."""
_PAGE = 200
"""Characters below which a page with scripts is one that they fill."""


def read(given: Given) -> Draft:
    """Return the article of an HTML page.

    Raises:
        SourceError: the page cannot be read, is too large, or has no article in it.
    """
    tree = parse(decode(load(given), given.origin), given.origin)
    about = linked.article(tree)
    meta = pagemeta.read(tree, about)
    data = scripted.Page(tree)
    descriptions = _descriptions(tree, about)
    notes = _notes(tree, about)
    titles = [one_line(h.text_content()[:2000]) for h in tree.xpath("//h1")]
    bodies.settle(tree, meta.title, linked.body(about))
    _keep_times(tree)
    drop_pointers(tree)
    lines = _lines(tree, about, data, given.origin)
    lines = edges.trimmed(lines, [meta.title or "", *titles], meta.authors, meta.publisher)
    summary = edges.summary(tree, descriptions, lines)
    meta = _completed(meta, data)
    return Draft(
        origin=given.origin,
        text="\n\n".join([summary, *lines] if summary else lines),
        title=meta.title,
        publisher=meta.publisher,
        authors=meta.authors,
        published=meta.published,
        updated=meta.updated,
        url=meta.url or given.url,
        language=meta.language,
        date_source=meta.date_source,
        notes=notes,
    )


def _notes(tree: HtmlElement, about: Mapping[str, Any]) -> tuple[str, ...]:
    """Take out what readers of the page do not see, and say what they should know of it."""
    stated = waiting.stated(tree, linked.selectors(about), linked.body(about))
    words = remove_hidden(tree, stated)
    shown = tree.xpath("//text()[not(parent::script or parent::style)]")
    characters = unseen("".join(shown))
    kept = "Text that waits for a script or for subscribers was kept"
    return (
        *((f"Hidden text was left out: {words.left_out} words.",) if words.left_out else ()),
        *((f"{kept}: {words.kept} words.",) if words.kept else ()),
        *((f"Invisible characters were left out: {characters}.",) if characters else ()),
        *corrections.of_page(about),
    )


def _lines(
    tree: HtmlElement, about: Mapping[str, Any], data: scripted.Page, name: str
) -> list[str]:
    """Return the paragraphs of the article, without navigation, comments and the like."""
    lines = _extracted(tree, name)
    entries = _entries(about)
    stated = linked.body(about)
    whole = markup.plain(stated) if markup.is_markup(stated) else stated
    for other in (entries, [line.strip() for line in whole.splitlines() if line.strip()]):
        if _size(lines) < _FEW * _size(other):
            lines = other
    if _size(lines) < _PAGE and data.found and _size(data.found.lines) > _size(lines):
        lines = data.found.lines
    outer = "//article[not(ancestor::main or ancestor::article)]|//main[not(ancestor::article)]"
    lines = lines or [each for e in tree.xpath(outer) for each in paragraphs(e)]
    if lines:
        return lines
    if tree.xpath("//script[@src]") and len(tree.text_content()) < 50 * _PAGE:
        raise SourceError(
            f"{name}: no article was found in the page; a script fills it, "
            "so save it from a browser once it is shown"
        )
    raise SourceError(f"{name}: no article was found in the page")


def _extracted(tree: HtmlElement, name: str) -> list[str]:
    """Return the lines that trafilatura finds."""
    for element in tree.iter():
        for place in ("text", "tail"):
            if _JOINERS.search(getattr(element, place) or ""):
                setattr(element, place, getattr(element, place).translate(_STAND_INS))
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    except Exception as error:  # a page can upset the extraction in any way
        raise SourceError(f"{name}: its text could not be extracted ({error!r})") from error
    text = found.text if found and not isinstance(found, dict) else None
    text = (text or "").translate({ord(new): old for old, new in _STAND_INS.items()})
    return [line.strip() for line in text.splitlines() if line.strip()]


def _entries(about: Mapping[str, Any]) -> list[str]:
    """Return the entries of a live blog, each with its headline and its time."""
    lines: list[str] = []
    for entry in linked.updates(about):
        moment = fields.moment(entry.get("datePublished"))
        when = f"{moment:%-d %B %Y, %H:%M %Z}".strip() if moment else ""
        headline = fields.words(entry.get("headline") or entry.get("name")) or ""
        body = linked.body(entry)
        body = markup.plain(body) if markup.is_markup(body) else body
        lines += filter(None, (" – ".join(filter(None, (headline, when))), *body.splitlines()))
    return lines


def _completed(meta: pagemeta.PageMeta, data: scripted.Page) -> pagemeta.PageMeta:
    """Fill in what only the script's data states."""
    if meta.published is not None and meta.authors:
        return meta
    record = data.found.record if data.found else {}
    said = fields.dates(*(fields.find(record, n, {})[1] for n in ("published", "updated")))
    source = f"script {fields.find(record, 'published', {})[0]}"
    known = meta.published is not None or said.published is None
    return replace(
        meta,
        title=fields.words(fields.find(record, "title", {})[1]) or meta.title,
        authors=meta.authors or fields.people(fields.find(record, "authors", {})[1]),
        published=meta.published if known else said.published,
        date_source=meta.date_source if known else source,
        updated=meta.updated or said.updated,
    )


def _keep_times(tree: HtmlElement) -> None:
    """Make <time> plain text: trafilatura leaves it out, in the middle of a sentence too."""
    for time in tree.xpath("//time"):
        time.text, time.tail = f" {time.text or ''}", f" {time.tail or ''}"
        time.drop_tag()


def _descriptions(tree: HtmlElement, about: Mapping[str, Any]) -> list[str]:
    """Return the summaries that the page states."""
    stated = tree.xpath(
        "//meta[@name='description' or @property='og:description' or "
        "@name='twitter:description']/@content"
    )
    named = [about.get("description"), about.get("abstract")]
    return [text for each in (*named, *stated) if (text := fields.words(each, 1000))]


def _size(lines: list[str]) -> int:
    return sum(map(len, lines))
