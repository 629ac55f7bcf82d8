"""Short texts of sources, such as titles and names; and the lists of words to read them by."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from rag.language.characters import one_line

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)

_INNER = ("name", "title", "main", "rendered", "value", "original")
"""Fields in which an object that stands for a word holds it."""


def words(value: object, limit: int = 500) -> str | None:
    """Return a short text, or None when the value is none."""
    if isinstance(value, Mapping):
        value = next((inner for name in _INNER if (inner := value.get(name))), None)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return one_line(resolved(str(value)))[:limit].strip() or None


def resolved(text: str) -> str:
    """Return a text with the characters that references stand for: "Mora&#8217;s" is "Mora’s".

    Some tools escape twice, so two rounds; a "&" that begins no reference stays as it is.
    """
    for _ in range(2):
        if "&" in text:
            text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return text


def data(name: str) -> dict[str, list[str]]:
    """Return the lists of words of a TOML file of this room."""
    text = files("rag.ingest.sources").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
