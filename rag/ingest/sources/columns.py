"""Lines of a page in the order in which they are read, whatever order they were drawn in.

Some programs draw a page of two columns line by line across both. Each row is then divided at its
wide gaps; where these stand below each other, with running text on both sides, is a gutter. A row
that crosses it, such as a headline, ends the columns above it. Tables stay rows: their cells are
short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

ROWS = 2_000
"""Most rows of a page that are looked at for columns."""
CELL = 16
"""Characters: what is shorter, in the middle of its kind, is a table's cell and no line of text."""
_CANDIDATES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page; places in points, from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    page: int


Row = Sequence[Line]
"""What stands on one height: one line, or several with wide gaps between them."""


def ordered(rows: Sequence[Row]) -> list[Line]:
    """Return the lines of a page, column by column where it has columns."""
    gutters = sorted(_gutters(rows)) if len(rows) <= ROWS else []
    if not gutters:
        return [_whole(row) for row in rows]
    lines: list[Line] = []
    columns: list[list[Line]] = [[] for _ in range(len(gutters) + 1)]
    for row in rows:
        if any(_crosses(part, gutter) for part in row for gutter in gutters):
            lines += [line for column in columns for line in column] + [_whole(row)]
            columns = [[] for _ in columns]
            continue
        for at, column in enumerate(columns):
            parts = [part for part in row if sum(g < part.left + 1 for g in gutters) == at]
            if parts:
                column.append(_whole(parts))
    return lines + [line for column in columns for line in column]


def _gutters(rows: Sequence[Row]) -> list[float]:
    """Return the places on a page where a gap runs down between columns of text."""
    gutter = _gutter(rows)
    if gutter is None:
        return []
    left = [[part for part in row if part.right <= gutter + 1] for row in rows]
    right = [[part for part in row if part.left >= gutter - 1] for row in rows]
    return [gutter, *_gutters(list(filter(None, left))), *_gutters(list(filter(None, right)))]


def _crosses(part: Line, gutter: float) -> bool:
    return part.left < gutter - 1 and part.right > gutter + 1


def _whole(row: Row) -> Line:
    """Return a row as one line."""
    first, last = row[0], row[-1]
    return Line(
        text=" ".join(part.text for part in row),
        left=first.left,
        right=last.right,
        bottom=first.bottom,
        size=first.size,
        page=first.page,
    )


def _gutter(rows: Sequence[Row]) -> float | None:
    """Return where on the page a gap runs down between two columns of text; None without one."""
    gaps = [(a, b) for row in rows for a, b in pairwise(row)]
    best, divided = None, list[tuple[Line, Line]]()
    for a, b in gaps[:: max(1, len(gaps) // _CANDIDATES)]:
        x = (a.right + b.left) / 2
        here = [(one, two) for one, two in gaps if one.right <= x <= two.left]
        if len(here) > len(divided):
            best, divided = x, here
    if best is None or len(divided) < 3:
        return None
    crossing = sum(_crosses(part, best) for row in rows for part in row)
    texts = all(median(len(pair[side].text) for pair in divided) >= CELL for side in (0, 1))
    return best if texts and crossing <= len(divided) else None
