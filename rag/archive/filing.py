"""Writing an article into the archive: all of it in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.documents import Document

from rag.archive import fulltext, heirs, originals, rows
from rag.archive.addresses import canonical
from rag.archive.database import Database, Row
from rag.archive.originals import Original
from rag.types import Article, Span, day

Filed = Literal["added", "unchanged", "revised", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """How an article is filed: by what it is known again, with what it belongs together."""

    key: str | None = None
    """The record's own id."""
    place: str | None = None
    """The absolute path it was read from, with `:line` in a file of many records."""
    cluster: str | None = None
    """The cluster of a near copy; None founds one of its own."""
    bands: tuple[int, ...] = ()
    """MinHash bands of the text."""
    splitter: str = ""
    """Names how the text was cut, so that a new cut replaces an old one."""
    original: Original | None = None
    """What it was read from, to be kept."""
    collection: str = ""
    """The id of the collection that it is put into at once; empty for none."""
    past: bool = False
    """Read from an export, where earlier texts stand before the current one: what is known already
    is no change."""


def put(
    db: Database,
    article: Article,
    passages: Sequence[Document],
    sentences: Sequence[Span],
    filing: Filing,
) -> Filed:
    """Store an article, its revision, passages and words, and say what that changed."""
    filed = _put(db, article, passages, sentences, filing)
    if filing.collection:
        db.execute(
            "INSERT INTO collected VALUES (?, ?) ON CONFLICT DO NOTHING",
            (filing.collection, article.id),
        )
    return filed


def _put(
    db: Database,
    article: Article,
    passages: Sequence[Document],
    sentences: Sequence[Span],
    filing: Filing,
) -> Filed:
    old = db.execute("SELECT * FROM article WHERE id = ?", (article.id,)).fetchone()
    stands = old is not None and old["withdrawn"] is None
    if stands and old["digest"] == article.digest:
        return _refresh(db, old, article, passages, filing)
    if old is not None:
        heirs.retire(db, old)
    original = _original(db, article)
    n = _write_article(db, article, filing, original)
    _write_revision(db, n, article, sentences)
    if filing.original is not None:
        originals.keep(db, n, article.digest, filing.original)
    _write_bands(db, n, filing.bands)
    if original is not None:
        return "duplicate"
    _write_passages(db, n, article, passages)
    return "added" if old is None else "revised"


def remove(db: Database, article_id: str) -> bool:
    """Remove an article with all its revisions; False when there is none of that id."""
    old = db.execute("SELECT * FROM article WHERE id = ?", (article_id,)).fetchone()
    if old is None:
        return False
    heirs.retire(db, old)
    db.execute("DELETE FROM revision WHERE article = ?", (old["n"],))
    db.execute("DELETE FROM article WHERE n = ?", (old["n"],))
    return True


def holds(db: Database, article: Article, filing: Filing) -> bool:
    """Say whether the archive has this article with this text, metadata, place and cut.

    An earlier revision counts too when the current one was read from somewhere else: of two files
    with one URL the first must not replace the second each time both are read. A file that went
    back to its old text is a change.
    """
    old = db.execute("SELECT * FROM article WHERE id = ?", (article.id,)).fetchone()
    if old is None or old["withdrawn"] is not None:
        return False
    if old["digest"] != article.digest:
        earlier = db.execute(
            "SELECT origin FROM revision WHERE article = ? AND digest = ?",
            (old["n"], article.digest),
        ).fetchone()
        return earlier is not None and (filing.past or filing.place != old["place"])
    return (
        (filing.place or old["place"]) == old["place"]
        and _same_cut(old, filing)
        and _same_metadata(db, old["n"], article)
    )


def _refresh(
    db: Database,
    old: Row,
    article: Article,
    passages: Sequence[Document],
    filing: Filing,
) -> Filed:
    """Take over what changed around an unchanged text; vectors are kept if the title is."""
    n = old["n"]
    row = rows.to_row(article)
    title = heirs.title(db, n)
    same_cut = _same_cut(old, filing)
    if same_cut and _same_metadata(db, n, article):
        place = filing.place or old["place"]
        if place != old["place"]:
            db.execute("UPDATE article SET place = ? WHERE n = ?", (place, n))
        return "unchanged"
    fulltext.remove(db, fulltext.entries(db, n))
    names = [*rows.METADATA, "origin"]
    db.execute(
        f"UPDATE revision SET {', '.join(f'{name} = ?' for name in names)} "  # noqa: S608
        "WHERE article = ? AND digest = ?",
        (*(row[name] for name in names), n, article.digest),
    )
    _write_article(db, article, filing, old["copy_of"])
    if filing.original is not None:
        originals.keep(db, n, article.digest, filing.original)
    if same_cut:
        fulltext.add(db, fulltext.entries(db, n))
        db.execute("UPDATE article SET state = ? WHERE n = ?", (old["state"], n))
        heirs.drop_vectors_unless(db, n, title)
    else:
        db.execute("DELETE FROM passage WHERE article = ?", (n,))
        _write_passages(db, n, article, passages)
    return "revised"


