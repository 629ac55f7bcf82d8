"""HTML as a tree: parsed within limits, without what its readers would not see."""

from __future__ import annotations

import re

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]
from lxml.html import HtmlElement

from rag.errors import SourceError
from rag.sources.hidden import remove_hidden

ELEMENTS = 12_000
"""Most elements of a page; trafilatura's time grows faster than their number."""

DEPTH = 200
"""Deepest nesting of a page; some steps of the extraction recurse."""

_MARKUP = re.compile(r"</(?:p|div|article|section|li|h[1-6])>|<br ?/?>", re.IGNORECASE)
_BLOCKS = "//p|//li|//h1|//h2|//h3|//h4|//blockquote[not(.//p)]|//pre|//dd|//figcaption"


def is_markup(text: str) -> bool:
    """Say whether a record's text is HTML and not plain text."""
    return _MARKUP.search(text) is not None


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, block by block; empty when it cannot be read."""
    try:
        tree = parse(markup, "the record")
    except SourceError:
        return ""
    remove_hidden(tree)
    for line_break in tree.iter("br"):
        line_break.tail = "\n\n" + (line_break.tail or "")
    found = blocks(tree)
    return "\n\n".join(found) if found else tree.text_content().strip()


def parse(text: str, name: str) -> HtmlElement:
    """Return the tree of a page; `name` is for the message.

    Raises:
        SourceError: it cannot be parsed, or is larger or deeper than an article's page is.
    """
    # lxml refuses text with an encoding declaration, and decodes bytes by it; so: bytes, told.
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "ignore"), parser=parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise SourceError(f"{name} cannot be read as HTML: {error}") from error
    if sum(1 for _ in tree.iter()) > ELEMENTS:
        raise SourceError(f"{name} has more than {ELEMENTS:,} elements, too many for one article")
    if _depth(tree) > DEPTH:
        raise SourceError(f"{name} is nested more than {DEPTH} levels deep")
    return tree


def _depth(tree: HtmlElement) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for element in level for child in element]
    return deepest


def blocks(tree: HtmlElement) -> list[str]:
    """Return the texts of the paragraphs, headings and list items below an element."""
    texts = (e.text_content() for e in tree.xpath(_BLOCKS.replace("//", ".//")))
    return [part for text in texts for part in text.split("\n\n") if part.strip()]
