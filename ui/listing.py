"""What the archive says of itself, as a table: for the page, for Markdown and for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from markupsafe import Markup

from rag.types import Listing, Row
from ui.markup import EMPTY, label, opener, together, words

SHOWN = 25
"""Rows of a table in a chat; the page and JSON have all that the answer has."""


def shown(listing: Listing) -> Markup:
    """Return a listing as a table, each row opening its article; escaped HTML."""
    return Markup(
        '<div class="dl-listing" tabindex="0" role="region" aria-label="{}">{}</div>'
    ).format(words(listing.title), table(listing, opens=True))


def table(listing: Listing, *, opens: bool = False) -> Markup:
    """Return a listing as a table, with what was counted; escaped HTML."""
    if not listing.rows:
        return _counted(listing)
    head = together(Markup("<th scope=col>{}</th>").format(column) for column in listing.columns)
    unknown = [UNKNOWN.get(column, "–") for column in listing.columns]
    body = together(_row(row, unknown, opens=opens) for row in listing.rows)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}{}").format(
        head, body, _more(listing), _counted(listing)
    )


UNKNOWN = {"day": "undated", "outlet": "outlet unknown"}
"""What a cell of a column says where nothing is known."""


def _row(row: Row, unknown: Sequence[str], *, opens: bool) -> Markup:
    cells = [
        Markup('<td dir="auto">{}</td>').format(cell(text))
        if text
        else Markup('<td class="dl-none">{}</td>').format(what)
        for text, what in zip(row.cells, unknown, strict=True)
    ]
    if row.articles and opens:
        at = _linked(row)
        button = Markup('<button class="dl-near" {}>{}</button>').format(
            opener(row.articles[0], None), cell(row.cells[at], "untitled")
        )
        cells[at] = Markup('<td dir="auto">{}</td>').format(button)
    return Markup("<tr>{}</tr>").format(together(cells))


def _linked(row: Row) -> int:
    """Return which cell opens the article: the title where the row is one, else the name."""
    one = len(row.articles) == 1 and len(row.cells) > 2 and _is_day(row.cells[0])
    return 2 if one else 0


def _is_day(text: str) -> bool:
    return not text or re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def cell(text: str, unknown: str = "") -> str:
    """Return what a cell shows: a day in words, all else on one line."""
    if text and _is_day(text):
        day = date.fromisoformat(text)
        return f"{day.day} {day:%b} {day.year}"
    return label(text, unknown)


def _more(listing: Listing) -> Markup:
    left = listing.total - len(listing.rows)
    return Markup("<p>and {} more</p>").format(f"{left:,}") if left > 0 else EMPTY


def _counted(listing: Listing) -> Markup:
    return Markup('<p class="dl-figures">{}</p>').format(words(listing.counted))


def markdown(listing: Listing, address: Callable[[str], str]) -> str:
    """Return a listing as Markdown: its line, a table whose rows link to their articles.

    Args:
        listing: What was counted.
        address: Returns where an article of an id is shown; empty where nowhere.
    """
    lines = [plain(listing.title)]
    if listing.rows:
        lines += ["", _line(listing.columns), _line("---" for _ in listing.columns)]
    for row in listing.rows[:SHOWN]:
        cells = [plain(cell(text)) for text in row.cells]
        where = address(row.articles[0]) if row.articles else ""
        if where:
            at = _linked(row)
            cells[at] = f"[{cells[at] or 'untitled'}](<{where}>)"
        lines.append(_line(cells))
    if (left := listing.total - min(SHOWN, len(listing.rows))) > 0:
        lines.append(f"\nand {left:,} more")
    return "\n".join([*lines, "", plain(listing.counted)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", label(text))
