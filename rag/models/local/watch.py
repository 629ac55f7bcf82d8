"""Stops the quick engine in the middle of a batch, when nobody waits for it any longer.

A batch takes seconds on a busy machine, and whoever asks next would wait for its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ik_llama_cpp import _ctypes_api as native  # type: ignore[import-untyped]

GLANCE = 0.02
"""Seconds between two looks at whether anybody waits."""


class Watch:
    """Lets the engine ask, between two operations of a batch, whether it should go on."""

    def __init__(self) -> None:
        self.fired = False
        """Whether the engine was told to stop."""
        self.callback = native.ggml_abort_callback(self._look)
        """For the engine; it must live as long as the engine does."""
        self._gone: Callable[[], bool] | None = None
        self._after = 0.0

    @contextmanager
    def over(self, gone: Callable[[], bool]) -> Iterator[None]:
        """Stop the engine when `gone` says so, until the block ends."""
        self._gone, self._after = gone, 0.0
        try:
            yield
        finally:
            self._gone, self.fired = None, False

    def _look(self, _: object) -> bool:
        if self._gone is not None and not self.fired and time.monotonic() > self._after:
            self.fired = self._gone()
            self._after = time.monotonic() + GLANCE
        return self.fired
