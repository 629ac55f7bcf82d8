"""Runs a test's coroutine in a thread of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio


def apart(work: Callable[[], Awaitable[Any]]) -> Any:
    """Return what a coroutine function returns: this thread may have the loop of a browser."""
    return alone(partial(anyio.run, work))


def alone(work: Callable[[], Any]) -> Any:
    """Return what a function returns that runs in a thread of its own."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()
