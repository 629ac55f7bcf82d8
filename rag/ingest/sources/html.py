"""HTML pages -> draft: trafilatura finds the article, `pagemeta` reads what the page states."""

from __future__ import annotations

import trafilatura
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.clean import one_line, unseen
from rag.ingest.sources import pagemeta
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.ingest.sources.hidden import remove_hidden
from rag.ingest.sources.markup import paragraphs, parse


def read(given: Given) -> Draft:
    """Return the article of an HTML page.

    Raises:
        SourceError: the page cannot be read, is too large, or has no article in it.
    """
    tree = parse(decode(load(given), given.origin), given.origin)
    meta = pagemeta.read(tree)
    notes = _notes(tree)
    text = _article(tree, given.origin)
    first, _, rest = text.partition("\n\n")
    if meta.title and rest and one_line(first) == meta.title:
        text = rest
    return Draft(
        origin=given.origin,
        text=text,
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


def _notes(tree: HtmlElement) -> tuple[str, ...]:
    """Take out what readers of the page do not see, and say what they should know of it."""
    words = remove_hidden(tree)
    shown = tree.xpath("//text()[not(parent::script or parent::style)]")
    characters = unseen("".join(shown))
    return (
        *((f"Hidden text was left out: {words} words.",) if words else ()),
        *((f"Invisible characters were left out: {characters}.",) if characters else ()),
    )


def _article(tree: HtmlElement, name: str) -> str:
    """Return the paragraphs of the article, without navigation, comments and the like."""
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    except Exception as error:  # a page can upset the extraction in any way
        raise SourceError(f"{name}: its text could not be extracted ({error!r})") from error
    text = found.text if found and not isinstance(found, dict) else None
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    outer = "//article[not(ancestor::main or ancestor::article)]|//main[not(ancestor::article)]"
    lines = lines or [each for e in tree.xpath(outer) for each in paragraphs(e)]
    if not lines:
        raise SourceError(f"{name}: no article was found in the page")
    return "\n\n".join(lines)
