"""As many questions at once as a model answers, a short line of people waiting, a stop button.

A local model answers one question at a time, an endpoint several, so each model has a line of its
own (`Lane`). A `Ticket` is one question in a line: iterate it for what happens, stop it from any
thread.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rag.errors import DatelineError
from rag.rights import carried
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


@dataclass(frozen=True, slots=True)
class Lane:
    """What answers a question; it waits for others of its own lane alone."""

    name: str
    width: int
    """How many questions it answers at once."""


ALONE = Lane("", 1)
"""One question at a time, whatever is asked."""


class Ticket:
    """A question in the line; iterating yields events, then one `Answer` or `Failed`."""

    def __init__(self, place: Callable[[Ticket], int]) -> None:
        self._place = place
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.stopped = threading.Event()
        """Set when nobody waits for the answer any more."""
        self._future: Future[Answer] | None = None

    def start(self, future: Future[Answer]) -> None:
        """Follow the work that is handed to a worker thread."""
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
    """Takes questions for one asker and answers them in the order of their arrival.

    Where several can be answered at once, nobody who asks a lot keeps the others waiting: of those
    in line, the first goes on for whom fewest are in work.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        waiting: int = 8,
        lane: Callable[[Mapping[str, object]], Lane] = lambda _: ALONE,
    ) -> None:
        """Begin with nobody in line.

        Args:
            asker: Answers a question; it is called from several threads where a lane is wider.
            waiting: How many may wait in each lane for those in work.
            lane: Tells the lane of a question from the options that it is asked with.
        """
        self._asker = asker
        self._waiting = waiting
        self._lane = lane
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many questions are in work or in line."""
        return sum(len(line.working) + len(line.waiting) for line in tuple(self._lines.values()))

    def ask(self, question: str, *, who: str = "", **options: object) -> Ticket:
        """Put a question in the line; raises `Busy` when the line is full.

        Args:
            question: In the person's words.
            who: Tells one person or program from another.
            options: What the asker is called with besides.
        """
        ticket = Ticket(self._place)
        lane = self._lane(options)
        work = carried(
            partial(self._asker, question, on_event=ticket.tell, stop=ticket.stopped, **options)
        )
        entry = _Entry(who=who, ticket=ticket, work=work)
        with self._lock:
            line = self._lines.setdefault(lane.name, _Line(lane.width))
            count = len(line.working) + len(line.waiting)
            if count >= self._waiting + line.width:
                raise Busy(f"{count} questions are waiting already. Please try again in a minute.")
            line.workers.submit(self._serve, line)
            line.waiting.append(entry)
        entry.future.add_done_callback(lambda _: self._leave(line, entry))
        ticket.start(entry.future)
        return ticket

    def close(self) -> None:
        """Stop what is running and take no more questions."""
        for line in tuple(self._lines.values()):
            for entry in (*line.working, *line.waiting):
                entry.ticket.stop()
            line.workers.shutdown(wait=False, cancel_futures=True)

    def _serve(self, line: _Line) -> None:
        """Answer the next question of a line, if it still has one."""
        with self._lock:
            entry = line.next()
        if entry is None:
            return
        try:
            entry.future.set_result(entry.work())
        except BaseException as error:  # noqa: BLE001 - whoever holds the ticket is told
            entry.future.set_exception(error)

    def _place(self, ticket: Ticket) -> int:
        """Return how many questions are answered before this one begins."""
        for line in tuple(self._lines.values()):
            for place, entry in enumerate(line.order(), 1):
                if entry.ticket is ticket:
                    return max(0, place + len(line.working) - line.width)
        return 0

    def _leave(self, line: _Line, entry: _Entry) -> None:
        with self._lock:
            for entries in (line.working, line.waiting):
                if entry in entries:
                    entries.remove(entry)


@dataclass(slots=True, kw_only=True, eq=False)
class _Entry:
    """A question in a line."""

    who: str
    ticket: Ticket
    work: Callable[[], Answer]
    future: Future[Answer] = field(default_factory=Future)


class _Line:
    """The questions of one lane, in the order of their arrival."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.working: list[_Entry] = []
        self.waiting: list[_Entry] = []
        self.workers = ThreadPoolExecutor(width, thread_name_prefix="dateline-ask")

    def order(self) -> list[_Entry]:
        """Return those who wait in the order in which they go on, as things stand."""
        busy = Counter(entry.who for entry in tuple(self.working))
        return sorted(self.waiting, key=lambda entry: busy[entry.who])

    def next(self) -> _Entry | None:
        """Take the question that is answered next; those that were given up are passed over."""
        for entry in self.order():
            self.waiting.remove(entry)
            if entry.future.set_running_or_notify_cancel():
                self.working.append(entry)
                return entry
        return None
