"""`python -m eval.bench start --archive ARCHIVE`: how soon `dateline mcp` answers its first call.

A client starts the process and waits for it. Each run starts a new one, with no chat model, sends
`initialize` and at once the first call, and takes the time until its answer is there. Beside the
seconds stand the processor time of the process until then, and how many times as long as
`python -c pass` it took: both say something on a machine that is busy with other work. The files
are in the system's cache from the second run on; the best run is the one that was disturbed least.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any

TEXT = "Finland joined NATO in April 2023."
CALLS: dict[str, dict[str, object]] = {
    "ask": {"question": "When did Finland join NATO?"},
    "search_archive": {"query": TEXT},
    "check": {"text": TEXT},
}
_HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One process from its start to its first answer, in seconds."""

    hello: float
    """Until `initialize` was answered."""
    call: float
    """Until the first call was."""
    processor: float
    """Of the processor, until the process had ended."""


def started(archive: Path, tool: str) -> Started:
    """Start a process, make one call, and see it end well.

    Raises:
        SystemExit: The call failed, or the process did not end with 0.
    """
    code = "from ui.cli import main; main()"
    command = [sys.executable, "-c", code, "mcp", "--archive", str(archive), "--llm", "none"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        _send(process.stdin, 1, "initialize", _HELLO)
        _answer(process.stdout, 1)
        hello = time.perf_counter() - begun
        _send(process.stdin, None, "notifications/initialized", {})
        _send(process.stdin, 2, "tools/call", {"name": tool, "arguments": CALLS[tool]})
        told = _answer(process.stdout, 2)
        call = time.perf_counter() - begun
        process.stdin.close()
        process.wait(60)
        said = process.stderr.read() if process.stderr else ""
    if told.get("result", {}).get("isError", True) or process.returncode:
        raise SystemExit(f"{tool} failed with {process.returncode}: {told} {said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Started(hello=hello, call=call, processor=used)


def _send(to: IO[str], number: int | None, method: str, params: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    to.write(json.dumps(message if number is None else {**message, "id": number}) + "\n")
    to.flush()


def _answer(of: IO[str], number: int) -> dict[str, Any]:
    for line in of:
        message: dict[str, Any] = json.loads(line)
        if message.get("id") == number:
            return message
    raise SystemExit("the process ended without an answer")


def empty() -> float:
    """Return the seconds that Python takes to do nothing."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun


def table(runs: dict[str, Sequence[Started]], nothing: float) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| first call | median, s | best, s | `initialize`, s | processor, s | × `pass` |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for tool, found in runs.items():
        calls = [run.call for run in found]
        hello, used = (median(getattr(r, name) for r in found) for name in ("hello", "processor"))
        lines.append(
            f"| `{tool}` | {median(calls):.1f} | {min(calls):.1f} | {hello:.1f} | {used:.1f} "
            f"| {median(calls) / nothing:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Start it some times for each tool, one after another, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5, help="for each tool")
    given = parser.parse_args()
    runs: dict[str, list[Started]] = {tool: [] for tool in CALLS}
    nothing = []
    for _ in range(given.runs):
        nothing.append(empty())
        for tool, found in runs.items():
            found.append(started(given.archive, tool))
    sys.stdout.write(table({k: tuple(v) for k, v in runs.items()}, median(nothing)) + "\n")


if __name__ == "__main__":
    main()
