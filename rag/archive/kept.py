"""What people keep in an archive besides its articles, written without its writer's lock.

Every write is one short transaction, which SQLite fits between those of a process that indexes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rag.archive import schema
from rag.archive.migrations import MIGRATIONS
from rag.archive.store import translated


class Kept:
    """Some tables of one archive, in one connection that threads share."""

    def __init__(self, db: sqlite3.Connection, folder: Path) -> None:
        """Use `open` or `in_memory`."""
        self._db = db
        self._db.row_factory = sqlite3.Row
        # Once: SQLite refuses to define it again while another thread reads.
        self._db.create_function("dl_fold", 1, str.casefold, deterministic=True)
        self._folder = folder
        self._lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what is kept in an archive, which must exist.

        Raises:
            ArchiveError: it cannot be written, as on a read-only medium.
        """
        with translated(folder):
            return cls(schema.connect(folder / schema.FILE, writing=True), folder)

    @classmethod
    def in_memory(cls) -> Self:
        """Keep things as long as this process lives."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA foreign_keys = ON")
        schema.functions(db)
        for script in MIGRATIONS:
            db.executescript(script)
        return cls(db, Path("memory"))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _all(self, query: str, values: Any) -> list[sqlite3.Row]:  # noqa: ANN401
        with self._lock, translated(self._folder):
            return self._db.execute(query, values).fetchall()
