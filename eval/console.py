"""What the commands of `dateline eval` share: settings, progress, finding runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from eval.ablation import Part
    from eval.cases import Case
    from eval.loaders import Suite
    from eval.measure import Plan
    from eval.options import Half
    from eval.rows import Run
    from eval.run import Tick
    from rag.ingest.run import Progress
    from rag.settings import Place, Settings
    from rag.types import Answer


def settings(
    *, llm: str | None = None, base_url: str | None = None, archive: Path | None = None
) -> Settings:
    """Return the settings of the environment with what the command line says.

    Raises:
        SettingsError: a value is not allowed.
    """
    from pydantic import ValidationError

    from rag.errors import SettingsError
    from rag.settings import Settings

    chosen: dict[str, Any] = {}
    if archive is not None:
        chosen["archive"] = archive
    try:
        found = Settings(**chosen)
    except ValidationError as error:
        raise SettingsError(str(error)) from error
    given = {"llm": llm, "base_url": base_url}
    said = {name: value for name, value in given.items() if value is not None}
    return found.model_copy(update={"chat": found.chat.model_copy(update=said)})


def plan(
    suite: str,
    settings: Settings,
    *,
    limit: int | None,
    kinds: Sequence[str] | None,
    only: Half | None,
    resume: bool,
    runs: Path | None,
) -> Plan:
    """Return the plan that the options of a command say.

    Raises:
        SuiteMissing: there is no such suite, or its files are not there.
    """
    from eval.measure import PARTS, Plan
    from eval.suites import find

    return Plan(
        suite=find(suite),
        settings=settings,
        limit=limit,
        kinds=tuple(kinds or ()),
        parts=(only,) if only else PARTS,
        resume=resume,
        runs=runs,
    )


def measure(plan: Plan) -> list[Run]:
    """Run a plan with progress on standard error, and print its figures."""
    from eval.measure import measure as run
    from eval.terminal import lines

    bar = _Bar()
    try:
        runs = run(plan, tick=bar.tick, report=bar.indexing)
    finally:
        bar.close()
    typer.echo("\n".join(lines(runs[0], runs[1:])))
    typer.echo(f"\nrows in {runs[0].folder}; `dateline eval report` writes the page")
    return runs


def ablate(plan: Plan, parts: Sequence[Part]) -> None:
    """Run a plan whole and without each part, and print what each of them is worth."""
    from eval.ablation import ablate as run
    from eval.ablation import table

    bar = _Bar()
    try:
        whole, *others = run(plan, parts, tick=bar.tick, report=bar.indexing)
    finally:
        bar.close()
    typer.echo("\n".join(table(whole, others)))
    typer.echo("\nPoints lost (-) or won (+) without each; * beyond chance, see `eval compare`.")


EACH = 250
"""Articles read between two lines of a log: how many there will be is not known."""


class _Bar:
    """Progress on one line of a terminal; in a log, a line for every tenth."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._told = ""

    def tick(self, system: str, tick: Tick) -> None:
        """Show one case done; what takes no time is not worth a line."""
        from eval.baselines import FREE

        if system in FREE:
            return
        left = "" if tick.remaining is None else f", {_span(tick.remaining)} left"
        failed = f"  {tick.row.case.id} FAILED" if tick.row.failed else ""
        text = f"{system}: {tick.done} of {tick.total}{left}{failed}"
        self._show(text, _tenth(tick.done, tick.total))

    def indexing(self, progress: Progress) -> None:
        """Show one article read or one batch of passages embedded."""
        if progress.phase == "reading":
            self._show(f"reading: {progress.done}", progress.done % EACH == 0)
            return
        left = "" if progress.eta is None else f", {_span(progress.eta)} left"
        text = f"embedding: {progress.done} of {progress.total}{left}"
        self._show(text, _tenth(progress.done, progress.total))

    def _show(self, text: str, logged: bool) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[K{text}")
        elif logged:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        self._told = text

    def close(self) -> None:
        """Leave the line."""
        if self._live and self._told:
            sys.stderr.write("\n")


def _tenth(done: int, total: int) -> bool:
    return done == total or done % max(1, total // 10) == 0


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def baselines(names: Sequence[str]) -> tuple[str, ...]:
    """Return the baselines to run: those that cost nothing, and the ones named."""
    from eval.baselines import FREE, NAMES

    return NAMES if "all" in names else (*FREE, *(name for name in names if name not in FREE))


def newest(folder: Path | None, runs: Path | None) -> tuple[Run, list[Run]]:
    """Return a run (the newest of Dateline's when none is named) and the runs around it.

    Raises:
        RunFault: there is none.
    """
    from eval import rows
    from eval.corpus import cache

    place = runs or (folder.parent if folder else cache() / "runs")
    others = rows.readable(place)
    if folder is not None:
        return rows.read(folder), others
    found = next((one for one in others if one.header.system == "dateline"), None)
    if found is None:
        raise rows.RunFault(f"{place} holds no run yet; `dateline eval run sample` makes one")
    return found, others


def asked(question: str, as_of: datetime | None) -> Answer:
    """Return a question as an answer that says nothing yet."""
    from rag.types import Answer, Filter

    within = Filter(until=as_of.date() if as_of else None)
    return Answer(question=question, outcome="declined", reason="", filters=within)


def answered(path: Path) -> Answer:
    """Read an answer that `dateline ask --json` wrote; `-` is standard input.

    Raises:
        SourceError: it cannot be read, or is no answer.
    """
    from rag.errors import SourceError
    from rag.record import from_json

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return from_json(json.loads(text))
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} is no answer of `dateline ask --json`: {error}") from error


def misplaced(cases: Sequence[Case], archive: Place) -> list[str]:
    """List the gold of cases that does not stand in an archive."""
    from eval.gold import Library, faults
    from rag.archive.archive import Archive

    with Archive.open(archive) as opened:
        return faults(cases, Library(opened))


def misplaced_in(suite: Suite, chosen: Settings) -> list[str]:
    """List the gold of a suite that does not stand in its articles (indexed if need be)."""
    from eval.corpus import prepare
    from eval.gold import Library, faults

    if suite.given:
        return faults(suite.cases, Library(None))
    return misplaced(suite.cases, prepare(suite, chosen).archive)


def counted(done: int, total: int) -> None:
    """Show how many cases are done, on one line."""
    sys.stderr.write(f"\r{done} of {total}" + ("\n" if done == total else ""))
    sys.stderr.flush()
