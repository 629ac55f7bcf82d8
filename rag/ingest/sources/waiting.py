"""What a page hides only until its script runs, or from people who have not paid.

That may be the article itself. It is kept where the page says that it is part of the article: React
names it as the content of a place in the page (`$RC("B:1", "S:1")`), JSON-LD as what is to be paid
for (`hasPart.cssSelector`) or as the article's words (`articleBody`). Without such a word it is
kept when it is most of the page's paragraphs, in a page with a script that could show it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cssselect2 import ElementWrapper, SelectorError, compile_selector_list
from lxml.html import HtmlElement  # type: ignore[import-untyped]

LONG = 40
"""Characters from which on a <p> is a paragraph of running text."""
LEAST = 250
"""Characters of running text that are an article without the page's saying so."""
_SHARE = 0.8
"""Part of the words that must be the stated article's."""
_SWAP = re.compile(r"""\$R[CS]\(\s*["']([^"']{1,40})["']\s*,\s*["']([^"']{1,40})["']""")
_PROMPT = re.compile(
    r"cookie|consent|gdpr|modal|popup|pop-up|overlay|comment|newsletter|log-?in|sign-?(?:in|up)"
    r"|share|dialog|menu|nav|related|recommend|teaser|footer|header|banner|promo|subscribe"
)
"""Names of what waits to be opened beside an article."""
_SCRIPT = "//script[not(@type) or contains(@type, 'javascript') or @type='module']"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page says of its article that tells whether hidden text is part of it."""

    words: frozenset[str]
    """Of the article's text; empty when it is not stated."""
    parts: frozenset[HtmlElement]
    """What is named as part of the article."""
    scripted: bool
    """A script runs in the page."""


def stated(tree: HtmlElement, selectors: list[str], body: str) -> Stated:
    """Return what a page says of its article.

    Args:
        tree: The page.
        selectors: CSS selectors of the article's parts.
        body: The article's text, empty when it is not stated.
    """
    return Stated(
        words=frozenset(body.lower().split()),
        parts=frozenset(_selected(tree, selectors)),
        scripted=bool(tree.xpath(_SCRIPT)),
    )


def swap(tree: HtmlElement) -> None:
    """Put what React sends later where it belongs, in place of what stands for it meanwhile."""
    scripts = (s.text or "" for s in tree.iter("script"))
    pairs = [pair for text in scripts if "$R" in text for pair in _SWAP.findall(text)][:200]
    for pair in pairs:
        # `$RC` names the place first, `$RS` the content.
        place, content = (tree.xpath("//*[@id=$name]", name=name) for name in pair)
        if place and content and pair[0].startswith(("S:", "s:")):
            place, content = content, place
        if place and content and place[0] not in content[0].iter():
            _fill(place[0], content[0])


def _fill(place: HtmlElement, content: HtmlElement) -> None:
    """Replace a placeholder by its content, and what follows it up to the mark of its end.

    A placeholder inside of what comes later, such as P:1, has no such mark.
    """
    for after in list(place.itersiblings()) if place.get("id", "").startswith(("B:", "b:")) else ():
        if not isinstance(after.tag, str) and (after.text or "").strip() == "/$":
            break
        after.getparent().remove(after)
    place.addprevious(content)
    place.drop_tree()
    show(content)


def show(element: HtmlElement) -> None:
    """Make an element one that is seen."""
    if element.tag == "noscript":
        element.tag = "div"
    for name in ("hidden", "style", "aria-hidden", "class"):
        element.attrib.pop(name, None)


def is_article(
    elements: list[HtmlElement], stated: Stated, longest: int, never: set[HtmlElement]
) -> bool:
    """Return True when hidden text is the article or a part of it.

    Args:
        elements: What is hidden: one element, and those like it beside it.
        stated: What the page says of its article.
        longest: Characters of the longest running text that is not hidden.
        never: What nobody ever sees, inside of it too.
    """
    element = elements[0]
    if element in stated.parts or any(a in stated.parts for a in element.iterancestors()):
        return True
    long = [
        p
        for each in elements
        for p in long_paragraphs(each)
        if not any(a in never for a in p.iterancestors())
    ]
    if stated.words and long and is_said(long, stated.words):
        return True
    if not stated.scripted or len(long) < 2 or _is_prompt(element):
        return False
    return length(long) >= max(LEAST, longest)


def longest_part(tree: HtmlElement, hidden: set[HtmlElement]) -> int:
    """Return how many characters the longest running text has that is not hidden.

    Paragraphs belong together that stand in the same element, or would without an element for each.
    """
    paragraphs = long_paragraphs(tree)
    below = Counter(a for p in paragraphs for a in p.iterancestors())
    lengths: Counter[HtmlElement] = Counter()
    for paragraph in paragraphs:
        around = list(paragraph.iterancestors())
        if not hidden.isdisjoint((paragraph, *around)):
            continue
        holder = next((a for a in around if below[a] > 1), around[0])
        lengths[holder] += length([paragraph])
    return max(lengths.values(), default=0)


def long_paragraphs(element: HtmlElement) -> list[HtmlElement]:
    """Return the paragraphs of running text, without those that are links to other pages."""
    return [p for p in element.iter("p") if length([p]) >= LONG and not _is_link(p)]


def length(paragraphs: list[HtmlElement]) -> int:
    """Return the number of characters of paragraphs."""
    return sum(len(p.text_content().strip()) for p in paragraphs)


def _is_link(paragraph: HtmlElement) -> bool:
    linked = sum(len(a.text_content()) for a in paragraph.iter("a"))
    return 2 * linked > length([paragraph]) or any(a.tag == "a" for a in paragraph.iterancestors())


def is_said(paragraphs: list[HtmlElement], words: frozenset[str]) -> bool:
    """Return True when most words of paragraphs are among those of the stated article."""
    said = [word for p in paragraphs for word in p.text_content().lower().split()]
    return sum(word in words for word in said) >= _SHARE * len(said)


def _is_prompt(element: HtmlElement) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}"
    return _PROMPT.search(names.lower()) is not None


def _selected(tree: HtmlElement, selectors: list[str]) -> Iterator[HtmlElement]:
    root = None
    for selector in selectors[:20]:
        try:
            tests = compile_selector_list(selector[:500])
        except SelectorError:
            continue
        root = root or ElementWrapper.from_html_root(tree)
        for test in tests:
            yield from (e.etree_element for e in root.query_all(test))
