"""From the name of a suite to its runs: opens what is needed, runs Dateline and the baselines."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rag
from eval import baselines, scripted
from eval.corpus import Report, cache, count, prepare
from eval.loaders import Suite
from eval.remember import Remembering, replies
from eval.rows import Header, Run
from eval.run import Job, System, Tick, choose, run
from eval.system import dateline
from rag.archive.archive import Archive
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

PARTS = ("retrieval", "answers")
Ticking = Callable[[str, Tick], None]
"""Told the name of a system with each of its cases that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run."""

    suite: Suite
    settings: Settings
    kinds: tuple[str, ...] = ()
    limit: int | None = None
    parts: tuple[str, ...] = PARTS
    baselines: tuple[str, ...] = baselines.FREE
    resume: bool = False
    runs: Path | None = None
    """Where runs are kept; None: in the cache folder."""
    remember: bool = False
    """Keep the model's replies, and ask it nothing twice: times are then those of the first run."""

    @property
    def folder(self) -> Path:
        """Where runs are kept."""
        return self.runs or cache() / "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a plan needs, opened: systems are put on it one after the other."""

    plan: Plan
    suite: Suite
    """The suite of the plan with the cases that were chosen."""
    settings: Settings
    qa: NewsQA
    held: int
    """Articles in the archive; 0 where each case brings its own."""

    def run(
        self, system: System, asked: Suite, tick: Ticking | None = None, *, resume: bool
    ) -> Run:
        """Ask a system the cases of `asked`, and keep the run."""
        header = _header(self.suite, self.settings, self.qa, system, self.held)
        job = Job(cases=asked.cases, header=header, folder=self.plan.folder)
        each = None if tick is None else partial(tick, system.name)
        return run(system, job, resume=resume, tick=each)


@contextmanager
def opened(plan: Plan, report: Report | None = None) -> Iterator[Bench]:
    """Index what a plan asks, where that is needed, and open it with the model that it needs."""
    cases = choose(plan.suite.cases, kinds=plan.kinds, limit=plan.limit)
    suite = replace(plan.suite, cases=cases)
    settings = prepare(suite, plan.settings, report=report)
    with _engine(settings, plan) as qa:
        held = 0 if suite.given else count(qa.archive, suite)
        yield Bench(plan=plan, suite=suite, settings=settings, qa=qa, held=held)


def measure(plan: Plan, *, tick: Ticking | None = None, report: Report | None = None) -> list[Run]:
    """Run a plan and return its runs, Dateline's first.

    `tick` gets the name of the system with each case that is done; `report` the progress of
    indexing the suite's articles, when that is needed.
    """
    with opened(plan, report) as bench:
        if plan.remember and bench.qa.chat is not None:
            bench.qa.chat = Remembering(bench.qa.chat, replies(bench.suite.name))
        # What costs nothing is not resumed: it would be the same.
        return [
            bench.run(system, asked, tick, resume=plan.resume and system.name not in baselines.FREE)
            for system, asked in _systems(bench.qa, bench.suite, plan)
        ]


@contextmanager
def _engine(settings: Settings, plan: Plan) -> Iterator[NewsQA]:
    from rag.answer.pipeline import open_qa

    if "answers" not in plan.parts:
        # No model is started for what needs none.
        settings = _with_model(settings, "none")
    with TemporaryDirectory() as spare:
        if plan.suite.given:
            # Each case brings its articles, but a pipeline stands on an archive: an empty one.
            settings = settings.model_copy(update={"archive": Path(spare)})
            Archive.create(settings.archive).close()
        with open_qa(_without_script(settings)) as qa:
            if settings.chat.llm == scripted.NAME:
                qa.chat, qa.settings = scripted.connect(settings.chat), settings
            yield qa


def _without_script(settings: Settings) -> Settings:
    """Return the settings that the pipeline can open: it does not know the scripted model."""
    if settings.chat.llm != scripted.NAME:
        return settings
    return _with_model(settings, "none")


def _with_model(settings: Settings, llm: str) -> Settings:
    return settings.model_copy(update={"chat": settings.chat.model_copy(update={"llm": llm})})


def _systems(qa: NewsQA, suite: Suite, plan: Plan) -> Iterator[tuple[System, Suite]]:
    yield dateline(qa, suite, plan.parts), suite
    if "answers" in plan.parts:
        for name in plan.baselines:
            yield baselines.system(name, suite, qa)


def _header(suite: Suite, settings: Settings, qa: NewsQA, system: System, held: int) -> Header:
    free = system.name in baselines.FREE
    return Header(
        suite=suite.name,
        suite_digest=suite.digest,
        system=system.name,
        settings_digest=settings.digest(),
        model="none" if free or qa.chat is None else qa.chat.name,
        code=source_digest(),
        generation=0 if suite.given else qa.archive.generation,
        articles=held,
        command=shlex.join(["dateline", *sys.argv[1:]]),
        citation=suite.citation,
        licence=suite.licence,
        settings=json.loads(
            settings.model_dump_json(exclude={"archive": True, "chat": {"api_key"}})
        ),
    )


def source_digest() -> str:
    """Name the source of the package under test, `rag`, in 12 hex digits."""
    sha = hashlib.sha256()
    root = Path(rag.__file__).parent
    for path in sorted(root.rglob("*.py")):
        sha.update(str(path.relative_to(root)).encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()[:12]


def beside(found: Run, others: Sequence[Run]) -> list[Run]:
    """Return the baselines to show beside a run: the same cases, the newest of each system."""
    best: dict[str, Run] = {}
    for other in others:
        same = other.header.suite_digest == found.header.suite_digest
        if same and other.header.system in baselines.NAMES:
            best.setdefault(other.header.system, other)
    return [best[name] for name in baselines.NAMES if name in best]


def twin(found: Run, others: Sequence[Run]) -> Run | None:
    """Return the newest other whole run of the very same configuration; None without one."""
    mine = (found.header.system, found.header.digest)
    same = (o for o in others if (o.header.system, o.header.digest) == mine and o.complete)
    return next((other for other in same if other.folder != found.folder), None)
