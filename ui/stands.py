"""What became of the words that a kept answer quotes: on its sheet, and in files made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from rag.archive.exchanges import Exchange, Standing
from rag.types import Citation
from ui.markup import EMPTY, label, opener, together, words

SAID = {
    "changed": "Words that this answer quotes were changed since.",
    "withdrawn": "Words that this answer quotes no longer stand.",
}


def lines(found: Standing | None) -> Iterator[str]:
    """Yield in words what no longer stands: first of all of it, then of each quote."""
    if found is None or found.state == "stands":
        return
    yield SAID[found.state]
    yield from map(_line, found.quotes)


def _line(quote: Mapping[str, str]) -> str:
    said = f"{quote['state'].capitalize()}: “{label(quote['quote'])}”"
    if quote.get("now"):
        return f"{said} Now: “{label(quote['now'])}”"
    return f"{said} ({label(quote.get('why', ''))})" if quote.get("why") else said


def state(e: Exchange, c: Citation) -> str:
    """Return what became of one quote: `stands`, `changed` or `withdrawn`."""
    quotes = e.standing.quotes if e.standing else ()
    for one in quotes:
        if one["article_id"] == c.source.article_id and one["quote"] == c.quote:
            return one["state"]
    return "stands"


def shown(found: Standing | None) -> Markup:
    """Return the same for the sheet, each quote leading to the article as it is now."""
    if found is None or found.state == "stands":
        return EMPTY
    items = (
        Markup(
            '<li><button class="dl-open-file" {} data-newest="1" dir="auto">{}</button></li>'
        ).format(opener(quote["article_id"], None), words(_line(quote)))
        for quote in found.quotes
    )
    return Markup(
        '<div class="dl-stands" data-state="{}" role="note"><p><b>{}</b></p><ul>{}</ul></div>'
    ).format(found.state, SAID[found.state], together(items))
