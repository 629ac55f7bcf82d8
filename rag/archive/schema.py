"""The archive's tables, and how a connection to them is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rag.archive.addresses import canonical
from rag.archive.migrations import MIGRATIONS
from rag.errors import ArchiveError, ArchiveMissing, ArchiveOutdated
from rag.language.tongue import language_of

VERSION = len(MIGRATIONS)
FILE = "archive.db"
PATIENCE = 30.0
"""Seconds that a connection waits for another one's lock."""


def create(path: Path) -> None:
    """Make the tables that are missing: all of them, or those that came with newer programs.

    All or nothing: a killed process leaves the version that was there.
    """
    db = connect(path, writing=True)
    try:
        if _version(db) >= VERSION:
            return
        functions(db)
        db.execute("BEGIN IMMEDIATE")
        for script in MIGRATIONS[_version(db) :]:
            for statement in _statements(script):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {max(VERSION, _version(db))}")
        db.execute("COMMIT")
    finally:
        db.close()


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
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


def check(db: sqlite3.Connection, folder: Path) -> None:
    """Raise unless the database is an archive of a version that this program reads."""
    version = _version(db)
    if version > VERSION:
        raise ArchiveError(
            f"the archive {str(folder)!r} was made by a newer Dateline (schema {version}, this "
            f"one reads {VERSION}); update the program"
        )
    if version == 0:
        raise ArchiveMissing(
            f"there is no archive in {str(folder)!r} yet; make one with: dateline index PATH"
        )
    if version < VERSION:
        raise ArchiveOutdated(
            f"the archive {str(folder)!r} was made by an older Dateline (schema {version}, this "
            f"one reads {VERSION}) and has to be brought up to date"
        )


def functions(db: sqlite3.Connection) -> None:
    """Give a connection the functions that the steps of the schema call."""
    db.create_function("canonical", 1, _canonical, deterministic=True)
    db.create_function("language_of", 1, language_of, deterministic=True)


def _canonical(url: object) -> str | None:
    return canonical(url) if isinstance(url, str) else None


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; a trigger holds semicolons of its own."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _open(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    db = sqlite3.connect(
        uri, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    db.text_factory = readable
    return db


def readable(stored: bytes) -> str:
    """Decode what a column holds: a text with a damaged byte is another text, known by its digest.

    SQLite's own decoding would fail, and with it everything that reads this text among others.
    """
    return str(stored, "utf-8", "replace")


def _configure(db: sqlite3.Connection, *, writing: bool) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    if writing:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    db.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
