"""What a page holds that its readers do not see: found, taken out, counted.

Hidden text is how a page says one thing to people and another to programs that read it. Menus and
dialogs that wait to be opened are hidden too; they are taken out as well, but not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources.styles import Color, Declared, Sheet, color, is_see_through, pixels

_WHITE: Color = (255, 255, 255)
_ALWAYS = {"template", "noscript"}
_ROOTS = {"html", "body", "head"}
_FOR_READERS_ALOUD = {
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only",
    "u-visually-hidden", "d-none", "is-hidden", "offscreen", "a11y-hidden",
}  # fmt: skip
"""Class names that hide wherever they are used, though their style stands in another file."""
_APART = {"nav", "aside", "footer", "header", "form", "dialog", "menu", "button", "figure"}
_FAR = -900.0
"""Pixels to the left or above from which on nothing is seen."""
_TINY = 2.0
"""Pixels: smaller type is not there to be read."""
_SAME = 30
"""Two colours whose channels differ by less than this in all cannot be told apart."""
_TRICK, _PARKED = 3, 8
"""From so many words on hidden text is told: hidden by a trick, and only switched off."""


def remove_hidden(tree: HtmlElement) -> int:
    """Take out what a reader would not see; return how many words of it readers should know of."""
    sheet = Sheet(tree)
    told = 0
    hidden = [(e, how) for e in tree.iter() if isinstance(e.tag, str) if (how := _how(e, sheet))]
    gone: set[HtmlElement] = set()
    for element, how in hidden:
        if element.getparent() is None or any(a in gone for a in element.iterancestors()):
            continue
        words = len(element.text_content().split())
        told += words if _is_told(element, how, words) else 0
        gone.add(element)
    for element in gone:
        element.drop_tree()
    return told


def _how(element: HtmlElement, sheet: Sheet) -> str | None:
    """Say how an element is hidden: `off` as menus are, `trick`; None when it is seen."""
    if element.tag in _ROOTS:
        return None
    declared = sheet.declared(element)
    if _is_off(element, declared):
        return "off"
    if any(_tricks(declared)) or _is_invisible(element, declared, sheet):
        return "trick"
    return None


def _is_off(element: HtmlElement, declared: Declared) -> bool:
    """Say whether an element is one that is not shown until something is done."""
    if element.tag in _ALWAYS or element.get("hidden") is not None:
        return True
    if element.tag == "dialog" and element.get("open") is None:
        return True
    names = (element.get("class") or "").split()
    if any(n in _FOR_READERS_ALOUD for n in names) and not any(":" in n for n in names):
        return True
    return declared.get("display") == "none" or declared.get("visibility") in ("hidden", "collapse")


def _tricks(declared: Declared) -> Iterator[bool]:
    """Yield, for each way to hide what is switched on, whether it is used."""
    opacity = pixels(declared.get("opacity"))
    yield opacity is not None and opacity < 0.05
    size = pixels(declared.get("font-size"))
    yield size is not None and size < _TINY
    indent = pixels(declared.get("text-indent"))
    yield indent is not None and indent <= _FAR
    if declared.get("position") in ("absolute", "fixed"):
        places = (pixels(declared.get(side)) for side in ("left", "top", "right", "bottom"))
        yield any(place is not None and place <= _FAR for place in places)
        yield _is_clipped(declared)
    margins = (pixels(declared.get(f"margin-{side}")) for side in ("left", "top"))
    yield any(margin is not None and margin <= _FAR for margin in margins)
    if declared.get("overflow") in ("hidden", "clip"):
        sides = ("width", "height", "max-height", "max-width")
        yield any((size := pixels(declared.get(s))) is not None and size <= 1 for s in sides)
    move = declared.get("transform", "")
    yield "scale(0)" in move or "translatex(-9999" in move or "translate(-9999" in move


def _is_clipped(declared: Declared) -> bool:
    clip = "".join(declared.get("clip", "").split())
    path = "".join(declared.get("clip-path", "").split())
    return clip.startswith(("rect(0", "rect(1px")) or path in ("inset(50%)", "inset(100%)")


def _is_invisible(element: HtmlElement, declared: Declared, sheet: Sheet) -> bool:
    """Say whether text has the colour of what it stands on."""
    if is_see_through(declared.get("color")):
        return True
    own = color(declared.get("color"))
    if own is None:
        return False
    for around in (element, *element.iterancestors()):
        style = declared if around is element else sheet.declared(around)
        behind = style.get("background-color") or style.get("background")
        if behind and behind not in ("transparent", "none", "inherit", "initial"):
            ground = color(behind)
            # A picture or a gradient may be of any colour, so nothing is said then.
            return ground is not None and _alike(own, ground)
    return _alike(own, _WHITE)


def _alike(one: Color, other: Color) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) < _SAME


def _is_told(element: HtmlElement, how: str, words: int) -> bool:
    """Say whether a reader should know: words in the article that someone chose to hide."""
    if element.tag == "noscript" or any(e.tag in _APART for e in _around(element)):
        return False
    if how == "trick":
        return words >= _TRICK
    return words >= _PARKED and any(e.tag in ("article", "main") for e in _around(element))


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()
