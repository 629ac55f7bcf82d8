"""Answers in the making, as events with numbers, so that a client that was cut off can resume.

A run belongs to no connection. When nobody has followed it for `GRACE` seconds it is given up, and
its place in the line is free. What ended is remembered for a while.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

from rag.rights import carried, owner
from rag.types import Answer
from ui.desk import Failed, Ticket

T = TypeVar("T")

GRACE = 5.0
"""Seconds that an unfinished answer is worked on although nobody follows it."""
KEPT = 64
"""So many runs are remembered, the newest ones."""
KEEPALIVE = 15.0
"""Seconds of silence after which a proxy might close a connection."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event of a run; numbers count from 1."""

    number: int
    event: object


class Run:
    """One question on its way; events stay as long as the run is remembered."""

    def __init__(
        self, ticket: Ticket, ended: Callable[[Answer | Failed], None], where: str = ""
    ) -> None:
        """Take in what the ticket tells; `ended` is called with the end, before anyone sees it.

        `where` begins its name, so that whoever comes back finds the worker that has it.
        """
        self.id = where + secrets.token_urlsafe(12)
        self.owner = owner()
        """Who asked; see `rag.rights`."""
        self.resumable = False
        """Whether it is worked on for `GRACE` seconds when its last follower goes away."""
        self._ticket = ticket
        self._ended = ended
        self._events: list[object] = []
        self._bells: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        take = carried(self._take)
        threading.Thread(target=take, name="dateline-run", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self._over.is_set()

    def stop(self) -> None:
        """Give the question up."""
        self._ticket.stop()

    async def follow(self, after: int = 0) -> AsyncGenerator[Item | None, None]:
        """Yield the events behind number `after` as they come; None keeps a connection alive."""
        loop, bell = asyncio.get_running_loop(), asyncio.Event()

        def ring() -> None:
            loop.call_soon_threadsafe(bell.set)

        with self._lock:
            self._bells.append(ring)
        try:
            while True:
                bell.clear()
                over, fresh = self.over, self._events[after:]
                for event in fresh:
                    after += 1
                    yield Item(after, event)
                if over:
                    return
                try:
                    await asyncio.wait_for(bell.wait(), KEEPALIVE)
                except TimeoutError:
                    yield None
        finally:
            self._left(ring)

    async def end(self, gone: Callable[[], object] | None = None) -> Answer | Failed | None:
        """Return the end of the run; None when it was given up.

        Args:
            gone: An async function that says whether the client has gone away.
        """
        following = self.follow()
        task = asyncio.ensure_future(_last(following))
        try:
            while not task.done():
                await asyncio.wait((task,), timeout=0.5)
                if not task.done() and gone is not None and await gone():  # type: ignore[misc]
                    self.stop()
                    return None
            last = task.result()
        finally:
            task.cancel()
        return last if isinstance(last, Answer | Failed) else None

    def _take(self) -> None:
        for event in self._ticket:
            if isinstance(event, Answer | Failed):
                self._ended(event)
            self._events.append(event)
            self._ring()
        self._over.set()
        self._ring()

    def _ring(self) -> None:
        with self._lock:
            for bell in self._bells:
                _call(bell)

    def _left(self, ring: Callable[[], None]) -> None:
        with self._lock:
            self._bells.remove(ring)
            alone = not self._bells
        if not alone or self.over:
            return
        if not self.resumable:
            self.stop()
            return
        waiting = threading.Timer(GRACE, self._give_up)
        waiting.daemon = True
        waiting.start()

    def _give_up(self) -> None:
        if not self._bells and not self.over:
            self.stop()


async def _last(events: AsyncIterator[Item | None]) -> object:
    last: object = None
    async for item in events:
        last = item.event if item is not None else last
    return last


def _call(bell: Callable[[], None]) -> None:
    try:
        bell()
    except RuntimeError:  # its event loop has ended with the server
        return


class Runs:
    """The runs of a server by their ids."""

    def __init__(self, where: str = "") -> None:
        self._where = where
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def begin(self, ticket: Ticket, ended: Callable[[Answer | Failed], None] | None = None) -> Run:
        """Follow a ticket from now on."""
        run = Run(ticket, ended or (lambda _: None), self._where)
        with self._lock:
            self._runs[run.id] = run
            over = [name for name, one in self._runs.items() if one.over]
            for name in over[: max(0, len(self._runs) - KEPT)]:
                del self._runs[name]
        return run

    def known(self, name: str) -> bool:
        """Return True when there is a run of this name, whoever's."""
        return name in self._runs

    def get(self, name: str) -> Run | None:
        """Return a run; None when it is unknown, long forgotten, or another person's."""
        found = self._runs.get(name)
        return found if found is not None and found.owner == owner() else None


class Repeated(Exception):
    """An idempotency key came again with another body."""


class Keys:
    """What was done for each idempotency key, so that a request sent twice is done once."""

    LASTING = 24 * 3600.0
    MOST = 1000

    def __init__(self) -> None:
        self._done: dict[str, tuple[str, float, object]] = {}
        self._lock = threading.Lock()

    def once(self, key: str | None, body: str, do: Callable[[], T]) -> T:
        """Return what `do` returned when the key first came; without a key, do it.

        Raises:
            Repeated: The key was used for another body.
        """
        if not key:
            return do()
        key = f"{owner()} {key}"  # what one person was told is not told to another
        with self._lock:
            now = time.monotonic()
            if key in self._done and now - self._done[key][1] < self.LASTING:
                known, _, result = self._done[key]
                if known != body:
                    raise Repeated
                return result  # type: ignore[return-value]
            result = do()
            self._done[key] = (body, now, result)
            while len(self._done) > self.MOST:
                del self._done[next(iter(self._done))]
            return result
