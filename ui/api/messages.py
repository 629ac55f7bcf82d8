"""Messages that leave this machine: without its paths."""

from __future__ import annotations

import re

from rag.language.characters import encodable

_PATH = re.compile(
    r"""(?<![\w:/.])(?!/(?:api/)?v1/)(?:[A-Za-z]:)?(?:[/\\][^\s/\\'",:;()<>]+){2,}[/\\]?"""
)
_IN_FOLDER = re.compile(r""" in (?P<q>['"])(?:/|[A-Za-z]:\\).*?(?P=q)""")


def public(message: str) -> str:
    """Return a message without paths of this machine."""
    return encodable(_PATH.sub("(a path)", _IN_FOLDER.sub("", message)))
