"""Articles as rows of the archive, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from langchain_core.documents import Document

from rag.archive.database import Database, Row
from rag.errors import ArchiveDamaged
from rag.types import Article, Moment, PassageMeta, Source, Span, day

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

METADATA = (
    "title", "publisher", "authors", "published", "updated", "url", "language", "date_source",
    "notes",
)  # fmt: skip
"""The columns of a revision whose change makes an article "revised"."""

_OF_REVISION = (*METADATA, "digest", "ingested", "origin")
COLUMNS = ", ".join((*(f"r.{name}" for name in _OF_REVISION), "a.withdrawn", "a.edits"))
"""What an article is built from, beside its id and text."""
CURRENT = "article AS a JOIN revision AS r ON r.article = a.n AND r.digest = a.digest"
"""Articles, each with its current revision."""


def digest_of(text: object) -> str:
    """Name a text: its SHA-256 in hex. What is no text has the name of none."""
    return hashlib.sha256(text.encode()).hexdigest() if isinstance(text, str) else ""


def to_text(moment: Moment | None) -> str | None:
    """Write a moment as ISO 8601."""
    return None if moment is None else moment.isoformat()


def to_moment(text: str | None) -> Moment | None:
    """Read a moment back: a bare date stays a bare date."""
    if not text:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def to_known(text: object) -> Moment | None:
    """Read a moment for a label; one that was damaged on the disk is unknown."""
    try:
        return to_moment(text if isinstance(text, str) else None)
    except ValueError:
        return None


def to_blob(spans: Iterable[Span]) -> bytes:
    """Pack spans as pairs of little-endian int32."""
    return np.array([(s.start, s.end) for s in spans], dtype="<i4").tobytes()


def to_spans(blob: bytes) -> tuple[Span, ...]:
    """Unpack what `to_blob` packed.

    Raises:
        ArchiveDamaged: it is not what was packed.
    """
    try:
        pairs = np.frombuffer(blob, dtype="<i4").reshape(-1, 2).tolist()
        return tuple(Span(start=start, end=end) for start, end in pairs)
    except (ValueError, TypeError) as error:
        raise ArchiveDamaged(f"the spans of sentences cannot be read: {error}") from error


def inside(start: object, end: object, length: int) -> bool:
    """Say whether offsets are those of a part of a text; damaged ones may be anything."""
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length


def publisher_key(publisher: str | None) -> str | None:
    """Fold a publisher's name so that case and spacing do not matter."""
    return " ".join(publisher.split()).casefold() if publisher else None


def label(article: Article) -> str:
    """Write out publisher and date as people type them in questions.

    Example: "Reuters 2024-05-30 30 May 2024 Thursday".
    """
    when = day(article.published)
    parts = [article.publisher or ""]
    if when:
        weekday = _WEEKDAYS[when.weekday()]
        parts.append(f"{when} {when.day} {_MONTHS[when.month - 1]} {when.year:04d} {weekday}")
    return " ".join(filter(None, parts))


def to_row(article: Article) -> dict[str, Any]:
    """Return the columns of the article's revision, without text and sentences."""
    return {
        "title": article.title,
        "publisher": article.publisher,
        "authors": json.dumps(article.authors, ensure_ascii=False),
        "published": to_text(article.published),
        "updated": to_text(article.updated),
        "ingested": to_text(article.ingested or datetime.now(UTC)),
        "url": article.url,
        "language": article.language,
        "origin": article.origin,
        "date_source": article.date_source,
        "notes": json.dumps(article.notes, ensure_ascii=False),
    }


def current(db: Database, article_id: str) -> Article | None:
    """Return an article as it is now, or None when there is none of that id."""
    row = db.execute(
        f"SELECT a.id, r.text, {COLUMNS} FROM {CURRENT} WHERE a.id = ?",  # noqa: S608
        (article_id,),
    ).fetchone()
    return to_article(row) if row is not None else None


def to_article(row: Row) -> Article:
    """Build an article from its revision's columns, its id and its digest.

    Raises:
        ArchiveDamaged: a column does not hold what was written.
    """
    try:
        return _to_article(row)
    except (ValueError, TypeError) as error:
        raise ArchiveDamaged(f"the row of article {row['id']!r} cannot be read: {error}") from error


def _to_article(row: Row) -> Article:
    ingested = to_moment(row["ingested"])
    return Article(
        id=row["id"],
        digest=row["digest"],
        text=row["text"],
        title=row["title"],
        publisher=row["publisher"],
        authors=tuple(json.loads(row["authors"])),
        published=to_moment(row["published"]),
        updated=to_moment(row["updated"]),
        ingested=ingested if isinstance(ingested, datetime) else None,
        url=row["url"],
        language=row["language"],
        origin=row["origin"],
        date_source=row["date_source"],
        notes=tuple(json.loads(row["notes"])),
        withdrawn=row["withdrawn"],
        edited=tuple(json.loads(row["edits"])) if row["edits"] else (),
    )


def to_source(row: Row) -> Source:
    """Build the label of an article."""
    return Source(
        article_id=row["id"],
        title=row["title"],
        publisher=row["publisher"],
        published=to_known(row["published"]),
        url=row["url"],
    )


def to_passage(row: Mapping[str, Any], text: str, cluster: str) -> Document:
    """Build a passage from its row, the text of its revision and the cluster of its article."""
    start, end = row["start"], row["end"]
    meta = PassageMeta(
        article_id=row["article_id"],
        start=start,
        end=end,
        title=row["title"] or "",
        publisher=row["publisher"] or "",
        published=to_text(to_known(row["published"])) or "",
        url=row["url"] or "",
        cluster=cluster,
    )
    return Document(id=row["id"], page_content=text[start:end], metadata=dict(meta))
