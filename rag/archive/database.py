"""A connection to an archive's database, as all that writes SQL sees it: SQLite or PostgreSQL.

The SQL is one text for both: marks for values are `?`, columns that could be taken for a word of
the language are quoted, and what differs is asked of the connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, Protocol

Dialect = Literal["sqlite", "postgres"]


class Row(Protocol):
    """One row of an answer: its columns by place and by name."""

    def __getitem__(self, column: Any, /) -> Any: ...  # noqa: ANN401 - as a database has them
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def keys(self) -> Any: ...  # noqa: ANN401, D102


class Rows(Protocol):
    """What a statement answers."""

    @property
    def rowcount(self) -> int: ...  # noqa: D102
    def fetchone(self) -> Any: ...  # noqa: ANN401, D102
    def fetchall(self) -> list[Any]: ...  # noqa: D102
    def __iter__(self) -> Iterator[Any]: ...


def one_of(
    dialect: Dialect, column: str, values: Sequence[str] | Sequence[int]
) -> tuple[str, list[Any]]:
    """Write that a column is one of some values, and the values for that: of a server one, a list.

    A mark for each takes the driver as long as the server needs to find what they name.
    """
    if dialect == "sqlite":
        return f"{column} IN ({', '.join('?' * len(values))})", list(values)
    if not values:
        return "FALSE", []
    if all(isinstance(value, int) for value in values):
        return f"{column} = ANY (CAST(? AS BIGINT[]))", [written(map(int, values))]
    return f"{column} = ANY (CAST(? AS TEXT[]))", [list(values)]


def written(numbers: Iterable[int]) -> str:
    """Write numbers as PostgreSQL reads a list of them: the driver takes ten times as long."""
    return "{" + ",".join(map(str, numbers)) + "}"


Entry = tuple[int, str, str, str, str]
"""What is found by words: number of the passage, title, label, body, marks."""


class Words(Protocol):
    """The index of words of the passages: FTS5 in SQLite, tsvector in PostgreSQL.

    Both hold the same words, cut and stemmed in one way, and score with the same bm25, so that an
    archive that was moved answers as before. A term is a word or several that stand together.
    """

    matching: str
    """SQL that selects as `n` the numbers of the passages that match one value."""

    def any_of(self, terms: Sequence[str], scope: Sequence[Sequence[str]]) -> str:
        """Write what matches any of the terms, and of each list in `scope` any of its marks."""

    def all_of(self, terms: Sequence[str]) -> str:
        """Write what matches all of the terms, of which the last may be unfinished."""

    def told(self, terms: Sequence[str]) -> str:
        """Write what has all of the terms in its title or text."""

    def add(self, db: Database, entries: Iterable[Entry]) -> None:
        """Make passages searchable."""

    def remove(self, db: Database, entries: Iterable[Entry]) -> None:
        """Take passages out of the index; the words must be those that were added."""

    def compact(self, db: Database) -> None:
        """Let the index hold no word of a passage that is gone."""

    def settle(self, db: Database) -> None:
        """Have what was added lately found as quickly as what is there longer."""

    def sound(self, db: Database) -> bool:
        """Return True when the index holds exactly the words of the passages."""

    def rebuild(self, db: Database) -> None:
        """Make the index anew from the passages."""

    def best(
        self,
        db: Database,
        terms: Sequence[str],
        scope: Sequence[Sequence[str]],
        within: Within,
        most: int,
    ) -> list[tuple[str, float]]:
        """Return (passage id, bm25) of passages that match `any_of`, best first.

        Of a larger archive the rarest terms find them that match about `most` passages together;
        the others do where these find too few.
        """


class Within(NamedTuple):
    """Which passages count, and how many of them are wanted."""

    clause: str
    """SQL conditions on the article `a`, each led by AND; empty lets all through."""
    values: Sequence[str]
    limit: int


class Database(Protocol):
    """A connection outside of a transaction, unless one was begun."""

    @property
    def dialect(self) -> Dialect:
        """Which SQL it takes where the two differ."""

    @property
    def usable(self) -> bool:
        """Whether it is still connected and outside of a transaction."""

    @property
    def words(self) -> Words:
        """How passages are found by their words."""

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Rows:
        """Run one statement; its rows have names."""

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each of some values."""

    def plain(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield rows as tuples, some at a time: for what may be large."""

    def begin(self, how: Literal["writing", "snapshot"]) -> None:
        """Begin a transaction: one that writes, or one that sees a single state."""

    def hold(self, names: Sequence[object]) -> None:
        """Wait until nobody else holds one of the names, and hold them to the transaction's end."""

    def commit(self) -> None: ...  # noqa: D102
    def rollback(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
