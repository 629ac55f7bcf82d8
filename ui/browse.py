"""Which articles the archive's list shows, and the facets by which it is narrowed; escaped HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup

from rag.archive.catalogue import ORDERS, Card, Chosen
from rag.types import Filter
from ui.markup import EMPTY, label, together, words

SHOWN = 12
"""Most values of one facet that are offered."""
_FACETS = {
    "outlet": ("Outlet", "publishers"),
    "author": ("Author", "authors"),
    "entity": ("Name", "entities"),
    "language": ("Language", "languages"),
    "collection": ("Collection", "collections"),
}
_ORDERED = {
    "newest": "newest first",
    "oldest": "oldest first",
    "outlet": "by outlet",
    "title": "by title",
}
_LONGEST = 4_000
"""Characters of an address that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browse:
    """What one visitor looks at: which articles, and which page of them."""

    chosen: Chosen = field(default_factory=Chosen)
    number: int = 0

    def after(self, data: Mapping[str, Any]) -> Browse:
        """Return what is looked at once something was clicked; all of it comes from a browser."""
        if "browse" in data:
            return Browse.read(str(data["browse"]))
        page = str(data.get("page", ""))
        if page.isdecimal() and len(page) < 9:
            return replace(self, number=int(page))
        return Browse(chosen=_narrowed(self.chosen, data))

    def finding(self, text: str) -> Browse:
        """Return the first page of what has the words of a text."""
        return self if text == self.chosen.text else Browse(chosen=replace(self.chosen, text=text))

    @classmethod
    def read(cls, address: str) -> Browse:
        """Return what an address names, as `address` writes it; what it cannot name is left out."""
        given = parse_qsl(address[:_LONGEST], max_num_fields=_LONGEST)
        known = dict(given)
        browse = cls(chosen=Chosen(text=known.get("text", "")[:200]))
        for facet, value in dict.fromkeys(given):
            data = {"order": value} if facet == "order" else {"facet": facet, "value": value}
            browse = browse.after(data)
        return browse.after({"page": known.get("page", "")})

    @property
    def address(self) -> str:
        """What is looked at, for the address of the page; empty where nothing is chosen."""
        chosen = self.chosen
        within = chosen.within
        named = [(f, value) for f, (_, name) in _FACETS.items() for value in getattr(within, name)]
        first = Chosen()
        return urlencode(
            [
                *([("text", chosen.text)] if chosen.text else []),
                *([("lacking", "yes")] if chosen.lacking else []),
                *([("month", f"{within.since:%Y-%m}")] if within.since else []),
                *named,
                *([("order", chosen.order)] if chosen.order != first.order else []),
                *([("page", str(self.number))] if self.number else []),
            ]
        )


def _narrowed(chosen: Chosen, data: Mapping[str, Any]) -> Chosen:
    facet, value = str(data.get("facet", "")), str(data.get("value", ""))[:300]
    order = next((one for one in ORDERS if one == data.get("order")), None)
    if order is not None:
        return replace(chosen, order=order)
    if facet == "lacking":
        return replace(chosen, lacking=not chosen.lacking)
    if facet == "month":
        return replace(chosen, within=_in_month(chosen.within, value))
    if facet in _FACETS:
        field_name = _FACETS[facet][1]
        now = getattr(chosen.within, field_name)
        left = tuple(v for v in now if v != value) if value in now else (*now, value)[-20:]
        within = replace(chosen.within, **{field_name: left})  # type: ignore[arg-type]
        return replace(chosen, within=within)
    return chosen


def _in_month(within: Filter, value: str) -> Filter:
    """Return the filter with a month, "2024-05", or without it where it has that one already."""
    try:
        first = date.fromisoformat(f"{value}-01")
    except ValueError:
        return within
    if within.since == first:
        return replace(within, since=None, until=None)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return replace(within, since=first, until=last)


