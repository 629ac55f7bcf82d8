"""Sources side by side, as a table, and one after the other, as a timeline; escaped HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from rag.answer.days import dated, written
from rag.types import Conflict, Event, day
from ui.cited import cites
from ui.markup import EMPTY, outlet, together, when, words

_HEADS = {
    "different scope": "The sources count different things",
    "estimate": "The sources give different estimates",
    "conflict": "The sources disagree",
}


def conflict(c: Conflict, place: int, turn: str = "") -> Markup:
    """Return sources that differ: what changed over time as a timeline, all else as a table."""
    if c.kind == "changed over time":
        return _changed(c, f"{turn}c{place}")
    rows = []
    for n, reading in enumerate(c.readings):
        for m, citation in enumerate(reading.citations):
            rows.append(
                Markup(
                    '<tr><th scope="row" dir="auto">{}</th><td dir="auto">{}</td><td>{}</td>'
                    '<td dir="auto">{} {}</td></tr>'
                ).format(
                    words(reading.value) if m == 0 else "",
                    outlet(citation.source),
                    when(day(citation.source.published)),
                    words(citation.quote),
                    cites((citation,), f"{turn}c{place}-{n}-{m}"),
                )
            )
    head = _HEADS[c.kind]
    return Markup(
        '<div class="dl-conflict"><h3>{}</h3><div class="dl-scroll" tabindex="0" role="region" '
        'aria-label="{}"><table><thead><tr><th scope="col">Says</th><th scope="col">Outlet</th>'
        '<th scope="col">Date</th><th scope="col">In its words</th></tr></thead><tbody>{}</tbody>'
        "</table></div></div>"
    ).format(head, head, together(rows))


def _changed(c: Conflict, key: str) -> Markup:
    """Return values in the order of their reports, those without a date last."""
    told = [(reading.value, cited) for reading in c.readings for cited in reading.citations]
    told.sort(key=lambda pair: day(pair[1].source.published) or date.max)
    items = (
        Markup(
            '<li><span class="dl-when">{} <span class="dl-dot">·</span> <span dir="auto">{}</span>'
            '</span><strong dir="auto">{}</strong> <span class="dl-said" dir="auto">{}</span> {}'
            "</li>"
        ).format(
            when(day(cited.source.published)),
            outlet(cited.source),
            words(value),
            words(cited.quote),
            cites((cited,), f"{key}-{n}"),
        )
        for n, (value, cited) in enumerate(told)
    )
    return Markup(
        '<div class="dl-timeline dl-changed"><h3>This changed over time</h3><ol>{}</ol></div>'
    ).format(together(items))


def _both_days(event: Event) -> str:
    """Write when it happened and, where that is another day, when it was reported."""
    happened, reported = dated(event), day(event.reported)
    if event.dating == "reported" or reported is None or reported == day(event.when):
        return happened
    return f"{happened} · reported {written(reported)}"


def timeline(events: Sequence[Event], turn: str = "") -> Markup:
    """Return the events of an answer in their order."""
    if not events:
        return EMPTY
    items = (
        Markup('<li><span class="dl-when">{}</span><span dir="auto">{}</span> {}</li>').format(
            when(e.when, _both_days(e)), words(e.text), cites((e.citation,), f"{turn}t{n}")
        )
        for n, e in enumerate(events)
    )
    return Markup('<div class="dl-timeline"><h3>Timeline</h3><ol>{}</ol></div>').format(
        together(items)
    )
