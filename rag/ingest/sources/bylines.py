"""The bylines that an HTML page shows -> the names of who wrote its article.

A byline is what the page itself calls one, by `rel`, `itemprop` or a class; then a link to the page
of a person above the text; then a line of the text that signs it, or a name right beside its day.
What belongs to teasers, comments, captions and the like is passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources import fields
from rag.ingest.sources.people import WORDS, begins_byline, folded, people
from rag.language.characters import one_line
from rag.language.dates import role_of

SHORT = 60
"""Characters of a line that only signs."""
LONG = 120
"""Characters of a <p> with which a text begins, and that no byline has."""

_LOW = "translate(@class, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-_', 'abcdefghijklmnopqrstuvwxyz')"
_CLASSED = " or ".join(
    [f"contains(concat(' ', @class, ' '), ' {word} ')" for word in WORDS["word"]]
    + [f"contains({_LOW}, '{name}')" for name in WORDS["class"]]
    + ["starts-with(@class, 'byline')", "contains(@class, '_byline')"]
)
_BYLINE = f"//*[@rel='author' or @itemprop='author' or {_CLASSED}]"
_OWN = " or ".join(f"contains(@href, '/{part}/')" for part in WORDS["page"])
_NAMED = "contains(@class, 'author') and not(contains(@class, 'comment'))"
_INNER = (
    ".//*[@itemprop='name' or @rel='author' or self::a[contains(@class, 'author')]"
    f" or self::a[{_OWN}] or contains(@class, 'name')]"
)
"""What inside a byline is a name and nothing else."""
_LABELLED = (
    "//*[self::strong or self::b or self::span or self::dt or self::th][starts-with("
    "normalize-space(.), 'Aut') and string-length(normalize-space(.)) < 16]"
)
"""The label of a line such as "Author: Ann Lee", in many languages."""
_DATED = "self::time or contains(@class, 'date') or contains(@class, 'time')"
_ASIDE = re.compile(
    r"comment|teaser|related|recommend|caption|credit|copyright|newsletter|sidebar|promo|mediabox"
)
_INLINE = ("a", "b", "strong", "em", "i")
_APART = ("aside", "nav", "figure", "figcaption", "form")
_HEADINGS = ("h2", "h3", "h4", "h5")
_UNTIL_BY = re.compile(
    r"^.{0,40}?\b(?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or) (?=[A-Z]\S* (?:[a-z]{1,3} ){0,2}[A-Z])"
)
_SIGNATURE = re.compile(r"(?:[^\W\d_][\w'’.-]* ){1,3}[^\W\d_][\w'’.-]+")
_UNTIL_NUMBER = re.compile(r"(?:\s(?:on|at|am|le|el|il)(?:\s\w{2,10},?)?)?\s\(?\d.*$")


def shown(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the names in the byline that a page shows, or of who signs its text.

    Args:
        tree: The page.
        outlets: Names of the outlet, which are no person's.
    """
    return _called(tree, outlets) or _signed(tree, outlets)


