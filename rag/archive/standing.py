"""Articles that their sender withdrew: kept for the record, taken out of all that is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.archive import heirs, rows
from rag.archive.database import Database
from rag.types import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a sender said: which version of an article was withdrawn, and in which words."""

    reason: str
    moment: Moment | None = None
    """When; a version from after it counts as published again."""


def withdraw(db: Database, article_id: str, reason: str) -> bool:
    """Take an article's passages and words away; False when there is none that stands."""
    old = db.execute(
        "SELECT * FROM article WHERE id = ? AND withdrawn IS NULL", (article_id,)
    ).fetchone()
    if old is None:
        return False
    heirs.retire(db, old)
    # Alone in its cluster, so that it is named nowhere as another paper's print of the story.
    db.execute(
        "UPDATE article SET withdrawn = ?, copy_of = NULL, cluster = id, state = 'ready' "
        "WHERE n = ?",
        (reason, old["n"]),
    )
    return True


def note(db: Database, names: Sequence[str], withdrawal: Withdrawal) -> None:
    """Remember a withdrawal under keys and addresses, whether or not the article is here."""
    db.executemany(
        "INSERT INTO withdrawal VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET moment = excluded.moment, reason = excluded.reason",
        [(name, rows.to_text(withdrawal.moment), withdrawal.reason) for name in names],
    )


def noted(db: Database, names: Sequence[str]) -> Withdrawal | None:
    """Return the withdrawal that is remembered under one of these names."""
    for name in names:
        row = db.execute("SELECT * FROM withdrawal WHERE name = ?", (name,)).fetchone()
        if row is not None:
            return Withdrawal(reason=row["reason"], moment=rows.to_known(row["moment"]))
    return None
