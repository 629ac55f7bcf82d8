"""Rows: what came of each case, one JSON line each, written as it finishes.

A run is a folder: `run.json` says what was run, `rows.jsonl` holds the rows. A row whose `error`
is not empty is a failure: it has no scores and is listed apart.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.cases import Case, from_record, to_record
from eval.gold import Target
from rag.errors import DatelineError
from rag.record import from_json, to_json
from rag.types import Answer, Span


class RunFault(DatelineError):
    """A run cannot be read, resumed or compared."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a run is a run of: enough to repeat it, and to know that two runs are comparable."""

    suite: str
    suite_digest: str
    system: str
    """`dateline`, or the name of a baseline."""
    settings_digest: str
    model: str
    parts: tuple[str, ...] = ("retrieval", "answers")
    code: str = ""
    """Digest of the program's own source: rows of two versions are never mixed in one run."""
    generation: int = 0
    articles: int = 0
    cases: int = 0
    unlocated: int = 0
    """Gold quotes that do not stand in the articles; their cases have no citation scores."""
    started: str = ""
    command: str = ""
    citation: str = ""
    licence: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Name the configuration: runs with one digest asked the same of the same."""
        parts = "+".join(self.parts)
        archive = f"{self.generation}-{self.articles}"
        return f"{self.suite_digest}-{self.settings_digest}-{self.code}-{archive}-{parts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of a run."""

    case: Case
    answer: Answer | None = None
    ranked: tuple[str, ...] | None = None
    gold: tuple[Target, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether this case raised an error in place of an answer."""
        return bool(self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as read back from its folder; rows stand in the order of the suite."""

    folder: Path
    header: Header
    rows: tuple[Row, ...]

    @property
    def scored(self) -> tuple[Row, ...]:
        """The rows that have scores."""
        return tuple(row for row in self.rows if not row.failed)

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that failed."""
        return tuple(row for row in self.rows if row.failed)

    @property
    def complete(self) -> bool:
        """Whether every case has a row."""
        return len(self.rows) >= self.header.cases


def to_line(row: Row) -> str:
    """Return a row as one line of JSON."""
    record = {
        "case": to_record(row.case),
        "error": row.error,
        "scores": dict(row.scores),
        "costs": dict(row.costs),
        "ranked": None if row.ranked is None else list(row.ranked),
        "gold": [_gold(target) for target in row.gold],
        "answer": None if row.answer is None else to_json(row.answer),
    }
    return json.dumps(record, ensure_ascii=False)


def _gold(target: Target) -> dict[str, Any]:
    span = [target.span.start, target.span.end] if target.span else None
    return {
        "article": target.article,
        "quote": target.quote,
        "span": span,
        "part": target.part,
        "fault": target.fault,
    }


def from_line(line: str) -> Row:
    """Return the row that `to_line` wrote."""
    record = json.loads(line)
    return Row(
        case=from_record(record["case"]),
        error=record["error"],
        scores=record["scores"],
        costs=record["costs"],
        ranked=None if record["ranked"] is None else tuple(record["ranked"]),
        gold=tuple(_read_gold(target) for target in record["gold"]),
        answer=None if record["answer"] is None else from_json(record["answer"]),
    )


def _read_gold(record: Mapping[str, Any]) -> Target:
    span = Span(start=record["span"][0], end=record["span"][1]) if record["span"] else None
    return Target(**{**record, "span": span})


def start(folder: Path, header: Header) -> None:
    """Make the folder of a run and write its header."""
    folder.mkdir(parents=True)
    text = json.dumps(asdict(header), ensure_ascii=False, indent=1, default=str)
    # Renamed when whole: a run that was killed here is no run, instead of a broken one.
    fresh = folder / "run.json.new"
    fresh.write_text(text + "\n", encoding="utf-8")
    fresh.replace(folder / "run.json")


def append(folder: Path, row: Row) -> None:
    """Add a row and sync it to disk: what is written survives any end of this process."""
    with (folder / "rows.jsonl").open("a", encoding="utf-8") as file:
        file.write(to_line(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def mend(folder: Path) -> None:
    """Cut off a last row that was only half written when its run was killed."""
    path = folder / "rows.jsonl"
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


def read(folder: Path) -> Run:
    """Read a run; of two rows for one case the later counts.

    Raises:
        RunFault: there is no run in that folder, or it is not readable.
    """
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        header = Header(**record | {"parts": tuple(record["parts"])})
        rows = {row.case.id: row for row in _rows(folder / "rows.jsonl")}
    except FileNotFoundError as error:
        raise RunFault(f"{folder} holds no run: {error.filename} is missing") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunFault(f"{folder} holds no readable run: {error}") from error
    return Run(folder=folder, header=header, rows=tuple(rows.values()))


def _rows(path: Path) -> Iterable[Row]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            # A line without its end is a row whose writer was killed: the case is not done.
            if line.endswith("\n"):
                yield from_line(line)


def runs(folder: Path) -> list[Path]:
    """List the folders of runs below a folder, newest first."""
    found = (path.parent for path in folder.glob("*/run.json"))
    return sorted(found, key=lambda path: (path / "run.json").stat().st_mtime_ns, reverse=True)


def readable(folder: Path) -> list[Run]:
    """Read the runs below a folder, newest first; what is not readable is passed over."""
    found = []
    for place in runs(folder):
        with contextlib.suppress(RunFault):
            found.append(read(place))
    return found
