"""An archive's folder as a thing to open: connections, transactions, the lock, the disk."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rag.archive import schema
from rag.archive.lock import WriterLock
from rag.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveMissing,
    ArchiveOutdated,
)

LOW_WATER = 200_000_000
"""Bytes that must stay free on the disk: below, nothing new is written, reading goes on."""


class Store:
    """The database of one folder, open for reading or for writing, usable from many threads.

    Each call borrows a connection of its own, so readers in this process neither wait for each
    other nor for the writer, and see whole transactions only.
    """

    def __init__(self, folder: Path, lock: WriterLock | None) -> None:
        """Use `open` or `create`."""
        self.folder = folder
        self._path = folder / schema.FILE
        self._lock = lock
        self._idle: list[sqlite3.Connection] = []
        self._closed = threading.Event()
        self._one_writer = threading.RLock()
        self._pinned = threading.local()
        with self._reading() as db:
            schema.check(db, folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an archive for reading; it never blocks and is never blocked.

        The first program that is newer than the archive brings its tables up to date.
        """
        if not (folder / schema.FILE).is_file():
            raise ArchiveMissing(
                f"there is no archive in {str(folder)!r} yet; make one with: dateline index PATH"
            )
        try:
            return cls(folder, None)
        except ArchiveOutdated as outdated:
            cls._upgrade(folder, outdated)
        return cls(folder, None)

    @classmethod
    def _upgrade(cls, folder: Path, outdated: ArchiveOutdated) -> None:
        try:
            cls.create(folder).close()
        except ArchiveError as error:
            raise type(error)(f"{outdated}: {error}") from error

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Open an archive for writing, and make it when there is none; one process at a time."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = WriterLock(folder / "archive.lock")
        except OSError as error:
            raise ArchiveError(f"cannot write to {str(folder)!r}: {error.strerror}") from error
        try:
            with translated(folder):
                schema.create(folder / schema.FILE)
            return cls(folder, lock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the connections and let others write; harmless when already closed."""
        self._closed.set()
        while self._idle:
            self._idle.pop().close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def writable(self) -> bool:
        """Whether this object holds the writer's lock."""
        return self._lock is not None and not self._closed.is_set()

    def check_space(self) -> None:
        """Raise `ArchiveFull` when the disk is too full to write safely."""
        free = shutil.disk_usage(self.folder).free
        if free < LOW_WATER:
            raise ArchiveFull(
                f"only {free / 1e6:.0f} MB are free on the disk of {str(self.folder)!r}, "
                f"{LOW_WATER / 1e6:.0f} MB are needed to write safely; make room and run it again "
                "(what is stored can still be read)"
            )

    def copy_to(self, path: Path) -> None:
        """Write the database as it is now into a new file, while others read and write."""
        with translated(path.parent), closing(schema.connect(self._path, writing=False)) as db:
            db.execute("VACUUM INTO ?", (str(path),))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let this thread see the archive as it is now until the block ends, whoever writes.

        Without it each call sees the newest state, so that an offset may be taken from one
        revision of an article and its text from the next.
        """
        if self._snapshot() is not None:
            yield
            return
        with self._reading() as db:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM meta").fetchone()  # the first read fixes the state
            self._pinned.db = db
            try:
                yield
            finally:
                self._pinned.db = None
                db.execute("ROLLBACK")

    def _snapshot(self) -> sqlite3.Connection | None:
        return getattr(self._pinned, "db", None)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection, or use the one that shows this thread's snapshot."""
        if (pinned := self._snapshot()) is not None:
            with translated(self.folder):
                yield pinned
            return
        if self._closed.is_set():
            raise ArchiveError(f"the archive {str(self.folder)!r} has been closed")
        with translated(self.folder):
            try:
                db = self._idle.pop()
            except IndexError:
                db = schema.connect(self._path, writing=self._lock is not None)
                db.row_factory = sqlite3.Row
            try:
                yield db
            finally:
                self._idle.append(db)
                if self._closed.is_set():
                    self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection inside a transaction, while there is room for more."""
        self.check_space()
        with self._transaction() as db:
            yield db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection inside a transaction: all of the block is stored, or nothing."""
        if not self.writable:
            raise ArchiveError(f"the archive {str(self.folder)!r} is not open for writing")
        with self._one_writer, self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.OperationalError):  # a full disk has already rolled back
                    db.execute("ROLLBACK")
                raise

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._reading() as db:
            return db.execute(query, tuple(values)).fetchall()

    def _one(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self._all(query, values)
        return found[0] if found else None


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn SQLite's own errors into ours, with the folder and what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR_WRITE"):
            raise ArchiveFull(
                f"the disk of {str(folder)!r} is full; what was stored before is safe, "
                "make room and run it again"
            ) from error
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise ArchiveDamaged(
                f"the archive {str(folder)!r} is damaged ({error}); see what is wrong with: "
                "dateline doctor, and bring a backup back with: dateline restore"
            ) from error
        raise ArchiveError(f"the archive {str(folder)!r} cannot be used: {error}") from error
