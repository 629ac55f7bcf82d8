"""`python -m eval.bench steps SUITE`: the processor time of each step of a question.

Every question is asked once, with no model. Processor time is what all threads of this process
used, so that it does not depend on who else works on the machine. Each step is counted without the
steps that it calls: the search inside a strategy counts as search.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from eval.corpus import prepare
from eval.suites import find
from rag.answer import machine
from rag.answer import prepare as preparing
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.prepare import Asked
from rag.errors import QuestionError
from rag.question import publishers
from rag.search import retrieve, select
from rag.settings import Settings

WATCHED: dict[str, tuple[Any, str]] = {
    "question read": (NewsQA, "read"),
    "search": (retrieve.FusedRetriever, "search"),
    "sentences scored": (machine, "candidates"),
    "missing outlets": (publishers, "missing"),
    "answer without a model": (preparing, "tell"),
    "evidence": (select, "select"),
    "prepare, the rest": (NewsQA, "prepare"),
    "answer and check": (NewsQA, "ask"),
}
"""What is watched: a step, and the function that does it."""


class Clock:
    """Counts processor time by step, each without those that it calls."""

    def __init__(self) -> None:
        self.used: dict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = time.process_time()

    def step(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, whose time counts as that of a step."""

        def watched(*given: object, **named: object) -> object:
            self._switch()
            self._running.append(name)
            try:
                return function(*given, **named)
            finally:
                self._switch()
                self._running.pop()

        return watched

    def _switch(self) -> None:
        now = time.process_time()
        if self._running:
            self.used[self._running[-1]] += now - self._since
        self._since = now


@contextmanager
def watching() -> Iterator[Clock]:
    """Count the time of the steps until the end of the block."""
    clock = Clock()
    with ExitStack() as stack:
        for name, (owner, attribute) in WATCHED.items():
            watched = clock.step(name, getattr(owner, attribute))
            stack.enter_context(patch.object(owner, attribute, watched))
        yield clock


def measure(qa: NewsQA, asked: list[Asked]) -> list[dict[str, float]]:
    """Return the seconds of each step for each question; those that cannot be read are left out."""
    rows = []
    for one in asked:
        with watching() as clock:
            try:
                prepared = qa.prepare(one)
                qa.ask(one.question, filters=one.filters, as_of=one.as_of, prepared=prepared)
            except QuestionError:
                continue
        rows.append(dict(clock.used))
    return rows


def table(rows: list[dict[str, float]]) -> list[str]:
    """Return the table: mean, median and 95th percentile, in milliseconds a question."""
    lines = ["| step | mean, ms | median | p95 |", "| --- | ---: | ---: | ---: |"]
    ask = "answer and check"
    columns = {name: [1000 * row.get(name, 0.0) for row in rows] for name in WATCHED}
    before = [sum(row.values()) - row.get(ask, 0.0) for row in rows]
    columns["prepare, whole"] = [1000 * seconds for seconds in before]
    for name in sorted(columns, key=lambda name: (name == ask, name == "prepare, whole")):
        spread = np.percentile(columns[name], [50, 95])
        cells = " | ".join(f"{cell:.1f}" for cell in (np.mean(columns[name]), *spread))
        lines.append(f"| {name} | {cells} |")
    return lines


def main() -> int:
    """Print the table for the suite of the command line."""
    options = _options()
    suite = find(options.suite)
    settings = Settings()
    chat = settings.chat.model_copy(update={"llm": "none"})
    settings = settings.model_copy(update={"chat": chat})
    if options.archive:
        settings = settings.model_copy(update={"archive": options.archive})
    else:
        settings = prepare(suite, settings)
    step = max(1, len(suite.cases) // options.questions)
    asked = [
        Asked(question=case.question, as_of=case.as_of)
        for case in suite.cases[::step][: options.questions]
    ]
    with open_qa(settings) as qa:
        qa.ask(asked[0].question)  # what only the first question pays
        rows = measure(qa, asked)
    sys.stdout.write(f"{len(rows)} questions of {suite.name}\n\n")
    sys.stdout.write("\n".join(table(rows)) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("suite", help="sample, or NAME:FOLDER")
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--archive", type=Path, metavar="DIR", help="ask over this one instead")
    return parser.parse_args()
