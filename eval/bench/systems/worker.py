"""What the systems under test share: commands in on standard input, one JSON line out for each.

Each system runs in an environment of its own, without Dateline (but for Dateline's), so this module
needs the standard library only. Commands are {"index": FILE} and {"ask": QUESTION, "day": DAY}.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

Mark = Callable[[str], None]
"""Called with "evidence" when sources could be shown and "token" at the first words."""


class System(Protocol):
    """A system under test."""

    def index(self, articles: list[dict[str, Any]]) -> None:
        """Take in articles (id, title, publisher, published, url, text), all at once."""

    def ask(self, question: str, day: str, mark: Mark) -> str:
        """Answer from them a question that is put on a day (YYYY-MM-DD), if it can take one."""


def serve(make: Callable[[dict[str, str]], System]) -> None:
    """Obey commands until standard input ends.

    `make` gets the configuration: `embedding` (folder of the model), `url` and `key` of the chat
    endpoint, `model` (its name there), `folder` (for what the system keeps).
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    begun = time.perf_counter()
    system = make(json.loads(sys.argv[1]))
    for reply in _replies(system, time.perf_counter() - begun):
        out.write(json.dumps({**reply, "memory_mb": _peak_mb()}) + "\n")
        out.flush()


def _peak_mb() -> float:
    """Return the most memory that was held; on Linux, `ru_maxrss` would count our parent's too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:", 1)[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _replies(system: System, start: float) -> Iterator[dict[str, Any]]:
    yield {"start": start}
    for line in sys.stdin:
        command = json.loads(line)
        times: dict[str, float] = {}
        begun = time.perf_counter()

        def mark(name: str, begun: float = begun, times: dict[str, float] = times) -> None:
            times.setdefault(name, time.perf_counter() - begun)

        if "index" in command:
            with open(command["index"], encoding="utf-8") as file:  # noqa: PTH123
                system.index([json.loads(record) for record in file])
            yield {"end": time.perf_counter() - begun}
        else:
            text = system.ask(command["ask"], command["day"], mark)
            mark("end")
            times.setdefault("token", times["end"])
            times.setdefault("evidence", times["end"])
            yield {**times, "text": text}
