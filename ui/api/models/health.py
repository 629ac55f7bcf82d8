"""How the server is."""

from __future__ import annotations

from typing import Literal

from rag.settings import IndexEngine
from ui.api.models.shared import Given


class HealthOut(Given):
    """How the server is."""

    state: Literal["loading", "ready", "busy", "unreachable", "failed"]
    message: str
    model: str
    waiting: int
    index: IndexEngine | Literal["scan", ""]
    """What searches by meaning; `scan`, which is slower, while the index is not there."""


class ReadyOut(Given):
    """Whether questions are answered now."""

    ready: bool
    state: str
