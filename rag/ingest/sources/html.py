"""HTML pages -> draft: trafilatura finds the article, `pagemeta` reads what the page states."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import trafilatura
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest import corrections
from rag.ingest.sources import fields, linked, markup, pagemeta, scripted, waiting
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.ingest.sources.hidden import remove_hidden
from rag.ingest.sources.markup import drop_pointers, paragraphs, parse
from rag.ingest.sources.people import WORDS, folded
from rag.ingest.sources.waiting import is_said, length, long_paragraphs
from rag.language.characters import one_line, unseen
from rag.language.dates import stated

# The lines at the edges of a page's text: its title once more, its byline, its summary.
_FIRST = 6
"""So many lines at the beginning may be a title or a byline."""
_SHORT = 120
_SUMMARY = range(40, 1000)
"""Characters of a summary."""
_BOXES = {"div", "header", "section", "span"}
"""Elements that may hold more than the summary."""
_PLACE = 20
"""Letters of a place's name before a summary."""
_WORDS = frozenset(WORDS["around"])
"""Words of a byline that are neither names nor dates."""
_TOKEN = re.compile(r"[^\W\d_]+")
_ASIDE = {"aside", "nav", "footer", "form", "a", "head", "script", "style", "figcaption"}


def _trimmed(
    lines: Sequence[str], titles: Iterable[str], authors: Iterable[str], publisher: str | None
) -> list[str]:
    """Return the lines of an article without its title and its byline at the beginning."""
    known = {folded(title) for title in titles if title}
    names = sorted(filter(None, (*authors, publisher)), key=len, reverse=True)
    kept = [
        line for line in lines[:_FIRST] if folded(line) not in known and not _is_byline(line, names)
    ]
    rest = [*kept, *lines[_FIRST:]]
    return rest or list(lines)


def _is_byline(line: str, names: Sequence[str]) -> bool:
    """Return True when a line holds nothing but names, dates and words such as "Updated"."""
    if len(line) > _SHORT or not line:
        return False
    left = line
    for name in names:
        left = re.sub(re.escape(name), " ", left, flags=re.IGNORECASE)
    if left == line and not any(char.isdigit() for char in line):
        return _is_label(line)
    said = stated(left.strip(" ·|•-–—,;:"))
    if said.published or said.updated:
        return not line.lower().startswith(("date", "when"))
    return all(word.lower() in _WORDS for word in _TOKEN.findall(left)) and _has_more(left, line)


def _is_label(line: str) -> bool:
    words = _TOKEN.findall(line.lower())
    return bool(words) and len(words) <= 6 and all(word in _WORDS for word in words)


def _has_more(left: str, line: str) -> bool:
    """Return True when a name was taken out, or what is left is a date's numbers and words."""
    return left != line or bool(_TOKEN.search(left))


def _summary(tree: HtmlElement, descriptions: Iterable[str], lines: Sequence[str]) -> str | None:
    """Return the article's summary where the page shows it and the text lacks it.

    Args:
        tree: The page.
        descriptions: What the page states as its description.
        lines: The text that was found.
    """
    begins = folded("".join(lines))
    wanted = {
        key: text
        for text in descriptions
        if len(text) in _SUMMARY and (key := folded(text)) and key not in begins
    }
    if not wanted:
        return None
    for element in tree.iter("p", "h2", "h3", "div", "span", "strong", "header", "section", "li"):
        text = element.text_content()
        place = 0 if element.tag in _BOXES else _PLACE
        if len(text) > 2 * _SUMMARY.stop or not _is_one(folded(text), wanted, place):
            continue
        if not any(str(a.tag) in _ASIDE for a in (element, *element.iterancestors())):
            return one_line(text)
    return None


def _is_one(text: str, wanted: Iterable[str], place: int) -> bool:
    """Return True when a text is one of these, with at most so many letters before it."""
    return any(text.endswith(key) and len(text) - len(key) <= place for key in wanted)


