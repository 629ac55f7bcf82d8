"""What runs work over the loaded machine of a server: searches, timelines, checks of a draft."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA

T = TypeVar("T")


class Machine(Protocol):
    """What runs work over the loaded machine; `ui.engine.Engine` in a server."""

    def work(
        self,
        job: Callable[[NewsQA], T],
        *,
        alone: bool = True,
        stop: threading.Event | None = None,
    ) -> T:
        """Run a job over the machine, `alone` when it must not meet another one."""
        ...
