"""The lines at the edges of a page's text: its title once more, its byline, its summary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources.people import WORDS, folded
from rag.language.characters import one_line
from rag.language.dates import stated

_FIRST = 6
"""So many lines at the beginning may be a title or a byline."""
_SHORT = 120
_SUMMARY = range(40, 1000)
"""Characters of a summary."""
_BOXES = {"div", "header", "section", "span"}
"""Elements that may hold more than the summary."""
_PLACE = 20
"""Letters of a place's name before a summary."""
_WORDS = frozenset(WORDS["around"])
"""Words of a byline that are neither names nor dates."""
_TOKEN = re.compile(r"[^\W\d_]+")
_ASIDE = {"aside", "nav", "footer", "form", "a", "head", "script", "style", "figcaption"}


def trimmed(
    lines: Sequence[str], titles: Iterable[str], authors: Iterable[str], publisher: str | None
) -> list[str]:
    """Return the lines of an article without its title and its byline at the beginning."""
    known = {folded(title) for title in titles if title}
    names = sorted(filter(None, (*authors, publisher)), key=len, reverse=True)
    kept = [
        line for line in lines[:_FIRST] if folded(line) not in known and not is_byline(line, names)
    ]
    rest = [*kept, *lines[_FIRST:]]
    return rest or list(lines)


def is_byline(line: str, names: Sequence[str]) -> bool:
    """Return True when a line holds nothing but names, dates and words such as "Updated"."""
    if len(line) > _SHORT or not line:
        return False
    left = line
    for name in names:
        left = re.sub(re.escape(name), " ", left, flags=re.IGNORECASE)
    if left == line and not any(char.isdigit() for char in line):
        return _is_label(line)
    said = stated(left.strip(" ·|•-–—,;:"))
    if said.published or said.updated:
        return not line.lower().startswith(("date", "when"))
    return all(word.lower() in _WORDS for word in _TOKEN.findall(left)) and _has_more(left, line)


def _is_label(line: str) -> bool:
    words = _TOKEN.findall(line.lower())
    return bool(words) and len(words) <= 6 and all(word in _WORDS for word in words)


def _has_more(left: str, line: str) -> bool:
    """Return True when a name was taken out, or what is left is a date's numbers and words."""
    return left != line or bool(_TOKEN.search(left))


def summary(tree: HtmlElement, descriptions: Iterable[str], lines: Sequence[str]) -> str | None:
    """Return the article's summary where the page shows it and the text lacks it.

    Args:
        tree: The page.
        descriptions: What the page states as its description.
        lines: The text that was found.
    """
    begins = folded("".join(lines))
    wanted = {
        key: text
        for text in descriptions
        if len(text) in _SUMMARY and (key := folded(text)) and key not in begins
    }
    if not wanted:
        return None
    for element in tree.iter("p", "h2", "h3", "div", "span", "strong", "header", "section", "li"):
        text = element.text_content()
        place = 0 if element.tag in _BOXES else _PLACE
        if len(text) > 2 * _SUMMARY.stop or not _is_one(folded(text), wanted, place):
            continue
        if not any(str(a.tag) in _ASIDE for a in (element, *element.iterancestors())):
            return one_line(text)
    return None


def _is_one(text: str, wanted: Iterable[str], place: int) -> bool:
    """Return True when a text is one of these, with at most so many letters before it."""
    return any(text.endswith(key) and len(text) - len(key) <= place for key in wanted)
