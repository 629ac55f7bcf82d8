"""XML as a tree: parsed within limits, without entities and anything from elsewhere."""

from __future__ import annotations

from contextlib import suppress

import lxml.etree  # type: ignore[import-untyped]

from rag.errors import SourceError
from rag.ingest.sources.draft import Given
from rag.ingest.sources.files import load

ELEMENTS = 500_000
"""Most elements of a file."""


def parse(given: Given) -> lxml.etree._Element:
    """Return the root of a small XML file, without entities and anything from elsewhere.

    Raises:
        SourceError: it cannot be parsed, or has too many elements.
    """
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = lxml.etree.fromstring(load(given), parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise SourceError(f"{given.origin} cannot be read as XML: {error}") from error
    if root is None:
        raise SourceError(f"{given.origin} cannot be read as XML: it is too broken")
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise SourceError(f"{given.origin} has more than {ELEMENTS:,} elements")
    return root


def bare(root: lxml.etree._Element) -> lxml.etree._Element:
    """Take the namespaces off the names of all elements, and return the root."""
    for element in root.iter(lxml.etree.Element):
        with suppress(ValueError):  # of a broken file, whose names may be none
            element.tag = local(element.tag)
    return root


def local(tag: object) -> str:
    """Return the name of an element without its namespace."""
    return str(tag).rpartition("}")[2]
