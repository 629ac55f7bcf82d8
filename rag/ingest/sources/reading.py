"""Files -> drafts of articles: one module for each format, one way in for all.

    text.py      plain text; the first line may be the title
    markdown.py  Markdown with YAML front matter
    html.py      a saved page; pagemeta.py reads what it states about itself
    pdf.py       PDF; docx.py Word documents; epub.py a document of an EPUB each
    records.py   JSON lines (also gzipped), JSON and CSV; fields.py knows the usual names
    ninjs.py     what news agencies send: IPTC ninjs, NITF in nitf.py, NewsML-G2 in newsml.py
    feeds.py     RSS, Atom and JSON Feed; xml.py NITF, feeds and sitemaps; wxr.py WordPress
    documents.py text, Word, OpenDocument, RTF: one article, or an export of a news database
    mail.py      mail and saved pages in its form; crawl.py web archives; packed.py ZIP and gzip

A file that cannot become an article is a `SourceError` with the reason, and the others go on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import SourceError
from rag.ingest.sources import fields, headlines, markdown, packed, records
from rag.ingest.sources.draft import Draft, Given, Link, Unpublished, Unread
from rag.ingest.sources.files import load
from rag.ingest.sources.formats import FORMATS, format_of

__all__ = [
    "FORMATS",
    "Draft",
    "Given",
    "Link",
    "Unpublished",
    "Unread",
    "find",
    "format_of",
    "from_path",
    "is_address",
    "read",
    "readings",
]


def is_address(text: str) -> bool:
    """Say whether what was typed is meant as an address, not as a file."""
    return re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) is not None


def find(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files to read: those named, and all below the folders named.

    Folders are walked in sorted order; hidden files and folders are left out. Files that no reader
    takes, links to folders, which are not followed, and folders that cannot be opened are yielded
    too, so that `read` says what became of them: nothing is passed over in silence.

    Raises:
        SourceError: something named is not there.
    """
    for path in paths:
        _check_there(path)
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def from_path(path: Path, mapping: Mapping[str, str] | None = None) -> Given | SourceError:
    """Return a file as something to read, or the reason why it cannot be read.

    `mapping` says, for records and front matter, under which of their fields each of ours is kept.
    """
    path = path.absolute()
    try:
        _check_file(path)
    except SourceError as error:
        return error
    kind = format_of(path) or ("html" if _is_page(path) else None)
    if kind is None:
        return Unread(f"{path}: no reader for {path.suffix or 'a file without an ending'}")
    return Given(origin=str(path), format=kind, mapping=mapping or {})


def read(
    path: Path, mapping: Mapping[str, str] | None = None
) -> Iterator[Draft | Link | SourceError]:
    """Yield the articles of one file; what cannot be read is yielded as the error with its place.

    This reads in this process. What others have written is read by `worker.Reader`, in a child.
    """
    given = from_path(path, mapping)
    if isinstance(given, SourceError):
        yield given
    else:
        yield from readings(given)


def readings(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield the articles, or the links, of one file, page or stream, and of all that lies in it."""
    yield from _readings(given, packed.Room(), 0)


def _readings(given: Given, room: packed.Room, depth: int) -> Iterator[Draft | Link | SourceError]:
    if depth > packed.DEPTH:
        yield SourceError(f"{given.origin}: it lies deeper than {packed.DEPTH} files in each other")
        return
    try:
        for result in _opened(given, room):
            if isinstance(result, Given):
                yield from _readings(result, room, depth + 1)
            else:
                yield result
    except SourceError as error:
        yield error


def _opened(given: Given, room: packed.Room) -> Iterator[Draft | Link | Given | SourceError]:
    """Yield what a file holds: articles, links, and files that are to be opened in their turn."""
    match given.format:
        case "zip" | "wacz":
            yield from packed.unzipped(given, room)
        case "gz":
            yield packed.gunzipped(given, room)
        case "warc":
            from rag.ingest.sources import crawl

            yield from crawl.pages(given)
        case "mbox" | "mail" | "mhtml":
            from rag.ingest.sources import mail

            if given.format == "mhtml":
                yield mail.page(given)
            else:
                yield from mail.messages(given) if given.format == "mbox" else mail.read(given)
        case _:
            yield from _records(given)


def _records(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield the articles of a file that lists them, or the one that it is."""
    match given.format:
        case "lines":
            yield from records.read_lines(given)
        case "list":
            yield from _json(given)
        case "table":
            yield from records.read_table(given)
        case "record":
            yield records.read_one(given)
        case "xml":
            from rag.ingest.sources import xml

            yield from xml.read(given)
        case "epub":
            from rag.ingest.sources import epub

            yield from epub.read(given)
        case "text" | "docx" | "odt" | "rtf" | "database":
            from rag.ingest.sources import documents

            yield from documents.read(given)
        case _:
            whole = replace(given, data=load(given))
            yield replace(_article(whole), original=whole)


def _json(given: Given) -> Iterator[Draft | Link | SourceError]:
    """Yield what a JSON file holds: the items of a JSON Feed, or records.

    Raises:
        SourceError: the file cannot be read, or is no JSON.
    """
    fields.check(given.mapping)
    value = records.parsed(given)
    if records.is_feed(value):
        from rag.ingest.sources import feeds  # feedparser is loaded where there is a feed

        yield from feeds.read_json(value, given)
    else:
        yield from records.read_list(value, given)


def _article(given: Given) -> Draft:
    """Read a file that holds one article."""
    match given.format:
        case "markdown":
            return markdown.read(given)
        case "html":
            from rag.ingest.sources import html  # trafilatura takes a second to import

            return html.read(given)
        case "pdf":
            from rag.ingest.sources import pdf

            return headlines.stated(pdf.read(given))
        case kind:
            raise SourceError(f"{given.origin}: no reader for {kind!r}")


def _check_there(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError as error:
        hint = "name a file or a folder with articles"
        raise SourceError(f"{path} does not exist; {hint}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"{path} cannot be read: {reason}") from error


def _is_page(path: Path) -> bool:
    """Say whether a file of another name is a page, as programs that copy sites write them."""
    try:
        with path.open("rb") as stream:
            beginning = stream.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    except OSError:
        return False  # whoever reads it says why
    return beginning.startswith((b"<!doctype html", b"<html"))


def _check_file(path: Path) -> None:
    _check_there(path)
    if path.is_symlink() and path.is_dir():
        raise Unread(f"{path}: a link to a folder, which is not followed; name the folder itself")
    if path.is_dir():
        raise SourceError(f"{path} cannot be opened: {_reason(path)}")
    if not path.is_file():
        raise SourceError(f"{path} is not a regular file")


def _below(folder: Path) -> Iterator[Path]:
    failed: list[Path] = []
    for parent, folders, names in os.walk(
        folder, onerror=lambda e: failed.append(Path(e.filename))
    ):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = (name for name in folders if Path(parent, name).is_symlink())
        for name in sorted((*names, *links)):
            if not name.startswith("."):
                yield Path(parent, name)
    yield from failed


def _reason(folder: Path) -> str:
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        return str(error.strerror or error)
    return "it is a folder"
