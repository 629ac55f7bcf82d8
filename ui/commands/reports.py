"""What becomes of files and records as they are read: a line for each, bars, and the totals."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands import common

if TYPE_CHECKING:
    from rich.console import Console

    from rag.ingest.run import FileReport, OnProgress, Progress

    Reading = Callable[[OnProgress], Iterator[FileReport]]

SHOWN = 20
"""Reports of one kind that are shown line by line; failures for one reason are of one kind."""
OUTCOMES = (
    *("added", "unchanged", "revised", "duplicate", "listed", "refused", "withdrawn"),
    *("unread", "failed"),
)

_BAD = ("failed", "unread")


def show(reading: Reading, *, json: bool) -> Counter[str]:
    """Run a reading, write what becomes of each record, and return how many went each way."""
    totals: Counter[str] = Counter()
    unread: Counter[str] = Counter()
    if json:
        for report in reading(lambda _: None):
            totals[report.outcome] += 1
            unread.update(_ending(report))
            common.emit(asdict(report))
        counts = {outcome: totals[outcome] for outcome in OUTCOMES}
        common.emit({"totals": counts, "unread": dict(unread.most_common())})
        return totals
    from ui.terminal import console

    alike: Counter[str] = Counter()
    with bars(console(sys.stderr)) as progress:
        for report in reading(progress):
            totals[report.outcome] += 1
            unread.update(_ending(report))
            kind = report.reason if report.outcome in _BAD else report.outcome
            alike[kind] += 1
            _print_report(report, alike[kind])
    common.write(_summary(totals))
    if unread:
        ordered = sorted(unread.items(), key=lambda one: (-one[1], one[0]))
        endings = ", ".join(f"{ending} {count}" for ending, count in ordered)
        files = common.counted(unread.total(), "file")
        common.write(f"not in the archive, since there is no reader for them: {files} ({endings})")
    return totals


def _ending(report: FileReport) -> list[str]:
    """Return by which ending a file that was not read is counted; nothing for the others."""
    if report.outcome != "unread":
        return []
    from ui.terminal import safe

    return [safe(Path(report.origin).suffix.lower()) or "without an ending"]


@contextmanager
def bars(to: Console) -> Iterator[Callable[[Progress], None]]:
    """Show a bar for each phase with rate and time left; nothing away from a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    bars = Bars(
        *columns,
        console=to,
        transient=True,
        disable=not to.is_terminal,
        # Reports pass above the bars on a terminal; into a file they must go untouched.
        redirect_stdout=sys.stdout.isatty(),
    )
    with bars:
        tasks = {}

        def advance(progress: Progress) -> None:
            phase = progress.phase
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=progress.total, pace="")
            bars.update(tasks[phase], completed=progress.done, pace=_pace(progress))

        yield advance


def _pace(progress: Progress) -> str:
    """Say how fast it goes and how long it takes yet."""
    unit = "files" if progress.phase == "reading" else "passages"
    left = "" if progress.eta is None else f", {progress.eta:.0f} s left"
    return f"{progress.rate:.1f} {unit}/s{left}"


def _print_report(report: FileReport, count: int) -> None:
    from ui.terminal import safe

    place = safe(_near(report.origin))
    bad = report.outcome in _BAD
    if count > SHOWN + 1:
        return
    if count == SHOWN + 1:
        common.write(f"{report.outcome:10} ... and more{' for this reason' if bad else ''}")
    elif bad:
        common.write(f"{report.outcome:10} {place}: {safe(report.reason)}")
    else:
        about = f" ({safe(report.reason)})" if report.reason else ""
        common.write(f"{report.outcome:10} {place}{about}")


def _near(origin: str) -> str:
    """Return a path as seen from here, when it lies below."""
    return origin.removeprefix(f"{Path.cwd()}{os.sep}")


def _summary(totals: Counter[str]) -> str:
    parts = [f"{totals[outcome]} {outcome}" for outcome in OUTCOMES if totals[outcome]]
    return ", ".join(parts) or "nothing to read"
