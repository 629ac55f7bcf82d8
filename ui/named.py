"""Who and what the articles name, as escaped HTML: the index, one name with its articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.archive.catalogue import Leaf
from rag.archive.entities import Named
from rag.language.kinds import Kind
from rag.types import Source
from ui.markup import EMPTY, byline, label, openers, title, together, words

LISTED = 60
"""Names on one page of the index."""
ARTICLES = 100
"""Most articles of a name that are listed."""
OPEN = 5
"""Articles of a name that are seen without a click."""
KINDS: dict[Kind, str] = {"person": "People", "organisation": "Organisations", "place": "Places"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one visitor looks at in the index."""

    like: str = ""
    kind: Kind | None = None
    number: int = 0
    """Of the page, from 0."""


def index(look: Look, found: Sequence[Named], total: int) -> Markup:
    """Return one page of the index, those in most articles first."""
    named = Markup('<ul class="dl-names">{}</ul>').format(together(map(_entry, found)))
    if not found:
        what = (
            f"No name begins with “{label(look.like)}”." if look.like.strip() else "No names yet."
        )
        named = Markup('<p class="dl-note" role="status">{}</p>').format(what)
    return Markup('<div class="dl-index">{}{}{}</div>').format(
        _kinds(look, total), named, _pager(look, total)
    )


def _kinds(look: Look, total: int) -> Markup:
    count = "1 name" if total == 1 else f"{total:,} names"
    offered: list[tuple[str, str]] = [("", "All"), *KINDS.items()]
    buttons = together(
        Markup(
            '<button type="button" class="dl-facet" data-do="kind" data-kind="{}" '
            'aria-pressed="{}">{}</button>'
        ).format(kind, "true" if kind == (look.kind or "") else "false", name)
        for kind, name in offered
    )
    return Markup(
        '<div class="dl-kinds" role="group" aria-label="Kinds of names">{}'
        '<span class="dl-count" role="status">{}</span></div>'
    ).format(buttons, count)


def _entry(one: Named) -> Markup:
    return Markup("<li>{} <span>{:,}</span></li>").format(button(one.name, one.kind), one.articles)


def button(name: str, kind: str) -> Markup:
    """Return a name that leads to its articles."""
    return Markup(
        '<button type="button" class="dl-name" data-do="name" data-kind="{}" data-name="{}" '
        'dir="auto">{}</button>'
    ).format(kind, words(name), label(name, "unnamed"))


def _pager(look: Look, total: int) -> Markup:
    last = max(0, (total - 1) // LISTED)
    if last == 0:
        return EMPTY
    return Markup(
        '<nav class="dl-pager" aria-label="Pages">{}<span>Page {:,} of {:,}</span>{}</nav>'
    ).format(
        _turn(look.number - 1, last, "‹ Previous"),
        look.number + 1,
        last + 1,
        _turn(look.number + 1, last, "Next ›"),
    )


def _turn(number: int, last: int, name: str) -> Markup:
    if not 0 <= number <= last:
        return Markup('<button type="button" disabled>{}</button>').format(name)
    return Markup('<button type="button" data-do="page" data-page="{}">{}</button>').format(
        number, name
    )


BACK = Markup(
    '<p class="dl-way"><button type="button" class="dl-quiet" data-do="index">'
    "‹ All names</button></p>"
)


def one(name: str, kind: str, leaf: Leaf, *, writable: bool, told: Markup = EMPTY) -> Markup:
    """Return a name with its articles, and a way to tell two of one name apart.

    Args:
        name: As the index has it.
        kind: Person, organisation or place.
        leaf: Its articles, the newest first.
        writable: Whether articles may be changed.
        told: What came of the last click.
    """
    articles = "1 article" if leaf.total == 1 else f"{leaf.total:,} articles"
    shown = leaf.sources[:OPEN]
    rest = leaf.sources[OPEN:]
    more = EMPTY
    if rest:
        left = leaf.total - len(leaf.sources)
        unlisted = Markup('<p class="dl-count">and {:,} more</p>').format(left) if left else EMPTY
        more = Markup("<details><summary>{} more</summary>{}{}</details>").format(
            f"{len(rest):,}", openers(rest, "dl-shelf"), unlisted
        )
    return Markup(
        '{}<section class="dl-one" aria-label="Articles"><h2 dir="auto">{}</h2>'
        '<p class="dl-count">{}, {}</p>{}{}{}{}</section>'
    ).format(
        BACK,
        label(name, "unnamed"),
        kind,
        articles,
        told,
        openers(shown, "dl-shelf"),
        more,
        _apart(name, kind, leaf.sources) if writable and leaf.sources else EMPTY,
    )


def _apart(name: str, kind: str, sources: Sequence[Source]) -> Markup:
    """Return the form that says which articles mean somebody else of the same name."""
    ticks = together(
        Markup(
            '<li><label><input type="checkbox" name="ids" value="{}"><span dir="auto">{}</span>'
            '<span class="dl-from">{}</span></label></li>'
        ).format(words(s.article_id), title(s), byline(s))
        for s in sources
    )
    return Markup(
        '<details class="dl-apart"><summary>Two of one name? Tell them apart</summary>'
        '<form class="dl-form" data-form="apart" data-kind="{}" data-name="{}">'
        "<p>Tick the articles that mean somebody or something else, and say who that is.</p>"
        '<ul class="dl-ticks">{}</ul><div class="dl-fields"><label><span>They mean</span>'
        '<input name="apart" maxlength="200" required autocomplete="off" dir="auto"></label>'
        "<label><span>Only where it is written (optional)</span>"
        '<input name="form" maxlength="200" autocomplete="off" dir="auto"></label></div>'
        '<div class="dl-buttons"><button type="submit" class="dl-strong" name="do" value="apart">'
        "Tell apart</button></div>"
        "</form></details>"
    ).format(kind, words(name), ticks)
