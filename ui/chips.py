"""Filters as chips that can be seen, edited and dropped; escaped HTML, and the form read back.

A chip of an answer is asked again without it by one click; its words open the form with all filters
of that answer. What the question's own words implied is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from markupsafe import Markup

from rag.types import Filter
from ui.markup import EMPTY, label, plain_when, together, words
from ui.view import View

Field = Literal[
    "since", "until", "as_of", "publisher", "author", "entity", "without", "collection"
]  # fmt: skip

MOST_CHOICES = 300
"""Most outlets, and most authors, that the form offers while typing."""
_MOST_NAMES = 20
_LONGEST_NAME = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be read for a question: a filter, and the day on which it is to be answered."""

    filters: Filter = field(default_factory=Filter)
    as_of: date | None = None

    def __bool__(self) -> bool:
        return bool(self.filters or self.as_of)

    def without(self, which: str, name: str) -> Limits:
        """Return the limits less one of them; `name` says which outlet, author or entity."""
        f = self.filters
        kept = {
            "publisher": ("publishers", _less(f.publishers, name)),
            "author": ("authors", _less(f.authors, name)),
            "entity": ("entities", _less(f.entities, name)),
            "collection": ("collections", _less(f.collections, name)),
            "since": ("since", None),
            "until": ("until", None),
            "as_of": ("until", None),
            "without": ("without", ()),
        }
        if which not in kept:
            return self
        field, left = kept[which]
        filters = replace(f, **{field: left})  # type: ignore[arg-type]
        return Limits(filters=filters, as_of=None if which == "as_of" else self.as_of)

    def chips(self) -> Iterator[tuple[Field, str, str]]:
        """Yield field, name of outlet or author, and words of each limit."""
        f = self.filters
        if f.since:
            yield "since", "", f"from {plain_when(f.since)}"
        if f.until and f.until != self.as_of:
            yield "until", "", f"until {plain_when(f.until)}"
        if self.as_of:
            yield "as_of", "", f"as of {plain_when(self.as_of)}"
        yield from (("publisher", p, label(p, "outlet")) for p in f.publishers)
        yield from (("author", a, f"by {label(a, 'author')}") for a in f.authors)
        yield from (("entity", e, f"that name {label(e, 'a name')}") for e in f.entities)
        yield from (("collection", c, f"in {label(c, 'a collection')}") for c in f.collections)
        if f.without:
            left = "1 article" if len(f.without) == 1 else f"{len(f.without)} articles"
            yield "without", "", f"without {left}"


def limits(view: View) -> Limits:
    """Return what was allowed to be read for a question."""
    read = view.read
    if read is None:
        return Limits(filters=view.filters or Filter(), as_of=view.as_of)
    return Limits(filters=read.filters, as_of=read.as_of)


def parse(data: Mapping[str, Any]) -> Limits | str:
    """Read the form; returns what is wrong with it in words when it cannot be read."""
    if "" in (_day(data.get(name)) for name in ("since", "until", "as_of")):
        return "One of the dates is not a date: write it like 2024-05-30."
    read = entered(data)
    since, end = read.filters.since, read.filters.until or read.as_of
    if since and end and since > end:
        return f"Nothing can be published from {plain_when(since)} until {plain_when(end)}."
    return read


def entered(data: Mapping[str, Any]) -> Limits:
    """Return what stands in the form, right or wrong; a day that is none is left out."""
    return Limits(
        filters=Filter(
            since=_day(data.get("since")) or None,
            until=_day(data.get("until")) or None,
            publishers=_names(data.get("publishers")),
            authors=_names(data.get("authors")),
            entities=_names(data.get("entities")),
            collections=_names(data.get("collections")),
        ),
        as_of=_day(data.get("as_of")) or None,
    )


