"""Markdown with YAML front matter -> draft; the marks of the format are taken out of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import SourceError
from rag.ingest.sources import fields, standing
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import decode, load
from rag.language.characters import one_line

CHARACTERS = 1_000_000
"""Most characters of a file; some marks cost the parser many times more than text."""

FRONT = 65_536
"""Most characters of front matter."""

_FRONT = re.compile(r"\s{0,40}---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\](?!\()(?::(?=[ \t]))?")
"""The mark of a footnote in the text, and the same before the note itself."""
_MARKED = re.compile(r"==(?=\S)(.{1,500}?)(?<=\S)==|^\[![\w-]{1,20}\][+-]?\s?")
"""What programs for notes add: ==marked words==, and the kind of a box, [!note]."""


class _Words(yaml.SafeLoader):
    """A safe loader that leaves every value a string: dates are read by us, "no" stays a word."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own interface


def read(given: Given) -> Draft:
    """Return the article of a Markdown file.

    Raises:
        SourceError: the file cannot be read, or its front matter is no YAML.
    """
    mapping, name = given.mapping, given.origin
    fields.check(mapping)
    text = re.sub(r"\r\n?", "\n", decode(load(given), name))
    if len(text) > CHARACTERS:
        raise SourceError(f"{name}: over {CHARACTERS:,} characters are too many for Markdown")
    front = _FRONT.match(text[:FRONT])
    record = _front(front[1] or "", name) if front else {}
    if unpublished := standing.of_record(record, mapping, name):
        raise unpublished
    title, paragraphs = _paragraphs(text[front.end() :] if front else text)
    stated = fields.words(fields.find(record, "title", mapping)[1])
    if title and stated and one_line(title) != stated:
        paragraphs.insert(0, title)
    if not paragraphs:
        raise SourceError(f"{name}: there is no text in it but its front matter")
    dated, value = fields.find(record, "published", mapping)
    published = fields.moment(value)
    stated_url = fields.address(fields.find(record, "url", mapping)[1])
    publisher, url = fields.outlet(fields.find(record, "publisher", mapping)[1], stated_url)
    return Draft(
        origin=name,
        text="\n\n".join(paragraphs),
        key=fields.key(fields.find(record, "id", mapping)[1]),
        title=stated or (one_line(title) if title else None),
        publisher=publisher,
        authors=fields.people(fields.find(record, "authors", mapping)[1]),
        published=published,
        updated=fields.moment(fields.find(record, "updated", mapping)[1]),
        url=url,
        language=fields.language(fields.find(record, "language", mapping)[1]),
        date_source=f"front matter {dated}" if published else None,
    )


def _front(text: str, name: str) -> dict[str, Any]:
    try:
        value = yaml.load(text, Loader=_Words)  # noqa: S506 - a SafeLoader with fewer types
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceError(f"{name}: its front matter is not valid YAML: {error}") from error
    return value if isinstance(value, dict) else {}


def _paragraphs(text: str) -> tuple[str | None, list[str]]:
    """Return the title, if the text begins with a heading of the first level, and the rest."""
    tokens = MarkdownIt("commonmark").enable("table").parse(_FOOTNOTE.sub("", text))
    paragraphs = [p for p in _plain(tokens) if p.strip()]
    headed = len(tokens) > 1 and tokens[0].type == "heading_open" and tokens[0].tag == "h1"
    return (paragraphs[0], paragraphs[1:]) if headed and paragraphs else (None, paragraphs)


def _plain(tokens: list[Token]) -> Iterator[str]:
    """Yield the paragraphs; a row of a table is one line."""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield " | ".join(row or [])
            row = None
        elif token.type == "inline":
            words = "".join(map(_inline, token.children or [])).strip()
            if row is None:
                yield words
            else:
                row.append(words)
        elif token.type in {"fence", "code_block"}:
            yield token.content


def _inline(token: Token) -> str:
    if token.type in {"text", "code_inline"}:
        return _MARKED.sub(r"\1", token.content)
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, "")
