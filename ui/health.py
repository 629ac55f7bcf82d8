"""How a server is, in a word and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Health:
    """How the server is, in a word and in words."""

    state: Literal["loading", "ready", "busy", "unreachable", "failed"]
    message: str
    model: str = ""
    waiting: int = 0
