"""How a server is, in a word and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NO_ARCHIVE = "no archive"
"""What `/api/v1/ready` says while the archive's server is away."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the server is, in a word and in words."""

    state: Literal["loading", "ready", "busy", "unreachable", "failed"]
    message: str
    model: str = ""
    waiting: int = 0
