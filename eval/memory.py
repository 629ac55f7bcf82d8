"""Peak memory of this process and its children, the model's server included."""

from __future__ import annotations

import resource
from pathlib import Path

_PROC = Path("/proc")


def peak_mb() -> float:
    """Return the highest resident memory so far, in MB: this process and its living children.

    The peaks of the processes are added, so it is an upper bound on what was used at once.
    """
    try:
        return sum(_peak_kb(pid) for pid in _family("self")) / 1024
    except OSError:
        # Not Linux: what the C library knows of this process alone, which macOS gives in bytes.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _family(pid: str) -> list[str]:
    family = [pid]
    for task in (_PROC / pid / "task").iterdir():
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            family += _family(child)
    return family


def _peak_kb(pid: str) -> int:
    try:
        return _status_kb(pid, "VmHWM")
    except OSError:
        return 0


def _status_kb(pid: str, field: str) -> int:
    status = (_PROC / pid / "status").read_text(encoding="utf-8")
    line = next((line for line in status.splitlines() if line.startswith(field)), f"{field}: 0")
    return int(line.split()[1])


def resident_mb() -> float:
    """Return the resident memory of this process now, in MB; the highest so far where unknown."""
    try:
        return _status_kb("self", "VmRSS") / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
