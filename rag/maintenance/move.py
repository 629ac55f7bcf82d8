"""A whole archive from one place to another: from a folder to a PostgreSQL server, and back.

Table by table, in the order of their keys, what differs is written. So a move that was cut off is
run once more and goes on, and what is there already is only compared. At the end both sides are
read once more and their digests compared; until then nobody can open the new archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from rag.archive import engine as engines
from rag.archive import schema
from rag.archive.database import Database
from rag.archive.engine import translated
from rag.errors import ArchiveError
from rag.settings import Place, shown

_TOGETHER = 200
"""Rows of a transaction: some of them are whole articles."""

Tell = Callable[[str, int], None]
"""Is told a table and how many rows of it have been compared."""
Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move has carried."""

    tables: dict[str, int]
    """Rows of each."""
    written: int
    """Rows that were not there yet."""
    digest: str
    """SHA-256 over all rows, the same on both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as both databases have it."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    own: tuple[str, ...]
    """Columns that refer to rows of the same table: they are set when all rows are there."""
    numbered: bool
    """Whether the database gives its key, which is one number."""


def move(source: Place, target: Place, tell: Tell | None = None) -> Moved:
    """Make, or go on making, the archive at `target` the one at `source`, which stays as it is.

    Raises:
        ArchiveMissing: there is nothing to move.
        ArchiveError: `target` holds something already, or the two are not equal at the end.
        ArchiveBusy: another process writes to one of them.
    """
    ours, theirs = engines.of(source), engines.of(target)
    with translated(ours):
        if not ours.exists():
            raise engines.missing(ours)
    with _held(ours), _held(theirs), translated(theirs):
        theirs.create(moving=True)
        with (
            closing(ours.connect(writing=False)) as given,
            closing(theirs.connect(writing=True)) as taken,
        ):
            ours.check(given)
            if not theirs.moving(taken):
                if not _empty(taken):
                    raise ArchiveError(
                        f"there is an archive at {shown(target)!r} already; it was left as it is"
                    )
                theirs.mark(taken, moving=True)  # made by a server that found none when it started
            moved = copy(given, taken, tell or (lambda *_: None))
            # What is noted of an index on a server is of the one that the source has.
            taken.execute("DELETE FROM meta WHERE name LIKE 'index %'")
            theirs.mark(taken, moving=False)
            if taken.dialect == "postgres":  # else it knows its new tables only a minute later
                names = ", ".join(["words", *(table.name for table in tables())])
                taken.execute(f"VACUUM (ANALYZE) {names}")
    return moved


def copy(given: Database, taken: Database, tell: Tell) -> Moved:
    """Make the rows of one database those of another, as that is at one moment.

    Raises:
        ArchiveError: they are not equal afterwards.
    """
    given.begin("snapshot")
    try:
        counts, written = {}, 0
        for table in reversed(tables()):
            _cleared(table, given, taken)
        for table in tables():
            counts[table.name], new = _copied(table, given, taken, tell)
            written += new
        for table in tables():
            if table.own:
                _referred(table, given, taken)
        _renumber(taken)
        with _transaction(taken):
            taken.words.rebuild(taken)
        digests = [_digest(db, tell) for db in (given, taken)]
    finally:
        given.rollback()
    if digests[0] != digests[1]:
        raise ArchiveError("what was written is not what was read; run it again")
    return Moved(tables=counts, written=written, digest=digests[0])


def _empty(db: Database) -> bool:
    """Whether nobody has put anything into an archive: no article, no person, no question."""
    return not any(
        db.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone()  # noqa: S608 - our own names
        for table in tables()
        if table.name != "meta"
    )


def tables() -> list[Table]:
    """Return the tables of an archive, each after those that it refers to, but not its words."""
    with closing(schema.in_memory()) as db:
        names = [
            row["name"]
            for row in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
                "AND name NOT LIKE 'fulltext%' ORDER BY name"
            )
        ]
        found = {name: _table(db, name) for name in names}
        refers = {name: {to for _, to in _references(db, name)} - {name} for name in names}
    order = TopologicalSorter(refers)
    return [found[name] for name in order.static_order()]


def _table(db: schema.Lite, name: str) -> Table:
    columns = db.execute(f"PRAGMA table_info({name})").fetchall()
    key = [c["name"] for c in sorted(columns, key=lambda c: c["pk"]) if c["pk"]]
    names = [c["name"] for c in columns]
    if name == "revision":  # of the texts of an article, the order in which they were stored
        key, names = ["rowid"], ["rowid", *names]
    own = [column for column, to in _references(db, name) if to == name]
    numbered = name == "revision" or [c["type"] for c in columns if c["pk"]] == ["INTEGER"]
    return Table(name=name, key=tuple(key), columns=tuple(names), own=tuple(own), numbered=numbered)


def _references(db: schema.Lite, name: str) -> list[tuple[str, str]]:
    return [(row["from"], row["table"]) for row in db.execute(f"PRAGMA foreign_key_list({name})")]


def _copied(table: Table, given: Database, taken: Database, tell: Tell) -> tuple[int, int]:
    """Write the rows that differ; return how many there are, and how many were written."""
    seen = written = 0
    after: Values | None = None
    while rows := _rows(given, table, after, None, _TOGETHER):
        last = _key(table, rows[-1])
        there = {_key(table, row): row for row in _rows(taken, table, after, last)}
        new = [row for row in rows if there.get(_key(table, row)) != row]
        with _transaction(taken):
            _write(taken, table, new, there)
        written += len(new)
        seen += len(rows)
        after = last
        tell(table.name, seen)
    return seen, written


def _cleared(table: Table, given: Database, taken: Database) -> None:
    """Remove the rows that have gone from the source since a move was begun."""
    after: Values | None = None
    keys = f"SELECT {_names(table.key)} FROM {table.name}"  # noqa: S608 - our own names
    while there := _page(taken, table, keys, after, None, 50 * _TOGETHER):
        kept = set(_page(given, table, keys, after, there[-1]))
        with _transaction(taken):
            query = f"DELETE FROM {table.name} WHERE {_is(table)}"  # noqa: S608 - our own names
            taken.executemany(query, [key for key in there if key not in kept])
        after = there[-1]


def _rows(
    db: Database, table: Table, after: Values | None, last: Values | None, most: int | None = None
) -> list[Values]:
    """Return rows behind a key, up to another one, without what refers to their own table."""
    columns = [c for c in table.columns if c not in table.own]
    select = f"SELECT {_names(columns)} FROM {table.name}"  # noqa: S608 - our own names
    return [_alike(table, row) for row in _page(db, table, select, after, last, most)]


def _page(
    db: Database,
    table: Table,
    select: str,
    after: Values | None,
    last: Values | None,
    most: int | None = None,
) -> list[Values]:
    clauses = list[str]()
    values: list[object] = []
    for sign, key in ((">", after), ("<=", last)):
        if key is not None:
            clauses.append(f"({_names(table.key)}) {sign} ({', '.join('?' * len(key))})")
            values += key
    where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
    limit = f"LIMIT {most}" if most else ""
    query = f"{select} {where} ORDER BY {_names(table.key)} {limit}"
    return [tuple(row) for row in db.execute(query, values)]


def _alike(table: Table, row: Values) -> Values:
    """Return a row as both databases would have it: the values of `meta` are of two types."""
    return (row[0], str(row[1])) if table.name == "meta" else row


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' if name != "rowid" else name for name in columns)


def _key(table: Table, row: Values) -> Values:
    columns = [c for c in table.columns if c not in table.own]
    return tuple(row[columns.index(name)] for name in table.key)


def _write(db: Database, table: Table, rows: list[Values], there: dict[Values, Values]) -> None:
    columns = [c for c in table.columns if c not in table.own]
    fresh = [_typed(db, table, row) for row in rows if _key(table, row) not in there]
    marks = ", ".join("?" * len(columns))
    db.executemany(f"INSERT INTO {table.name} ({_names(columns)}) VALUES ({marks})", fresh)  # noqa: S608
    sets = ", ".join(f"{_names([c])} = ?" for c in columns)
    for row in rows:
        if (key := _key(table, row)) in there:
            query = f"UPDATE {table.name} SET {sets} WHERE {_is(table)}"  # noqa: S608
            db.execute(query, (*_typed(db, table, row), *key))


def _typed(db: Database, table: Table, row: Values) -> Values:
    """Return a row as this database has it."""
    if table.name == "meta" and db.dialect == "sqlite" and row[1].isdecimal():
        return (row[0], int(row[1]))
    return row


def _is(table: Table) -> str:
    return " AND ".join(f"{_names([name])} = ?" for name in table.key)


def _referred(table: Table, given: Database, taken: Database) -> None:
    """Set the columns that refer to rows of their own table."""
    columns = _names([*table.own, *table.key])
    query = f"SELECT {columns} FROM {table.name}"  # noqa: S608 - our own names
    wrong = set(given.plain(query)) - set(taken.plain(query))
    sets = ", ".join(f"{_names([c])} = ?" for c in table.own)
    update = f"UPDATE {table.name} SET {sets} WHERE {_is(table)}"  # noqa: S608 - our own names
    with _transaction(taken):
        taken.executemany(update, sorted(wrong, key=repr))


def _renumber(db: Database) -> None:
    """Let a server go on counting where the rows end."""
    if db.dialect != "postgres":
        return
    for table in tables():
        if table.numbered:
            column = table.key[0]
            db.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column}'), "  # noqa: S608
                f"(SELECT coalesce(max({column}), 0) + 1 FROM {table.name}), FALSE)"
            )


def _digest(db: Database, tell: Tell) -> str:
    digest = hashlib.sha256()
    for table in tables():
        query = f"SELECT {_names(table.columns)} FROM {table.name} ORDER BY {_names(table.key)}"  # noqa: S608
        for count, row in enumerate(db.plain(query), 1):
            digest.update(repr(_alike(table, tuple(row))).encode("utf-8", "surrogatepass"))
            if count % _TOGETHER == 0:
                tell(f"digest of {table.name}", count)
    return digest.hexdigest()


@contextmanager
def _transaction(db: Database) -> Iterator[None]:
    db.begin("writing")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


@contextmanager
def _held(engine: engines.Engine) -> Iterator[None]:
    lock = engine.lock()
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
