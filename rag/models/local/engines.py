"""Which engine runs a local model on this machine.

`ik` (ik_llama.cpp) reads a prompt in half of the time, where it is installed and the processor has
AVX2; `llama.cpp` runs everywhere. Both answer as the same kind of endpoint.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Engine = Literal["ik", "llama.cpp"]

MODULES: dict[Engine, str] = {"ik": "rag.models.local.quick", "llama.cpp": "rag.models.local.llama"}
"""The module that is run as a child process."""
_NEEDED = frozenset({"avx2", "fma", "f16c"})
"""What the processor must have: without it, the engine ends at its first instruction."""
_PROCESSOR = Path("/proc/cpuinfo")


@cache
def best() -> Engine:
    """Return the quickest engine that works here."""
    if find_spec("ik_llama_cpp") is None:
        return "llama.cpp"
    return "ik" if _abilities(_PROCESSOR) >= _NEEDED else "llama.cpp"


def _abilities(file: Path) -> frozenset[str]:
    """Return what the processor says it can do; nothing where it cannot be known."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
