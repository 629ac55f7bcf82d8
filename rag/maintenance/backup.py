"""One file that holds a whole archive, made while others read and write; and the way back."""

from __future__ import annotations

import secrets
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rag.archive import audit, schema
from rag.archive import engine as engines
from rag.archive.archive import Archive
from rag.archive.durable import flush
from rag.archive.editions import Editions
from rag.archive.engine import Folder, translated
from rag.archive.lock import WriterLock
from rag.errors import ArchiveDamaged, ArchiveError, ArchiveOutdated
from rag.maintenance.move import copy
from rag.settings import Address, Place

DAMAGED = "damaged"
"""Ending of the name under which `restore` sets aside a database that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a backup holds."""

    path: Path
    articles: int
    size: int
    """Bytes."""


def backup(archive: Archive, target: Path) -> Kept:
    """Write the archive as it is now into one new file, and read it back before it gets its name.

    It is a database without the vector index, which is made anew from it.

    Raises:
        ArchiveError: there is a file of that name, it cannot be written, or is not sound.
    """
    if target.exists():
        raise ArchiveError(f"{str(target)!r} is there already; name a file that is not")
    with _draft(target) as draft:
        if archive.shared:
            _fetched(archive, draft)
        else:
            archive.copy_to(draft)
        articles = verify(draft, target)
        _publish(draft, target)
    return Kept(path=target, articles=articles, size=target.stat().st_size)


def _fetched(archive: Archive, draft: Path) -> None:
    """Write what a server holds into a database in one file."""
    schema.create(draft)
    engine = engines.of(archive.place)
    with (
        translated(engine),
        closing(engine.connect(writing=False)) as given,
        closing(schema.connect(draft, writing=True)) as taken,
    ):
        copy(given, taken, lambda *_: None)


def verify(path: Path, named: Path) -> int:
    """Check all that a backup holds, and return how many articles that is.

    `named` is what people call it, since `path` may be a draft.

    Raises:
        ArchiveDamaged: something in it is not as it was written; says what.
    """
    with closing(sqlite3.connect(path, isolation_level=None, factory=schema.Lite)) as db:
        db.text_factory = schema.readable
        if faults := audit.faults(db):
            raise ArchiveDamaged(f"{str(named)!r} is not sound: {'; '.join(faults)}")
        return int(db.execute("SELECT count(*) FROM article").fetchone()[0])


def restore(source: Path, place: Place, *, overwrite: bool) -> Kept:
    """Make an archive of a backup; killed at any moment, it leaves the old one or the new one.

    Readers of an archive that is overwritten see the old state to the end of what they do, then
    the new one. The vector index is left to the next writer.

    Raises:
        ArchiveError: there is an archive and it is not to be overwritten, or `source` is none.
        ArchiveBusy: another process writes to it.
    """
    if isinstance(place, Address):
        raise ArchiveError(
            "a backup is brought back into a folder: name one with --archive, then: "
            f"dateline move FOLDER {shlex.quote(place.name)}"
        )
    folder, target = place, place / schema.FILE
    if not source.is_file():
        raise ArchiveError(f"there is no file {str(source)!r}")
    if target.exists() and not overwrite:
        raise ArchiveError(f"there is an archive in {str(folder)!r}; it was left as it is")
    with _draft(target) as draft, translated(Folder(folder)):
        shutil.copyfile(source, draft)
        _bring_up_to_date(draft, source)
        articles = verify(draft, source)
        lock = WriterLock(folder / "archive.lock")
        try:
            _date_after(draft, target)
            Editions(folder / "chroma").clear()
            if not _poured(draft, target):
                _publish(draft, target)
        finally:
            lock.release()
    return Kept(path=target, articles=articles, size=target.stat().st_size)


def _bring_up_to_date(draft: Path, source: Path) -> None:
    """Let a backup of an older program have the tables of this one."""
    try:
        with closing(sqlite3.connect(draft, factory=schema.Lite)) as db:
            made = db.execute("PRAGMA user_version").fetchone()[0]
            archive = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'article'").fetchone()
            if not made or not archive:
                raise ArchiveError(f"{str(source)!r} is not the backup of an archive")
            with suppress(ArchiveOutdated):
                schema.check(db, str(source))
        schema.create(draft)
    except sqlite3.DatabaseError as error:
        raise ArchiveDamaged(f"{str(source)!r} cannot be read: {error}") from error


def _date_after(draft: Path, target: Path) -> None:
    """Let the counters of a draft stand past those of what it replaces, for those who follow."""
    past = 0
    if target.exists():
        with suppress(sqlite3.DatabaseError), closing(schema.connect(target, writing=False)) as db:
            query = "SELECT max(value) FROM meta WHERE name IN ('generation', 'vectors')"
            past = int(db.execute(query).fetchone()[0])
    with closing(sqlite3.connect(draft, factory=schema.Lite)) as db, db:
        db.execute(
            "UPDATE meta SET value = max(value, ?) + 1 WHERE name IN ('generation', 'vectors')",
            (past,),
        )


def _poured(draft: Path, target: Path) -> bool:
    """Replace the content of a database in one transaction; False when there is none to be used."""
    if not target.exists():
        return False
    try:
        with (
            closing(sqlite3.connect(draft)) as source,
            closing(schema.connect(target, writing=True)) as old,
        ):
            source.backup(old)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") not in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise
        for ending in ("", "-wal", "-shm"):
            path = target.with_name(target.name + ending)
            if path.exists():
                path.replace(path.with_name(f"{path.name}.{DAMAGED}"))
        return False
    return True


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Name a file beside `target` that is gone afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        yield draft
    except OSError as error:
        raise ArchiveError(f"cannot write {str(target)!r}: {error.strerror}") from error
    finally:
        for path in target.parent.glob(f"{draft.name}*"):
            path.unlink(missing_ok=True)


def _publish(draft: Path, target: Path) -> None:
    flush(draft)
    draft.replace(target)
    flush(target.parent)
