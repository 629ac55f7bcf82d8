"""Many people at once: what Dateline adds to the time of its model, and whom it refuses.

    python -m eval.bench.load --archive ARCHIVE [--people 1 10 50 100] [--each 5]

The model is a mock: its first token comes after 300 ms, the others 20 ms apart. A server of ours
answers over HTTP, and everybody asks at the same moment. Overhead is what an answer took, from the
moment when its turn came, beyond the time of the model; whoever finds the line full must get 429
with Retry-After, at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import numpy as np

from eval.bench import mock
from eval.cases import load

SAMPLE = Path(__file__).parents[1] / "cases" / "sample.jsonl"
REFUSED = (429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of one question; seconds."""

    refused: bool = False
    told_when: bool = False
    """A refusal said when to come again."""
    whole: float = 0.0
    """From sending the question to the end of the answer."""
    evidence: float | None = None
    """From sending it to the first evidence."""
    worked: float = 0.0
    """From the moment when its turn came, by the server's own clock."""
    wrote: bool = False
    """Whether the model was asked."""

    @property
    def overhead(self) -> float:
        """What we added to the model's time."""
        return self.worked - (mock.SECONDS if self.wrote else 0.0)


@contextmanager
def served(archive: Path, model: str) -> Iterator[str]:
    """Serve the archive with that model in a process of its own, and yield its address."""
    with started(archive, model) as (address, _):
        yield address


@contextmanager
def started(archive: Path, model: str, *more: str) -> Iterator[tuple[str, int]]:
    """Serve the archive with that model; yield the address, and the process.

    `more` are further options of `dateline serve`.
    """
    code = "from ui.cli import main; main()"
    options = ["serve", "--port", "0", "--archive", str(archive), "--read-only"]
    options += ["--llm", f"openai:{mock.NAME}", "--base-url", model, *more]
    command = [sys.executable, "-c", code, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            address = process.stderr.readline().split()[-1] if process.stderr else ""
            # Read on: a server whose messages nobody takes would stand still.
            threading.Thread(target=_pass_on, args=(process.stderr,), daemon=True).start()
            _wait(address)
            yield address, process.pid
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def _pass_on(messages: IO[str] | None) -> None:
    for line in messages or ():
        sys.stderr.write(line)


def _wait(address: str, seconds: float = 300.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        health = httpx.get(f"{address}api/v1/health", timeout=seconds).json()
        if health.get("state") == "ready":
            return
        if health.get("state") == "failed":
            break
        time.sleep(0.5)
    raise SystemExit(f"the server did not become ready: {health}")


async def ask(client: httpx.AsyncClient, question: str) -> Asked:
    """Ask one question and follow its answer to the end."""
    begun = time.monotonic()
    evidence: float | None = None
    body = {"question": question, "stream": True}
    async with client.stream("POST", "api/ask", json=body) as response:
        if response.status_code in REFUSED:
            return Asked(
                refused=True,
                told_when="retry-after" in response.headers,
                whole=time.monotonic() - begun,
            )
        response.raise_for_status()
        name, answer = "", {}
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
                if name == "evidence" and evidence is None:
                    evidence = time.monotonic() - begun
            elif line.startswith("data: ") and name in ("answer", "error"):
                answer = json.loads(line.removeprefix("data: "))
    if "timings" not in answer:
        raise SystemExit(f"no answer: {answer}")
    timings = answer["timings"]
    return Asked(
        whole=time.monotonic() - begun,
        evidence=evidence,
        worked=timings["total"],
        wrote=timings["first_token"] is not None,
    )


async def crowd(address: str, questions: Sequence[str], people: int, each: int) -> list[Asked]:
    """Let so many people ask at once, each so many questions one after another."""
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(base_url=address, timeout=600, limits=limits) as client:

        async def person(number: int) -> list[Asked]:
            mine = (questions[(number * each + n) % len(questions)] for n in range(each))
            return [await ask(client, question) for question in mine]

        found = await asyncio.gather(*(person(n) for n in range(people)))
    return [one for some in found for one in some]


def row(people: int, asked: Sequence[Asked]) -> list[str]:
    """Return the figures of one crowd as cells of a table."""
    done = [one for one in asked if not one.refused]
    refused = [one for one in asked if one.refused]
    waited = [one.whole - one.worked for one in done]
    first = [one.evidence for one in done if one.evidence is not None]
    return [
        str(people),
        f"{len(done)} of {len(asked)}",
        _spread([one.overhead for one in done]),
        _spread(waited),
        _spread(first),
        f"{len(refused)}, {sum(one.told_when for one in refused)} told when",
        _spread([one.whole for one in refused]),
    ]


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    cuts = np.percentile(np.array(seconds) * 1000, [50, 95, 99])
    return " / ".join(f"{cut:.0f}" for cut in cuts)


HEADS = (
    "people",
    "answered",
    "overhead, ms (p50 / p95 / p99)",
    "in line, ms",
    "first evidence, ms",
    "refused",
    "refused after, ms",
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--people", type=int, nargs="+", default=[1, 10, 50, 100])
    parser.add_argument("--each", type=int, default=5, help="questions of one person")
    given = parser.parse_args()
    questions = [case.question for case in load(SAMPLE)]
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
    with mock.mock() as model, served(given.archive, model) as address:
        asyncio.run(crowd(address, questions, 1, 3))  # what only the first questions pay
        for people in given.people:
            asked = asyncio.run(crowd(address, questions, people, given.each))
            lines.append(f"| {' | '.join(row(people, asked))} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