def _same_metadata(db: Database, n: int, article: Article) -> bool:
    stored = db.execute(
        "SELECT * FROM revision WHERE article = ? AND digest = ?", (n, article.digest)
    ).fetchone()
    row = rows.to_row(article)
    same = all(stored[name] == row[name] for name in rows.METADATA if name != "url")
    return same and _spelt(stored["url"]) == _spelt(row["url"])


def _spelt(url: str | None) -> str | None:
    return canonical(url) if url else None


def _same_cut(old: Row, filing: Filing) -> bool:
    return old["splitter"] == filing.splitter or old["copy_of"] is not None


WHOLE = "whole_copies"
"""Noted where there are people with rights: a copy has passages of its own, since whoever may read
it need not be allowed to read the article that it is a copy of."""


def unfold(db: Database) -> int:
    """Give every exact copy passages of its own, now and from now on; returns how many got them."""
    db.execute("INSERT INTO meta VALUES (?, 1) ON CONFLICT (name) DO NOTHING", (WHOLE,))
    copies = db.execute(
        "SELECT c.n, c.id, c.copy_of, o.n AS original, o.splitter FROM article AS c "
        "JOIN article AS o ON o.id = c.copy_of ORDER BY c.n"
    ).fetchall()
    for copy in copies:
        db.execute(
            'INSERT INTO passage (id, article, digest, start, "end") '
            "SELECT CAST(? AS TEXT) || substr(p.id, CAST(? AS INTEGER)), ?, p.digest, p.start, "
            'p."end" FROM passage AS p WHERE p.article = ? ORDER BY p.n',
            (copy["id"], len(copy["copy_of"]) + 1, copy["n"], copy["original"]),
        )
        db.execute(
            "UPDATE article SET copy_of = NULL, state = 'pending', splitter = ? WHERE n = ?",
            (copy["splitter"], copy["n"]),
        )
        fulltext.add(db, fulltext.entries(db, copy["n"]))
    return len(copies)


def _original(db: Database, article: Article) -> str | None:
    """Return the id of another article that already stands for exactly this text."""
    if db.execute("SELECT 1 FROM meta WHERE name = ?", (WHOLE,)).fetchone():
        return None
    row = db.execute(
        "SELECT id FROM article WHERE digest = ? AND id != ? AND copy_of IS NULL "
        "AND withdrawn IS NULL LIMIT 1",
        (article.digest, article.id),
    ).fetchone()
    return row["id"] if row else None


def _write_article(db: Database, article: Article, filing: Filing, original: str | None) -> int:
    when = day(article.published)
    cluster = filing.cluster
    if original is not None:
        cluster = db.execute("SELECT cluster FROM article WHERE id = ?", (original,)).fetchone()[0]
    values: dict[str, Any] = {
        "key": filing.key,
        "url": _spelt(article.url),
        "place": filing.place,
        "digest": article.digest,
        "day": when.isoformat() if when else None,
        "publisher_key": rows.publisher_key(article.publisher),
        "label": rows.label(article),
        "cluster": cluster or article.id,
        "copy_of": original,
        "splitter": filing.splitter,
        "state": "copy" if original else "pending",
        "withdrawn": None,
        "named": None,
    }
    updates = ", ".join(f"{name} = excluded.{name}" for name in values)
    cursor = db.execute(
        f"INSERT INTO article (id, {', '.join(values)}) "  # noqa: S608
        f"VALUES (?{', ?' * len(values)}) ON CONFLICT (id) DO UPDATE SET {updates} RETURNING n",
        (article.id, *values.values()),
    )
    n = int(cursor.fetchone()[0])
    db.execute("DELETE FROM mention WHERE article = ?", (n,))  # they are read again
    return n


def _write_revision(db: Database, n: int, article: Article, sentences: Sequence[Span]) -> None:
    values = rows.to_row(article) | {"sentences": rows.to_blob(sentences), "text": article.text}
    # Not in place: of the texts of an article, the one that was stored last stands last.
    db.execute("DELETE FROM revision WHERE article = ? AND digest = ?", (n, article.digest))
    db.execute(
        f"INSERT INTO revision (article, digest, {', '.join(values)}) "  # noqa: S608
        f"VALUES (?, ?{', ?' * len(values)})",
        (n, article.digest, *values.values()),
    )


def _write_bands(db: Database, n: int, bands: Sequence[int]) -> None:
    db.execute("DELETE FROM band WHERE article = ?", (n,))
    db.executemany(
        "INSERT INTO band VALUES (?, ?) ON CONFLICT DO NOTHING", [(value, n) for value in bands]
    )


def _write_passages(db: Database, n: int, article: Article, passages: Sequence[Document]) -> None:
    values = []
    for passage in passages:
        start, end = passage.metadata["start"], passage.metadata["end"]
        if article.text[start:end] != passage.page_content:
            raise ValueError(f"passage {passage.id!r} is not the article's text at {start}:{end}")
        values.append((passage.id, n, article.digest, start, end))
    db.executemany(
        'INSERT INTO passage (id, article, digest, start, "end") VALUES (?, ?, ?, ?, ?)', values
    )
    fulltext.add(db, fulltext.entries(db, n))
