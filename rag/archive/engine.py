"""Where an archive's database is: in a folder (SQLite) or on a server (PostgreSQL)."""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rag.archive import schema
from rag.archive.database import Database
from rag.archive.lock import WriterLock
from rag.errors import (
    ArchiveContended,
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveMissing,
    ArchiveUnreachable,
)
from rag.settings import Address, Place

_T = TypeVar("_T")


class Engine(Protocol):
    """Opens connections to one archive."""

    @property
    def place(self) -> Place:
        """What it was made of."""

    @property
    def name(self) -> str:
        """The archive, as people call it; without a password."""

    @property
    def folder(self) -> Path:
        """Where what belongs to the archive lies on this machine, such as the index of vectors."""

    @property
    def shared(self) -> bool:
        """Whether many processes may write at once."""

    def exists(self) -> bool: ...  # noqa: D102
    def lock(self) -> WriterLock | None:
        """Take the lock of the only writer, where there is to be one."""

    def create(self, *, moving: bool = False) -> None:
        """Make the tables that are missing, all or none; hidden, if a move is to fill them."""

    def moving(self, db: Database) -> bool:
        """Return True when the tables are those that a move is to fill."""

    def mark(self, db: Database, *, moving: bool) -> None:
        """Hide the tables while a move fills them, and then let them be an archive."""

    def check(self, db: Database) -> None:
        """Raise unless the database is an archive of a version that this program reads."""

    def connect(self, *, writing: bool) -> Database: ...  # noqa: D102

    def explained(self, error: Exception) -> ArchiveError | None:
        """Return an error of the database in our words; None where it is for the caller."""


class Folder:
    """An archive in a folder of this machine."""

    shared = False

    def __init__(self, folder: Path) -> None:
        self.place: Place = folder
        self.folder = folder
        self.name = str(folder)
        self._path = folder / schema.FILE

    def exists(self) -> bool:  # noqa: D102
        return self._path.is_file()

    def lock(self) -> WriterLock:
        """Take the lock that one process has."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return WriterLock(self.folder / "archive.lock")
        except OSError as error:
            raise ArchiveError(f"cannot write to {self.name!r}: {error.strerror}") from error

    def create(self, *, moving: bool = False) -> None:  # noqa: D102
        schema.create(self._path, moving=moving)

    def moving(self, db: Database) -> bool:  # noqa: D102
        return bool(db.execute("PRAGMA user_version").fetchone()[0] < 0)

    def mark(self, db: Database, *, moving: bool) -> None:  # noqa: D102
        db.execute(f"PRAGMA user_version = {-schema.VERSION if moving else schema.VERSION}")

    def check(self, db: Database) -> None:  # noqa: D102
        schema.check(db, self.name)

    def connect(self, *, writing: bool) -> Database:
        """Open a connection whose rows have names."""
        db = schema.connect(self._path, writing=writing)
        db.row_factory = sqlite3.Row
        return db

    def explained(self, error: Exception) -> ArchiveError | None:
        """Turn SQLite's own errors into ours, with the folder and what to do."""
        if isinstance(error, sqlite3.IntegrityError) or not isinstance(
            error, sqlite3.DatabaseError
        ):
            return None
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR_WRITE"):
            return ArchiveFull(
                f"the disk of {self.name!r} is full; what was stored before is safe, "
                "make room and run it again"
            )
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return ArchiveDamaged(
                f"the archive {self.name!r} is damaged ({error}); see what is wrong with: "
                "dateline doctor, and bring a backup back with: dateline restore"
            )
        return ArchiveError(f"the archive {self.name!r} cannot be used: {error}")


def folder_of(place: Place) -> Path:
    """Return where an archive's files lie on this machine."""
    return place.folder if isinstance(place, Address) else place


def of(place: Place) -> Engine:
    """Return the engine of a place.

    Raises:
        ArchiveError: the address is one of PostgreSQL, and the driver is not installed.
    """
    if isinstance(place, Address):
        from rag.archive.postgres import Server

        return Server(place)
    return Folder(place)


def missing(engine: Engine) -> ArchiveMissing:
    """Return the error that says that there is no archive."""
    return ArchiveMissing(
        f"there is no archive in {engine.name!r} yet; make one with: dateline index PATH"
    )


def again(work: Callable[[], _T]) -> _T:
    """Do some work once more while other writers are in its way, or the database does not answer.

    Raises:
        ArchiveUnreachable: it has not answered for half a minute.
    """
    end = time.monotonic() + schema.PATIENCE
    while True:
        try:
            return work()
        except (ArchiveContended, ArchiveUnreachable):
            if time.monotonic() > end:
                raise
            time.sleep(random.uniform(0.01, 0.2))  # noqa: S311 - not to meet again


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn the database's own errors into ours."""
    try:
        yield
    except errors() as error:
        ours = engine.explained(error)
        if ours is None:
            raise
        raise ours from error


def errors() -> tuple[type[Exception], ...]:
    """Return what databases raise; the driver of PostgreSQL only where it is in use."""
    ours = (sqlite3.DatabaseError,)
    return (*ours, *_theirs()) if "psycopg" in sys.modules else ours


@cache
def _theirs() -> tuple[Any, ...]:
    from psycopg import Error

    return (Error,)
