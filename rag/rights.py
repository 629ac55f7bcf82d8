"""Who reads: the person on whose behalf this thread looks into an archive.

A server says once for each request who asks (`acting`), and everything below it, down to the SQL of
the archive, sees what this person may read and nothing else (`rag.archive.scoped`). So no door and
no room of the page can forget to ask. Where a server has people (`required`), a thread that nobody
said anything about reads nothing at all.

    with acting(Reader(id="3fa1...", collections=("9b2c...",))):
        archive.coverage()  # of the articles in this one collection
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Literal, ParamSpec, TypeVar

Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = ("reader", "editor", "admin")

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A person, and what this person may read."""

    id: str
    """Names the person in the archive's tables; hexadecimal, or empty for nobody."""
    name: str = ""
    """As people call them."""
    role: Role = "reader"
    everything: bool = False
    """Whether all articles may be read, in whichever collection."""
    collections: tuple[str, ...] = ()
    """The ids of the collections that may be read, in order."""
    writes: bool = True
    """Whether the role counts; a key may be for reading alone."""

    def __post_init__(self) -> None:
        for name in (self.id, *self.collections):
            if name and not _plain(name):
                raise ValueError(f"{name!r} names neither a person nor a collection")

    @property
    def edits(self) -> bool:
        """Whether this person may add, change and delete what they may read."""
        return self.writes and self.role != "reader"

    @property
    def manages(self) -> bool:
        """Whether this person may do all that there is to do."""
        return self.writes and self.role == "admin"


NOBODY = Reader(id="")
"""Who reads where nobody was named: no article, no history."""

SYSTEM = Reader(id="", name="the server", role="admin", everything=True)
"""The server itself, at work that is nobody's: it opens, indexes, looks after watches."""

_reader: ContextVar[Reader | None] = ContextVar("dateline_reader", default=None)
_required = False


def required(people: bool) -> None:
    """Say whether this process serves people with rights of their own."""
    global _required  # noqa: PLW0603 - of the process, as its threads are
    _required = people


def people() -> bool:
    """Return True in a server whose people have rights of their own."""
    return _required


def reader() -> Reader | None:
    """Return who reads; None where nothing is held back: one person's archive, or the server."""
    found = _reader.get()
    if found is None:
        return NOBODY if _required else None
    return None if found is SYSTEM else found


def owner() -> str:
    """Return whose history and watches are meant; empty where there are no people."""
    found = reader()
    return found.id if found else ""


@contextmanager
def acting(as_whom: Reader) -> Iterator[None]:
    """Let this thread, until the block ends, read as one person."""
    token = _reader.set(as_whom)
    try:
        yield
    finally:
        _reader.reset(token)


def enter(as_whom: Reader) -> None:
    """Let the rest of this context read as one person: that of one request."""
    _reader.set(as_whom)


def carried(work: Callable[P, T]) -> Callable[P, T]:
    """Return some work that another thread will do for whoever reads here."""
    return partial(copy_context().run, work)


def _plain(name: str) -> bool:
    return len(name) <= 64 and all(c in "0123456789abcdef" for c in name)
