"""Tables beside the articles in an archive's database: what people asked, what they follow.

They are written without the archive's writer's lock: every write is one short transaction that
touches no article, so SQLite fits it between those of a process that indexes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from rag.archive import engine as engines
from rag.archive import schema
from rag.archive.database import Database, Row
from rag.archive.engine import Engine, Folder, translated
from rag.archive.scoped import Scoped
from rag.errors import ArchiveUnreachable
from rag.rights import reader
from rag.settings import Place

_T = TypeVar("_T")


class Beside:
    """Such tables of one archive, in one connection that threads share."""

    def __init__(self, db: Database, engine: Engine) -> None:
        """Use `open` or `in_memory`."""
        self._db = db
        self._engine = engine
        self._lock = threading.RLock()

    @classmethod
    def open(cls, place: Place) -> Self:
        """Open those of an archive, which must exist.

        Raises:
            ArchiveError: it cannot be written, as on a read-only medium.
        """
        engine = engines.of(place)
        with translated(engine):
            return cls(engine.connect(writing=True), engine)

    @classmethod
    def in_memory(cls) -> Self:
        """Keep them as long as this process lives."""
        return cls(schema.in_memory(), Folder(Path("memory")))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        """Lend the connection inside a transaction: all of the block is stored, or nothing."""
        with self._lock, translated(self._engine):
            db = _twice(self._begun)
            try:
                yield db
                db.commit()
            except BaseException:
                with suppress(*engines.errors()):
                    db.rollback()
                raise

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read what this thread's reader may read; see `rag.rights`."""
        who = reader()

        def found() -> list[Row]:
            with translated(self._engine):
                db = self._connected()
                shown = db if who is None else Scoped(db, who)
                return shown.execute(query, tuple(values)).fetchall()

        with self._lock:
            return _twice(found)

    def _one(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        found = self._all(query, values)
        return found[0] if found else None

    def _begun(self) -> Database:
        """Begin a transaction."""
        with translated(self._engine):
            db = self._connected()
            db.begin("writing")
            return db

    def _connected(self) -> Database:
        """Return the connection; a new one where a server has dropped it."""
        if self._engine.shared and not self._db.usable:
            self._db = self._engine.connect(writing=True)
        return self._db


def _twice(work: Callable[[], _T]) -> _T:
    """Do some work, and once more where its connection was one to a server that has restarted."""
    try:
        return work()
    except ArchiveUnreachable:
        return work()
