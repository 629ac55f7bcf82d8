"""OpenDocument texts -> draft: paragraphs and headings, without what is deleted or hidden."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields, tree
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import load
from rag.ingest.sources.zipped import opened
from rag.language.characters import one_line

_NAME = "an OpenDocument text"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_BLOCKS = (f"{_TEXT}p", f"{_TEXT}h")
_LEFT_OUT = {
    *("tracked-changes", "hidden-text", "hidden-paragraph", "annotation", "note-citation"),
    *("table-of-content", "alphabetical-index", "bibliography"),
}


def paragraphs(given: Given) -> tuple[list[tuple[str, str]], Draft]:
    """Return kind (`h` or `p`) and text of each paragraph, and what the document says of itself.

    Raises:
        SourceError: it is no such document, would unpack to too much, or holds no text.
    """
    name = given.origin
    with opened(load(given), name, _NAME) as archive:
        try:
            body = tree.parse(replace(given, format="xml", data=archive.read("content.xml")))
            known = "meta.xml" in archive.namelist()
            meta = archive.read("meta.xml") if known else b"<none/>"
        except (
            KeyError,
            ValueError,
            RuntimeError,
            OSError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise SourceError(f"{name} cannot be read as {_NAME}: {error}") from error
    hidden = _hidden_styles(body)
    found = [(kind, text) for kind, text in _paragraphs(body, hidden) if text]
    if not found:
        raise SourceError(f"{name}: there is no text in this document")
    about = tree.parse(replace(given, format="xml", data=meta))
    stated = Draft(
        origin=name,
        text="",
        title=fields.words(about.findtext(f".//{_DUBLIN}title")),
        authors=fields.people(about.findtext(f".//{_DUBLIN}creator")),
        language=fields.language(about.findtext(f".//{_DUBLIN}language")),
        url=given.url,
    )
    return found, stated


def _hidden_styles(body: lxml.etree._Element) -> set[str]:
    """Return the names of the styles whose text is not displayed."""
    names = set()
    for style in body.iter(f"{_STYLE}style"):
        for properties in style.iter(f"{_STYLE}text-properties"):
            if properties.get(f"{_TEXT}display") == "none":
                names.add(style.get(f"{_STYLE}name") or "")
    return names


def _paragraphs(body: lxml.etree._Element, hidden: set[str]) -> Iterator[tuple[str, str]]:
    for block in body.iter(*_BLOCKS):
        above = [tree.local(e.tag) for e in block.iterancestors()]
        if any(name in _LEFT_OUT for name in above):
            continue
        yield tree.local(block.tag), "".join(_words(block, hidden, top=True)).strip()


def _words(element: lxml.etree._Element, hidden: set[str], *, top: bool = False) -> Iterator[str]:
    """Yield the text of a paragraph; a frame's own paragraphs come on their own."""
    name = tree.local(element.tag)
    unseen = element.get(f"{_TEXT}style-name") in hidden
    if not (unseen or name in _LEFT_OUT or (element.tag in _BLOCKS and not top)):
        yield {"tab": "\t", "line-break": "\n", "s": " "}.get(name, "")
        yield element.text or ""
        for child in element:
            yield from _words(child, hidden)
    if not top:
        yield element.tail or ""


def titled(found: list[tuple[str, str]], stated: Draft) -> Draft:
    """Return the article of a document: its first heading, or the stated title, is the title."""
    heading = next((text for kind, text in found if kind == "h"), None)
    texts = [text for kind, text in found if text != heading]
    return replace(
        stated,
        text="\n\n".join(texts or [text for _, text in found]),
        title=one_line(heading) if heading else stated.title,
    )
