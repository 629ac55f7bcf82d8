"""Collections of vectors in PostgreSQL with the extension pgvector: one table each.

A vector is kept in half precision, with a graph (HNSW) up to 4,000 dimensions; the archive's own
float32 decides in which order what was found stands.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rag.archive.editions import Damaged
from rag.archive.postgres import Server
from rag.archive.vectors import Matrix
from rag.errors import ArchiveError
from rag.settings import Address

try:
    import psycopg
except ImportError as missing:  # pragma: no cover - said by rag.archive.postgres before
    raise ArchiveError("pgvector needs the driver of PostgreSQL") from missing

_PREFIX = "near_"
_MOST_IN_A_GRAPH = 4_000
_GRAPH = "WITH (m = 32, ef_construction = 200)"
_WIDE = 600
"""As wide as the graphs of Chroma (`rag.archive.chroma.HNSW`): with pgvector's own 16, 64 and 100,
seven of the ten nearest of 100,000 vectors were found."""
_WIDEST = 1_000
"""The most that pgvector lets a search look around in the graph."""


class PgVector:
    """See `rag.archive.remote.Collections`."""

    def __init__(self, address: Address) -> None:
        """Name the database; connects when asked."""
        self._server = Server(address)
        self._address = address
        self._connected: psycopg.Connection[Any] | None = None
        self._lock = threading.RLock()

    def names(self) -> set[str]:  # noqa: D102
        with self._guarded() as db:
            found = db.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = current_schema() AND table_name LIKE 'near\\_%'"
            ).fetchall()
        return {name.removeprefix(_PREFIX) for (name,) in found}

    def make(self, name: str, dimensions: int) -> None:  # noqa: D102
        with self._guarded() as db:
            db.execute("CREATE EXTENSION IF NOT EXISTS vector")
            db.execute(
                f"CREATE TABLE {_PREFIX}{name} "
                f"(n BIGINT PRIMARY KEY, v halfvec({int(dimensions)}) NOT NULL)"
            )

    def seal(self, name: str) -> None:
        """Make the graph, once all is there: a tenth of the time of growing it row by row."""
        with self._guarded() as db:
            of = db.execute(
                "SELECT atttypmod FROM pg_attribute WHERE attname = 'v' "
                "AND attrelid = CAST(%s AS REGCLASS)",
                (f"{_PREFIX}{name}",),
            ).fetchone()
            if of is not None and of[0] <= _MOST_IN_A_GRAPH:
                db.execute(
                    f"CREATE INDEX ON {_PREFIX}{name} USING hnsw (v halfvec_cosine_ops) {_GRAPH}"
                )

    def drop(self, name: str) -> None:  # noqa: D102
        with self._guarded() as db:
            db.execute(f"DROP TABLE IF EXISTS {_PREFIX}{name}")

    def put(self, name: str, numbers: Sequence[int], matrix: Matrix) -> None:  # noqa: D102
        rows = [(n, _written(row)) for n, row in zip(numbers, matrix, strict=True)]
        with self._guarded() as db:
            db.cursor().executemany(
                f"INSERT INTO {_PREFIX}{name} VALUES (%s, CAST(%s AS halfvec)) "  # noqa: S608
                "ON CONFLICT (n) DO UPDATE SET v = excluded.v",
                rows,
            )

    def remove(self, name: str, numbers: Sequence[int]) -> None:  # noqa: D102
        with self._guarded() as db:
            db.execute(f"DELETE FROM {_PREFIX}{name} WHERE n = ANY (%s)", (list(numbers),))  # noqa: S608

    def numbers(self, name: str) -> set[int]:  # noqa: D102
        with self._guarded() as db:
            return {n for (n,) in db.execute(f"SELECT n FROM {_PREFIX}{name}")}  # noqa: S608

    def count(self, name: str) -> int:  # noqa: D102
        with self._guarded() as db:
            found = db.execute(f"SELECT count(*) FROM {_PREFIX}{name}").fetchone()  # noqa: S608
            return int(found[0]) if found else 0

    def nearest(self, name: str, vector: Matrix, limit: int) -> list[int]:  # noqa: D102
        wide = min(_WIDEST, max(_WIDE, 2 * limit))
        with self._guarded() as db, db.pipeline(), db.transaction():  # all in one round trip
            db.execute(f"SET LOCAL hnsw.ef_search = {wide}")
            # So wide a search is thought to be dearer than going through some ten thousand rows,
            # which takes four times as long.
            db.execute("SET LOCAL enable_seqscan = off")
            found = db.execute(
                f"SELECT n FROM {_PREFIX}{name} ORDER BY v <=> CAST(%s AS halfvec) LIMIT %s",  # noqa: S608
                (_written(vector), limit),
            ).fetchall()
        return [n for (n,) in found]

    def close(self) -> None:
        """Disconnect."""
        with self._lock:
            connected, self._connected = self._connected, None
        if connected is not None:
            connected.close()

    @contextmanager
    def _guarded(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._lock:  # one transaction at a time, whichever thread asks
                if self._connected is None or self._connected.closed:
                    self._connected = psycopg.connect(
                        self._address, autocommit=True, prepare_threshold=None, connect_timeout=10
                    )
                yield self._connected
        except psycopg.Error as error:
            self.close()
            raise Damaged(f"pgvector cannot be used: {self._server.explained(error)}") from error


def _written(vector: Matrix) -> str:
    return f"[{','.join(f'{x:.7g}' for x in vector.tolist())}]"