def initials(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the single words in the byline that the page shows: "aln/dpa"."""
    lines = (_text(element) for element in _beside_text(tree, tree.xpath(_BYLINE)))
    return next((names for line in lines if len(line) < 40 if (names := people(line, outlets))), ())


def first_paragraph(tree: HtmlElement) -> HtmlElement | None:
    """Return the first paragraph of running text, outside of side matter."""
    aside = ("aside", "nav", "footer")
    return next(
        (
            p
            for p in tree.iter("p")
            if len(_text(p)) > LONG and not any(e.tag in aside for e in p.iterancestors())
        ),
        None,
    )


def _called(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the names in what is called a byline, links to people, and lines with a label."""
    if names := _side_by_side(_beside_text(tree, tree.xpath(_BYLINE)), outlets):
        return names
    text = first_paragraph(tree)
    above = (
        tree.xpath(f"//a[{_OWN}]|//*[{_NAMED}]")
        if text is None
        else text.xpath(f"preceding::*[{_NAMED}]|preceding::a[{_OWN}]")
    )
    box = tree.xpath(f"//*[{_NAMED}]//a[{_OWN}]")
    for found in (above, box):
        if names := _side_by_side(_beside_text(tree, found), outlets):
            return names
    for label in tree.xpath(_LABELLED):
        after = label.getnext() if label.tag in ("dt", "th") else None
        rest = _text(after) if after is not None else one_line(label.tail or "")
        if names := people(rest.strip(" :"), outlets) if len(rest) < 100 else ():
            return names
    return ()


def _beside_text(tree: HtmlElement, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return those of the elements that do not belong to a teaser, a comment or a caption."""
    title = next(tree.iter("h1"), None)
    around = set(title.iterancestors()) if title is not None else set()
    return [e for e in elements if not any(_is_aside(a, e) for a in _up_to(e, around))]


def _up_to(element: HtmlElement, around: set[HtmlElement]) -> Iterator[HtmlElement]:
    """Yield an element and what it stands in, as far as the page's heading is not in it too."""
    yield element
    for holder in element.iterancestors():
        if holder in around or holder.tag == "body":
            return
        yield holder


def _is_aside(holder: HtmlElement, element: HtmlElement) -> bool:
    if holder.tag in _APART or _ASIDE.search(
        f"{holder.get('class', '')} {holder.get('id', '')}".lower()
    ):
        return True
    if holder is element:
        return False
    # The heading of another article, which is a link to it; that of a person has the name.
    for child in holder:
        if child.tag in _HEADINGS and next(child.iter("a"), None) is not None:
            return _text(child) not in _text(element)
    return False


def _side_by_side(elements: list[HtmlElement], outlets: list[str]) -> tuple[str, ...]:
    """Return the names in the first of these elements that has any, and in those beside it."""
    named = (
        (element, names)
        for element in elements
        if len(_text(element)) > 0 and (names := _within(element, outlets))
    )
    first = next(named, None)
    if first is None:
        return ()
    # Several authors have an element each, side by side or each in an item of one list; others
    # further down are of other articles.
    place = _list_of(first[0])
    beside = [
        names
        for e, names in named
        if e.getparent() is first[0].getparent()
        or (_list_of(e) is place and _form(e) == _form(first[0]))
    ]
    return fields.people([name for names in (first[1], *beside) for name in names])


def _form(element: HtmlElement) -> tuple[str, str | None]:
    return element.tag, element.get("class")


def _list_of(element: HtmlElement) -> HtmlElement | None:
    """Return what an element stands in; of a list's item, or of one alone in its box, the list."""
    holder = element.getparent()
    while holder is not None and (holder.tag == "li" or len(holder) == 1) and holder.tag != "body":
        holder = holder.getparent()
    return holder


def _within(element: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the full names in a byline: in what it calls names and right beside, else in all."""
    line = _pieces(element)
    whole = _full_names(line, outlets) if len(line) <= LONG else ()
    inner = [e for e in element.xpath(_INNER) if len(_text(e)) <= SHORT]
    if not (found := [name for e in inner for name in _full_names(_text(e), outlets)]):
        return whole
    beside = " ".join(element.xpath("./text()"))
    return fields.people([*(name for name in whole if name in beside), *found])


def _pieces(element: HtmlElement) -> str:
    """Return the text of a byline without its day; what stands in elements of its own is parted."""
    dated = {e for e in element.xpath(f".//*[{_DATED}]") if any(map(str.isdigit, _text(e)))}
    line, last = "", None
    for text in element.xpath(".//text()"):
        holder = text.getparent() if text.is_text else text.getparent().getparent()
        said = one_line(str(text))
        if not said or any(e in dated for e in (holder, *holder.iterancestors())):
            continue
        # First name and surname may have an element each, of the same kind.
        one = " " not in said and last is not None and _kind(holder) == _kind(last)
        apart = text.is_text and holder is not element and not (one or holder.tag in _INLINE)
        apart |= text.is_tail and text.getparent().tag == "br"
        line += f" | {said}" if line and apart else f" {said}"
        last = holder
    return line.strip()


def _kind(element: HtmlElement) -> tuple[HtmlElement, str]:
    return element.getparent(), element.tag


def _full_names(line: str, outlets: list[str]) -> tuple[str, ...]:
    """Return the names in a line that are more than one word; dates after them are left out."""
    line = _UNTIL_NUMBER.sub("", line)
    outlet = tuple(filter(None, map(folded, outlets)))
    return tuple(
        name
        for name in people(_UNTIL_BY.sub("", line), outlets)
        if (" " in name or not name.isascii())
        and not name[0].islower()
        and ":" not in name
        and role_of(name) is None
        and not any(o in folded(name) for o in outlet)
    )


def _signed(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return who signs the text: a short line right above or below its paragraphs.

    It begins with "By", joins two names by a slash, stands at the right end below, or is wholly in
    brackets or in italics at the end.
    """
    blocks: dict[HtmlElement, list[tuple[HtmlElement, str]]] = defaultdict(list)
    for line in tree.iter("p"):
        if said := _text(line):
            blocks[line.getparent()].append((line, said))
    lines = max(blocks.values(), key=lambda block: sum(len(said) for _, said in block), default=[])
    above, below = lines[:3], lines[3:][-2:] if len(lines) > 3 else []
    for line, said in (*above, *reversed(below), *reversed(lines[-2:])):
        if len(said) > SHORT or any(map(str.isdigit, said)):
            continue
        turned = "text-align:right" in (line.get("style") or "").replace(" ", "")
        ends = line is lines[-1][0] and _is_set_apart(line, said)
        if turned or ends or "/" in said or begins_byline(said):
            names = _full_names(said.strip("()"), outlets)
            if names and all(map(signs, names)):
                return names
    return _opening(tree, outlets)


def _opening(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the names of a line above the text that begins with "By" and is no paragraph."""
    text = first_paragraph(tree)
    lines = [] if text is None else text.xpath("preceding::*[self::div or self::span][not(*)]")
    for line in _beside_text(tree, lines[-10:]):
        said = _text(line)
        if len(said) <= SHORT and begins_byline(said) and ":" not in said:
            names = _full_names(said, outlets)
            if names and all(map(signs, names)):
                return names
    return ()


def _is_set_apart(line: HtmlElement, said: str) -> bool:
    """Return True when a line is wholly in brackets or in italics."""
    if said.startswith("(") and said.endswith(")"):
        return True
    return any(_text(e) == said for e in line.iter("em", "i"))


def signs(name: str) -> bool:
    """Return True for a few words with capitals, but for short ones between: Ana de Reis."""
    if not _SIGNATURE.fullmatch(name):
        return False
    first, *between, last = name.split()
    plain = [
        word for word in (first, last, *(w for w in between if len(w) > 3)) if word[0].islower()
    ]
    return not plain


def dated(tree: HtmlElement, outlets: list[str]) -> tuple[str, ...]:
    """Return the name that stands right before the day, above the text, and is no link.

    The name of a section stands there too, but as a link, or among the links of the menu.
    """
    text = first_paragraph(tree)
    if text is None:
        return ()
    links = {folded(_text(a)) for a in tree.iter("a")}
    for before in text.xpath("preceding::*[self::span or self::div or self::p or self::li]"):
        day = before.getnext()
        said = _text(before).strip(" |,·•-–")
        if day is None or not signs(said) or next(before.iter("a"), None) is not None:
            continue
        stated = fields.dates(_text(day)) if len(_text(day)) <= SHORT else None
        if stated and (stated.published or stated.updated) and folded(said) not in links:
            return _full_names(said, outlets)
    return ()


def _text(element: HtmlElement) -> str:
    return one_line(element.text_content()[:2000])
