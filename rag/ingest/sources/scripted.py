"""The article of a page that a script fills: what the page hands to the script as data.

Next.js puts it into `__NEXT_DATA__` or, in pieces, into `self.__next_f.push`; others assign it to a
variable, as `window.__INITIAL_STATE__ = {...}`. The longest text under a usual name is the article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources import fields, markup

LIMIT = 3_000_000
"""Characters of scripts that are looked at."""
LEAST = 200
"""Characters that an article has at least."""
_DEEP = 30
_ASSIGNMENTS = 20
"""Most values of one script that are looked at."""
_NODES = 50_000
_TEXTS = (
    *("body", "articlebody", "content", "text", "articletext", "paragraphs", "html", "story"),
    *("bodyhtml", "contenthtml", "maintext", "articlecontent", "blocks", "components", "elements"),
    "contentelements",
)
_INNER = ("text", "content", "html", "value", "body", "children", "paragraph")
_ASSIGNED = re.compile(
    r"(?:(?:window|self|globalThis|\b[A-Z]\w{0,30})(?:\.[\w$]{1,40}|\[[\"'][^\"']{1,40}[\"']\]))"
    r"\s*=\s*(?=[{\[])"
)
_PARSED = re.compile(r'JSON\.parse\(\s*("(?:[^"\\]|\\.)*")\s*\)')
_PUSHED = re.compile(r'__next_f\.push\(\[1,("(?:[^"\\]|\\.)*")\]\)')
_LONG_TEXT = re.compile(r"(?:^|\n|[^\n]?)([0-9a-f]{1,4}):T([0-9a-f]{1,6}),")


@dataclass(frozen=True, slots=True)
class Found:
    """An article in a script's data."""

    lines: list[str]
    record: Mapping[str, Any]
    """What stands beside its text."""


class Page:
    """The data of a page's scripts, searched only when it is asked for."""

    def __init__(self, tree: HtmlElement) -> None:
        self._scripts = [
            ((script.get("type") or "").lower(), script.text or "")
            for script in tree.iter("script")
        ]

    @cached_property
    def found(self) -> Found | None:
        """The article that the scripts hold as data, if they hold one."""
        best: tuple[int, bool, Found] | None = None
        for value in _data(self._scripts):
            for record, text in _texts(value):
                lines = _lines(text)
                size = sum(map(len, lines))
                titled = bool(fields.find(record, "title", {})[0])
                if size >= LEAST and (best is None or (size, titled) > best[:2]):
                    best = size, titled, Found(lines, record)
        return best[2] if best else None


def _data(scripts: list[tuple[str, str]]) -> Iterator[Any]:
    """Yield the values that scripts, each with its type, hold."""
    left = LIMIT
    pushed: list[str] = []
    for kind, text in scripts:
        left -= len(text)
        if left < 0:
            return
        if "json" in kind and "ld+json" not in kind:
            yield from _json(text, 0)
        elif "__next_f" in text:
            pushed += [_string(part) for part in _PUSHED.findall(text)]
        elif found := _PARSED.search(text):
            yield from _json(_string(found[1]), 0)
        else:
            for found in islice(_ASSIGNED.finditer(text), _ASSIGNMENTS):
                yield from _json(text, found.end())
    yield from _rows("".join(pushed))


def _string(literal: str) -> str:
    """Return the text of a string in a script; empty when it is written as JSON cannot be."""
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return ""


def _json(text: str, start: int) -> Iterator[Any]:
    try:
        yield json.JSONDecoder(strict=False).raw_decode(
            text.lstrip() if not start else text, start
        )[0]
    except (ValueError, RecursionError):
        return


def _rows(text: str) -> Iterator[Any]:
    """Yield the long texts and the values of React's rows: `24:T1b7b,...`, `9:{...}`."""
    for found in _LONG_TEXT.finditer(text):
        # The length is that of the text in bytes.
        size = int(found[2], 16)
        yield {
            "body": text[found.end() : found.end() + size].encode()[:size].decode("utf-8", "ignore")
        }
    for row in text.split("\n"):
        _, sign, value = row.partition(":")
        if sign and value[:1] in ("{", "["):
            yield from _json(value, 0)


def _texts(value: object) -> Iterator[tuple[Mapping[str, Any], object]]:
    """Yield each object that has a text under a usual name, with the text."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    seen = 0
    while waiting and seen < _NODES:
        node, depth = waiting.pop()
        seen += 1
        if isinstance(node, Mapping):
            for name, inside in node.items():
                if str(name).lower().replace("_", "") in _TEXTS:
                    yield node, inside
            inner = list(node.values())
        else:
            inner = node if isinstance(node, list) else []
        if depth < _DEEP:
            waiting += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]


def _lines(value: object, depth: int = 0) -> list[str]:
    """Return the paragraphs of a text, of a list of texts, or of a list of blocks with texts."""
    if isinstance(value, str):
        if markup.is_markup(value):
            return markup.plain(value).split("\n\n")
        return [line.strip() for line in value.splitlines() if line.strip()]
    if depth > 6:
        return []
    if isinstance(value, Mapping):
        named = {str(name).lower(): each for name, each in value.items()}
        inner = next((named[name] for name in _INNER if named.get(name)), None)
        return _lines(inner, depth + 1)
    if isinstance(value, list):
        return [line for each in value[:2000] for line in _lines(each, depth + 1)]
    return []
