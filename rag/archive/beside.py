"""Tables beside the articles in an archive's database: what people asked, what they follow.

They are written without the archive's writer's lock: every write is one short transaction that
touches no article, so SQLite fits it between those of a process that indexes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rag.archive import schema
from rag.archive.migrations import MIGRATIONS
from rag.archive.store import translated


class Beside:
    """Such tables of one archive, in one connection that threads share."""

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
        """Open those of an archive, which must exist.

        Raises:
            ArchiveError: it cannot be written, as on a read-only medium.
        """
        with translated(folder):
            return cls(schema.connect(folder / schema.FILE, writing=True), folder)

    @classmethod
    def in_memory(cls) -> Self:
        """Keep them as long as this process lives."""
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
        """Lend the connection inside a transaction: all of the block is stored, or nothing."""
        with self._lock, translated(self._folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock, translated(self._folder):
            return self._db.execute(query, tuple(values)).fetchall()

    def _one(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self._all(query, values)
        return found[0] if found else None
