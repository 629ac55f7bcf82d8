"""The runner: asks every case, scores it, and keeps each row as soon as it is there.

What is tested is any callable that takes a case and returns an `Answer` (and one that ranks
articles): see `System`. It is killed and resumed without loss: a row is on disk before the next
case is asked, and `--resume` skips the cases that have one.
"""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from eval.answers import SHARED_WORD
from eval.cases import Case
from eval.gold import Library, Target, resolve
from eval.memory import peak_mb
from eval.metrics import METRICS, costs, score
from eval.rows import Header, Row, Run, RunFault, append, mend, read, readable, start
from eval.trial import Trial
from rag.types import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The thing under test: how it answers a case, how it ranks articles and chooses sentences."""

    name: str
    answer: Callable[[Case], Answer] | None = None
    rank: Callable[[Case], Sequence[str]] | None = None
    choose: Callable[[Case], str] | None = None
    library: Library

    @property
    def parts(self) -> tuple[str, ...]:
        """Which halves are run."""
        found = (("retrieval", self.rank), ("answers", self.answer))
        return tuple(name for name, part in found if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked: the cases in their order, what they are a run of, where runs are kept.

    Of the header, `cases`, `unlocated`, `parts` and `started` are filled in by the runner; the run
    gets a folder of its own below `folder`.
    """

    cases: Sequence[Case]
    header: Header
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Progress: how many cases are done, of how many, and the seconds that are left."""

    done: int
    total: int
    remaining: float | None
    row: Row


def choose(
    cases: Sequence[Case], *, kinds: Sequence[str] = (), limit: int | None = None
) -> tuple[Case, ...]:
    """Select cases by kind and number, in the order of the suite.

    With a limit, the cases whose ids hash lowest are taken: the same ones every time, and not just
    the first kind of the file.

    Raises:
        RunFault: no case is left.
    """
    chosen = [case for case in cases if not kinds or case.kind in kinds]
    if limit is not None:
        chosen = sorted(chosen, key=lambda case: _hash(case.id))[:limit]
    kept = {case.id for case in chosen}
    if not kept:
        known = ", ".join(sorted({case.kind for case in cases}))
        raise RunFault(f"no case is of kind {', '.join(kinds)}; there are: {known}")
    return tuple(case for case in cases if case.id in kept)


def short(text: str) -> str:
    """Name a text in 8 hex digits."""
    return _hash(text)[:8]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run(
    system: System,
    job: Job,
    *,
    resume: bool = False,
    tick: Callable[[Tick], None] | None = None,
) -> Run:
    """Ask every case and return the run.

    Args:
        system: What is tested.
        job: What is asked of it.
        resume: Go on with the newest unfinished run of the same configuration, if there is one.
            Cases that failed are asked again.
        tick: Called after each case.
    """
    cases, folder = job.cases, job.folder
    gold = {case.id: resolve(case, system.library) for case in cases}
    header = replace(
        job.header,
        cases=len(cases),
        parts=system.parts,
        unlocated=sum(bool(target.fault) for targets in gold.values() for target in targets),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    place = (_unfinished(folder, header) if resume else None) or _new(folder, header)
    mend(place)
    done = {row.case.id for row in read(place).scored}
    todo = [case for case in cases if case.id not in done]
    began = time.monotonic()
    for number, case in enumerate(todo, 1):
        row = attempt(system, case, gold[case.id])
        append(place, row)
        if tick is not None:
            pace = (time.monotonic() - began) / number
            left = pace * (len(todo) - number)
            tick(Tick(done=len(done) + number, total=len(cases), remaining=left, row=row))
    return _ordered(read(place), cases)


def attempt(system: System, case: Case, gold: tuple[Target, ...]) -> Row:
    """Ask one case; an error becomes a row of its own kind and the run goes on."""
    try:
        answer = system.answer(case) if system.answer else None  # first: it is timed, from cold
        ranked = tuple(system.rank(case)) if system.rank else None
        chosen = system.choose(case) if system.choose else None
    except Exception as error:  # noqa: BLE001 - whatever a system raises is a result of its run
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return Row(case=case, gold=gold, error=f"{type(error).__name__}: {error} ({place})")
    given = {article.id: article.text for article in case.articles}

    def text_of(name: str) -> str | None:
        if name in given:
            return given[name]
        found = system.library.article(name)
        return found.text if found else None

    trial = Trial(
        case=case, answer=answer, ranked=ranked, chosen=chosen, gold=gold, text_of=text_of
    )
    spent = costs(answer) | {"peak_mb": peak_mb()} if answer else {}
    scores = score(trial, (*METRICS, SHARED_WORD))
    return Row(case=case, answer=answer, ranked=ranked, gold=gold, scores=scores, costs=spent)


def _new(folder: Path, header: Header) -> Path:
    stamp = header.started.replace("-", "").replace(":", "")[:15]
    stem = f"{header.suite}-{header.system}-{_hash(header.digest)[:6]}-{stamp}"
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1000))
    place = next(folder / name for name in names if not (folder / name).exists())
    start(place, header)
    return place


def _unfinished(folder: Path, header: Header) -> Path | None:
    for found in readable(folder):
        same = (found.header.digest, found.header.system) == (header.digest, header.system)
        if same and not (found.complete and not found.failures):
            return found.folder
    return None


def _ordered(found: Run, cases: Sequence[Case]) -> Run:
    place = {case.id: number for number, case in enumerate(cases)}
    return replace(found, rows=tuple(sorted(found.rows, key=lambda row: place[row.case.id])))
