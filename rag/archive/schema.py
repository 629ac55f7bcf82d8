"""The archive's tables, and how a connection to them is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from rag.archive.addresses import canonical
from rag.archive.database import Database, Dialect, Words
from rag.archive.fts5 import Fts5
from rag.archive.migrations import MIGRATIONS
from rag.errors import ArchiveError, ArchiveMissing, ArchiveOutdated
from rag.language.tongue import language_of

VERSION = len(MIGRATIONS)
FILE = "archive.db"
UNFINISHED = "the archive {} is being moved there; run once more: dateline move"
PATIENCE = 30.0
"""Seconds that a connection waits for another one's lock."""


class Lite(sqlite3.Connection):
    """A connection to SQLite."""

    dialect: Dialect = "sqlite"
    words: Words = Fts5()

    @property
    def usable(self) -> bool:
        """Whether it is outside of a transaction."""
        return not self.in_transaction

    def plain(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield rows as tuples: half the time of rows with names, where there are many."""
        cursor = self.cursor()
        cursor.row_factory = None
        yield from cursor.execute(query, tuple(values))

    def begin(self, how: Literal["writing", "snapshot"]) -> None:
        """Begin a transaction; the first read fixes the state that a snapshot sees."""
        self.execute("BEGIN IMMEDIATE" if how == "writing" else "BEGIN")
        if how == "snapshot":
            self.execute("SELECT count(*) FROM meta").fetchone()

    def hold(self, names: Sequence[object]) -> None:
        """Nothing to wait for: a transaction that writes is the only one."""


def create(path: Path, *, moving: bool = False) -> None:
    """Make the tables that are missing: all of them, or those that came with newer programs.

    All or nothing: a killed process leaves the version that was there. Tables that a move is to
    fill have a version below zero until it is done, so that nobody takes them for an archive.
    """
    db = connect(path, writing=True)
    try:
        version = _version(db)
        if made(version, str(path.parent), moving=moving):
            return
        functions(db)
        db.execute("BEGIN IMMEDIATE")
        for step in MIGRATIONS[abs(version) :]:
            for statement in statements(step if isinstance(step, str) else step.sqlite):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {-VERSION if moving and version <= 0 else VERSION}")
        db.execute("COMMIT")
    finally:
        db.close()


def made(version: int, name: str, *, moving: bool) -> bool:
    """Return True when there are all tables; raises when they wait for a move to be done."""
    if version < 0 and not moving:
        raise ArchiveError(UNFINISHED.format(repr(name)))
    return abs(version) >= VERSION


def connect(path: Path, *, writing: bool) -> Lite:
    """Open one connection, which may be handed from thread to thread."""
    mode = "rwc" if writing else "ro"
    db = _open(path, f"mode={mode}")
    try:
        _configure(db, writing=writing)
    except sqlite3.OperationalError:
        db.close()
        # On a read-only medium SQLite cannot make the -shm file that WAL needs. Nobody writes
        # there, so the database may be read as it lies.
        if writing or _size(path.with_name(path.name + "-wal")):
            raise
        db = _open(path, "mode=ro&immutable=1")
        _configure(db, writing=False)
    return db


def check(db: Database, name: str) -> None:
    """Raise unless the database is an archive of a version that this program reads."""
    judge(int(db.execute("PRAGMA user_version").fetchone()[0]), name)


def judge(version: int, name: str) -> None:
    """Raise unless an archive of this version of the tables is one that this program reads."""
    if version < 0:
        raise ArchiveError(UNFINISHED.format(repr(name)))
    if version > VERSION:
        raise ArchiveError(
            f"the archive {name!r} was made by a newer Dateline (schema {version}, this "
            f"one reads {VERSION}); update the program"
        )
    if version == 0:
        raise ArchiveMissing(
            f"there is no archive in {name!r} yet; make one with: dateline index PATH"
        )
    if version < VERSION:
        raise ArchiveOutdated(
            f"the archive {name!r} was made by an older Dateline (schema {version}, this "
            f"one reads {VERSION}) and has to be brought up to date"
        )


def in_memory() -> Lite:
    """Return a connection to the tables of an empty archive that lasts as long as it."""
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Lite)
    functions(db)
    for step in MIGRATIONS:
        db.executescript(step if isinstance(step, str) else step.sqlite)
    _configure(db, writing=False)
    db.row_factory = sqlite3.Row
    return db


def functions(db: Lite) -> None:
    """Give a connection the functions that the steps of the schema call."""
    db.create_function("canonical", 1, _canonical, deterministic=True)
    db.create_function("language_of", 1, language_of, deterministic=True)


def _canonical(url: object) -> str | None:
    return canonical(url) if isinstance(url, str) else None


def _version(db: Lite) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; a trigger holds semicolons of its own."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _open(path: Path, mode: str) -> Lite:
    uri = f"{path.absolute().as_uri()}?{mode}"
    db = sqlite3.connect(
        uri,
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        factory=Lite,
    )
    db.text_factory = readable
    return db


def readable(stored: bytes) -> str:
    """Decode what a column holds: a text with a damaged byte is another text, known by its digest.

    SQLite's own decoding would fail, and with it everything that reads this text among others.
    """
    return str(stored, "utf-8", "replace")


def _configure(db: Lite, *, writing: bool) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    if writing:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    # At once: SQLite refuses to define it again while another thread reads.
    db.create_function("dl_fold", 1, str.casefold, deterministic=True)
    db.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
