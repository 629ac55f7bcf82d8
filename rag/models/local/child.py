"""What the processes that run a local model have in common: options, a first line, an end.

Each prints one JSON line with its address and the random key that requests must carry, and ends
when its standard input is closed, so it cannot outlive the process that started it, however that
died. In a process of its own, a crash or an out-of-memory kill of native code takes an answer with
it, never the archive.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

UNLOADABLE = 3
"""The exit code for a model that cannot be loaded, so that nobody tries again."""


class Parent:
    """The process that started us: told once where we are, and never outlived."""

    def __init__(self) -> None:
        """Keep standard output for our one line; whatever else writes there goes to the log."""
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._pid = os.getppid()
        threading.Thread(target=_end_with_stdin, daemon=True).start()

    def tell(self, url: str, key: str, version: str) -> None:
        """Print the line that says where we answer."""
        hello = {"url": url, "key": key, "version": version}
        os.write(self._out, (json.dumps(hello) + "\n").encode())

    def outlast(self) -> None:
        """Wait until it is gone, then end: a guard for when a fork still holds our stdin open."""
        while os.getppid() == self._pid:
            time.sleep(1.0)
        os._exit(0)


def options(program: str, argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line of a child: model, alias, context, threads, states."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--alias", default="local")
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--states", type=Path, default=None)
    found = parser.parse_args(argv)
    found.threads = found.threads or _cores()
    return found


def _cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # where it exists, it knows of limits
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _end_with_stdin() -> None:
    """Wait until the parent closes our input or dies, then end at once."""
    while os.read(0, 4096):
        pass
    os._exit(0)
