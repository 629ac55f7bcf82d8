"""NITF (XML) -> draft: the older format of news agencies."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources import fields, standing
from rag.ingest.sources.draft import Draft, Given
from rag.language.characters import one_line
from rag.types import Moment

_DATES = (
    (".//docdata/date.issue", "norm"),
    (".//pubdata", "date.publication"),
    (".//docdata/date.release", "norm"),
    (".//body.head/dateline/story.date", "norm"),
)
_BLOCKS = ("p", "hl2", "li", "pre", "note")


def read(root: lxml.etree._Element, given: Given) -> Draft:
    """Return the article of an NITF file.

    Raises:
        SourceError: there is no text in its body, or it was withdrawn.
    """
    key = (_attribute(root, ".//docdata/doc-id", "id-string") or "")[:400] or None
    if word := standing.told(_attribute(root, ".//docdata", "management-status")):
        moment = fields.moment(_attribute(root, ".//docdata/date.issue", "norm"))
        named = "management-status"
        raise standing.refused(given.origin, word, field=named, key=key, moment=moment)
    paragraphs = list(_paragraphs(root))
    if not paragraphs:
        raise SourceError(f"{given.origin}: no text in the body of this NITF file")
    published, source = next(_dates(root), (None, None))
    return Draft(
        origin=given.origin,
        text="\n\n".join(paragraphs),
        key=key,
        title=_text(root, ".//body.head/hedline/hl1") or _text(root, "./head/title"),
        publisher=_text(root, ".//body.head/distributor")
        or fields.words(_attribute(root, ".//pubdata", "name"), 200)
        or fields.words(_attribute(root, ".//docdata/doc.copyright", "holder"), 200),
        authors=fields.people(_text(root, ".//body.head/byline")),
        published=published,
        url=fields.address(_attribute(root, ".//pubdata", "ex-ref")) or given.url,
        language=fields.language(root.get("{http://www.w3.org/XML/1998/namespace}lang")),
        date_source=source,
    )


def _dates(root: lxml.etree._Element) -> Iterator[tuple[Moment, str]]:
    for path, attribute in _DATES:
        moment = fields.moment(_attribute(root, path, attribute))
        if moment is not None:
            yield moment, f"nitf {path.rpartition('/')[2]}"


def _paragraphs(root: lxml.etree._Element) -> Iterator[str]:
    """Yield the paragraphs of the body, without captions and the credits of pictures."""
    for content in root.iterfind(".//body.content"):
        for element in content.iter(*_BLOCKS):
            if any(e.tag in ("media", *_BLOCKS) for e in element.iterancestors()):
                continue
            text = one_line("".join(element.itertext()))
            if text:
                yield text


def _text(root: lxml.etree._Element, path: str) -> str | None:
    element = root.find(path)
    return None if element is None else fields.words(" ".join(element.itertext()))


def _attribute(root: lxml.etree._Element, path: str, name: str) -> str | None:
    element = root.find(path)
    return None if element is None else element.get(name)
