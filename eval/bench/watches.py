"""`python -m eval.bench watches`: are people told of what changed, and of nothing else?

Invented articles come in by commits (`eval/bench/watched.py`); a rule says which of them changes
which answer, and to what. Counted are the changes of which a notice with the new value came at the
commit at which they came, and the notices of which there was no change. `--cost` measures what
comparing new passages with many watches costs before any question is asked; `--fit` fits the
weights of `rag/watching/about.py` to the open kinds of question (`eval/bench/watchfit.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.bench import watchcases, watchfit
from eval.bench.watched import Report, World, changed, world
from rag.answer.pipeline import NewsQA
from rag.archive.archive import Archive
from rag.archive.notices import Notice, Wish
from rag.archive.watches import Watches
from rag.ingest.chunk import chunk
from rag.ingest.run import embed_pending
from rag.language.sentences import split
from rag.settings import Place, Settings
from rag.watching.about import about
from rag.watching.match import floors
from rag.watching.run import Reads, add, concerned, look


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the watches of a world told."""

    changes: int
    noticed: int
    """Changes of which a notice came at their commit, with the right new value."""
    notices: int
    false: int
    """Notices of which there was no change."""
    seconds: float
    """Of processor time, for all commits after the articles were stored."""
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def recall(self) -> float:
        """The part of the changes that was told."""
        return self.noticed / self.changes if self.changes else 1.0

    @property
    def falsely(self) -> float:
        """The part of the notices that told of no change."""
        return self.false / self.notices if self.notices else 0.0


def measure(made: World, place: Place, reads: Reads = about) -> Told:
    """Watch the questions of a world while its articles come in.

    `reads` says whether an old and a new answer speak of one thing.
    """
    with opened(place) as (qa, watches):
        store(qa, made.base)
        names = [add(qa, watches, Wish(question=q)).id for q in made.questions]
        told: list[tuple[int, Notice]] = []
        seconds = 0.0
        for number, commit in enumerate(made.commits):
            store(qa, commit)
            begun = time.process_time()
            told += [(number, notice) for notice in look(qa, watches, reads=reads)]
            seconds += time.process_time() - begun
    return _judged(made, names, told, seconds)


@contextmanager
def opened(place: Place) -> Iterator[tuple[NewsQA, Watches]]:
    """Open a new archive without a chat model."""
    settings = Settings(archive=place)
    with NewsQA.open(place, chat="none", settings=settings) as qa, Watches.open(place) as watches:
        yield qa, watches


def store(qa: NewsQA, reports: Sequence[Report]) -> None:
    """Store reports, each in a transaction of its own, with passages and vectors."""
    cut = qa.settings.chunk
    with Archive.create(qa.archive.place) as archive:
        for report in reports:
            article = report.article()
            archive.put(article, chunk(article, cut), split(article.text))
        embed_pending(archive, qa.encoder, qa.settings.embed.batch)


def _judged(
    made: World, names: Sequence[str], told: Sequence[tuple[int, Notice]], seconds: float
) -> Told:
    wanted = {(number, names[report.subject]): report for number, report in changed(made)}
    noticed, wrong = set(), []
    for number, notice in told:
        report = wanted.get((number, notice.watch or ""))
        if report is None:
            wrong.append(f"commit {number}: {notice.question} {_line(notice)}")
        elif report.value in _said(notice):
            noticed.add((number, notice.watch))
    missed = [
        f"commit {n}: {made.questions[r.subject]} -> {r.value}"
        for (n, w), r in wanted.items()
        if (n, w) not in noticed
    ]
    return Told(
        changes=len(wanted),
        noticed=len(noticed),
        notices=len(told),
        false=len(wrong),
        seconds=seconds,
        missed=tuple(missed),
        wrong=tuple(wrong),
    )


def _said(notice: Notice) -> str:
    return " ".join(f"{c.new} {' '.join(q.quote for q in c.now)}" for c in notice.changes or ())


def _line(notice: Notice) -> str:
    return "; ".join(f"{c.kind}: {c.old!r} -> {c.new!r}" for c in notice.changes or ())


def cost(folder: Path, watches: int = 1000, articles: int = 100) -> tuple[float, float, int]:
    """Return processor seconds for comparing new articles with many watches, and the hits.

    The first is for reading the watches, the second for comparing; no question is asked.
    """
    made = world(watches=100, articles=articles, changes=10, at_once=articles)
    with opened(folder) as (qa, kept):
        store(qa, made.base)
        first = add(qa, kept, Wish(question=made.questions[0]))
        assert first.answer is not None  # noqa: S101 - it has just been asked
        for number in range(1, watches):
            question = made.questions[number % len(made.questions)]
            known = floors(question, first.answer, qa.archive, qa.encoder)
            kept.add(replace(first, id=f"w{number}", question=question, floors=known))
        store(qa, made.commits[0])
        begun = time.process_time()
        due = kept.due(qa.archive.generation, datetime.now(UTC))
        read = time.process_time()
        hit = concerned(due, kept, qa.archive)
        return read - begun, time.process_time() - read, len(hit)


def main() -> int:
    """Run the benchmark of the command line."""
    options = _options()
    if options.fit:
        found = watchfit.pairs(measure, watchfit.worlds())
        sys.stdout.write("\n".join(watchfit.lines(found)) + "\n")
        return 0
    with TemporaryDirectory() as folder:
        if options.cost:
            watches, articles = options.watches or 1000, options.articles or 100
            read, compared, hit = cost(Path(folder), watches, articles)
            sys.stdout.write(
                f"{watches:,} watches, {articles:,} new articles: {read:.2f} s of "
                f"processor time to read the watches, {compared:.2f} s to compare, {hit} hits\n"
            )
            return 0
        told = measure(_made(options), Path(folder))
    if options.json:
        sys.stdout.write(json.dumps(asdict(told)) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(told, options.verbose)) + "\n")
    return 0


def _made(options: argparse.Namespace) -> World:
    if options.cases:
        return watchcases.world(options.cases)
    return world(
        watches=options.watches or 50,
        articles=options.articles or 500,
        changes=options.changes,
        which=options.set,
        half=options.half,
        seed=options.seed,
    )


def _lines(told: Told, verbose: bool) -> Iterator[str]:
    yield (
        f"changes told {told.noticed} of {told.changes} (recall {told.recall:.3f}), "
        f"false notices {told.false} of {told.notices} ({told.falsely:.3f}), "
        f"{told.seconds:.1f} s of processor time"
    )
    if verbose:
        yield from (f"missed: {one}" for one in told.missed)
        yield from (f"false: {one}" for one in told.wrong)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--watches", type=int, help="50, or 1,000 with --cost")
    parser.add_argument("--articles", type=int, help="500, or 100 with --cost")
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--set", choices=("first", "second", "third", "fourth"), default="first")
    parser.add_argument("--half", choices=("open", "sealed", "all"), default="all")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--cases", type=Path, nargs="+", help="files of cases instead of a set")
    parser.add_argument("--cost", action="store_true", help="measure the comparison alone")
    parser.add_argument("--fit", action="store_true", help="fit the weights to all open worlds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="show what was missed, and why")
    return parser.parse_args()
