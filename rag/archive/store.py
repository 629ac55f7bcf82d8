"""An archive as a thing to open: connections, transactions, the lock, the disk."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from rag.archive import engine as engines
from rag.archive import schema
from rag.archive.among import among
from rag.archive.database import Database, Row, Words
from rag.archive.engine import Engine, Folder, translated
from rag.archive.lock import WriterLock
from rag.archive.scoped import Scoped
from rag.errors import ArchiveError, ArchiveFull, ArchiveOutdated, ArchiveUnreachable
from rag.rights import Reader, reader
from rag.settings import Place

LOW_WATER = 200_000_000
"""Bytes that must stay free on the disk: below, nothing new is written, reading goes on."""
_IDLE = 8
"""Connections that are kept for the next caller."""
_SCOPES = 64
"""Sets of rights for which it is remembered how many words there are; one that comes later makes
room for itself."""
_T = TypeVar("_T")
_P = ParamSpec("_P")


class Store:
    """The database of one archive, open for reading or for writing, usable from many threads.

    Each call borrows a connection of its own, so readers in this process neither wait for each
    other nor for the writer, and see whole transactions only.
    """

    def __init__(self, engine: Engine, lock: WriterLock | None, *, writing: bool) -> None:
        """Use `open` or `create`."""
        self._engine = engine
        self.place = engine.place
        """What it was opened by."""
        self.folder: Path = engine.folder
        """Where its files lie on this machine; all of it, where it is not on a server."""
        self.known_as = engine.name
        """The archive, as people call it."""
        self.shared = engine.shared
        """Whether other processes may write meanwhile."""
        self._lock = lock
        self._for_writing = writing
        self._idle: list[Database] = []
        self._closed = threading.Event()
        self._one_writer = threading.RLock()
        self._pinned = threading.local()
        self._scopes: dict[tuple[str, ...], Words] = {}
        try:
            with self._lent() as db:
                engine.check(db)
        except BaseException:
            self._drop()
            raise

    @classmethod
    def open(cls, place: Place) -> Self:
        """Open an archive for reading; it never blocks and is never blocked.

        The first program that is newer than the archive brings its tables up to date.
        """
        engine = engines.of(place)
        with translated(engine):
            there = engine.exists()
        if not there:
            raise engines.missing(engine)
        try:
            return cls(engine, None, writing=False)
        except ArchiveOutdated as outdated:
            cls._upgrade(place, outdated)
        return cls(engine, None, writing=False)

    @classmethod
    def _upgrade(cls, place: Place, outdated: ArchiveOutdated) -> None:
        try:
            cls.create(place).close()
        except ArchiveError as error:
            raise type(error)(f"{outdated}: {error}") from error

    @classmethod
    def create(cls, place: Place) -> Self:
        """Open an archive for writing, and make it when there is none.

        One process at a time in a folder; as many as there are on a server.
        """
        engine = engines.of(place)
        lock = engine.lock()
        try:
            with translated(engine):
                engine.create()
            return cls(engine, lock, writing=True)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def close(self) -> None:
        """Close the connections and let others write; harmless when already closed."""
        self._closed.set()
        self._drop()
        if self._lock is not None:
            self._lock.release()

    def _drop(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def writable(self) -> bool:
        """Whether this object may write."""
        return self._for_writing and not self._closed.is_set()

    def check_space(self) -> None:
        """Raise `ArchiveFull` when the disk is too full to write safely.

        How full a server's disk is cannot be asked: there, what does not fit fails as a whole.
        """
        if self.shared:
            return
        free = shutil.disk_usage(self.folder).free
        if free < LOW_WATER:
            raise ArchiveFull(
                f"only {free / 1e6:.0f} MB are free on the disk of {self.known_as!r}, "
                f"{LOW_WATER / 1e6:.0f} MB are needed to write safely; make room and run it again "
                "(what is stored can still be read)"
            )

    def copy_to(self, path: Path) -> None:
        """Write the database of a folder as it is now into a new file, while others write."""
        engine = Folder(self.folder)
        with translated(engine):
            db = schema.connect(self.folder / schema.FILE, writing=False)
            try:
                db.execute("VACUUM INTO ?", (str(path),))
            finally:
                db.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread see the archive as it is now until the block ends, whoever writes.

        Without it each call sees the newest state, so that an offset may be taken from one
        revision of an article and its text from the next.
        """
        if self._snapshot() is not None:
            yield
            return
        with self._lent() as db:
            db.begin("snapshot")
            self._pinned.db = db
            try:
                yield
            finally:
                self._pinned.db = None
                with translated(self._engine):
                    db.rollback()

    def alone(self, names: Callable[[], Sequence[object]], work: Callable[[], _T]) -> _T:
        """Do some work on what some names stand for, as if nobody else did such work.

        In a folder there is one writer, so the work is just done. On a server it is one
        transaction, which waits for those that have one of the names, and is done once more when
        it met another one or lost the connection: it must not change anything but the archive.
        """
        if not self.shared or self._snapshot() is not None:
            return work()

        def held() -> _T:
            with self._transaction() as db:
                db.hold(names())
                self._pinned.db, self._pinned.writing = db, True
                try:
                    return work()
                finally:
                    self._pinned.db, self._pinned.writing = None, False

        return engines.again(held)

    def _snapshot(self) -> Database | None:
        return getattr(self._pinned, "db", None)

    @property
    def restricted(self) -> bool:
        """Whether who reads here may not read everything; see `rag.rights`."""
        who = reader()
        return who is not None and not who.everything

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        """Borrow a connection that shows what this thread's reader may read.

        This is the one place at which all that reads articles comes to know whose eyes it has.
        """
        who = reader()
        with self._lent() as db:
            yield db if who is None or who.everything else self._shown(db, who)

    def _shown(self, db: Database, who: Reader) -> Database:
        if db.dialect == "sqlite":
            db.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.instance "
                "USING fts5vocab ('main', 'fulltext', 'instance')"
            )
        words = self._scopes.get(who.collections)
        if words is None:
            while len(self._scopes) >= _SCOPES:
                with suppress(KeyError, RuntimeError, StopIteration):  # other threads do it too
                    del self._scopes[next(iter(self._scopes))]
            words = self._scopes.setdefault(who.collections, among(db.words))
        return Scoped(db, who, words)

    @contextmanager
    def _lent(self) -> Iterator[Database]:
        """Borrow a connection, or use the one that shows this thread's snapshot."""
        if (pinned := self._snapshot()) is not None:
            with translated(self._engine):
                yield pinned
            return
        if self._closed.is_set():
            raise ArchiveError(f"the archive {self.known_as!r} has been closed")
        with translated(self._engine):
            db = self._borrowed()
            try:
                yield db
            finally:
                self._returned(db)

    def _borrowed(self) -> Database:
        while self._idle:
            with suppress(IndexError):
                db = self._idle.pop()
                if db.usable:
                    return db
        return self._engine.connect(writing=self._for_writing)

    def _returned(self, db: Database) -> None:
        if not db.usable or len(self._idle) >= _IDLE:
            db.close()
            return
        self._idle.append(db)
        if self._closed.is_set():
            self.close()

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        """Borrow a connection inside a transaction, while there is room for more."""
        self.check_space()
        with self._transaction() as db:
            yield db

    def _written(self, work: Callable[[Database], _T]) -> _T:
        """Do some work in one transaction; on a server once more when another was in its way."""

        def held() -> _T:
            with self._writing() as db:
                return work(db)

        return engines.again(held) if self.shared and self._snapshot() is None else held()

    @contextmanager
    def _transaction(self) -> Iterator[Database]:
        """Borrow a connection inside a transaction: all of the block is stored, or nothing."""
        if not self.writable:
            raise ArchiveError(f"the archive {self.known_as!r} is not open for writing")
        if getattr(self._pinned, "writing", False):  # part of what `alone` does
            with self._lent() as db:
                yield db
            return
        with self._turn(), self._lent() as db:
            db.begin("writing")
            try:
                yield db
                db.commit()
            except BaseException:
                with suppress(*engines.errors()):  # a full disk has already rolled back
                    db.rollback()
                raise

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the other threads that write, where only one of them can."""
        if self.shared:
            yield
            return
        with self._one_writer:
            yield

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        def found() -> list[Row]:
            with self._reading() as db:
                return db.execute(query, tuple(values)).fetchall()

        try:
            return found()
        except ArchiveUnreachable:
            if self._snapshot() is not None:
                raise
            return found()  # a connection that was kept may be one to a server that has restarted

    def _one(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        found = self._all(query, values)
        return found[0] if found else None


def reads(query: Callable[Concatenate[Database, _P], _T]) -> Callable[Concatenate[Store, _P], _T]:
    """Make a method of what reads from a database: it sees what this thread's reader may read.

    What `query` returns must be read to its end: the connection is given back.

    Example:
        class Archive(Store):
            tally = reads(catalogue.tally)
    """

    @wraps(query)
    def method(self: Store, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        with self._reading() as db:
            return query(db, *args, **kwargs)

    return method
