"""Which of several workers a request goes to.

The page, and whatever takes articles in, is the first worker's: pages and jobs live in its memory.
A run that is resumed is the worker's that has it, which its name says. All else goes to whoever
has least to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

DOORS = ("/api/v1/", "/v1/", "/mcp", "/c/", "/metrics", "/feeds/")
_RUN = re.compile(r"^/api/v1/ask/w(\d+)\.[\w-]+/events$")
_TAKES_IN = re.compile(r"^/api/v1/(jobs|articles)(/|$)")


@dataclass(slots=True)
class Load:
    """What a worker has to do."""

    number: int
    ready: bool = False
    open: int = 0
    """Requests that it has not answered yet."""


def wanted(path: str, method: str) -> int | None:
    """Return the worker that alone can serve a request; None where any can."""
    if not path.startswith(DOORS) and path != "/api/ask":
        return 0
    if run := _RUN.match(path):
        return int(run[1])
    if _TAKES_IN.match(path) and (method not in ("GET", "HEAD") or path.startswith("/api/v1/jobs")):
        return 0
    return None


def order(path: str, method: str, headers: Mapping[str, str], loads: Sequence[Load]) -> list[int]:
    """Return the workers that may serve a request, the best first; none where none is ready.

    The first worker has the page besides, so that at the same load another one is taken.
    """
    alone = wanted(path, method)
    if alone is not None:
        return [load.number for load in loads if load.number == alone]
    ready = [load for load in loads if load.ready]
    key = headers.get("idempotency-key")
    if key and ready:  # whoever sends it again finds what was done
        first = crc32(key.encode()) % len(loads)
        ready.sort(key=lambda load: (load.number - first) % len(loads))
        return [load.number for load in ready]
    return [load.number for load in sorted(ready, key=lambda load: (load.open, -load.number))]


def again(path: str, method: str) -> bool:
    """Say whether a request that a worker left unanswered may be sent to another one.

    What is asked changes nothing, or it is done once: nothing else is sent twice.
    """
    asks = path in ("/api/ask", "/api/v1/ask", "/api/v1/check") or path.startswith(("/v1/", "/mcp"))
    return method in ("GET", "HEAD", "OPTIONS") or asks
