"""Messages that leave this machine: without its paths, and without the address of its database."""

from __future__ import annotations

import re

from rag.language.characters import encodable

_PATH = re.compile(
    r"""(?<![\w:/.])(?!/(?:api/)?v1/)(?:[A-Za-z]:)?(?:[/\\][^\s/\\'",:;()<>]+){2,}[/\\]?"""
)
_IN_ARCHIVE = re.compile(r""" in (?P<q>['"])(?:/|[A-Za-z]:\\|postgres(?:ql)?://).*?(?P=q)""")
_DATABASE = re.compile(
    r"""postgres(?:ql)?://[^\s'"<>]*|server at "[^"]*"(?: \([^)]*\))?, port \d+"""
)


def public(message: str) -> str:
    """Return a message that does not say where on this machine or its network the archive is."""
    told = _DATABASE.sub("(a database)", _IN_ARCHIVE.sub("", message))
    return encodable(_PATH.sub("(a path)", told))
