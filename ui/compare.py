"""Where sources differ: what changed as steps in time, what is disputed as cards by position."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from rag.answer.days import dated, written
from rag.types import Citation, Conflict, Event, Reading, day
from ui.cited import cites
from ui.footnotes import Footnotes
from ui.markup import EMPTY, label, opener, outlet, short_when, together, when, words

# Values on a line of time as inline SVG: a dot a report, its value beside it, no script.
WIDTH = 640
_LEFT, _RIGHT = 14, 626
_LETTER = 11.5
"""Width of a letter in the units of the figure, as large as it is on a phone."""
_ROW = 26
_LONGEST = 26


def strip(points: Sequence[tuple[date, str]], said: str) -> Markup:
    """Draw values by the day of their report; empty unless they are of two days or more.

    Args:
        points: Day and value, in any order.
        said: What the figure shows, for who does not see it.
    """
    points = sorted(points)
    if len({when for when, _ in points}) < 2:
        return EMPTY
    first, last = points[0][0], points[-1][0]
    days = (last - first).days
    at = [_LEFT + (_RIGHT - _LEFT) * (when - first).days / days for when, _ in points]
    named = [_cut(value) for _, value in points]
    rows = _rows(at, named)
    base = _ROW * (max(rows) + 1) + 8
    marks = together(
        _mark(x, value, base - 14 - _ROW * row, base, latest=n == len(points) - 1)
        for n, (x, value, row) in enumerate(zip(at, named, rows, strict=True))
    )
    axis = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}"/>').format(_LEFT, base, _RIGHT, base)
    ends = Markup(
        '<text class="dl-axis" x="0" y="{}">{}</text><text class="dl-axis dl-end" x="{}" y="{}">{}'
        "</text>"
    ).format(base + 28, short_when(first), WIDTH, base + 28, short_when(last))
    return Markup(
        '<figure class="dl-strip"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>'
        "</figure>"
    ).format(WIDTH, base + 36, said, axis, marks, ends)


def _cut(value: str) -> str:
    short = label(value)
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}…"


def _span(x: float, text: str) -> tuple[float, float]:
    """Return where a label begins and ends: around its dot, but inside the figure."""
    wide = len(text) * _LETTER
    start = min(max(0.0, x - wide / 2), WIDTH - wide)
    return start, start + wide


def _rows(at: Sequence[float], named: Sequence[str]) -> list[int]:
    """Return the row of each label, so that none lies over another."""
    taken: list[list[tuple[float, float]]] = []
    rows = []
    for x, text in zip(at, named, strict=True):
        start, end = _span(x, text)
        free = (
            n
            for n, row in enumerate(taken)
            if all(end + _LETTER <= a or b + _LETTER <= start for a, b in row)
        )
        row = next(free, len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((start, end))
        rows.append(row)
    return rows


def _mark(x: float, value: str, y: float, base: float, *, latest: bool) -> Markup:
    start, end = _span(x, value)
    return Markup(
        '<line class="dl-stem" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>'
        '<circle class="{3}" cx="{0:.1f}" cy="{2:.1f}" r="7"/>'
        '<text class="dl-value {3}" x="{4:.1f}" y="{5:.1f}">{6}</text>'
    ).format(x, y + 5, base, "dl-latest-dot" if latest else "dl-dot", (start + end) / 2, y, value)


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
