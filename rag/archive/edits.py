"""What a person stated of an article by hand: kept with it, laid over what is read later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from rag.archive import fulltext, heirs, rows
from rag.archive.database import Database
from rag.types import Article, day

FIELDS = ("title", "publisher", "authors", "published")
"""What can be stated by hand."""
BY_HAND = "by hand"
"""Where a date stated by hand was taken from."""

Edits = Mapping[str, str | list[str] | None]
"""Field -> value; a day or a moment in ISO 8601, None for what is to count as unknown."""


def laid_over(article: Article, edits: Edits) -> Article:
    """Return the article as it was read, with what was stated by hand in its place."""
    changes: dict[str, object] = {name: edits[name] for name in FIELDS if name in edits}
    if "authors" in changes:
        changes["authors"] = tuple(edits["authors"] or ())
    if "published" in changes:
        moment = rows.to_known(edits["published"])
        changes |= {"published": moment, "date_source": BY_HAND if moment else None}
    return replace(article, edited=tuple(changes), **changes) if changes else article  # type: ignore[arg-type]


def of(db: Database, article_id: str) -> dict[str, str | list[str] | None]:
    """Return what was stated by hand of an article; nothing of one that is not here."""
    row = db.execute("SELECT edits FROM article WHERE id = ?", (article_id,)).fetchone()
    return dict(json.loads(row["edits"])) if row is not None and row["edits"] else {}


def amend(db: Database, article: Article, edits: Edits) -> bool:
    """Lay edits over a stored article, which is known from then on by all of them together.

    Returns False when that changes nothing.
    """
    n = db.execute("SELECT n FROM article WHERE id = ?", (article.id,)).fetchone()["n"]
    known = of(db, article.id)
    merged = known | dict(edits)
    amended = laid_over(article, merged)
    if merged == known and rows.to_row(amended) == rows.to_row(article):
        return False
    title = heirs.title(db, n)
    fulltext.remove(db, fulltext.entries(db, n))
    row = rows.to_row(amended)
    db.execute(
        f"UPDATE revision SET {', '.join(f'{name} = ?' for name in rows.METADATA)} "  # noqa: S608
        "WHERE article = ? AND digest = ?",
        (*(row[name] for name in rows.METADATA), n, article.digest),
    )
    when = day(amended.published)
    db.execute(
        "UPDATE article SET day = ?, publisher_key = ?, label = ?, edits = ? WHERE n = ?",
        (
            *(when.isoformat() if when else None, rows.publisher_key(amended.publisher)),
            *(rows.label(amended), json.dumps(merged, ensure_ascii=False), n),
        ),
    )
    fulltext.add(db, fulltext.entries(db, n))
    heirs.drop_vectors_unless(db, n, title)
    return True
