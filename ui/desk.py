"""As many questions at once as a model answers, a short line of people waiting, a stop button.

A local model answers one question at a time, an endpoint several, so each model has a line of its
own (`Lane`). A `Ticket` is one question in a line: iterate it for what happens, stop it from any
thread.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from statistics import median
from typing import Any

from rag.errors import DatelineError
from rag.rights import carried
from rag.types import Answer

log = logging.getLogger(__name__)

Asker = Callable[..., Answer]
"""Anything called like `NewsQA.ask(question, *, filters, as_of, history, on_event, stop)`."""

INTERNAL = "Something went wrong inside Dateline. Its log on this computer has the details."


USUAL_SECONDS = 10.0
"""What an answer is thought to take before the first is there."""
REMEMBERED = 20
"""Answers whose times say how long the next ones will take."""
SOONEST, LATEST = 2, 120
"""Seconds: between them is what a person is told who is refused."""


class Busy(DatelineError):
    """Too many questions are waiting already; `seconds` says when to come again."""

    exit_code = 75

    def __init__(self, message: str, seconds: int = 20) -> None:
        super().__init__(message)
        self.seconds = seconds


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

    Nobody who asks a lot keeps the others waiting: those in line take turns, one question each; and
    the last quarter of the places is for those who have none yet.
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
            waiting: How many may wait in each lane for those in work, if several ask.
            lane: Tells the lane of a question from the options that it is asked with.
        """
        self._asker = asker
        self._waiting = waiting
        self._lane = lane
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self.refused = 0
        """How many questions found the line full."""

    @property
    def working(self) -> int:
        """How many questions are in work."""
        return sum(len(line.working) for line in tuple(self._lines.values()))

    @property
    def waiting(self) -> int:
        """How many questions are in work or in line."""
        return sum(len(line.working) + len(line.waiting) for line in tuple(self._lines.values()))

    def ask(self, question: str, *, who: str = "", **options: object) -> Ticket:
        """Put a question in the line; raises `Busy` when the line is full for that person.

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
            try:
                line.refuse(who, self._waiting)
            except Busy:
                self.refused += 1
                raise
            line.workers.submit(self._serve, line)
            line.join(entry)
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
        begun = time.monotonic()
        try:
            answer = entry.work()
        except BaseException as error:  # noqa: BLE001 - whoever holds the ticket is told
            entry.future.set_exception(error)
        else:
            line.took.append(time.monotonic() - begun)
            entry.future.set_result(answer)

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
        self.took: deque[float] = deque(maxlen=REMEMBERED)
        """Seconds of the last answers."""
        self._turns: dict[str, int] = {}
        """How often each had their turn, of those who are here or were a moment ago."""
        self.workers = ThreadPoolExecutor(width, thread_name_prefix="dateline-ask")

    def refuse(self, who: str, places: int) -> None:
        """Raise `Busy` where there is no place for one more question of a person."""
        entries = [*self.working, *self.waiting]
        mine = sum(entry.who == who for entry in entries)
        kept = places // 4 if mine else 0
        if len(entries) < self.width + places - kept:
            return
        seconds = self._seconds(mine or len(entries))
        some = "1 question is" if len(entries) == 1 else f"{len(entries)} questions are"
        told = f"{some} waiting already"
        if mine and len(entries) < self.width + places:
            told = f"{mine} of your questions are waiting already, and others have places to find"
        raise Busy(f"{told}. Please try again in {_spoken(seconds)}.", seconds)

    def _seconds(self, before: int) -> int:
        """Return the seconds until a place is free, as answers have taken of late."""
        each = median(self.took) if self.took else USUAL_SECONDS
        # One who comes again finds others who did so too: half of the line has gone by then.
        guess = ceil(each * max(1, before / 2) / self.width)
        return min(max(guess, SOONEST), LATEST)

    def order(self) -> list[_Entry]:
        """Return those who wait in the order in which they go on, as things stand."""
        before = Counter[str]()
        turns = []
        for entry in tuple(self.waiting):
            turns.append((self._turns.get(entry.who, 0) + before[entry.who], entry))
            before[entry.who] += 1
        return [entry for _, entry in sorted(turns, key=lambda turn: turn[0])]

    def join(self, entry: _Entry) -> None:
        """Let a question wait: behind one of each who wait already, and behind no second one."""
        entries = [*self.working, *self.waiting]
        busy = Counter(one.who for one in self.working)
        here = {one.who for one in entries}
        first = min((self._turns[who] - busy[who] for who in here), default=0)
        self._turns = {w: n for w, n in self._turns.items() if w in here or (n > first and here)}
        if entry.who not in here:
            self._turns[entry.who] = max(self._turns.get(entry.who, 0), first)
        self.waiting.append(entry)

    def next(self) -> _Entry | None:
        """Take the question that is answered next; those that were given up are passed over."""
        for entry in self.order():
            self.waiting.remove(entry)
            self._turns[entry.who] = self._turns.get(entry.who, 0) + 1
            if entry.future.set_running_or_notify_cancel():
                self.working.append(entry)
                return entry
        return None


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 60 else "a minute or two"
