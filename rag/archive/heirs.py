"""What an article leaves behind when it changes or goes: to its exact copies, to its cluster."""

from __future__ import annotations

from rag.archive import fulltext
from rag.archive.database import Database, Row


def retire(db: Database, old: Row) -> None:
    """Take the old text of an article out of the search; what others share of it stays."""
    n = old["n"]
    fulltext.remove(db, fulltext.entries(db, n))
    heir = db.execute(
        "SELECT * FROM article WHERE copy_of = ? ORDER BY n LIMIT 1", (old["id"],)
    ).fetchone()
    if heir is not None:
        _bequeath(db, old, heir)
    db.execute("DELETE FROM passage WHERE article = ?", (n,))
    db.execute("DELETE FROM band WHERE article = ?", (n,))
    # A cluster is named after one of its members: the one that leaves takes its name along.
    name = db.execute(
        "SELECT min(id) FROM article WHERE cluster = ? AND n != ?", (old["id"], n)
    ).fetchone()[0]
    if name is not None:
        db.execute("UPDATE article SET cluster = ? WHERE cluster = ?", (name, old["id"]))


def title(db: Database, n: int) -> str | None:
    """Return the current title of the article number `n`."""
    query = """
        SELECT r.title FROM article AS a
        JOIN revision AS r ON r.article = a.n AND r.digest = a.digest WHERE a.n = ?
    """
    row = db.execute(query, (n,)).fetchone()
    return None if row["title"] is None else str(row["title"])


def drop_vectors_unless(db: Database, n: int, same: str | None) -> None:
    """Drop the vectors of an article unless this is its title, which they were made with."""
    if title(db, n) == same:
        return
    db.execute(
        "DELETE FROM embedding WHERE passage IN (SELECT n FROM passage WHERE article = ?)", (n,)
    )
    db.execute("UPDATE article SET state = 'pending' WHERE n = ? AND copy_of IS NULL", (n,))


def _bequeath(db: Database, old: Row, heir: Row) -> None:
    """Give passages and vectors to an exact copy, which now stands for that text."""
    same = title(db, old["n"])
    tail = len(old["id"]) + 1
    db.execute(
        "UPDATE passage SET article = ?, id = ? || substr(id, ?) WHERE article = ?",
        (heir["n"], heir["id"], tail, old["n"]),
    )
    db.execute(
        "UPDATE article SET copy_of = NULL, state = ?, splitter = ? WHERE n = ?",
        (old["state"], old["splitter"], heir["n"]),
    )
    db.execute("UPDATE article SET copy_of = ? WHERE copy_of = ?", (heir["id"], old["id"]))
    fulltext.add(db, fulltext.entries(db, heir["n"]))
    drop_vectors_unless(db, heir["n"], same)