def _day(raw: object) -> date | Literal[""] | None:
    text = str(raw or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return ""


def _names(raw: object) -> tuple[str, ...]:
    lines = (line.strip() for line in str(raw or "").replace(";", "\n").splitlines())
    names = dict.fromkeys(line for line in lines if line and len(line) <= _LONGEST_NAME)
    return tuple(names)[:_MOST_NAMES]


def applied(view: View) -> Markup:
    """Return the chips of one question: each can be edited, or dropped and asked again."""
    allowed = limits(view)
    if not allowed:
        return EMPTY
    inferred = view.read is not None and view.read.inferred
    chips = together(
        _chip(*chip, inferred=inferred, drop='data-ask="drop"') for chip in allowed.chips()
    )
    return Markup('<p class="dl-filters"><span>{}</span> {}</p>').format(
        "Read from your question:" if inferred else "Only articles:", chips
    )


def _chip(field: Field, name: str, text: str, *, inferred: bool, drop: str) -> Markup:
    return Markup(
        '<span class="dl-chip{}"><button type="button" class="dl-chip-words" data-do="edit" '
        'aria-label="Change the filter: {}" dir="auto">{}</button><button type="button" '
        'class="dl-chip-drop" {} data-field="{}" data-name="{}" aria-label="Drop the filter: {}">'
        "×</button></span>"
    ).format(
        " dl-chip-inferred" if inferred else "",
        text,
        text,
        Markup(drop),  # noqa: S704 - one of our own two literals
        field,
        words(name),
        text,
    )


def bar(
    chosen: Limits,
    outlets: Sequence[str],
    authors: Sequence[str],
    collections: Sequence[str] = (),
    *,
    asked: bool = False,
    opened: Limits | None = None,
    fault: str = "",
) -> Markup:
    """Return the filters of the next question: chips, and the form when it is open.

    Args:
        chosen: What was set by the person; nothing lets the question's words decide.
        outlets: Those of the archive, offered by the form.
        authors: Likewise.
        collections: Likewise.
        asked: Whether there is a question that may be asked again.
        opened: What the form shows; None closes it.
        fault: What is wrong with it, in words.
    """
    chips = together(
        _chip(*chip, inferred=False, drop='data-do="unset"') for chip in chosen.chips()
    )
    toggle = Markup(
        '<button type="button" class="dl-quiet" data-do="{}" aria-expanded="{}">{}</button>'
    ).format(
        "limits" if opened is None else "close",
        "false" if opened is None else "true",
        "+ Filter" if not chosen else "Change filters",
    )
    form = (
        EMPTY
        if opened is None
        else _form(opened, (outlets, authors, collections), fault, asked=asked)
    )
    return Markup('<div class="dl-limits"><div class="dl-bar">{}{}</div>{}</div>').format(
        toggle, chips, form
    )


def _form(shown: Limits, known: tuple[Sequence[str], ...], fault: str, *, asked: bool) -> Markup:
    outlets, authors, collections = known
    f = shown.filters
    until = None if f.until == shown.as_of else f.until
    days = together(
        [
            _date("since", "Published from", f.since),
            _date("until", "Published until", until),
            _date("as_of", "As of (reads nothing later)", shown.as_of),
        ]
    )
    names = together(
        [
            _picks("publishers", "Outlets", f.publishers, outlets),
            _picks("authors", "Authors", f.authors, authors),
            _picks("entities", "Names in the text", f.entities, ()),
            _picks("collections", "Collections", f.collections, collections)
            if collections or f.collections
            else EMPTY,
        ]
    )
    again = (
        Markup(
            '<button type="submit" class="dl-strong" name="do" value="again">'
            "Ask again with these</button>"
        )
        if asked
        else EMPTY
    )
    wrong = (
        Markup('<p class="dl-error" role="alert">{}</p>').format(words(fault)) if fault else EMPTY
    )
    return Markup(
        '<form class="dl-form" data-form="limits" aria-label="Filters"><div class="dl-fields">{}'
        '</div><div class="dl-fields">{}</div>{}<div class="dl-buttons">{}'
        '<button type="submit" class="{}" name="do" value="set">Keep for the next question</button>'
        '<button type="button" class="dl-quiet" data-do="clear">Clear</button></div>'
        '<p class="dl-hint">What is set here is used in place of what a question implies. '
        "Articles without a date are left out as soon as a date is set.</p></form>"
    ).format(days, names, wrong, again, "dl-plain" if asked else "dl-strong")


def _date(name: str, text: str, value: date | None) -> Markup:
    return Markup('<label><span>{}</span><input type="date" name="{}" value="{}"></label>').format(
        text, name, value.isoformat() if value else ""
    )


def _picks(name: str, text: str, chosen: Sequence[str], known: Sequence[str]) -> Markup:
    """Return a field for several names: each a chip, more by typing or from a list."""
    choices = together(
        Markup('<option value="{}"></option>').format(words(k))
        for k in known[:MOST_CHOICES]
        if label(k)
    )
    offered = Markup('<datalist id="dl-pick-{}">{}</datalist>').format(name, choices)
    return Markup(
        '<div class="dl-several"><label for="dl-add-{0}"><span>{1}</span></label>'
        '<div class="dl-picks">{2}<input id="dl-add-{0}" name="{0}" list="dl-pick-{0}" '
        'maxlength="{3}" placeholder="{4}" autocomplete="off" dir="auto">'
        "<template>{5}</template></div>{6}</div>"
    ).format(
        name,
        text,
        together(_pick(name, one) for one in chosen),
        _LONGEST_NAME,
        "any" if not chosen else "or",
        _pick(name, ""),
        offered if choices else EMPTY,
    )


def _pick(name: str, value: str) -> Markup:
    """Return one name that was chosen, with a way to take it out."""
    return Markup(
        '<span class="dl-pick" data-value="{0}"><bdi dir="auto">{1}</bdi>'
        '<input type="hidden" name="{2}" value="{0}">'
        '<button type="button" aria-label="Without {1}">×</button></span>'
    ).format(words(value), label(value), name)


def _less(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)
