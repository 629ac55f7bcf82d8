"""What the tests of questions made ready share: patience, and a maker that makes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ui.ahead import Preparation


def until(true: Callable[[], bool]) -> None:
    for _ in range(6000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


class Making:
    """Makes nothing, until it is let or told to stop."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[Preparation] = []
        self.ended: list[Preparation] = []
        self.error: Exception | None = None

    def __call__(self, preparation: Preparation) -> None:
        self.begun.append(preparation)
        while not (self.go.wait(0.01) or preparation.stop.is_set()):
            pass
        self.ended.append(preparation)
        if self.error is not None:
            raise self.error
