"""How long each step of a question took; nothing is kept where nobody observes.

    with observed(observers, question) as seen:   # around a whole question
        with step("retrieve"):                    # anywhere below it, as often as it happens
            ...
        seen.answer = answer

A step that happens several times is one `Took`, from the first to the last. Nothing here imports
more than the standard library.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from rag.types import Answer

log = logging.getLogger(__name__)

Step = Literal["retrieve", "rerank", "select", "generate", "cite", "verify", "decide"]
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(slots=True)
class Took:
    """When a step began and ended, by the clock, and what of that it was at work."""

    begun: int
    """Nanoseconds since 1970, as spans have it."""
    ended: int = 0
    seconds: float = 0.0
    times: int = 0


@dataclass(slots=True, eq=False)
class Seen:
    """One question, while it is answered and when it is."""

    question: str
    begun: int = field(default_factory=time.time_ns)
    ended: int = 0
    steps: dict[Step, Took] = field(default_factory=dict)
    answer: Answer | None = None
    error: BaseException | None = None
    index: str = ""
    """What searched by meaning: the engine of the index, `scan` where that was not there."""
    parent: str = ""
    """The W3C `traceparent` of the request that it came by."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.begun) / 1e9


class Observer(Protocol):
    """Whoever is told of each question when it has ended."""

    def observe(self, seen: Seen) -> None:
        """Take note of a question."""
        ...


PARENT: ContextVar[str] = ContextVar("dateline_parent", default="")
"""The `traceparent` of the request that is worked on."""
_SEEN: ContextVar[Seen | None] = ContextVar("dateline_seen", default=None)


class step:  # noqa: N801 - it reads as a word of the code that it stands in
    """A step of the question that is answered here; a context manager without a cost of its own."""

    __slots__ = ("_begun", "_name", "_took")

    def __init__(self, name: Step) -> None:
        self._name = name

    def __enter__(self) -> None:
        seen = _SEEN.get()
        self._took = None
        if seen is None:
            return
        took = seen.steps.get(self._name)
        if took is None:
            took = seen.steps[self._name] = Took(time.time_ns())
        self._took = took
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        took = self._took
        if took is not None:
            took.seconds += time.perf_counter() - self._begun
            took.times += 1
            took.ended = time.time_ns()


@contextmanager
def observed(observers: Sequence[Observer], question: str) -> Iterator[Seen]:
    """Take the time of all steps below, and tell the observers when the question has ended."""
    seen = Seen(question)
    if not observers:
        yield seen
        return
    seen.parent = PARENT.get()
    token = _SEEN.set(seen)
    try:
        yield seen
    except BaseException as error:
        seen.error = error
        raise
    finally:
        _SEEN.reset(token)
        seen.ended = time.time_ns()
        for observer in observers:
            _tell(observer, seen)


def _tell(observer: Observer, seen: Seen) -> None:
    try:
        observer.observe(seen)
    except Exception:  # whatever happens to what is told, it costs no answer
        log.warning("a question could not be told to the telemetry", exc_info=True)
