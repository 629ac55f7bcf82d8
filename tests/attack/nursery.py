"""A process that has loaded the libraries and forks a child for each thing that is to be killed.

Loading takes seconds, a fork milliseconds: so a thousand kills are affordable. The nursery itself
never opens an archive. It reads one JSON object a line:

    {"do": NAME, "with": {...}, "after": SECONDS | null, "strace": [...] | null,
     "keep": PATH | null}

runs `DEEDS[NAME](**with)` in a child, kills that after so many seconds, and answers with one line:
what the child had said by then, how it ended, and how long it took. With "keep", strace is to stop
the child now and then, and the states of its folder are kept there.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from rag.ingest.identity import bands
from rag.language.tongue import language_of
from tests.attack import deeds
from tests.attack.states import States

LONGEST = 900.0
"""Seconds after which a child counts as hanging, beyond those that it was told to go on for."""


def load() -> None:
    """Load what a child needs before it is forked: Chroma alone takes seconds.

    None of this starts a thread or keeps a file open, so a fork copies nothing half done.
    """
    import chromadb.api.rust
    import chromadb.telemetry.product.posthog  # noqa: F401

    words = "It was said on Monday that the harbour of the town would be closed to all ships. " * 2
    language_of(words)
    bands(words)


def say(out: int, said: dict[str, Any]) -> None:
    """Write one line that outlives whoever wrote it."""
    os.write(out, json.dumps(said).encode() + b"\n")


def child(name: str, arguments: dict[str, Any], out: int, *, stopped: bool) -> None:
    """Do it, say the end, and leave without cleaning up."""
    if stopped:
        os.kill(os.getpid(), signal.SIGSTOP)
    code = 0
    try:
        deeds.DEEDS[name](partial(say, out), **arguments)
    except BaseException:  # noqa: BLE001 - told to the parent
        say(out, {"error": traceback.format_exc()})
        code = 1
    os._exit(code)


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for an order, kill it in time, and collect what it said."""
    inward, out = os.pipe()
    tracing = order.get("strace")
    pid = os.fork()
    if pid == 0:
        os.close(inward)
        child(order["do"], order["with"], out, stopped=bool(tracing))
    os.close(out)
    tracer = trace(pid, tracing) if tracing else None
    begun = time.monotonic()
    after = order.get("after")
    longest = LONGEST + order["with"].get("seconds", 0)
    states = States(Path(order["keep"])) if order.get("keep") else None
    status = None if states is None else follow(pid, Path(order["with"]["folder"]), states)
    said = collect(inward, pid, begun + (longest if after is None else after))
    if status is None:
        _, status = os.waitpid(pid, 0)
    if tracer is not None:
        tracer.wait()
    os.close(inward)
    lines = [json.loads(line) for line in said.split(b"\n")[:-1]]
    return {
        "said": lines,
        "killed": os.WIFSIGNALED(status),
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - begun,
        "stops": 0 if states is None else states.stops,
    }


def follow(pid: int, folder: Path, states: States) -> int:
    """Keep the folder's state whenever the child is stopped, until it ends; return how it did.

    What it says meanwhile has to fit into a pipe.
    """
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return status
        states.keep(folder)
        os.kill(pid, signal.SIGCONT)


def collect(inward: int, pid: int, end: float) -> bytes:
    """Read until the child is gone or its time is up; then it is killed."""
    said = b""
    while True:
        ready, _, _ = select.select([inward], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            end = time.monotonic() + LONGEST
            continue
        part = os.read(inward, 1 << 16)
        if not part:
            return said
        said += part


def trace(pid: int, options: list[str]) -> subprocess.Popen[str]:
    """Let strace take hold of a stopped child, then let that go on."""
    os.waitpid(pid, os.WUNTRACED)
    tracer = subprocess.Popen(
        ["strace", "-f", "-p", str(pid), *options], stderr=subprocess.PIPE, text=True
    )
    line = tracer.stderr.readline() if tracer.stderr else ""
    if "attached" not in line:
        os.kill(pid, signal.SIGKILL)
        raise SystemExit(f"strace: {line}")
    os.kill(pid, signal.SIGCONT)
    return tracer


class Nursery:
    """The nursery as tests see it."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attack.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"},
        )

    def __call__(
        self,
        do: str,
        *,
        after: float | None = None,
        strace: list[str] | None = None,
        keep: Path | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Run one deed in a child; raise when it failed by itself."""
        order = {"do": do, "with": arguments, "after": after, "strace": strace}
        order["keep"] = str(keep) if keep else None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        faults = [said["error"] for said in answer["said"] if "error" in said]
        if answer["killed"] and after is None and strace is None and do != "fail":
            faults.append(f"it had not ended {LONGEST:g} seconds after it should have")
        if faults:
            raise AssertionError(f"{do} {arguments}:\n{faults[0]}")
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()


if __name__ == "__main__":
    deeds.read_in_place()
    load()
    for order in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(order))) + "\n")
        sys.stdout.flush()
