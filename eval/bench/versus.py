"""The table and the plot of a comparison, from its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.page import put

Row = Mapping[str, Any]

PHASES = ("cold", "warm")
"""The runs after indexing: the model's prefix cache emptied before each question, or left alone."""
DRAWS = 2000
BASE = "langchain"
"""What ratios are taken against, where it was measured."""
_W, _LINE, _LEFT = 640, 34, 130


def table(rows: Sequence[Row]) -> str:
    """Write a Markdown table, a line for each measure and a column for each system."""
    names = list(dict.fromkeys(row["system"] for row in rows))
    lines = [_line("", names), _line("---", ["---:"] * len(names))]
    for title, cell in _MEASURES:
        cells = [cell([r for r in rows if r["system"] == n]) for n in names]
        if any(cells):
            lines.append(_line(title, cells))
    if BASE in names:
        ratios = [_ratio(rows, name) for name in names]
        lines.append(_line(f"first token sooner than {BASE}, times, cold", ratios))
    return "".join(lines)


def write(rows: Sequence[Row], page: Path) -> None:
    """Put table and plot into a page, and the plot's picture beside it."""
    picture = page.with_name("peers.svg")
    picture.write_text(plot(rows), encoding="utf-8")
    image = f"![Seconds to first evidence, first token and end]({picture.name})"
    put(page, "peers", f"{scope(rows)}\n\n{table(rows)}\n{image}\n")


def scope(rows: Sequence[Row]) -> str:
    """Say over how much was measured."""
    articles = max((row.get("articles", 0) for row in rows), default=0)
    asked = {phase: len({r["case"] for r in rows if r["phase"] == phase}) for phase in PHASES}
    runs = ", ".join(f"{n} questions {phase}" for phase, n in asked.items() if n)
    return f"{articles} articles; {runs}."


def plot(rows: Sequence[Row]) -> str:
    """Draw for each system, in the cold run, when evidence, first token and end come (medians)."""
    names = list(dict.fromkeys(row["system"] for row in rows))
    times = {n: [_median(_of(rows, n, "cold"), key) for key in _MOMENTS] for n in names}
    longest = max((t[-1] for t in times.values()), default=1.0) or 1.0
    parts = []
    for number, name in enumerate(names):
        y = 30 + number * _LINE
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
        ends = [_LEFT + (_W - _LEFT - 60) * t / longest for t in times[name]]
        starts = [_LEFT, *ends]
        for start, end, colour in zip(starts, ends, _COLOURS, strict=False):
            parts.append(
                f'<rect x="{start:.1f}" y="{y}" width="{max(end - start, 0.5):.1f}" height="20" '
                f'fill="{colour}"/>'
            )
        parts.append(f'<text x="{ends[-1] + 6:.1f}" y="{y + 14}">{times[name][-1]:.1f} s</text>')
    legend = "".join(
        f'<rect x="{_LEFT + i * 150}" y="6" width="12" height="12" fill="{colour}"/>'
        f'<text x="{_LEFT + i * 150 + 17}" y="16">{word}</text>'
        for i, (colour, word) in enumerate(zip(_COLOURS, _WORDS, strict=True))
    )
    height = 40 + len(names) * _LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_W} {height}" '
        f'font-family="sans-serif" font-size="12"><rect width="{_W}" height="{height}" '
        f'fill="#fff"/>{legend}{"".join(parts)}</svg>\n'
    )


_MOMENTS = ("evidence", "token", "end")
_COLOURS = ("#9bbf9b", "#d8b46a", "#7d9cc0")
_WORDS = ("to the first evidence", "to the first token", "to the end")


def _line(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |\n"


def _of(rows: Sequence[Row], name: str, phase: str) -> list[Row]:
    return [row for row in rows if row["system"] == name and row["phase"] == phase]


def _median(rows: Sequence[Row], key: str) -> float:
    return float(np.median([row[key] for row in rows])) if rows else 0.0


def _rate(phase: str) -> Callable[[Sequence[Row]], str]:
    def cell(rows: Sequence[Row]) -> str:
        done = [row for row in rows if row["phase"] == phase]
        return f"{done[-1]['articles'] / done[-1]['end']:.1f}" if done else ""

    return cell


def _spread(phase: str, key: str) -> Callable[[Sequence[Row]], str]:
    def cell(rows: Sequence[Row]) -> str:
        spent = [row[key] for row in rows if row["phase"] == phase]
        if not spent:
            return ""
        return f"{np.percentile(spent, 50):.2f} / {np.percentile(spent, 95):.2f}"

    return cell


def _mean(phase: str, key: str) -> Callable[[Sequence[Row]], str]:
    def cell(rows: Sequence[Row]) -> str:
        held = [row[key] for row in rows if row["phase"] == phase]
        return f"{np.mean(held):.0f}" if any(held) else ""  # none: not behind our gateway

    return cell


def _right(rows: Sequence[Row]) -> str:
    asked = [row for row in rows if row["phase"] == "cold"]
    return f"{sum(row['right'] for row in asked)} of {len(asked)}" if asked else ""


def _per_right(rows: Sequence[Row]) -> str:
    asked = [row for row in rows if row["phase"] == "cold"]
    right, read = sum(row["right"] for row in asked), sum(row["prompt"] for row in asked)
    return f"{read / right:.0f}" if right and read else ""  # none: not behind our gateway


def _per_minute(rows: Sequence[Row]) -> str:
    asked = [row for row in rows if row["phase"] == "cold"]
    spent = sum(row["end"] for row in asked)
    return f"{60 * sum(row['right'] for row in asked) / spent:.2f}" if asked else ""


def _memory(rows: Sequence[Row]) -> str:
    return f"{max(row['memory_mb'] for row in rows):.0f}" if rows else ""


def _ratio(rows: Sequence[Row], name: str) -> str:
    """Return how many times sooner than `BASE` a system's first token comes."""
    ours = {row["case"]: row["token"] for row in _of(rows, name, "cold")}
    theirs = {row["case"]: row["token"] for row in _of(rows, BASE, "cold")}
    shared = sorted(ours.keys() & theirs.keys())
    if name == BASE or not shared:
        return ""
    return ratio([theirs[case] for case in shared], [ours[case] for case in shared], digits=1)


def ratio(slow: Sequence[float], quick: Sequence[float], *, digits: int) -> str:
    """Write the ratio of two medians with its 95 % interval, drawn again in pairs."""
    pairs = np.array(list(zip(slow, quick, strict=True)))
    chance = np.random.default_rng(0)
    drawn = pairs[chance.integers(len(pairs), size=(DRAWS, len(pairs)))]
    middle = np.median(drawn, axis=1)
    low, high = np.percentile(middle[:, 0] / middle[:, 1], [2.5, 97.5])
    whole = np.median(pairs, axis=0)
    return f"{whole[0] / whole[1]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


_MEASURES: tuple[tuple[str, Callable[[Sequence[Row]], str]], ...] = (
    ("index, articles/s", _rate("index")),
    ("index again, unchanged, articles/s", _rate("reindex")),
    ("first evidence, s, cold (p50 / p95)", _spread("cold", "evidence")),
    ("first token, s, cold", _spread("cold", "token")),
    ("end, s, cold", _spread("cold", "end")),
    ("first token, s, warm", _spread("warm", "token")),
    ("end, s, warm", _spread("warm", "end")),
    ("prompt tokens", _mean("cold", "prompt")),
    ("generated tokens", _mean("cold", "generated")),
    ("right answers", _right),
    ("prompt tokens per right answer", _per_right),
    ("right answers per minute", _per_minute),
    ("peak memory without the chat model, MB", _memory),
)