# Which parts of a page are its article: several pieces of one, or one of several articles. A page
# may hold its article in pieces between which advertisements stand; the pieces have the same
# names. And it may hold several articles: a digest, all of which is read, or an article with the
# next ones below it, of which only the one that the page is about is read.
_PARAGRAPHS = 2
"""A piece of an article has so many paragraphs of running text at least."""
_CHARACTERS = 120
_APART = {"aside", "nav", "footer", "header", "form", "figure"}


def _settle(tree: HtmlElement, title: str | None, body: str) -> None:
    """Leave the article that a page is about, in one piece.

    Args:
        tree: The page; it is changed.
        title: The article's title, as the page states it.
        body: The article's text, as the page states it; empty when it does not.
    """
    articles = _articles(tree)
    if len(articles) > 1:
        _choose(articles, title)
    _join_pieces(tree, body)


def _articles(tree: HtmlElement) -> list[HtmlElement]:
    """Return the outermost <article> elements that hold a text, not only a teaser."""
    outer = tree.xpath("//article[not(ancestor::article)]")
    return [each for each in outer if _is_text(long_paragraphs(each))]


def _choose(articles: list[HtmlElement], title: str | None) -> None:
    """Take out the articles that the page is not about; join them when it is about them all."""
    wanted = folded(title or "")
    named = [each for each in articles if wanted and wanted in _headings(each)]
    if named:
        # What has no heading of its own goes on with the article, as its next page.
        first = articles.index(named[0])
        pieces = [e for e in articles[first + 1 :] if not _headings(e)]
        pieces = [e for e in pieces if _are_alike([named[0], e])]
        _join([named[0], *pieces])
        for other in articles:
            if other is not named[0] and other not in pieces:
                other.drop_tree()
    elif all(_headings(each) for each in articles) and _are_alike(articles):
        _join(articles)


def _are_alike(articles: list[HtmlElement]) -> bool:
    """Return True when these are entries of one list: neighbours of the same kind."""
    return len({(each.getparent(), each.get("class")) for each in articles}) == 1


def _join_pieces(tree: HtmlElement, body: str) -> None:
    """Join the pieces of one article: elements of the same name that hold its paragraphs."""
    if len(tree.xpath("//h1")) > 1 and not body:
        return
    holders: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for paragraph in long_paragraphs(tree):
        holders[paragraph.getparent()].append(paragraph)
    pieces: dict[tuple[object, ...], list[HtmlElement]] = defaultdict(list)
    for holder, inside in holders.items():
        names = holder.get("class")
        around = [str(a.tag) for a in holder.iterancestors()]
        if names and _is_text(inside) and not _APART & {str(holder.tag), *around}:
            pieces[str(holder.tag), names, len(around)].append(holder)
    words = frozenset(body.lower().split())
    most = max(pieces.values(), key=lambda g: sum(length(holders[e]) for e in g), default=[])
    ours = [each for each in most if not words or is_said(long_paragraphs(each), words)]
    if len(ours) > 1 and sum(length(holders[e]) for e in ours) >= max(
        map(length, holders.values())
    ):
        _join(ours)


def _join(elements: list[HtmlElement]) -> None:
    first = elements[0]
    for other in elements[1:]:
        first.extend(list(other))
        other.drop_tree()


def _is_text(paragraphs: list[HtmlElement]) -> bool:
    return len(paragraphs) >= _PARAGRAPHS and length(paragraphs) >= _CHARACTERS


def _headings(element: HtmlElement) -> set[str]:
    found = (folded(h.text_content()[:500]) for h in element.iter("h1", "h2", "h3"))
    return {heading for heading in found if heading}


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
    _settle(tree, meta.title, linked.body(about))
    _keep_times(tree)
    drop_pointers(tree)
    lines = _lines(tree, about, data, given.origin)
    lines = _trimmed(lines, [meta.title or "", *titles], meta.authors, meta.publisher)
    summary = _summary(tree, descriptions, lines)
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
