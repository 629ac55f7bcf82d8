"""Making again, inside the database, what follows from the articles' texts."""

from __future__ import annotations

from collections.abc import Iterator

from rag.archive import audit
from rag.archive.database import Database
from rag.errors import ArchiveDamaged


def remedies(db: Database) -> Iterator[str]:
    """Mend what can be mended in the caller's transaction, and say in words what was wrong.

    Raises:
        ArchiveDamaged: pages of the file are lost.
    """
    if list(audit.pages(db)):
        db.execute("REINDEX")
        if wrong := audit.found(audit.pages, db):
            raise ArchiveDamaged(
                f"the database is damaged: {wrong}; save what can be read with: dateline export, "
                "or bring a backup back with: dateline restore"
            )
        yield "indexes of the tables made anew"
    if not db.words.sound(db):
        db.words.rebuild(db)
        yield "index of words made anew"
    if gone := list(audit.unusable(db)):
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
