"""Several workers behind one address, many people at once, and a worker that is killed meanwhile.

    python -m eval.bench fleet --archive ARCHIVE [--people 50] [--each 4] [--workers 2] [--kill 1]

The model is a mock that takes .3 s to its first token and .7 s in all. Everybody asks over HTTP at
the same moment, one question after another; whoever is refused (429 or 503) comes again when the
server said so. Overhead is what an answer took beyond the time of the model, from the moment when
its turn came, by the clock of the worker. Nothing is lost when every question has its answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from eval.bench import mock
from eval.bench.load import SAMPLE, started
from eval.cases import load

REFUSED = (429, 503)
PATIENCE = 900.0
"""Seconds until a question must have its answer."""


@dataclass(slots=True)
class Told:
    """What came of all questions."""

    answered: int = 0
    overhead: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """What came instead of an answer and was no refusal."""
    silent: int = 0
    """Refusals that did not say when to come again."""
    killed: int = 0

    def __str__(self) -> str:
        """Return the figures in one line."""
        refused = ", ".join(f"{n} x {code}" for code, n in sorted(self.refused.items())) or "none"
        return (
            f"answered {self.answered}, lost {len(self.wrong)}, killed {self.killed}, "
            f"overhead ms p50 / p95 / p99 {_spread(self.overhead)}, "
            f"from first asking to answer {_spread(self.whole)}, "
            f"refused {refused}, {self.silent} without Retry-After"
        )


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return " / ".join(f"{1000 * cut:.0f}" for cut in np.percentile(np.array(seconds), [50, 95, 99]))


async def ask(client: httpx.AsyncClient, question: str, who: int, told: Told) -> None:
    """Ask until there is an answer."""
    begun = time.monotonic()
    login = {"authorization": f"Bearer person-{who}"}
    while time.monotonic() - begun < PATIENCE:
        try:
            response = await client.post(
                "api/v1/ask", json={"question": question}, headers=login, timeout=PATIENCE
            )
        except httpx.TransportError as error:
            told.wrong.append(f"{question}: {error!r}")
            return
        if response.status_code in REFUSED:
            told.refused[response.status_code] += 1
            later = response.headers.get("retry-after")
            told.silent += later is None
            await asyncio.sleep(float(later or 1))
            continue
        if response.status_code != 200 or response.json().get("question") != question:
            told.wrong.append(f"{question}: {response.status_code} {response.text[:200]}")
            return
        timings = response.json()["timings"]
        wrote = timings["first_token"] is not None
        told.answered += 1
        told.overhead.append(timings["total"] - (mock.SECONDS if wrote else 0.0))
        told.whole.append(time.monotonic() - begun)
        return
    told.wrong.append(f"{question}: no answer in {PATIENCE:.0f} s")


async def crowd(address: str, people: int, each: int, kill: Sequence[int] = ()) -> Told:
    """Let so many people ask at once, each so many questions; kill processes on the way.

    One is killed when a third of all is answered, the next at two thirds, and so on.
    """
    questions = [case.question for case in load(SAMPLE)]
    told = Told()
    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(base_url=address, limits=limits) as client:

        async def person(number: int) -> None:
            for n in range(each):
                place = (number * each + n) % len(questions)
                await ask(client, questions[place], number, told)

        async def killer() -> None:
            for n, process in enumerate(kill, 1):
                while told.answered < people * each * n / (len(kill) + 2):
                    await asyncio.sleep(0.02)
                os.kill(process, signal.SIGKILL)
                told.killed += 1

        killing = asyncio.create_task(killer())
        await asyncio.gather(*(person(n) for n in range(people)))
        killing.cancel()
    return told


def workers_of(parent: int) -> list[int]:
    """Return the processes that a server has started to answer, the oldest first."""
    found = []  # with the moment of its start: numbers of processes begin anew at some time
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8")
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        told = stat.rpartition(")")[2].split()
        if int(told[1]) == parent and b"spawn_main" in command:
            found.append((int(told[19]), int(folder.name)))
    return [number for _, number in sorted(found)]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--each", type=int, default=4, help="questions of one person")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", type=int, default=1, help="workers that are killed meanwhile")
    given = parser.parse_args()
    more = ("--workers", str(given.workers))
    with mock.mock() as model, started(given.archive, model, *more) as (address, parent):
        asyncio.run(crowd(address, given.workers, 3))  # what only the first questions pay
        kill = workers_of(parent)[-given.kill :] if given.kill else []
        told = asyncio.run(crowd(address, given.people, given.each, kill))
    sys.stdout.write(
        f"{given.workers} workers, {given.people} people, {given.each} questions each: {told}\n"
    )
    sys.stdout.writelines(f"  {line}\n" for line in told.wrong)


if __name__ == "__main__":
    main()
