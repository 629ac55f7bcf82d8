"""Which local models fit this machine, and how quick they may be.

Sizes of files are as published, rounded; none of these models was run by us. How quick one may be
follows from what was measured on the machine: writing a token means reading the whole file from
memory, so half the size is twice as quick; reading a prompt goes with the number of parameters.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.models.catalogue import DEFAULT, cache_folder
from rag.models.profile import billions, size_of

if TYPE_CHECKING:
    from rag.models.chat import Chat

SPARE = 1.5e9
"""Bytes of memory for everything beside the model: the encoder, the index, the system."""
OVERHEAD = 1.15
"""What a loaded model takes, of the size of its file: the state of its context comes on top."""
_LIMIT = Path("/sys/fs/cgroup/memory.max")
NOTE = "speeds.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model of the hub that answers well for its size."""

    name: str
    address: str
    size: int
    """Bytes, rounded."""
    working: float
    """Billions of parameters that work on each token: fewer than it has where experts share."""
    licence: str = "Apache-2.0"

    @property
    def memory(self) -> float:
        """Bytes that it takes when it is loaded."""
        return OVERHEAD * self.size

    @property
    def profile(self) -> str:
        """The profile that it is asked with."""
        return size_of(self.name, service=False)[0]


def _qwen(size: str, file_bytes: float, working: float) -> Choice:
    repository, file = f"Qwen/Qwen3-{size}-GGUF", f"Qwen3-{size}-Q4_K_M.gguf"
    return Choice(
        name=f"qwen3-{size.lower()}-q4_k_m",
        address=f"hf:{repository}/{file}",
        size=int(file_bytes),
        working=working,
    )


CHOICES = (
    _qwen("4B", 2.5e9, 4.0),
    _qwen("8B", 5.0e9, 8.0),
    _qwen("14B", 9.0e9, 14.0),
    _qwen("30B-A3B", 18.6e9, 3.0),
    _qwen("32B", 19.8e9, 32.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Tokens a second."""

    read: float
    write: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is to run a model on."""

    memory: int
    """Bytes."""
    cores: int


def this_machine() -> Machine:
    """Return the memory and the cores that this process may use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        memory = min(memory, int(_LIMIT.read_text(encoding="ascii")))
    return Machine(memory=memory, cores=len(os.sched_getaffinity(0)))


def fitting(machine: Machine) -> Iterator[Choice]:
    """Yield the models that a machine's memory holds, the smallest first."""
    yield from (c for c in CHOICES if c.memory + SPARE <= machine.memory)


def expected(choice: Choice, speeds: Mapping[str, Speed]) -> tuple[Speed, bool] | None:
    """Return how quick a model is, and whether that was measured; None where nothing was."""
    if choice.name in speeds:
        return speeds[choice.name], True
    usual = speeds.get(DEFAULT.name)
    if usual is None:
        return None
    weight = billions(choice.name) or choice.working
    touched = choice.size * choice.working / weight
    count = billions(DEFAULT.name) or 1.5
    return Speed(
        read=usual.read * count / choice.working, write=usual.write * DEFAULT.size / touched
    ), False


def measured(cache: Path | None = None) -> dict[str, Speed]:
    """Return what was measured on this machine, by the names of models."""
    try:
        kept = json.loads(((cache or cache_folder()) / NOTE).read_text(encoding="utf-8"))
        return {str(name): Speed(**one) for name, one in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def remember(name: str, speed: Speed, cache: Path | None = None) -> None:
    """Write down how quick a model is here."""
    folder = cache or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    known = measured(folder) | {name: speed}
    fresh = folder / f"{NOTE}.{os.getpid()}.tmp"
    fresh.write_text(json.dumps({n: asdict(s) for n, s in known.items()}) + "\n", encoding="utf-8")
    fresh.replace(folder / NOTE)


def clocked(chat: Chat, tokens: int = 600) -> Speed:
    """Let a model read about so many tokens and write sixty, and return how quick it was.

    Raises:
        ModelError: it failed.
    """
    from langchain_core.messages import HumanMessage

    # Words that no prompt before began with, so that nothing of it is remembered.
    words = " ".join(f"{uuid.uuid4().hex[:4]} ferry {n}" for n in range(tokens // 8))
    asked = [HumanMessage(content=f"{words}\nCount from 1 to 100, a number a line.")]
    limited = chat.settings.model_copy(update={"max_tokens": 60})
    from rag.models.generate import Generation

    reply = Generation(chat, asked, limited)
    began = time.perf_counter()
    for _ in reply:
        pass
    took = time.perf_counter() - began
    first = reply.first_token or took
    read = max(reply.tokens.prompt - reply.tokens.cached, 1)
    written = max(reply.tokens.generated - 1, 1)
    return Speed(read=read / max(first, 1e-6), write=written / max(took - first, 1e-6))
