"""Word documents -> draft: their paragraphs, without what is deleted or hidden in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import docx
import lxml.etree  # type: ignore[import-untyped]
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from rag.errors import SourceError
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import load
from rag.ingest.sources.zipped import opened
from rag.language.characters import one_line

_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "‑"}
_WORDS = qn("w:t")
_RUN = qn("w:r")
_MOVED = qn("w:moveFrom")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def paragraphs(given: Given) -> tuple[list[tuple[str, str]], Draft]:
    """Return style and text of each paragraph, and what the document says of itself.

    Its dates are those of the file and none of publication.

    Raises:
        SourceError: it is no such document, would unpack to too much, or holds no text.
    """
    name = given.origin
    data = load(given)
    opened(data, name, "a Word document").close()
    try:
        document = docx.Document(io.BytesIO(data))
        hidden: list[str] = []
        found = list(_paragraphs(document, hidden))
        properties = document.core_properties
        title, author, language = properties.title, properties.author, properties.language
    except (
        PackageNotFoundError,
        KeyError,
        ValueError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise SourceError(f"{name} cannot be read as a Word document: {error}") from error
    except (lxml.etree.LxmlError, RecursionError) as error:
        raise SourceError(f"{name} cannot be read as a Word document: {error}") from error
    words = sum(len(text.split()) for text in hidden)
    stated = Draft(
        origin=name,
        text="",
        title=fields.words(title),
        authors=fields.people(author),
        url=given.url,
        language=fields.language(language),
        notes=(f"Hidden text was left out: {words} words.",) if words else (),
    )
    return found, stated


def titled(found: list[tuple[str, str]], stated: Draft) -> Draft:
    """Return the article of a document, whose title is the heading that it begins with.

    Raises:
        SourceError: there is nothing else in it.
    """
    heading = next((t for style, t in found if style in ("Title", "Heading 1")), None)
    texts = [text for _, text in found if text != heading]
    if not texts:
        raise SourceError(f"{stated.origin}: there is no text in this document")
    title = one_line(heading) if heading else stated.title
    return replace(stated, text="\n\n".join(texts), title=title)


def _paragraphs(document: Document, hidden: list[str]) -> Iterator[tuple[str, str]]:
    """Yield style and text of the paragraphs in their order; a row of a table is one of them."""
    in_rows: set[lxml.etree._Element] = set()
    for element in document.element.body.iter(qn("w:p"), qn("w:tr")):
        if element.tag == qn("w:tr"):
            cells = _cells(element)
            in_rows.update(cells)
            texts = ("".join(_words(cell, hidden)).strip() for cell in cells)
            if row := " | ".join(filter(None, texts)):
                yield "", row
        elif element not in in_rows and not _is_repeated(element):
            text = "".join(_words(element, hidden)).strip()
            if text:
                style = Paragraph(element, document._body).style  # noqa: SLF001 - its only parent
                yield (style.name or "" if style else ""), text


def _is_repeated(paragraph: lxml.etree._Element) -> bool:
    """Say whether a paragraph stands a second time for programs that cannot draw the first."""
    return any(above.tag == _FALLBACK for above in paragraph.iterancestors())


def _cells(row: lxml.etree._Element) -> list[lxml.etree._Element]:
    """Return the paragraphs of a row of figures; none of a table that only lays out a page."""
    cells = [list(cell.iter(qn("w:p"))) for cell in row.iterchildren(qn("w:tc"))]
    if len(cells) < 2 or any(len(paragraphs) > 1 for paragraphs in cells):
        return []
    return [paragraph for paragraphs in cells for paragraph in paragraphs]


def _words(paragraph: lxml.etree._Element, hidden: list[str]) -> Iterator[str]:
    """Yield the words of a paragraph; `hidden` collects those that nobody sees.

    Text that a reviser took out is in other elements (w:delText) and never gets here; what was
    moved stands twice, and counts where it was moved to.
    """
    for run in paragraph.iter(_RUN):
        if next(run.iterancestors(qn("w:p"))) is not paragraph:
            continue  # a text box, whose own paragraphs come on their own
        if next(run.iterancestors(_MOVED), None) is not None:
            continue
        words = "".join(_texts(run))
        if _is_hidden(run):
            hidden.append(words)
        else:
            yield words


def _texts(run: lxml.etree._Element) -> Iterator[str]:
    for part in run:
        yield part.text or "" if part.tag == _WORDS else _BREAKS.get(part.tag, "")


def _is_hidden(run: lxml.etree._Element) -> bool:
    """Say whether a run is marked as hidden, or is too small or too white to be read."""
    properties = run.find(qn("w:rPr"))
    if properties is None:
        return False
    vanish = properties.find(qn("w:vanish"))
    if vanish is not None and vanish.get(qn("w:val"), "1") not in ("0", "false", "off"):
        return True
    size, color = properties.find(qn("w:sz")), properties.find(qn("w:color"))
    small = size is not None and (size.get(qn("w:val")) or "") in ("0", "1", "2", "3")
    white = color is not None and (color.get(qn("w:val")) or "").upper() == "FFFFFF"
    shaded = (
        properties.find(qn("w:shd")) is not None or properties.find(qn("w:highlight")) is not None
    )
    return small or (white and not shaded)
