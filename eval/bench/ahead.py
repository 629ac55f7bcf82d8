"""`python -m eval.bench ahead`: what is won by making a question ready while it is typed.

Questions of the sample suite, each asked twice in turns: at once, and after a pause in which the
page would have made it ready (`rag/answer/ahead.py`). Before each a different question is
asked, so that the model remembers the beginning that all prompts share and nothing else, as it
does for a person who asks something new. What is made ready is what asking itself makes, so the
answers are the same; how many are is counted.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from eval.bench.page import put
from eval.bench.versus import ratio
from eval.cases import Case
from eval.corpus import prepare
from eval.suites import sample
from rag.answer import ahead
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.prepare import Asked, Prepared
from rag.models.memo import Memo
from rag.settings import Settings
from rag.types import Answer

PAUSE = 5.0
"""Seconds between the last key that was typed and the question."""


def main() -> int:
    """Run the benchmark of the command line."""
    options = _options()
    cases, between = _cases(options.questions)
    with open_qa(prepare(sample(), Settings())) as qa:
        if qa.chat is None or qa.chat.engine != "ik":
            sys.stderr.write("nothing is read ahead but by the quick engine of a local model\n")
            return 1
        qa.chat.wait_ready()
        qa.ask(between.question)  # reads the beginning that all prompts share
        pairs = list(_asked(qa, cases, between, options.pause))
    found = "\n".join(_table(pairs, options.pause)) + "\n"
    sys.stdout.write("\n" + found)
    if options.write:
        put(options.write, "ahead", found)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--pause", type=float, default=PAUSE, metavar="SECONDS")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into a page")
    return parser.parse_args()


def _cases(count: int) -> tuple[list[Case], Case]:
    """Choose questions over the whole suite, and one more to ask in between."""
    cases = sample().cases
    step = max(1, len(cases) // (count + 1))
    first, *rest = cases[::step][: count + 1]
    return rest, first


def _asked(
    qa: NewsQA, cases: Sequence[Case], between: Case, pause: float
) -> Iterator[tuple[Answer, Answer]]:
    """Yield the answers to each question, asked at once and after the pause."""
    for turn, case in enumerate(cases):
        told: dict[bool, Answer] = {}
        for paused in (False, True) if turn % 2 else (True, False):
            qa.ask(between.question)
            if isinstance(qa.encoder, Memo):
                qa.encoder.forget()
            prepared = _prepared(qa, case, pause) if paused else None
            told[paused] = qa.ask(case.question, as_of=case.as_of, prepared=prepared)
        yield told[False], told[True]
        sys.stderr.write(".")
        sys.stderr.flush()


def _prepared(qa: NewsQA, case: Case, pause: float) -> Prepared | None:
    """Return what becomes ready in a pause, after which the model is told to stop reading."""
    stop = threading.Event()
    timer = threading.Timer(pause, stop.set)
    timer.start()
    prepared = None
    with suppress(ahead.GaveWay):  # what was ready by then is used, as on the page
        prepared = ahead.prepare(qa, Asked(question=case.question, as_of=case.as_of), stop)
        ahead.read(qa.chat, prepared, stop)
    timer.cancel()
    return prepared


def _table(pairs: Sequence[tuple[Answer, Answer]], pause: float) -> Iterator[str]:
    yield (
        f"{len(pairs)} questions in turns; medians (95th percentiles), and the ratio of the medians"
        " with its 95 % interval."
    )
    yield ""
    yield f"|  | asked at once | after {pause:g} s of pause | times sooner |"
    yield "| --- | ---: | ---: | ---: |"
    moments: dict[str, Callable[[Answer], float | None]] = {
        "first evidence, s": lambda answer: answer.timings.first_evidence,
        "first word of the model, s": lambda answer: answer.timings.first_token,
        "end, s": lambda answer: answer.timings.total,
    }
    for label, moment in moments.items():
        both = [(moment(at_once), moment(after)) for at_once, after in pairs]
        known = [(a, b) for a, b in both if a is not None and b is not None]
        if not known:
            continue
        columns = [[row[i] for row in known] for i in (0, 1)]
        cells = [f"{np.median(c):.3f} ({np.percentile(c, 95):.3f})" for c in columns]
        yield f"| {label} | {' | '.join(cells)} | {ratio(*columns, digits=1)} |"
    same = sum(at_once.text == after.text for at_once, after in pairs)
    yield f"| the same answers |  | {same} of {len(pairs)} |  |"
