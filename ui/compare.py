"""Where sources differ: what changed as steps in time, what is disputed as cards by position."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from rag.answer.days import dated, written
from rag.types import Citation, Conflict, Event, Reading, day
from ui.cited import cites
from ui.footnotes import Footnotes
from ui.markup import EMPTY, label, opener, outlet, together, when, words
from ui.strip import strip

_HEADS = {
    "different scope": "The sources count different things",
    "estimate": "The sources give different estimates",
    "conflict": "The sources disagree",
}


def conflict(c: Conflict, place: int, notes: Footnotes, turn: str = "") -> Markup:
    """Return sources that differ: what changed over time as steps, all else as cards."""
    if c.kind == "changed over time":
        return _changed(c, notes, f"{turn}c{place}")
    cards = together(_card(r, notes, f"{turn}c{place}-{n}") for n, r in enumerate(c.readings))
    return Markup('<div class="dl-conflict"><h3>{}</h3><ul class="dl-cards">{}</ul></div>').format(
        _HEADS[c.kind], cards
    )


def _card(r: Reading, notes: Footnotes, key: str) -> Markup:
    """Return one position: the value, who holds it, and where it stands in which words."""
    first = r.citations[0]
    return Markup(
        '<li class="dl-position"><strong dir="auto">{}</strong><span class="dl-voice" dir="auto">'
        "{}</span>{}<span class=dl-where>{}</span></li>"
    ).format(
        words(r.value),
        f"says {label(r.voice)}" if r.voice else f"reports {outlet(first.source)}",
        _quoted(first),
        cites(r.citations, notes, key),
    )


def _quoted(c: Citation) -> Markup:
    return Markup('<button class="dl-said" {}><span dir="auto">“{}”</span></button>').format(
        opener(c.source.article_id, c.span, c.number), words(c.quote)
    )


def _changed(c: Conflict, notes: Footnotes, key: str) -> Markup:
    """Return values in the order of their reports, those without a date last."""
    told = [(r, cited) for r in c.readings for cited in r.citations]
    told.sort(key=lambda pair: day(pair[1].source.published) or date.max)
    points = [(known, r.value) for r, cited in told if (known := day(cited.source.published))]
    said = "; ".join(f"{written(known)}: {label(value)}" for known, value in sorted(points))
    items = (
        Markup(
            '<li><strong dir="auto">{}</strong> <span class="dl-voice" dir="auto">{}</span>{}{}'
            "</li>"
        ).format(
            words(r.value),
            ", ".join(filter(None, (f"says {label(r.voice)}" if r.voice else "", _undated(cited)))),
            _quoted(cited),
            cites((cited,), notes, f"{key}-{n}"),
        )
        for n, (r, cited) in enumerate(told)
    )
    return Markup(
        '<div class="dl-changed"><h3>This changed over time</h3>{}<ol class="dl-steps">{}</ol>'
        "</div>"
    ).format(strip(points, said), together(items))


def _undated(c: Citation) -> str:
    """Say that nobody knows when it was reported: it stands last, but may not be the latest."""
    return "" if day(c.source.published) else "day unknown"


def timeline(events: Sequence[Event], notes: Footnotes, turn: str = "") -> Markup:
    """Return the events of an answer in their order, each with when it was and when reported."""
    if not events:
        return EMPTY
    items = (
        Markup(
            '<li><span class="dl-when">{}</span><span class="dl-reported">{}</span>'
            '<span dir="auto">{}</span> {}</li>'
        ).format(
            when(e.when, happened(e)),
            _reported(e),
            words(e.text),
            cites((e.citation,), notes, f"{turn}t{n}"),
        )
        for n, e in enumerate(events)
    )
    return Markup('<div class="dl-timeline"><h3>In order of time</h3><ol>{}</ol></div>').format(
        together(items)
    )


def happened(e: Event) -> str:
    """Write when it was; of an event that only its report dates, no more than that."""
    return f"by {written(day(e.when))}" if e.dating == "reported" else dated(e)


def _reported(e: Event) -> Markup:
    known = e.reported or e.citation.source.published
    said = f"reported {written(day(known))}" if known else "day of the report unknown"
    return Markup("{}").format(when(known, said) if known else said)
