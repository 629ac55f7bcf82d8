"""EPUB -> drafts: each document in reading order that is longer than a title page.

A magazine or a collection of articles is one file with a document for each. They share what the
package says about itself: outlet, authors, date, language.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import markup, records, tree
from rag.ingest.sources.draft import Draft, Given, Link
from rag.ingest.sources.files import decode, load
from rag.ingest.sources.zipped import opened
from rag.language.characters import one_line

SHORT = 150
"""A document of fewer characters is a cover, a title page or an imprint."""

_CONTAINER = "META-INF/container.xml"
_NAME = "an EPUB"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_LISTS = 0.6
"""A document with this part of its words in links is a table of contents."""


def read(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield the articles of an EPUB.

    Raises:
        SourceError: it is none, or would unpack to too much, or holds no text.
    """
    name = given.origin
    found = 0
    with opened(load(given), name, _NAME) as archive:
        try:
            folder, package = _package(archive, given)
            about = _about(package)
            for number, place in enumerate(_spine(package, folder), start=1):
                result = _article(archive, place, about, replace(given, origin=f"{name}:{number}"))
                if result is not None:
                    found += 1
                    yield result
        except (KeyError, RuntimeError, OSError, zipfile.BadZipFile, zlib.error) as error:
            # RuntimeError is what a part that needs a password raises.
            raise SourceError(f"{name} cannot be read as {_NAME}: {error}") from error
    if not found:
        raise SourceError(f"{name}: there is no text in it")


def _package(archive: zipfile.ZipFile, given: Given) -> tuple[str, lxml.etree._Element]:
    """Return the folder and the root of the file that lists all others."""
    container = tree.parse(replace(given, data=archive.read(_CONTAINER)))
    root = next((e for e in container.iter() if tree.local(e.tag) == "rootfile"), None)
    place = "" if root is None else root.get("full-path", "")
    package = tree.parse(replace(given, data=archive.read(place)))
    return posixpath.dirname(place), package


def _about(package: lxml.etree._Element) -> dict[str, Any]:
    """Return what the package says of all its documents, under names that `fields` knows."""
    said: dict[str, list[str]] = {}
    for element in package.iter("{http://purl.org/dc/elements/1.1/}*"):
        words = one_line("".join(element.itertext()))
        if words:
            said.setdefault(tree.local(element.tag), []).append(words)
    first = {name: values[0] for name, values in said.items()}
    about = {
        "publisher": first.get("publisher") or first.get("title"),
        "authors": said.get("creator"),
        "date": first.get("date"),
        "language": first.get("language"),
    }
    return {name: value for name, value in about.items() if value}


def _spine(package: lxml.etree._Element, folder: str) -> Iterator[str]:
    """Yield the documents in reading order, but for the table of contents."""
    items = {e.get("id"): e for e in package.iter() if tree.local(e.tag) == "item"}
    for reference in package.iter():
        item = items.get(reference.get("idref"))
        if tree.local(reference.tag) != "itemref" or item is None:
            continue
        told = (item.get("properties") or "").split()
        if item.get("media-type") in _PAGES and "nav" not in told:
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _article(
    archive: zipfile.ZipFile, place: str, about: dict[str, Any], given: Given
) -> Draft | Link | SourceError | None:
    """Return the article of one document, or None for what is none."""
    try:
        tree = markup.parse(decode(archive.read(place), given.origin), given.origin)
    except SourceError as error:
        return error
    body = tree.find("body")
    if body is None or not _is_article(body):
        return None
    heading = next(body.iter("h1", "h2", "h3"), None)
    title = None if heading is None else one_line(heading.text_content())
    if heading is not None:
        heading.drop_tree()
    body.tag = "div"  # so that it is known for markup whatever is in it
    text = lxml.html.tostring(body, encoding="unicode", with_tail=False)
    return records.draft(about | {"title": title, "text": text}, given)


def _is_article(body: lxml.html.HtmlElement) -> bool:
    words = one_line(body.text_content())
    linked = sum(len(one_line(link.text_content())) for link in body.iter("a"))
    return len(words) >= SHORT and linked < _LISTS * len(words)
