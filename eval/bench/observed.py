"""What watching costs: processor time of the same questions with telemetry and without, by turns.

    python -m eval.bench observed --archive ARCHIVE [--rounds 5]

Each question is asked with and without by turns, in an order that changes, so that whatever else
the machine does meets both alike. A script stands for the model, so that a question has all its
spans, and costs what our own steps do. Spans go to memory, and are made as they are for a
collector; counts are kept as for Prometheus. The ratio is that of the sums; its interval comes from
drawing questions again (2,000 times).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from eval import scripted
from eval.cases import load
from rag.answer.pipeline import NewsQA, open_qa
from rag.settings import ChatSettings, Settings, place
from rag.telemetry.steps import Observer, Seen

SAMPLE = Path(__file__).parents[1] / "cases" / "sample.jsonl"
DRAWS = 2000


def cost(plain: NewsQA, watched: NewsQA, questions: Sequence[str], rounds: int) -> np.ndarray:
    """Return the processor seconds of each question, asked plainly and watched."""
    chance = random.Random(22)  # noqa: S311 - an order, no secret
    spent = np.zeros((len(questions), 2))
    for _ in range(rounds):
        for place_, question in enumerate(questions):
            for which in chance.sample((0, 1), 2):
                begun = time.process_time()
                (plain, watched)[which].ask(question)
                spent[place_, which] += time.process_time() - begun
    return spent


def interval(spent: np.ndarray) -> tuple[float, float, float]:
    """Return by how much more is spent, in percent, and its interval of 95 %."""
    chance = np.random.default_rng(22)
    drawn = spent[chance.integers(0, len(spent), (DRAWS, len(spent)))].sum(axis=1)
    more = 100 * (drawn[:, 1] / drawn[:, 0] - 1)
    whole = 100 * (spent[:, 1].sum() / spent[:, 0].sum() - 1)
    low, high = np.percentile(more, [2.5, 97.5])
    return float(whole), float(low), float(high)


def main() -> None:
    """Print the figure."""
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from rag.telemetry.metrics import Metrics
    from rag.telemetry.spans import Spans

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=place, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=int, default=40)
    given = parser.parse_args()
    questions = [case.question for case in load(SAMPLE)][: given.questions]
    memory = InMemorySpanExporter()
    spans = Spans(memory)
    settings = Settings(archive=given.archive, chat=ChatSettings(llm="none"))
    with open_qa(settings) as plain:
        plain.chat = scripted.connect(settings.chat)
        telling = [_Timed(Metrics()), _Timed(spans)]
        watched = replace(plain, observers=tuple(telling))
        cost(plain, watched, questions, 1)  # what only the first questions pay
        spans.flush()
        memory.clear()
        for one in telling:
            one.spent = 0.0
        spent = cost(plain, watched, questions, given.rounds)
    spans.close()
    written = len(memory.get_finished_spans())
    each = written / (len(questions) * given.rounds)
    _print(spent, sum(one.spent for one in telling), written, each)


class _Timed:
    """An observer, and the processor seconds that it took."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.spent = 0.0

    def observe(self, seen: Seen) -> None:
        begun = time.thread_time()
        self._observer.observe(seen)
        self.spent += time.thread_time() - begun


def _print(spent: np.ndarray, telling: float, written: int, each: float) -> None:
    whole, low, high = interval(spent)
    plain = spent[:, 0].sum()
    sys.stdout.write(
        f"{len(spent)} questions, {plain:.1f} s of processor time without telemetry, with it "
        f"{whole:+.2f} % [{low:+.2f}, {high:+.2f}]; making {written} spans ({each:.1f} a question) "
        f"and counting took {1000 * telling:.0f} ms, {100 * telling / plain:.2f} %\n"
    )


if __name__ == "__main__":
    main()
