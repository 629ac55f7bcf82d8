"""What a page's own style sheets say of an element, as far as it decides whether text is seen.

tinycss2 parses the sheets and cssselect2 matches their selectors; here is the cascade: which of the
declarations for one property holds. Style sheets in other files are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import tinycss2
from cssselect2 import ElementWrapper, Matcher, SelectorError, compile_selector_list
from lxml.html import HtmlElement  # type: ignore[import-untyped]
from tinycss2.ast import AtRule, Declaration, QualifiedRule
from tinycss2.color3 import RGBA, parse_color

Declared = Mapping[str, str]
"""Properties and values, both in small letters."""
Color = tuple[int, int, int]

SHEETS = 400_000
"""Characters of style sheets in a page that are looked at."""
RULES = 2_000
"""Most rules that are matched, of those that can hide or show text."""
STYLE = 5_000
"""Characters of an element's own style that are looked at."""

_DECISIVE = {
    "display", "visibility", "opacity", "color", "background", "background-color", "font-size",
    "font", "text-indent", "position", "left", "top", "right", "bottom", "inset", "clip",
    "clip-path", "margin", "margin-left", "margin-top", "overflow", "width", "height",
    "max-height", "max-width", "transform", "animation", "animation-name",
}  # fmt: skip
_HIDING = {
    "display": re.compile("none"),
    "visibility": re.compile("hidden|collapse"),
    "opacity": re.compile(r"0?\.0\d*|0|[0-4]%"),
}
"""What of a sheet for narrow or wide screens only is left out: elsewhere the text is seen."""
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))\s*(px|em|rem|pt|%|vw|vh|ex|ch|cm|in|mm|pc|q)?")
_PIXELS = {"em": 16, "rem": 16, "pt": 1.33, "vw": 12, "vh": 8, "ch": 8, "ex": 8, "in": 96, "cm": 38}
_EVERYWHERE = re.compile(r"\s*(?:only )?(?:all|screen)?\s*")
_ELSEWHERE = re.compile(r"\b(?:print|speech|not)\b")


@dataclass(frozen=True, slots=True)
class _Set:
    """The declarations of a rule that hold ordinarily, and those marked as important."""

    usual: dict[str, str]
    important: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.usual or self.important)


class Sheet:
    """The rules of a page's own <style> blocks that hold for every reader of it."""

    def __init__(self, tree: HtmlElement) -> None:
        text = "\n".join(e.text or "" for e in tree.iter("style") if _applies(e))[:SHEETS]
        self._matcher: Matcher | None = None
        self._places: dict[HtmlElement, ElementWrapper] = {}
        self._found: dict[HtmlElement, dict[str, str]] = {}
        # No more than are matched: to compile the others costs seconds and changes nothing.
        rules = list(islice(_rules(text), RULES)) if "{" in text else []
        if rules:
            self._matcher = Matcher()
            for selector, declared in rules:
                self._matcher.add_selector(selector, declared)
            root = ElementWrapper.from_html_root(tree)
            self._places = {place.etree_element: place for place in root.iter_subtree()}

    def declared(self, element: HtmlElement) -> dict[str, str]:
        """Return what the sheets and the element's own style declare, as the cascade decides."""
        if element not in self._found:
            self._found[element] = self._declared(element)
        return self._found[element]

    def _declared(self, element: HtmlElement) -> dict[str, str]:
        sets = self._matched(element)
        style = element.get("style")
        if style:
            sets.append(_set(tinycss2.parse_blocks_contents(style[:STYLE])))
        found: dict[str, str] = {}
        for each in sets:
            found |= each.usual
        for each in sets:
            found |= each.important
        return found

    def _matched(self, element: HtmlElement) -> list[_Set]:
        """Return the declarations for an element, the least telling first."""
        place = self._places.get(element)
        if self._matcher is None or place is None:
            return []
        matches = self._matcher.match(place)
        return [payload for _, _, pseudo, payload in matches if pseudo is None]


def pixels(value: str | None) -> float | None:
    """Return a length in pixels, roughly; None when it is none."""
    found = _NUMBER.match(value.strip()) if value else None
    return float(found[1]) * _PIXELS.get(found[2] or "px", 1) if found else None


def color(value: str | None) -> Color | None:
    """Return a colour, whether it can be seen through or not; None when it is none."""
    found = _parsed(value)
    if found is None:
        return None
    red, green, blue = (min(255, max(0, round(255 * part))) for part in found[:3])
    return red, green, blue


def is_see_through(value: str | None) -> bool:
    """Return True when text of this colour cannot be seen on anything."""
    found = _parsed(value)
    return found is not None and found.alpha < 0.05


def _parsed(value: str | None) -> RGBA | None:
    found = parse_color(value) if value else None
    return found if isinstance(found, RGBA) else None


def _applies(style: HtmlElement) -> bool:
    return _EVERYWHERE.fullmatch((style.get("media") or "all").lower()) is not None


def _rules(text: str) -> Iterator[tuple[object, _Set]]:
    """Yield each selector with those declarations that can hide or show text."""
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    for rule, narrowed in _flat(nodes):
        declared = _set(tinycss2.parse_blocks_contents(rule.content), narrowed=narrowed)
        if not declared:
            continue
        try:
            selectors = compile_selector_list(rule.prelude)
        except SelectorError:
            continue
        yield from ((selector, declared) for selector in selectors[:200])


def _flat(
    nodes: Iterable[object], *, narrowed: bool = False
) -> Iterator[tuple[QualifiedRule, bool]]:
    """Yield the rules, and whether each holds on some screens only."""
    for node in nodes:
        if isinstance(node, QualifiedRule):
            yield node, narrowed
        elif isinstance(node, AtRule) and node.content is not None:
            query = tinycss2.serialize(node.prelude).lower()
            if node.lower_at_keyword not in ("media", "supports", "layer"):
                continue
            if node.lower_at_keyword == "media" and _ELSEWHERE.search(query):
                continue
            inside = tinycss2.parse_rule_list(
                node.content, skip_comments=True, skip_whitespace=True
            )
            wide = node.lower_at_keyword != "media" or _EVERYWHERE.fullmatch(query)
            yield from _flat(inside, narrowed=narrowed or not wide)


def _set(nodes: Iterable[object], *, narrowed: bool = False) -> _Set:
    found = _Set({}, {})
    for node in nodes:
        if not isinstance(node, Declaration) or node.lower_name not in _DECISIVE:
            continue
        value = tinycss2.serialize(node.value).strip().lower()
        name = node.lower_name
        # What only some screens show, somebody sees; what only some hide, others see.
        if not narrowed or (name in _HIDING and not _HIDING[name].fullmatch(value)):
            (found.important if node.important else found.usual)[name] = value
    return found
