"""Counts by month as inline SVG: no script, scales with the page, readable without seeing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from markupsafe import Markup

from ui.markup import EMPTY, together

WIDTH, HEIGHT = 640, 120
_BASE, _TOP = 96, 16
MOST_BARS = 60
"""With more months than this, years are counted."""

Counts = Sequence[tuple[date, int]]


def by_month(counts: Counts) -> Markup:
    """Return a figure of how many articles each month has; empty when none is dated."""
    if not counts:
        return EMPTY
    bars, unit = list(filled(counts)), "month"
    if len(bars) > MOST_BARS:
        bars, unit = years(counts), "year"
    total = sum(count for _, count in counts)
    top = max(count for _, count in bars)
    said = f"Articles by {unit}: {total:,} from {named(bars[0][0], unit)} to "
    said += f"{named(bars[-1][0], unit)}, at most {top:,} in one {unit}"
    return Markup(
        '<figure class="dl-plot"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "<figcaption>Articles by {}</figcaption>{}</figure>"
    ).format(WIDTH, HEIGHT, said, _bars(bars, unit, top), _axis(bars), unit, _table(bars, unit))


def filled(counts: Counts) -> Iterator[tuple[date, int]]:
    """Yield every month from the first to the last, those without articles too."""
    known = dict(counts)
    month, last = counts[0][0], counts[-1][0]
    while month <= last:
        yield month, known.get(month, 0)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def years(counts: Counts) -> list[tuple[date, int]]:
    """Return the same by year, without gaps; of many centuries the last `MOST_BARS` years."""
    first = max(counts[0][0].year, counts[-1][0].year - MOST_BARS + 1)
    sums = dict.fromkeys(range(first, counts[-1][0].year + 1), 0)
    for month, count in counts:
        if month.year in sums:
            sums[month.year] += count
    return [(date(year, 1, 1), count) for year, count in sums.items()]


def named(day: date, unit: str) -> str:
    """Name a month or a year."""
    return f"{day:%B} {day.year}" if unit == "month" else str(day.year)


def _bars(bars: Counts, unit: str, top: int) -> Markup:
    step = WIDTH / len(bars)
    wide = max(2.0, min(step * 0.72, 42))
    parts = []
    for place, (day, count) in enumerate(bars):
        tall = (_BASE - _TOP) * count / top if count else 0
        x = place * step + (step - wide) / 2
        parts.append(
            Markup(
                '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5">'
                "<title>{}: {:,}</title></rect>"
            ).format(x, _BASE - tall, wide, max(tall, 0.75), named(day, unit), count)
        )
    return together(parts)


def _axis(bars: Counts) -> Markup:
    """Label the years (or every few of them) below the bars, and the tallest bar above it."""
    step = WIDTH / len(bars)
    starts = [n for n, (day, _) in enumerate(bars) if n == 0 or day.month == 1]
    room = max(1, -(-len(starts) * 52 // WIDTH))
    labels = [
        Markup('<text x="{:.1f}" y="{}">{}</text>').format(
            n * step + 1, HEIGHT - 6, bars[n][0].year
        )
        for place, n in enumerate(starts)
        if place % room == 0 and (n == 0 or n * step > 40)
    ]
    top = max(range(len(bars)), key=lambda n: bars[n][1])
    middle = min(max((top + 0.5) * step, 16), WIDTH - 16)
    labels.append(
        Markup('<text class="dl-most" x="{:.1f}" y="11">{:,}</text>').format(middle, bars[top][1])
    )
    line = Markup('<line x1="0" y1="{0}" x2="{1}" y2="{0}"/>').format(_BASE + 0.5, WIDTH)
    return line + together(labels)


def _table(bars: Counts, unit: str) -> Markup:
    rows = (
        Markup("<tr><th scope=row>{}</th><td>{:,}</td></tr>").format(named(day, unit), count)
        for day, count in bars
        if count
    )
    return Markup(
        '<table class="dl-sr"><caption>Articles by {}</caption><thead><tr><th scope=col>{}</th>'
        "<th scope=col>Articles</th></tr></thead><tbody>{}</tbody></table>"
    ).format(unit, unit.capitalize(), together(rows))