def panel(
    browse: Browse,
    cards: Callable[[Filter], Sequence[Card]],
    collections: Sequence[str],
    lacking: int,
    names: Sequence[tuple[str, int]] = (),
) -> Markup:
    """Return the facets of what is listed, with counts.

    Args:
        browse: What is looked at.
        cards: Returns the articles that a filter lets through. The values of a facet that is
            chosen are counted without it, so that a second one can be.
        collections: The names of all.
        lacking: How many articles have no day or no outlet.
        names: People, organisations and places that the articles name which the filter lets
            through, with how many do. An article has to name all that are chosen, so that they are
            counted with those.
    """
    within = browse.chosen.within
    found = {within: cards(within)}

    def beside(**given: Any) -> Sequence[Card]:  # noqa: ANN401 - the fields of a filter
        wider = replace(within, **given)
        return found[wider] if wider in found else found.setdefault(wider, cards(wider))

    counts = {
        "outlet": Counter(c.outlet for c in beside(publishers=()) if c.outlet),
        "author": Counter(name for c in beside(authors=()) for name in c.authors),
        "language": Counter(c.language for c in beside(languages=()) if c.language),
        "month": Counter(c.day[:7] for c in beside(since=None, until=None) if c.day),
    }
    named = {f: getattr(within, name) for f, (_, name) in _FACETS.items()}
    month = f"{within.since:%Y-%m}" if within.since else ""
    parts = [
        _queue(lacking, on=browse.chosen.lacking),
        _facet("collection", "Collection", [(c, 0) for c in collections], named["collection"]),
        _facet("outlet", "Outlet", counts["outlet"].most_common(SHOWN), named["outlet"]),
        _facet("month", "Month", sorted(counts["month"].items(), reverse=True)[:24], (month,)),
        _facet("author", "Author", counts["author"].most_common(SHOWN), named["author"]),
        _facet("entity", "Name", names, named["entity"]),
        _facet("language", "Language", _several(counts["language"]), named["language"]),
    ]
    return Markup('<div class="dl-facets" data-browse="{}">{}</div>').format(
        browse.address, together(parts)
    )


def _several(counts: Counter[str]) -> list[tuple[str, int]]:
    return counts.most_common(SHOWN) if len(counts) > 1 else []


def _queue(lacking: int, *, on: bool) -> Markup:
    if not lacking:
        return EMPTY
    need = "1 article needs" if lacking == 1 else f"{lacking:,} articles need"
    return Markup(
        '<button type="button" class="dl-facet dl-queue" data-facet="lacking" aria-pressed="{}">'
        "{} a date or an outlet</button>"
    ).format("true" if on else "false", need)


def _facet(
    kind: str, name: str, counts: Iterable[tuple[str, int]], chosen: Sequence[str]
) -> Markup:
    known = dict(counts)
    offered = {**{c: known.get(c, 0) for c in chosen if c}, **known}
    if not offered:
        return EMPTY
    buttons = together(
        Markup(
            '<button type="button" class="dl-facet" data-facet="{}" data-value="{}" '
            'aria-pressed="{}"><bdi dir="auto">{}</bdi>{}</button>'
        ).format(
            kind,
            words(value),
            "true" if value in chosen else "false",
            _named(kind, value),
            Markup(" <span>{:,}</span>").format(count) if count else EMPTY,
        )
        for value, count in offered.items()
    )
    return Markup(
        '<details class="dl-facet-group"{}><summary>{}</summary><div>{}</div></details>'
    ).format(Markup(" open") if any(chosen) else EMPTY, name, buttons)


def _named(kind: str, value: str) -> str:
    if kind != "month":
        return label(value, "unknown")
    return f"{date.fromisoformat(f'{value}-01'):%b %Y}"


def order(browse: Browse) -> Markup:
    """Return the choice of the order in which articles are listed."""
    options = together(
        Markup('<option value="{}"{}>{}</option>').format(
            order, Markup(" selected") if order == browse.chosen.order else EMPTY, name
        )
        for order, name in _ORDERED.items()
    )
    return Markup(
        '<label class="dl-order"><span class="dl-sr">Order</span><select data-order>{}</select>'
        "</label>"
    ).format(options)


def bulk(collections: Sequence[str]) -> Markup:
    """Return what can be done with the articles that are ticked."""
    fields = together(
        Markup(
            '<label><span>{}</span><input name="{}" maxlength="300" autocomplete="off" dir="auto"'
            "{}></label>"
        ).format(name, field_name, Markup(' placeholder="{}"').format(hint) if hint else EMPTY)
        for field_name, name, hint in (
            ("outlet", "Outlet", ""),
            ("published", "Day", "2024-05-29"),
            ("authors", "Authors", "one; another"),
            ("title", "Title (of one article)", ""),
        )
    )
    known = together(Markup('<option value="{}"></option>').format(words(c)) for c in collections)
    return Markup(
        '<div class="dl-form dl-bulk" role="group" aria-label="The articles that are ticked">'
        '<div class="dl-fields">{}</div><div class="dl-buttons">'
        '<button type="submit" class="dl-strong" name="do" value="edit">State this</button>'
        '<span class="dl-hint">“unknown” takes a value away.</span></div>'
        '<div class="dl-buttons dl-collecting"><label><span class="dl-sr">Collection</span>'
        '<input name="collection" list="dl-known" maxlength="80" placeholder="Collection" '
        'autocomplete="off" dir="auto"><datalist id="dl-known">{}</datalist></label>'
        '<button type="submit" class="dl-plain" name="do" value="collect">Put into it</button>'
        '<button type="submit" class="dl-plain" name="do" value="release">Take out of it</button>'
        "</div></div>"
    ).format(fields, known)
