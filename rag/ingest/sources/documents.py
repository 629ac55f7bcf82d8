"""Text, Word, OpenDocument and RTF -> one article, or the many of a news database's export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.errors import SourceError
from rag.ingest.sources import databases, headlines, text
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import load


def read(given: Given) -> Iterator[Draft | SourceError]:
    """Yield the articles of a document.

    Raises:
        SourceError: it cannot be read.
    """
    whole = replace(given, data=load(given))
    match given.format:
        case "database":
            yield databases.read(whole)
        case "docx":
            from rag.ingest.sources import docx

            found, stated = docx.paragraphs(whole)
            yield from _styled(found, whole) or [_headed(docx.titled(found, stated), whole)]
        case "odt":
            from rag.ingest.sources import odt

            found, stated = odt.paragraphs(whole)
            yield from _styled(found, whole) or [_headed(odt.titled(found, stated), whole)]
        case "rtf":
            yield from _rich(whole)
        case _:
            words = text.words(whole)
            many = _many(words.split("\n"), whole)
            yield from many or [_kept(text.titled(words, whole), whole)]


def _many(lines: list[str], given: Given) -> list[Draft | SourceError]:
    """Return the articles of an export; nothing for an ordinary document."""
    layout = databases.layout_of(lines)
    return list(databases.drafts(lines, given, layout)) if layout else []


def _styled(found: list[tuple[str, str]], given: Given) -> list[Draft | SourceError]:
    return _many([line for _, each in found for line in each.split("\n")], given)


def _rich(given: Given) -> Iterator[Draft | SourceError]:
    from rag.ingest.sources import rtf

    rich = rtf.read(given)
    many = _many(rich.text.split("\n"), given)
    if many:
        yield from many
        return
    # A paragraph of RTF is one line, and people write blank ones between them as well.
    draft = text.titled(rich.text.replace("\n", "\n\n"), given)
    notes = (f"Hidden text was left out: {rich.hidden} words.",) if rich.hidden else ()
    title = draft.title or rich.title
    yield _headed(replace(draft, title=title, authors=rich.authors, notes=notes), given)


def _headed(draft: Draft, given: Given) -> Draft:
    """Return a draft with what its first lines state; plain text is left as it stands."""
    return _kept(headlines.stated(draft), given)


def _kept(draft: Draft, given: Given) -> Draft:
    return replace(draft, original=given)
