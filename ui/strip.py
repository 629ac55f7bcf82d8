"""Values on a line of time as inline SVG: a dot a report, its value beside it, no script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from ui.markup import EMPTY, label, short_when, together

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
