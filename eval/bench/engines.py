"""`python -m eval.bench engines`: the engines of a local model side by side, on the same prompts.

Both are loaded; they take turns, prompt by prompt, each first in every other turn. The prompts are
those of the sample suite, so each begins as the last one did and is new after that, as it is for a
person who asks. What is compared: milliseconds for each token read and written, seconds to the
first token and to the end, and whether the words are the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langchain_core.messages import BaseMessage

from eval.bench.page import put
from eval.bench.versus import ratio
from eval.corpus import prepare
from eval.suites import sample
from rag.answer import prompts
from rag.answer.pipeline import open_qa
from rag.models.chat import Chat, connect
from rag.search import select
from rag.settings import Engine, Settings, best_engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One reply and how long it took, in seconds."""

    text: str
    first: float
    whole: float
    new: int
    """Tokens read that were not known from the prompt before."""
    written: int


def main() -> int:
    """Run the benchmark of the command line."""
    options = _options()
    names: list[Engine] = ["llama.cpp", "ik"]
    if best_engine() != "ik":
        sys.stderr.write("the quick engine does not run on this machine\n")
        return 1
    asked = list(_prompts(options.prompts))
    replies: list[list[Timed]] = [[] for _ in names]
    with ExitStack() as stack:
        chats = []
        for name in names:
            chat = connect(Settings().chat.model_copy(update={"llm": "local", "engine": name}))
            assert chat is not None  # noqa: S101 - for mypy
            stack.enter_context(chat).wait_ready()
            chats.append(chat)
        for chat in chats:
            _timed(chat, asked[0])  # reads the beginning that all prompts share
        if [chat.engine for chat in chats] != names:
            sys.stderr.write("the quick engine ended by itself; there is nothing to compare\n")
            return 1
        for turn, messages in enumerate(asked[1:]):
            for place in (0, 1) if turn % 2 else (1, 0):
                replies[place].append(_timed(chats[place], messages))
                sys.stderr.write(".")
                sys.stderr.flush()
    found = "\n".join(_table(names, replies)) + "\n"
    sys.stdout.write("\n" + found)
    if options.write:
        put(options.write, "engines", found)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into a page")
    return parser.parse_args()


def _prompts(count: int) -> Iterator[list[BaseMessage]]:
    """Yield prompts of the sample suite, one more than asked for: the first is not counted."""
    suite = sample()
    settings = Settings()
    silent = settings.model_copy(update={"chat": settings.chat.model_copy(update={"llm": "none"})})
    step = max(1, len(suite.cases) // (count + 1))
    with open_qa(prepare(suite, silent)) as qa:
        for case in suite.cases[::step][: count + 1]:
            query = qa.read(case.question, as_of=case.as_of)
            evidence = select.select(qa.rank(query), qa.archive, settings.select)
            yield prompts.ask(
                query.text, evidence, settings.answer.style, len(query.parts), query.asked_on
            )


def _timed(chat: Chat, messages: Sequence[BaseMessage]) -> Timed:
    begun = time.perf_counter()
    reply = chat.stream(messages)
    text = "".join(reply)
    tokens = reply.tokens
    return Timed(
        text=text,
        first=reply.first_token or 0.0,
        whole=time.perf_counter() - begun,
        new=tokens.prompt - tokens.cached,
        written=tokens.generated,
    )


def _table(names: Sequence[Engine], replies: Sequence[Sequence[Timed]]) -> Iterator[str]:
    old, new = replies
    yield f"{len(old)} prompts in turns; medians, and the ratio of the two with its 95 % interval."
    yield ""
    yield f"|  | {' | '.join(names)} | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    told: dict[str, Callable[[Timed], float]] = {
        "a token read, ms": lambda r: 1000 * r.first / r.new,
        "first token, s": lambda r: r.first,
        "end, s": lambda r: r.whole,
    }
    for label, measure in told.items():
        values = [[measure(r) for r in found] for found in replies]
        yield _row(label, values, ratio(*values, digits=2))
    write = [
        [1000 * (r.whole - r.first) / (r.written - 1) for r in found if r.written > 1]
        for found in replies
    ]
    yield _row("a token written, ms", write, "")
    same = sum(a.text == b.text for a, b in zip(old, new, strict=True))
    yield f"| the same words |  | {same} of {len(old)} |  |"


def _row(label: str, values: Sequence[Sequence[float]], times: str) -> str:
    old, new = (np.median(v) for v in values)
    return f"| {label} | {old:.2f} | {new:.2f} | {times} |"
