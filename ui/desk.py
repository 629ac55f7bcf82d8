"""One question at a time: a short line of people waiting, events as they come, and a stop button.

Local models and tokenizers are not thread-safe, so one worker thread does all asking. A `Ticket`
is one question in that line: iterate it for what happens, stop it from any thread.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rag.errors import DatelineError
from rag.types import Answer

log = logging.getLogger(__name__)

Asker = Callable[..., Answer]
"""Anything called like `NewsQA.ask(question, *, filters, as_of, history, on_event, stop)`."""

INTERNAL = "Something went wrong inside Dateline. Its log on this computer has the details."


class Busy(DatelineError):
    """Too many questions are waiting already."""

    exit_code = 75


class Stopped(Exception):
    """Raised inside the asker to make it give up: nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many questions are answered before this one."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The question ended without an answer; the message is meant for the reader."""

    message: str
    error: Exception | None = field(default=None, compare=False)
    """What was raised; its kind says whose fault it is."""


class Ticket:
    """A question in the line; iterating yields events, then one `Answer` or `Failed`."""

    def __init__(self, place: Callable[[Ticket], int]) -> None:
        self._place = place
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.stopped = threading.Event()
        """Set when nobody waits for the answer any more."""
        self._future: Future[Answer] | None = None

    def start(self, future: Future[Answer]) -> None:
        """Follow the work that was handed to the worker thread."""
        self._future = future
        future.add_done_callback(self._inbox.put)

    def then(self, done: Callable[[], None]) -> None:
        """Call `done` when the question is answered, has failed, or was given up in the line."""
        if self._future is not None:
            self._future.add_done_callback(lambda _: done())

    def tell(self, event: object) -> None:
        """Pass on an event of the asker; raises `Stopped` in the asker when nobody listens."""
        if self.stopped.is_set():
            raise Stopped
        self._inbox.put(event)

    def stop(self) -> None:
        """Give up at once; the worker is free when the asker reports its next event."""
        self.stopped.set()
        if self._future is not None:
            self._future.cancel()
        self._inbox.put(Stopped())

    def __iter__(self) -> Iterator[Any]:
        ahead = 0
        while True:
            if self._place(self) != ahead:
                ahead = self._place(self)
                yield Waiting(ahead)
            try:
                item = self._inbox.get(timeout=0.25)
            except queue.Empty:
                continue
            if self.stopped.is_set():
                return
            if isinstance(item, Future):
                yield _end(item)
                return
            yield item


def _end(future: Future[Answer]) -> Answer | Failed:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, DatelineError):
        return Failed(str(error), error)
    log.error("a question failed", exc_info=error)
    return Failed(INTERNAL, error if isinstance(error, Exception) else None)


class Desk:
    """Takes questions for one asker and answers them in the order of their arrival."""

    def __init__(self, asker: Asker, *, waiting: int = 8) -> None:
        self._asker = asker
        self._most = waiting + 1
        self._line: list[Ticket] = []
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="dateline-ask")

    @property
    def waiting(self) -> int:
        """How many questions are in work or in line."""
        return len(self._line)

    def ask(self, question: str, **options: object) -> Ticket:
        """Put a question in the line; raises `Busy` when the line is full."""
        ticket = Ticket(self._place)
        with self._lock:
            if len(self._line) >= self._most:
                count = len(self._line)
                raise Busy(f"{count} questions are waiting already. Please try again in a minute.")
            self._line.append(ticket)
        future = self._worker.submit(
            self._asker, question, on_event=ticket.tell, stop=ticket.stopped, **options
        )
        future.add_done_callback(lambda _: self._leave(ticket))
        ticket.start(future)
        return ticket

    def close(self) -> None:
        """Stop what is running and take no more questions."""
        for ticket in tuple(self._line):
            ticket.stop()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _place(self, ticket: Ticket) -> int:
        line = tuple(self._line)
        return line.index(ticket) if ticket in line else 0

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket in self._line:
                self._line.remove(ticket)
