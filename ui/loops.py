"""Lends an event loop to what wants one while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def within_a_loop(make: Callable[P, T]) -> Callable[P, T]:
    """Let `make` run inside an event loop, one that is closed afterwards if none runs yet.

    gradio makes a new event loop for every lock that it makes where none runs, and closes none of
    them: their sockets are left to the collector, which warns at a moment of its own.
    """

    @wraps(make)
    def made(*args: P.args, **named: P.kwargs) -> T:
        async def within() -> T:
            return make(*args, **named)

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            loop = asyncio.new_event_loop()
            try:
                return loop.run_until_complete(within())
            finally:
                loop.close()
        return make(*args, **named)

    return made
