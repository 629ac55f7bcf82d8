"""`python -m eval.bench peers`: Dateline beside what people would use instead, on equal terms.

The same articles and questions, the same embedding model, the same chat model behind one server
(one slot, temperature 0); each system as its own documentation sets it up, in its own environment.

The questions are a quiz's on the news of its week ("this week"), so each is put on its day:
Dateline takes one (`--as-of`), the others do not and are asked the same words.

First every system indexes, and indexes again without a change. Then the cold run: question by
question, every system in turn, the model's prefix cache emptied before each. Then the warm run:
each system its questions in a row, the cache left alone. Whatever is measured is written to a file
of rows at once; a run that was stopped goes on with `--resume`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from eval.answers import any_of
from eval.bench import gateway, rig, versus
from eval.cases import Case
from eval.corpus import cache
from eval.loaders import Record, Suite, realtimeqa
from rag.models import catalogue as models
from rag.models.embed import load
from rag.settings import Settings

SCRIPTS = {
    "dateline": "dateline",
    "dateline-own": "dateline",
    "langchain": "langchain_tutorial",
    "llamaindex": "llamaindex_citation",
    "haystack": "haystack_rag",
    "txtai": "txtai_rag",
}
"""Each system's script; `dateline-own` keeps its prompt's beginning on disk, as it is shipped."""

Row = dict[str, Any]


def main() -> int:
    """Run the benchmark of the command line."""
    options = _options()
    rows = options.place / "rows.jsonl"
    if not options.table:
        if not options.resume:
            rows.unlink(missing_ok=True)
        _measure(options, rows)
    done = [json.loads(line) for line in rows.read_text().splitlines()]
    sys.stdout.write(versus.table(done))
    if options.write:
        versus.write(done, options.write)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data/realtimeqa_dev"), metavar="FOLDER"
    )
    parser.add_argument("--articles", type=int, default=300, help="0 for all")
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--systems", type=lambda raw: raw.split(","), default=[*SCRIPTS])
    parser.add_argument("--phases", nargs="*", default=versus.PHASES, choices=versus.PHASES)
    parser.add_argument("--model", default="", help="as after `--llm local:`")
    parser.add_argument("--place", type=Path, default=cache() / "peers", metavar="FOLDER")
    parser.add_argument("--resume", action="store_true", help="go on with what is there")
    parser.add_argument("--table", action="store_true", help="only show what was measured")
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="put table and plot there")
    return parser.parse_args()


def _measure(options: argparse.Namespace, rows: Path) -> None:
    options.place.mkdir(parents=True, exist_ok=True)
    suite = realtimeqa.load(options.data)
    cases = _cases(suite, options.questions)
    articles = _articles(suite, cases, options.articles, options.place / "articles.jsonl")
    _, model = models.resolve(options.model)
    with (
        rig.model_server(model, options.place / "slots") as endpoint,
        gateway.opened(endpoint) as door,
        rows.open("a", encoding="utf-8") as file,
        _workers(options, model, door.url) as workers,
    ):
        run = _Run(workers, door, file, _done(rows))
        run.index(articles, sum(1 for _ in articles.open(encoding="utf-8")))
        for phase in options.phases:
            {"cold": run.cold, "warm": run.warm}[phase](cases)


class _Run:
    """Asks the systems and writes down what each did."""

    def __init__(
        self,
        workers: Mapping[str, rig.Worker],
        door: gateway.Gateway,
        file: IO[str],
        done: set[str],
    ) -> None:
        self._workers, self._door, self._file, self._done = workers, door, file, done

    def index(self, articles: Path, count: int) -> None:
        for name, worker in self._workers.items():
            for phase in ("index", "reindex"):
                seen = self._key(name, phase, "") in self._done
                if seen and (phase == "reindex" or name.startswith("dateline")):
                    continue  # what was indexed is kept by Dateline, in memory by the others
                reply = worker.tell({"index": str(articles)})
                self._write(name, phase, "", {**reply, "articles": count, "start": worker.start})

    def cold(self, cases: Sequence[Case]) -> None:
        names = list(self._workers)
        for number, case in enumerate(cases):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                self._ask(name, "cold", case)

    def warm(self, cases: Sequence[Case]) -> None:
        for name in self._workers:
            for case in cases:
                self._ask(name, "warm", case)

    def _ask(self, name: str, phase: str, case: Case) -> None:
        if self._key(name, phase, case.id) in self._done:
            return
        if phase == "cold":
            self._door.forget()
        self._door.taken()
        reply = self._workers[name].tell({"ask": case.question, "day": str(case.as_of)})
        right = any_of(reply["text"], case.answers)
        self._write(name, phase, case.id, {**reply, **asdict(self._door.taken()), "right": right})

    def _write(self, name: str, phase: str, case: str, measured: Row) -> None:
        row = {"system": name, "phase": phase, "case": case, **measured}
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        sys.stderr.write(f"{name} {phase} {case}: {measured['end']:.2f} s\n")

    @staticmethod
    def _key(name: str, phase: str, case: str) -> str:
        return f"{name} {phase} {case}"


def _done(rows: Path) -> set[str]:
    if not rows.exists():
        return set()
    held = (json.loads(line) for line in rows.read_text().splitlines())
    return {f"{row['system']} {row['phase']} {row['case']}" for row in held}


@contextmanager
def _workers(options: argparse.Namespace, model: Path, url: str) -> Iterator[dict[str, rig.Worker]]:
    embedding = load(Settings().embed).folder
    with ExitStack() as stack:
        workers = {}
        for name in options.systems:
            folder = options.place / "data" / name
            folder.mkdir(parents=True, exist_ok=True)
            config = {"url": url, "model": "bench", "embedding": str(embedding)}
            config |= {"folder": str(folder), "file": str(model)}
            config["key"] = "own" if name == "dateline-own" else "bench"
            python = rig.environment(SCRIPTS[name], options.place / "environments")
            log = options.place / f"{name}.log"
            workers[name] = rig.Worker(python, SCRIPTS[name], config, log)
            stack.callback(workers[name].close)
        yield workers


def _cases(suite: Suite, most: int) -> list[Case]:
    """Choose questions evenly over the time of the set, among those that have evidence."""
    asked = [case for case in suite.cases if case.answers and case.evidence and case.as_of]
    step = max(1, len(asked) // most)
    return asked[::step][:most]


def _articles(suite: Suite, cases: Sequence[Case], most: int, path: Path) -> Path:
    """Write the articles to index: those that the questions need, and others up to `most`."""
    assert suite.corpus is not None  # noqa: S101 - RealTimeQA has one
    needed = {gold.article for case in cases for gold in case.evidence}
    held: list[Record] = list(suite.corpus())
    first = [record for record in held if record["id"] in needed]
    rest = [record for record in held if record["id"] not in needed]
    kept = first + rest[: max(0, most - len(first)) if most else None]
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in kept)
    return path
