"""Hands the runs of the eval suite to the page, which knows nothing of how they are made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ui.evaluation import ChangeLine, Compared, RunLine, Runs

if TYPE_CHECKING:
    from eval.compare import Change
    from eval.rows import Run

SHOWN = 30
"""So many runs are listed, the newest ones."""


def runs_in(folder: Path | None = None) -> Runs:
    """Return the runs of a folder; by default those of this user's cache."""

    def place() -> Path:
        from eval.corpus import cache

        return folder or cache() / "runs"

    return Runs(
        recent=lambda: recent(place()),
        report=lambda name: report(place(), name),
        compare=lambda before, after: compare(place(), before, after),
    )


def recent(folder: Path) -> list[RunLine]:
    """List the newest runs, by their headers alone; one that cannot be read is left out."""
    import json

    from eval.rows import runs

    found = []
    for path in runs(folder)[:SHOWN]:
        try:
            header = json.loads((path / "run.json").read_text("utf-8"))
            rows = path / "rows.jsonl"
            count = rows.read_bytes().count(b"\n") if rows.exists() else 0
            found.append(
                RunLine(
                    name=path.name,
                    suite=str(header["suite"]),
                    system=str(header["system"]),
                    model=str(header["model"]),
                    started=str(header["started"]),
                    rows=min(count, int(header["cases"])),
                    cases=int(header["cases"]),
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def report(folder: Path, name: str) -> str:
    """Return the page of a run with the baselines of its suite beside it."""
    from eval.measure import beside
    from eval.report import to_html
    from eval.rows import RunFault, read, runs

    found = _run(folder, name)
    others = []
    for path in runs(folder):
        try:
            others.append(read(path))
        except RunFault:
            continue
    return to_html(found, beside(found, others))


def compare(folder: Path, before: str, after: str) -> Compared:
    """Compare two runs, question by question."""
    from eval import compare as two

    found = two.compare(_run(folder, before), _run(folder, after))
    return Compared(
        before=before,
        after=after,
        shared=found.shared,
        differing=len(found.differing),
        changes=tuple(map(_line, found.changes)),
        fixed=tuple(new.case.question for _, new in found.fixed),
        broken=tuple(new.case.question for _, new in found.broken),
    )


def _run(folder: Path, name: str) -> Run:
    """Read the run of that name; only a name that is listed is ever part of a path."""
    from eval.rows import RunFault, read, runs

    path = next((path for path in runs(folder) if path.name == name), None)
    if path is None:
        raise RunFault(f"there is no run {name!r}")
    return read(path)


def _line(change: Change) -> ChangeLine:
    from eval.terminal import number

    d = change.difference
    return ChangeLine(
        title=change.metric.title,
        before=number(change.before),
        after=number(change.after),
        difference=f"{d.mean:+.3f} ({d.low:+.3f} to {d.high:+.3f})",
        p=f"{change.adjusted:.3f}",
        verdict=("better" if change.better else "worse") if change.significant else "",
    )
