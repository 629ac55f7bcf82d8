"""The part of CSS that decides whether text can be seen: simple selectors, sizes, colours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement  # type: ignore[import-untyped]

Declared = Mapping[str, str]
"""Properties and values, both in small letters."""
Color = tuple[int, int, int]

SHEETS = 400_000
"""Characters of style sheets in a page that are looked at."""
RULES = 5_000

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMPOUND = re.compile(r"(?P<tag>\*|[a-z][a-z0-9-]*)?(?P<marks>(?:[.#][\w-]+)*)", re.IGNORECASE)
_MARK = re.compile(r"[.#][\w-]+")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*(px|em|rem|pt|%|vw|vh|ex|ch|cm|in|mm|pc|q)?")
_HEX = re.compile(r"#([0-9a-f]{3,8})")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+)(%?))?\s*\)")
_NAMED = {
    "white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250),
    "ivory": (255, 255, 240), "whitesmoke": (245, 245, 245), "ghostwhite": (248, 248, 255),
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "navy": (0, 0, 128),
}  # fmt: skip
_PIXELS = {"em": 16, "rem": 16, "pt": 1.33, "vw": 12, "vh": 8, "ch": 8, "ex": 8, "in": 96, "cm": 38}


@dataclass(frozen=True, slots=True)
class _Compound:
    """A selector without spaces: `div.note#first`."""

    tag: str
    marks: frozenset[str]

    def matches(self, element: HtmlElement) -> bool:
        if self.tag not in ("", "*", element.tag):
            return False
        return self.marks <= marks_of(element)


@dataclass(frozen=True, slots=True)
class _Rule:
    chain: tuple[_Compound, ...]
    """The element's own compound last, ancestors before it."""
    declared: Declared

    def matches(self, element: HtmlElement) -> bool:
        *before, own = self.chain
        if not own.matches(element):
            return False
        above = element.iterancestors()
        return all(any(c.matches(e) for e in above) for c in reversed(before))


class Sheet:
    """The rules of a page's own <style> blocks that hold for every reader of it."""

    def __init__(self, tree: HtmlElement) -> None:
        self._by_mark: dict[str, list[_Rule]] = defaultdict(list)
        text = "\n".join(e.text or "" for e in tree.iter("style") if _applies(e))[:SHEETS]
        for count, rule in enumerate(_rules(text)):
            if count >= RULES:
                break
            own = rule.chain[-1]
            self._by_mark[min(own.marks, default=own.tag)].append(rule)

    def declared(self, element: HtmlElement) -> dict[str, str]:
        """Return what the sheets and the element's own style declare, the latter winning."""
        found: dict[str, str] = {}
        for mark in (str(element.tag), "*", *sorted(marks_of(element))):
            for rule in self._by_mark.get(mark, ()):
                if rule.matches(element):
                    found |= rule.declared
        style = element.get("style")
        return found | declarations(style) if style else found


def marks_of(element: HtmlElement) -> frozenset[str]:
    """Return classes and id of an element as selectors write them."""
    classes = {f".{name}" for name in (element.get("class") or "").split()}
    name = element.get("id")
    return frozenset(classes | ({f"#{name}"} if name else set()))


def declarations(style: str) -> dict[str, str]:
    """Read `color: red; top: 0`."""
    found: dict[str, str] = {}
    for part in _COMMENT.sub("", style[:5000]).lower().split(";"):
        name, sign, value = part.partition(":")
        if sign:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def pixels(value: str | None) -> float | None:
    """Return a length in pixels, roughly; None when it is none."""
    found = _NUMBER.match(value.strip()) if value else None
    return float(found[1]) * _PIXELS.get(found[2] or "px", 1) if found else None


def color(value: str | None) -> Color | None:
    """Return a colour; what cannot be seen through counts, what is see-through is None."""
    if not value:
        return None
    text = value.strip()
    if text in _NAMED:
        return _NAMED[text]
    if found := _HEX.match(text):
        digits = found[1]
        wide = digits if len(digits) >= 6 else "".join(d * 2 for d in digits)
        return int(wide[0:2], 16), int(wide[2:4], 16), int(wide[4:6], 16)
    if found := _RGB.match(text):
        return min(int(found[1]), 255), min(int(found[2]), 255), min(int(found[3]), 255)
    return None


def is_see_through(value: str | None) -> bool:
    """Say whether text of this colour cannot be seen on anything."""
    if not value:
        return False
    found = _RGB.match(value)
    faint = found is not None and found[4] is not None and float(found[4] or 1) < 0.05
    return value == "transparent" or faint


def _applies(style: HtmlElement) -> bool:
    media = (style.get("media") or "all").lower()
    return "all" in media or media.startswith("screen")


def _rules(text: str) -> Iterator[_Rule]:
    """Yield the rules outside of @media and the like, one for each selector that is simple."""
    for selectors, body in _blocks(_COMMENT.sub("", text)):
        declared = declarations(body)
        for selector in selectors.split(",")[:200] if declared else ():
            chain = tuple(_compounds(selector))
            if chain and all(chain):
                yield _Rule(tuple(c for c in chain if c), declared)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (what stands before a brace, what stands inside) at the outermost level."""
    start = 0
    while (opened := text.find("{", start)) >= 0:
        head = text[start:opened].rpartition(";")[2].strip()
        depth, end = 1, opened + 1
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        inside = text[opened + 1 : end - 1]
        if not head.startswith("@"):
            yield head, inside
        elif re.match(r"@media\s+(?:all|screen)\s*$", head):
            yield from _blocks(inside)
        start = end


def _compounds(selector: str) -> Iterator[_Compound | None]:
    """Yield the parts of a selector; None for one that is beyond us, such as `:hover`."""
    for part in selector.replace(">", " ").split()[:8]:
        found = _COMPOUND.fullmatch(part)
        if not found:
            yield None
            return
        yield _Compound((found["tag"] or "").lower(), frozenset(_MARK.findall(found["marks"])))
