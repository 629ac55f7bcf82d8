"""Is what the database says true? Every check reads all of it and says what is wrong.

    database    SQLite's own check of its pages, and of references between tables
    texts       each text has its digest, passages and sentences lie inside it
    words       the full-text index holds exactly the words of the passages
    vectors     each is finite, of length 1 and of one size; states of articles agree with them

They write nothing, but `words` needs a connection that could.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from rag.archive import rows
from rag.archive.database import Database
from rag.archive.engine import errors
from rag.errors import ArchiveDamaged

_SHOWN = 3
_LENGTH = 1e-3
"""How far from 1 the length of a unit vector of float32 may be."""

Check = Callable[[Database], Iterator[str]]


def pages(db: Database) -> Iterator[str]:
    """Yield what SQLite finds wrong with its file and its references.

    PostgreSQL looks after its own pages (`pg_amcheck`, checksums), and no reference can break.
    """
    if db.dialect == "postgres":
        return
    for (said,) in db.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield str(said)
    for row in db.execute("PRAGMA foreign_key_check"):
        yield f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"


def altered(db: Database) -> Iterator[tuple[str, str]]:
    """Yield article and digest of each text that is not what was stored."""
    query = """
        SELECT a.id, r.digest, r.text FROM revision AS r JOIN article AS a ON a.n = r.article
    """
    for name, digest, text in db.plain(query):
        if rows.digest_of(text) != digest:
            yield name, digest


def texts(db: Database) -> Iterator[str]:
    """Yield the articles whose texts are not what was stored, or whose offsets point outside."""
    lengths: dict[tuple[int, str], int] = {}
    query = """
        SELECT a.n, a.id, r.digest, r.text, r.sentences FROM revision AS r
        JOIN article AS a ON a.n = r.article
    """
    for n, name, digest, text, sentences in db.plain(query):
        if rows.digest_of(text) != digest:
            yield f"the text of article {name} is not what was stored"
            continue
        lengths[n, digest] = len(text)
        if any(span.end > len(text) for span in rows.to_spans(sentences)):
            yield f"a sentence of article {name} ends past its text"
    for name, n, digest, start, end in db.plain(
        'SELECT id, article, digest, start, "end" FROM passage'
    ):
        if (n, digest) in lengths and not rows.inside(start, end, lengths[n, digest]):
            yield f"passage {name} lies outside its text"
    for (name,) in db.plain(
        """
        SELECT id FROM article AS a WHERE NOT EXISTS (
            SELECT 1 FROM revision AS r WHERE r.article = a.n AND r.digest = a.digest)
        """
    ):
        yield f"article {name} has no text"


def words(db: Database) -> Iterator[str]:
    """Yield a fault when the full-text index does not agree with the passages."""
    if not db.words.sound(db):
        yield "the index of words does not agree with the texts"


def vectors(db: Database) -> Iterator[str]:
    """Yield vectors that no search could use, and articles whose state does not fit theirs."""
    for name in unusable(db):
        yield f"the vector of passage {name} cannot be used"
    for (name,) in db.plain(
        """
        SELECT DISTINCT a.id FROM article AS a JOIN passage AS p ON p.article = a.n
        LEFT JOIN embedding AS e ON e.passage = p.n
        WHERE a.state = 'ready' AND e.passage IS NULL
        """
    ):
        yield f"article {name} counts as ready but lacks a vector"


def unusable(db: Database) -> Iterator[str]:
    """Yield the ids of passages whose vector is damaged or of another size than most."""
    query = "SELECT p.id, e.vector FROM embedding AS e JOIN passage AS p ON p.n = e.passage"
    usual = db.execute(
        "SELECT length(vector) FROM embedding GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    for name, blob in db.plain(query):
        if not isinstance(blob, bytes) or len(blob) != usual[0] or len(blob) % 4:
            yield name
            continue
        length = float(np.linalg.norm(np.frombuffer(blob, dtype="<f4")))
        if not abs(length - 1) < _LENGTH:  # so that NaN is caught too
            yield name


CHECKS: Mapping[str, Check] = {
    "database": pages,
    "texts": texts,
    "words": words,
    "vectors": vectors,
}


def _unreadable() -> tuple[type[Exception], ...]:
    return (*errors(), ArchiveDamaged)


def found(check: Check, db: Database) -> str:
    """Run one check and return what is wrong in words, or nothing."""
    try:
        wrong = list(check(db))
    except _unreadable() as error:
        return f"it cannot be read to its end: {error}"
    more = f" (and {len(wrong) - _SHOWN} more)" if len(wrong) > _SHOWN else ""
    return "; ".join(wrong[:_SHOWN]) + more


def faults(db: Database) -> list[str]:
    """Run all checks and return what is wrong."""
    return [wrong for check in CHECKS.values() if (wrong := found(check, db))]


def remedies(db: Database) -> Iterator[str]:
    """Mend what can be mended in the caller's transaction, and say in words what was wrong.

    Raises:
        ArchiveDamaged: pages of the file are lost.
    """
    if list(pages(db)):
        db.execute("REINDEX")
        if wrong := found(pages, db):
            raise ArchiveDamaged(
                f"the database is damaged: {wrong}; save what can be read with: dateline export, "
                "or bring a backup back with: dateline restore"
            )
        yield "indexes of the tables made anew"
    if not db.words.sound(db):
        db.words.rebuild(db)
        yield "index of words made anew"
    if gone := list(unusable(db)):
        db.executemany(
            "DELETE FROM embedding WHERE passage = (SELECT n FROM passage WHERE id = ?)",
            [(name,) for name in gone],
        )
        yield f"{len(gone)} unusable vectors removed"
    db.execute(
        """
        UPDATE article SET state = 'pending' WHERE state = 'ready' AND n IN (
            SELECT p.article FROM passage AS p LEFT JOIN embedding AS e ON e.passage = p.n
            WHERE e.passage IS NULL)
        """
    )
