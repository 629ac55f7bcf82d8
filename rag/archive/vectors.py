"""The vectors of passages as rows of the archive: float32 BLOBs with their model's fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from rag.archive.database import Database, one_of
from rag.errors import ArchiveDamaged, ArchiveError

Matrix = np.ndarray[Any, np.dtype[np.float32]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
"""Numbers of passages, ascending."""

_MOST_VALUES = 30_000  # SQLite takes 32,766 in one statement
_CURRENT = """
FROM embedding AS e JOIN passage AS p ON p.n = e.passage
WHERE e.fingerprint = (SELECT value FROM meta WHERE name = 'fingerprint')
"""


def ids(db: Database) -> list[str]:
    """Return the ids of the passages that the current model has embedded, in stored order."""
    return [row["id"] for row in db.execute(f"SELECT p.id {_CURRENT} ORDER BY p.n")]


def read(db: Database, only: Sequence[str] | None = None) -> tuple[list[str], Matrix]:
    """Return passage ids and their vectors, float32 of shape (n, dimensions).

    All of them, or those of `only`, always in the order in which they were stored.
    """
    return _read(db, "p.id", only)


def of(db: Database, articles: Collection[str]) -> tuple[list[str], Matrix]:
    """Return ids and vectors of the passages of these articles, in stored order."""
    chosen = "p.article IN (SELECT a.n FROM article AS a WHERE a.id"
    return _read(db, chosen, list(articles), closing=")")


def rows(db: Database) -> Iterator[tuple[int, bytes]]:
    """Yield the number of each passage and its vector, in stored order."""
    yield from db.plain(f"SELECT p.n, e.vector {_CURRENT} ORDER BY p.n")


def numbers(db: Database) -> Iterator[tuple[Any, ...]]:
    """Yield the number of each passage that has a vector."""
    yield from db.plain(f"SELECT p.n {_CURRENT}")


def since(
    db: Database, after: tuple[int, int], most: int, upto: int = 1 << 62
) -> list[tuple[int, int, bytes]]:
    """Return stamp, number and float32 of vectors that were stored behind a stamp and number.

    A stamp is the `vectors_generation` at which a vector was stored.
    """
    query = f"""
        SELECT e.stamp, e.passage, e.vector {_CURRENT} AND (e.stamp, e.passage) > (?, ?)
        AND e.stamp <= ? ORDER BY e.stamp, e.passage LIMIT ?
    """
    return [tuple(row) for row in db.execute(query, (*after, upto, most))]


def at(db: Database, numbers: Sequence[int]) -> list[tuple[int, str, bytes]]:
    """Return number, id and vector of the passages of these numbers that have one."""
    chosen, values = one_of(db.dialect, "p.n", numbers)
    query = f"SELECT p.n, p.id, e.vector {_CURRENT} AND {chosen}"
    return [tuple(row) for row in db.execute(query, values)]


def _read(
    db: Database, column: str, only: Sequence[str] | None, closing: str = ""
) -> tuple[list[str], Matrix]:
    found: list[tuple[Any, ...]] = []
    for part in _parts(only):
        clause = "" if part is None else f"AND {column} IN ({', '.join('?' * len(part))}){closing}"
        query = f"SELECT p.n, p.id, e.vector {_CURRENT} {clause} ORDER BY p.n"
        found += db.plain(query, part or ())
    if only is not None:
        found.sort()
    if len({len(vector) for _, _, vector in found}) > 1:
        raise ArchiveDamaged(
            "the archive's vectors are not all of one size; make them again with: dateline repair"
        )
    matrix = np.frombuffer(b"".join([vector for _, _, vector in found]), dtype="<f4")
    return [name for _, name, _ in found], matrix.reshape(len(found), -1 if found else 0)


def write(db: Database, names: Sequence[str], matrix: Matrix, fingerprint: str) -> None:
    """Store vectors; articles all of whose passages have one become "ready"."""
    if len(names) != len(matrix) or not np.isfinite(matrix).all():
        raise ArchiveError(f"{len(matrix)} vectors for {len(names)} passages, or not finite")
    db.executemany(
        "INSERT INTO embedding (passage, fingerprint, vector, stamp) SELECT n, ?, ?, "
        "(SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'vectors') FROM passage "
        "WHERE id = ? ON CONFLICT (passage) DO UPDATE SET fingerprint = excluded.fingerprint, "
        "vector = excluded.vector, stamp = excluded.stamp",
        (
            (fingerprint, vector.astype("<f4").tobytes(), name)
            for name, vector in zip(names, matrix, strict=True)
        ),
    )
    db.execute("UPDATE meta SET value = ? WHERE name = 'fingerprint'", (fingerprint,))
    db.execute(
        """
        UPDATE article SET state = 'ready' WHERE state = 'pending' AND NOT EXISTS (
            SELECT 1 FROM passage AS p LEFT JOIN embedding AS e ON e.passage = p.n
            WHERE p.article = article.n AND e.passage IS NULL)
        """
    )


def _parts(only: Sequence[str] | None) -> list[Sequence[str] | None]:
    if only is None:
        return [None]
    return [only[start : start + _MOST_VALUES] for start in range(0, len(only), _MOST_VALUES)]
