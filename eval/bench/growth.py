"""What is measured of an archive as it grows, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured at one size; times in milliseconds (p50, p95) unless said otherwise."""

    passages: int
    database_mb: float
    chroma_mb: float
    build_seconds: float
    open_seconds: float
    """Archive, index and the first answer of each kind of search."""
    memory_mb: float
    """Peak of the measuring process, which holds no chat model."""
    words: tuple[float, float]
    scan: tuple[float, float]
    chroma: tuple[float, float] | None
    recall: float | None
    """Of Chroma, at ten; neither where Chroma made no sound graph, so that all is scanned."""
    fused: tuple[float, float]
    month: tuple[float, float]
    near: tuple[float, float]
    """By meaning alone, within the same month."""
    where: tuple[float, float] | None
    """Chroma's own filter for the same month, where it was measured."""


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table, a column for each size."""

    def line(name: str, cells: Sequence[str]) -> str:
        return f"| {name} | {' | '.join(cells)} |\n"

    def pair(times: tuple[float, float] | None) -> str:
        return "" if times is None else f"{times[0]:.1f} / {times[1]:.1f}"

    def share(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}"

    return (
        line("passages", [f"{row.passages:,}" for row in rows])
        + line("---", ["---:"] * len(rows))
        + line("by words, ms p50 / p95", [pair(row.words) for row in rows])
        + line("by meaning, exact scan", [pair(row.scan) for row in rows])
        + line("by meaning, Chroma", [pair(row.chroma) for row in rows])
        + line("Chroma's recall at 10", [share(row.recall) for row in rows])
        + line("fused, with passages read", [pair(row.fused) for row in rows])
        + line("fused, within one month", [pair(row.month) for row in rows])
        + line("by meaning, within one month", [pair(row.near) for row in rows])
        + line("Chroma's `where`, same month", [pair(row.where) for row in rows])
        + line("open and first search, s", [f"{row.open_seconds:.2f}" for row in rows])
        + line("memory, MB", [f"{row.memory_mb:.0f}" for row in rows])
        + line("archive.db, MB", [f"{row.database_mb:.0f}" for row in rows])
        + line("Chroma's folder, MB", [f"{row.chroma_mb:.0f}" for row in rows])
        + line("made in, s", [f"{row.build_seconds:.0f}" for row in rows])
    )
