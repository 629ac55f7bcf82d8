"""An archive on a PostgreSQL server: connections, tables, errors.

Every table is that of SQLite, in the first schema of the connection's search path, so that one
database may hold several archives (`?options=-csearch_path=news`). Texts are compared byte by byte
(`COLLATE "C"`), whatever the database's own order is. Nothing is prepared on the server and no lock
outlives its transaction, so that PgBouncer may stand in between.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rag.archive import schema
from rag.archive.database import Database, Dialect, Words
from rag.archive.migrations import MIGRATIONS, Step
from rag.archive.tsvector import Tsvector
from rag.errors import (
    ArchiveContended,
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveUnreachable,
)
from rag.settings import Address, Place

try:
    import psycopg
    from psycopg.rows import tuple_row
except ImportError as missing:
    raise ArchiveError(
        "an archive on a PostgreSQL server needs its driver: pip install 'dateline-qa[postgres]'"
    ) from missing

_TOGETHER = 2_000
"""Rows that are fetched at a time where there may be many."""
_MIGRATION = 0x646174656C696E65
"""The advisory lock of who makes the tables."""

_FUNCTIONS = """
CREATE FUNCTION json_each(text) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE AS
$$ SELECT jsonb_array_elements_text(CAST($1 AS JSONB)) $$;
CREATE FUNCTION instr(text, text) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS
$$ SELECT strpos($1, $2) $$;
CREATE TABLE dateline (version INTEGER NOT NULL);
INSERT INTO dateline VALUES (0);
"""
_FOLD = """
CREATE FUNCTION dl_fold(text) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1{}) $$;
"""


class Row(tuple[Any, ...]):
    """A row whose columns have names too."""

    __slots__ = ()
    places: dict[str, int]

    def __getitem__(self, column: Any) -> Any:  # noqa: ANN401
        return tuple.__getitem__(self, self.places[column] if isinstance(column, str) else column)

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.places)


@cache
def _row(names: tuple[str, ...]) -> type[Row]:
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    return type("NamedRow", (Row,), {"places": dict(reversed(places.items())), "__slots__": ()})


def _named(cursor: Any) -> Any:  # noqa: ANN401 - as the driver wants it
    described = cursor.description
    return _row(tuple(column.name for column in described)) if described else tuple


def marked(query: str) -> str:
    """Write a statement with the marks for values that the driver knows; a list may be empty."""
    return query.replace("%", "%%").replace("?", "%s").replace(" IN ()", " IN (NULL)")


class Connection:
    """See `rag.archive.database.Database`."""

    dialect: Dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any], words: Words) -> None:
        self._connection = connection
        self.words = words

    @property
    def usable(self) -> bool:
        """Whether it is connected and outside of a transaction, as far as is known here."""
        idle = psycopg.pq.TransactionStatus.IDLE
        return not self._connection.closed and self._connection.info.transaction_status == idle

    def execute(self, query: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        """Run one statement; its rows have names."""
        if query.lstrip()[:5] in ("SELEC", "WITH "):  # nothing that is stored has such a sign
            values = [v.replace("\0", "\ufffd") if isinstance(v, str) else v for v in values]
        return self._connection.execute(marked(query), tuple(values))

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each of some values, in one round trip."""
        rows = [tuple(each) for each in values]
        if rows:
            self._connection.cursor().executemany(marked(query), rows)

    def plain(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield rows as tuples, of which few are in memory at once."""
        with (
            self._connection.transaction(),
            self._connection.cursor("rows", row_factory=tuple_row) as cursor,
        ):
            cursor.itersize = _TOGETHER
            yield from cursor.execute(marked(query), tuple(values))

    def begin(self, how: Literal["writing", "snapshot"]) -> None:
        """Begin a transaction; the first read fixes the state that a snapshot sees."""
        if how == "writing":
            self.execute("BEGIN")
            return
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.execute("SELECT count(*) FROM dateline")

    def hold(self, names: Sequence[object]) -> None:
        """Take the locks of these names in one order, so that nobody waits in a ring."""
        keys = sorted({_key(name) for name in names})
        self.execute(
            "SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(? AS BIGINT[])) AS k", (keys,)
        )

    def commit(self) -> None:
        """End the transaction: all of it is stored."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """End the transaction: nothing of it is stored."""
        self.execute("ROLLBACK")

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


def _key(name: object) -> int:
    digest = hashlib.blake2b(repr(name).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


class Server:
    """An archive on a PostgreSQL server; see `rag.archive.engine.Engine`."""

    shared = True

    def __init__(self, address: Address) -> None:
        self.name = address.name
        self.place: Place = address
        self._address = address
        self._words = Tsvector()

    @property
    def folder(self) -> Path:
        """Where what belongs to the archive lies on this machine."""
        folder = self._address.folder
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def exists(self) -> bool:
        """Return True when the tables are there."""
        db = self.connect(writing=False)
        try:
            return _version(db) is not None
        finally:
            db.close()

    def lock(self) -> None:
        """Many may write: each article has a lock of its own."""

    def check(self, db: Database) -> None:
        """Raise unless the tables are of a version that this program reads."""
        schema.judge(_version(db) or 0, self.name)

    def create(self, *, moving: bool = False) -> None:
        """Make the tables that are missing, all or none; who comes meanwhile waits."""
        db = self.connect(writing=True)
        try:
            if schema.made(_version(db) or 0, self.name, moving=moving):
                return
            db.begin("writing")
            db.execute("SELECT pg_advisory_xact_lock(?)", (_MIGRATION,))
            self._prepare(db)
            done = _version(db) or 0
            for step in MIGRATIONS[abs(done) :]:
                for statement in statements(step):
                    db.execute(statement)
            version = -schema.VERSION if moving and done <= 0 else max(done, schema.VERSION)
            db.execute("UPDATE dateline SET version = ?", (version,))
            db.commit()
        finally:
            db.close()

    def moving(self, db: Database) -> bool:
        """Return True when the tables are those that a move is to fill."""
        return (_version(db) or 0) < 0

    def mark(self, db: Database, *, moving: bool) -> None:
        """Hide the tables while a move fills them, and then let them be an archive."""
        version = -schema.VERSION if moving else schema.VERSION
        db.execute("UPDATE dateline SET version = ?", (version,))

    def _prepare(self, db: Database) -> None:
        encoding = db.execute("SHOW server_encoding").fetchone()[0]
        if encoding != "UTF8":
            raise ArchiveError(f"the database {self.name!r} holds {encoding}; it must be UTF8")
        if db.execute("SELECT current_schema()").fetchone()[0] is None:
            path = db.execute("SHOW search_path").fetchone()[0]
            first = path.split(",")[0].strip().strip('"')
            db.execute('CREATE SCHEMA "{}"'.format(first.replace('"', '""')))
        if _version(db) is None:
            order = "SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"
            known = db.execute(order).fetchone()
            for statement in (
                *_FUNCTIONS.split(";\n"),
                _FOLD.format(' COLLATE "und-x-icu"' if known else ""),
            ):
                if statement.strip():
                    db.execute(statement)

    def connect(self, *, writing: bool) -> Connection:
        """Open a connection.

        Raises:
            ArchiveUnreachable: the server does not answer.
            ArchiveError: it does not let us in.
        """
        try:
            connection: psycopg.Connection[Any] = psycopg.connect(
                self._address,
                autocommit=True,
                prepare_threshold=None,
                row_factory=_named,
                connect_timeout=10,
                application_name="dateline",
            )
        except psycopg.Error as error:
            raise self.explained(error) from error
        connection.execute("SET lock_timeout = '30s'; SET extra_float_digits = 3; SET jit = off")
        return Connection(connection, self._words)

    def explained(self, error: Exception) -> ArchiveError:
        """Turn PostgreSQL's errors into ours, with the archive and what to do."""
        said = str(error).strip().partition("\n")[0]
        state = getattr(error, "sqlstate", None) or ""
        name = repr(self.name)
        if state in ("40001", "40P01", "55P03", "23505"):
            return ArchiveContended(f"other writers were in the way in the archive {name}: {said}")
        if state == "53100":
            return ArchiveFull(
                f"the disk of the server of {name} is full; what was stored before is safe, make "
                "room and run it again"
            )
        if state.startswith("XX"):
            return ArchiveDamaged(f"the archive {name} is damaged: {said}")
        lost = not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        if (lost and "authentication" not in said) or state.startswith(("08", "57P", "53")):
            return ArchiveUnreachable(f"the server of the archive {name} does not answer: {said}")
        return ArchiveError(f"the archive {name} cannot be used: {said}")


def _version(db: Database) -> int | None:
    """Return the version of the tables; None where there are none."""
    if db.execute("SELECT to_regclass('dateline')").fetchone()[0] is None:
        return None
    return int(db.execute("SELECT version FROM dateline").fetchone()[0])


_AS_POSTGRES = (
    (
        r"\bINTEGER PRIMARY KEY(?: AUTOINCREMENT)?",
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    ),
    (r"\bINTEGER\b", "BIGINT"),
    (r"\bREAL\b", "DOUBLE PRECISION"),
    (r"\bBLOB\b", "BYTEA"),
    (r"(?<![Aa][Ss] )\bTEXT\b", 'TEXT COLLATE "C"'),
    (r"\bvalue\)", 'value TEXT COLLATE "C")'),
    (r"\)\s*WITHOUT ROWID", ")"),
    (r"(?m)^(\s+)end\b", r'\1"end"'),
)
_TRIGGER = re.compile(
    r"\s*CREATE TRIGGER (?:IF NOT EXISTS )?(\w+) (AFTER \w+ ON \w+)"
    r"(?: FOR EACH ROW)? BEGIN(.*)END;",
    re.DOTALL,
)
_ITS_OWN = re.compile(r"fulltext|passage_text", re.IGNORECASE)


def statements(step: str | Step) -> Iterator[str]:
    """Yield the statements of a step in PostgreSQL's SQL."""
    if isinstance(step, Step):
        yield from (each for each in step.postgres.split(";\n") if each.strip())
        return
    for statement in schema.statements(step):
        if _ITS_OWN.search(statement):  # the words of passages are in a table of another kind
            continue
        if found := _TRIGGER.match(statement):
            name, when, body = found.groups()
            yield (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {body} RETURN NULL; END $$"
            )
            yield f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()"
            continue
        for pattern, ours in _AS_POSTGRES:
            statement = re.sub(pattern, ours, statement)  # noqa: PLW2901
        yield statement


def wait(address: Address, seconds: float) -> None:
    """Wait until a server answers; raises `ArchiveUnreachable`."""
    end = time.monotonic() + seconds
    while True:
        try:
            Server(address).connect(writing=False).close()
        except ArchiveUnreachable:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
