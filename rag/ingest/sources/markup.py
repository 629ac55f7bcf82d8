"""HTML as a tree: parsed within limits, without what its readers would not see."""

from __future__ import annotations

import re

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]
from lxml.html import HtmlElement

from rag.errors import SourceError
from rag.ingest.sources.hidden import remove_hidden
from rag.ingest.sources.waiting import swap
from rag.language.characters import one_line

ELEMENTS = 12_000
"""Most elements of a page; trafilatura's time grows faster than their number."""

DEPTH = 200
"""Deepest nesting of a page; some steps of the extraction recurse."""

_MARKUP = re.compile(
    r"</(?:p|div|article|section|li|ul|ol|blockquote|table|td|pre|body|h[1-6]|a|b|i|em|strong|span)>"
    r"|<(?:p|br ?/?)>",
    re.IGNORECASE,
)
_LABEL, _TITLE, _LINE = 4, 4, 300
"""Most words before the colon of a line that leads elsewhere; words and characters of a title."""
_AFTER_COLON = "|".join(
    f"//{tag}[contains(., ':') or contains(., '：')]//a[@href]" for tag in ("p", "li")
)
_UNREAD = ("head", "script", "style", "title", "textarea", "select", "button", "svg", "iframe")
"""Elements whose text is no part of what is read."""
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
"""Elements before and after which a paragraph ends."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MANY = re.compile(r" {2,}")
_END = "\0"
"""Stands where a paragraph ends; no page can hold it."""


def is_markup(text: str) -> bool:
    """Say whether a record's text is HTML and not plain text."""
    return _MARKUP.search(text) is not None


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, paragraph by paragraph; empty when it cannot be read."""
    try:
        tree = parse(markup, "the record")
    except SourceError:
        return ""
    remove_hidden(tree)
    drop_pointers(tree)
    return "\n\n".join(paragraphs(tree))


def parse(text: str, name: str) -> HtmlElement:
    """Return the tree of a page; `name` is for the message.

    Raises:
        SourceError: it cannot be parsed, or is larger or deeper than an article's page is.
    """
    # React marks by comments where the content that it sends later belongs.
    swapped = "$RC" in text or "$RS" in text
    # lxml refuses text with an encoding declaration, and decodes bytes by it; so: bytes, told.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=not swapped)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise SourceError(f"{name} cannot be read as HTML: {error}") from error
    if sum(1 for _ in tree.iter()) > ELEMENTS:
        raise SourceError(f"{name} has more than {ELEMENTS:,} elements, too many for one article")
    if _depth(tree) > DEPTH:
        raise SourceError(f"{name} is nested more than {DEPTH} levels deep")
    if swapped:
        swap(tree)
        lxml.etree.strip_tags(tree, lxml.etree.Comment)
    return tree


def drop_pointers(tree: HtmlElement) -> None:
    """Take out lines that only lead elsewhere: a few words, a colon, and the title of an article.

    "Lesen Sie auch: What the vote means", in any language: all behind the colon is one link.
    """
    for link in tree.xpath(_AFTER_COLON):
        line = next(link.iterancestors("p", "li"))
        said, title = one_line(line.text_content()[:400]), one_line(link.text_content()[:400])
        label = said.removesuffix(title).rstrip() if title else ""
        pointed = label.endswith((":", "：")) and len(label.split()) <= _LABEL
        if pointed and len(title.split()) >= _TITLE and len(label) < len(title) < _LINE:
            line.drop_tree()


def _depth(tree: HtmlElement) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for element in level for child in element]
    return deepest


def paragraphs(tree: HtmlElement) -> list[str]:
    """Return all text below an element once, divided where a block begins or ends.

    The cells of a table's row are divided by " | ". What is preformatted keeps its lines.
    """
    lxml.etree.strip_elements(tree, *_UNREAD, with_tail=False)
    parts: list[str] = []
    kept = 0  # how many elements around have text whose lines are kept
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        starts = event == "start"
        if element.tag == "pre":
            kept += 1 if starts else -1
        if element.tag in _BLOCKS:
            parts.append(_END)
        elif starts and element.tag in ("td", "th") and element.getprevious() is not None:
            parts.append(" | ")
        text = element.text if starts else element.tail if element is not tree else None
        if text:
            parts.append(text if kept else _SPACE.sub(" ", text))
    return [one for part in "".join(parts).split(_END) if (one := _MANY.sub(" ", part).strip())]
