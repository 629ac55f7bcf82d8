"""What an article was read from, kept compressed, so that a mended reader can read it again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.archive.database import Database
from rag.errors import ArchiveDamaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes of one article alone, and how they are to be read."""

    format: str
    """The reader's name."""
    data: bytes
    url: str | None = None
    """The address that it was fetched from."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Under which of its fields each of ours is kept."""


def keep(db: Database, n: int, digest: str, original: Original) -> None:
    """Store what the revision `digest` of the article number `n` was read from.

    Bytes that are read anew, with another text as the result, move to the new revision.
    """
    packed = zlib.compress(original.data)
    db.execute("DELETE FROM original WHERE article = ? AND packed = ?", (n, packed))
    db.execute(
        "INSERT INTO original VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (article, digest) DO UPDATE "
        "SET format = excluded.format, url = excluded.url, mapping = excluded.mapping, "
        "size = excluded.size, packed = excluded.packed",
        (
            *(n, digest, original.format, original.url),
            *(json.dumps(dict(original.mapping)), len(original.data), packed),
        ),
    )


def current(db: Database) -> list[tuple[str, str]]:
    """Return id and digest of the articles whose current text can be read again."""
    query = """
        SELECT a.id, a.digest FROM article AS a
        JOIN original AS o ON o.article = a.n AND o.digest = a.digest
        WHERE a.withdrawn IS NULL ORDER BY a.n
    """
    return [(row["id"], row["digest"]) for row in db.execute(query)]


def of(db: Database, article_id: str, digest: str) -> Original | None:
    """Return what a revision was read from, or None when that was not kept.

    Raises:
        ArchiveDamaged: the kept bytes are.
    """
    query = """
        SELECT o.* FROM original AS o JOIN article AS a ON a.n = o.article
        WHERE a.id = ? AND o.digest = ?
    """
    row = db.execute(query, (article_id, digest)).fetchone()
    if row is None:
        return None
    try:
        data = zlib.decompressobj().decompress(row["packed"], row["size"] + 1)
    except zlib.error as error:
        raise ArchiveDamaged(f"the kept original of {article_id!r} is damaged: {error}") from error
    if len(data) != row["size"]:
        raise ArchiveDamaged(f"the kept original of {article_id!r} is damaged: its length is wrong")
    return Original(
        format=row["format"], data=data, url=row["url"], mapping=json.loads(row["mapping"])
    )
