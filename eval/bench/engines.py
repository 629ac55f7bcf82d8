"""`python -m eval.bench engines`: the engines of a local model side by side, on the same prompts.

Both are loaded; they take turns, prompt by prompt, each first in every other turn. The prompts are
those of the sample suite, so each begins as the last one did and is new after that, as it is for a
person who asks. What is compared: seconds to load, milliseconds for each token read and written, to
the first token and to the end, and whether the words are the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langchain_core.messages import BaseMessage

from eval.bench.page import put
from eval.corpus import prepare
from eval.suites import sample
from rag import prompts, select
from rag.llm.chat import Chat, connect
from rag.llm.engines import Engine, best
from rag.pipeline import open_qa
from rag.settings import Settings

STYLE: prompts.Style = "normal"


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
    if best() != "ik":
        sys.stderr.write("the quick engine does not run on this machine\n")
        return 1
    asked = list(_prompts(options.prompts))
    loads: list[float] = []
    replies: list[list[Timed]] = [[] for _ in names]
    with ExitStack() as stack:
        chats = []
        for name in names:
            begun = time.perf_counter()
            chat = connect(Settings().chat.model_copy(update={"llm": "local", "engine": name}))
            assert chat is not None  # noqa: S101 - for mypy
            stack.enter_context(chat).wait_ready()
            loads.append(time.perf_counter() - begun)
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
    found = "\n".join(_table(names, loads, replies)) + "\n"
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
            yield prompts.ask(query.text, evidence, STYLE, len(query.parts), query.asked_on)


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


def _table(
    names: Sequence[Engine], loads: Sequence[float], replies: Sequence[Sequence[Timed]]
) -> Iterator[str]:
    old, new = replies
    yield f"{len(old)} prompts in turns; medians, and the ratio of the two with its 95 % interval."
    yield ""
    yield f"|  | {' | '.join(names)} | ratio |"
    yield "| --- | ---: | ---: | ---: |"
    yield f"| load, s | {loads[0]:.1f} | {loads[1]:.1f} |  |"
    read = [[1000 * r.first / r.new for r in found] for found in replies]
    yield _row("a token read, ms", read)
    write = [
        [1000 * (r.whole - r.first) / (r.written - 1) for r in found if r.written > 1]
        for found in replies
    ]
    yield _row("a token written, ms", write, paired=False)
    yield _row("first token, s", [[r.first for r in found] for found in replies])
    yield _row("end, s", [[r.whole for r in found] for found in replies])
    same = sum(a.text == b.text for a, b in zip(old, new, strict=True))
    yield f"| the same words |  | {same} of {len(old)} |  |"


def _row(label: str, values: Sequence[Sequence[float]], *, paired: bool = True) -> str:
    old, new = (np.median(v) for v in values)
    ratio = f"{old / new:.2f}"
    if paired:
        low, high = _interval(*map(np.asarray, values))
        ratio += f" ({low:.2f} to {high:.2f})"
    return f"| {label} | {old:.2f} | {new:.2f} | {ratio} |"


def _interval(old: np.ndarray, new: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the ratio of medians, prompts drawn again in pairs."""
    drawn = np.random.default_rng(0).integers(0, len(old), (2000, len(old)))
    ratios = np.median(old[drawn], axis=1) / np.median(new[drawn], axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(low), float(high)


if __name__ == "__main__":
    sys.exit(main())
