"""What a page holds that its readers do not see: found, taken out, counted.

Hidden text is how a page says one thing to people and another to programs that read it. Menus and
dialogs that wait to be opened are hidden too; they are taken out as well, but not counted. What
waits only for a script, or for a reader who pays, and is the article itself is kept: see `waiting`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources.styles import Color, Declared, Sheet, color, is_see_through, pixels
from rag.ingest.sources.waiting import LEAST, Stated, is_article, longest_part, show

_WHITE: Color = (255, 255, 255)
_ROOTS = {"html", "body", "head"}
_ALOUD = {
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only",
    "u-visually-hidden", "a11y-hidden", "offscreen",
}  # fmt: skip
"""Class names of what is there to be heard and never seen, though their style stands elsewhere."""
_OFF = {"d-none", "is-hidden"}
"""Class names that switch off wherever they are used."""
_APART = {"nav", "aside", "footer", "header", "form", "dialog", "menu", "button", "figure"}
_FAR = -900.0
"""Pixels to the left or above from which on nothing is seen."""
_TINY = 2.0
"""Pixels: smaller type is not there to be read."""
_SAME = 30
"""Two colours whose channels differ by less than this in all cannot be told apart."""
_TRICK, _PARKED = 3, 8
"""From so many words on hidden text is told: hidden by a trick, and only switched off."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many words of a page its readers should know of."""

    left_out: int
    """Hidden, and taken out."""
    kept: int
    """Hidden until a script runs or somebody pays, and kept as part of the article."""


def remove_hidden(tree: HtmlElement, stated: Stated | None = None) -> Unseen:
    """Take out what a reader would not see; return how many words of it readers should know of.

    Args:
        tree: The page; it is changed.
        stated: What the page says of its own article; without it nothing hidden is kept.
    """
    sheet = Sheet(tree)
    hidden = {e: how for e in tree.iter() if isinstance(e.tag, str) if (how := _how(e, sheet))}
    shown = _revealed(hidden, tree, stated) if stated is not None and hidden else ()
    kept = sum(map(_words, shown))
    told = 0
    gone: set[HtmlElement] = set()
    for element, how in hidden.items():
        if element in shown or any(a in gone for a in element.iterancestors()):
            continue
        words = _words(element)
        told += words if _is_told(element, how, words) else 0
        kept -= words if any(a in shown for a in element.iterancestors()) else 0
        gone.add(element)
    for element in gone:
        element.drop_tree()
    for element in shown:
        show(element)
    for element in tree.xpath("//*[contains(@style, 'none') or contains(@style, 'hidden')]"):
        element.attrib.pop("style")  # It is seen, by a rule that overrules its own style.
    return Unseen(left_out=told, kept=kept)


def _words(element: HtmlElement) -> int:
    return sum(len(text.split()) for text in element.itertext())


def _revealed(
    hidden: dict[HtmlElement, str], tree: HtmlElement, stated: Stated
) -> Sequence[HtmlElement]:
    """Return what is only waiting to be shown, and is the article or a part of it."""
    could = {e: how for e, how in hidden.items() if how in ("off", "faint")}
    never = {e for e, how in hidden.items() if how not in ("off", "faint")}
    found: list[HtmlElement] = []
    longest = longest_part(tree, set(hidden))
    for element in sorted(could, key=lambda e: e.tag == "noscript"):
        if element.tag == "noscript" and (found or longest >= LEAST):
            continue  # the same again, for who has no scripts
        around = set(element.iterancestors())
        if around & never or any(e.tag in _APART for e in (element, *around)):
            continue
        if is_article(_alike_beside(element, could), stated, longest, never):
            found.append(element)
    # What stands inside something that stays hidden is not seen either.
    return [e for e in found if not any(a in hidden and a not in found for a in e.iterancestors())]


def _alike_beside(element: HtmlElement, could: Container[HtmlElement]) -> list[HtmlElement]:
    """Return a hidden paragraph and the hidden ones beside it, which appear one after the other."""
    if element.tag != "p":
        return [element]
    return [element, *(e for e in element.getparent() if e is not element and e in could)]


def _how(element: HtmlElement, sheet: Sheet) -> str | None:
    """Return how an element is hidden, or None when it is seen.

    `off` as menus are; `faint` as what fades in or is folded away; `never`: no reader ever sees it;
    `trick`: the same, by a style that nothing else is likely to need.
    """
    if element.tag in _ROOTS:
        return None
    names = set((element.get("class") or "").split())
    if _is_never(element, names):
        return "never"
    declared = sheet.declared(element)
    if any(_tricks(declared)) or _is_invisible(element, declared, sheet):
        return "trick"
    if _is_off(element, declared, names):
        return "off"
    return "faint" if _is_faint(declared) else None


def _is_never(element: HtmlElement, names: set[str]) -> bool:
    """Return True when an element's own name says that no reader of the article sees it."""
    if element.tag == "template":
        return element.get("shadowrootmode") is None
    if element.get("subscriptions-section") == "content-not-granted":
        return True
    return bool(names & _ALOUD) and not any(":" in name for name in names)


def _is_off(element: HtmlElement, declared: Declared, names: set[str]) -> bool:
    """Return True when an element is not shown until something is done."""
    if element.tag == "noscript" or element.get("hidden") is not None:
        return True
    if element.tag == "dialog" and element.get("open") is None:
        return True
    if names & _OFF and not any(":" in name for name in names):
        return True
    if declared.get("display") == "none":
        return True
    return declared.get("visibility") in ("hidden", "collapse") and not _is_animated(declared)


def _is_faint(declared: Declared) -> bool:
    """Return True when an element is see-through, or folded to nothing."""
    opacity = pixels(declared.get("opacity"))
    if opacity is not None and opacity < 0.05 and not _is_animated(declared):
        return True
    sides = ("width", "height", "max-height", "max-width")
    cut = declared.get("overflow") in ("hidden", "clip")
    return cut and any((size := pixels(declared.get(s))) is not None and size <= 1 for s in sides)


def _is_animated(declared: Declared) -> bool:
    """Return True when the style itself makes an element appear, without any script."""
    named = declared.get("animation") or declared.get("animation-name") or "none"
    return "none" not in named.split()


def _tricks(declared: Declared) -> Iterator[bool]:
    """Yield, for each way to hide what is switched on, whether it is used."""
    size = pixels(declared.get("font-size"))
    yield size is not None and size < _TINY
    yield (declared.get("font") or "1").startswith(("0 ", "0/", "0px"))
    indent = pixels(declared.get("text-indent"))
    yield indent is not None and indent <= _FAR
    if declared.get("position") in ("absolute", "fixed"):
        places = (pixels(declared.get(side)) for side in ("left", "top", "right", "bottom"))
        yield any(place is not None and place <= _FAR for place in places)
        yield "".join(declared.get("clip", "").split()).startswith(("rect(0", "rect(1px"))
    yield "".join(declared.get("clip-path", "").split()) in ("inset(50%)", "inset(100%)")
    margins = (pixels(declared.get(f"margin-{side}")) for side in ("left", "top"))
    yield any(margin is not None and margin <= _FAR for margin in margins)
    move = declared.get("transform", "")
    yield "scale(0)" in move or "translatex(-9999" in move or "translate(-9999" in move


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
    if how in ("trick", "faint"):
        return words >= _TRICK
    return words >= _PARKED and any(e.tag in ("article", "main") for e in _around(element))


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()
