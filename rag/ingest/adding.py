"""Adding to an archive from a program: paths, addresses or records in, one report out."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.archive.archive import Archive
from rag.errors import SourceError
from rag.ingest.intake import FileReport, Item
from rag.ingest.run import ingest
from rag.ingest.sources.draft import Given, Link
from rag.ingest.sources.reading import is_address
from rag.models.encoder import Encoder
from rag.settings import Place, Settings

Record = Mapping[str, object]
"""An article as a program has it: `text`, and if known `title`, `publisher`, `published`, `url`,
`authors`, `id`. Other usual names of these fields are understood too."""
Addable = str | os.PathLike[str] | Record
"""A file or folder, an address (`https://...`), or a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What became of all that was to be added; the ids of the articles, in the order of reading.

    An article that is `unchanged` was there already, word for word.
    """

    added: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    """Articles whose text another article of the archive has, stored beside it."""
    listed: tuple[FileReport, ...] = ()
    """What feeds and sitemaps name and was not fetched; see `Settings.read.links`."""
    withdrawn: tuple[str, ...] = ()
    """Articles that their sender withdrew: kept for the record, never quoted again."""
    refused: tuple[FileReport, ...] = ()
    """What was never published, or was withdrawn before it came here."""
    unread: tuple[FileReport, ...] = ()
    """Files that no reader takes."""
    failed: tuple[FileReport, ...] = ()
    """What could not be read: `origin` says where it was, `reason` why."""

    def __str__(self) -> str:
        """Count, and give the reason of each failure."""
        counted = {
            "added": self.added,
            "revised": self.revised,
            "unchanged": self.unchanged,
            "copies": self.copies,
            "listed": self.listed,
            "withdrawn": self.withdrawn,
            "refused": self.refused,
            "unread": self.unread,
            "failed": self.failed,
        }
        line = ", ".join(f"{len(found)} {name}" for name, found in counted.items() if found)
        reasons = [
            f"{failure.origin}: {failure.reason}" for failure in (*self.unread, *self.failed)
        ]
        return "\n".join([line or "nothing to add", *reasons])


def add(
    place: Place, encoder: Encoder, things: Addable | Iterable[Addable], settings: Settings
) -> IndexReport:
    """Add to an archive, and make it when there is none.

    Args:
        place: Of the archive.
        encoder: Makes the vectors.
        things: What to add: one or many.
        settings: What reading may cost, and how texts are cut.

    Raises:
        SourceError: a named file or folder does not exist; nothing has been added then.
        ArchiveBusy: another process is writing to the archive.
        ArchiveFull: there is too little room; what was read until then is stored.
    """
    items = list(_items(things))
    with Archive.create(place) as archive:
        return _report(ingest(archive, encoder, items, settings, fetch=_fetch))


def _items(things: Addable | Iterable[Addable]) -> Iterator[Item]:
    many = [things] if isinstance(things, str | os.PathLike | Mapping) else things
    for thing in many:
        if isinstance(thing, Mapping):
            yield _record(thing)
        elif isinstance(thing, str) and is_address(thing):
            yield Link(origin=thing, url=thing)
        else:
            yield Path(thing).expanduser()


def _record(record: Record) -> Given:
    """Return a record as something to read, named by its content."""
    try:
        data = json.dumps(dict(record), default=_plain).encode()
    except (TypeError, ValueError) as error:
        raise SourceError(f"a record cannot be read: {error}") from error
    name = hashlib.sha256(data).hexdigest()[:12]
    return Given(origin=f"record {name}", format="record", data=data)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a value of type {type(value).__name__} is neither text, number nor day")


def _report(reports: Iterable[FileReport]) -> IndexReport:
    kinds: dict[str, list[FileReport]] = {}
    for report in reports:
        kinds.setdefault(report.outcome, []).append(report)

    def ids(outcome: str) -> tuple[str, ...]:
        return tuple(r.article_id for r in kinds.get(outcome, ()) if r.article_id is not None)

    return IndexReport(
        added=ids("added"),
        revised=ids("revised"),
        unchanged=ids("unchanged"),
        copies=ids("duplicate"),
        listed=tuple(kinds.get("listed", ())),
        withdrawn=ids("withdrawn"),
        refused=tuple(kinds.get("refused", ())),
        unread=tuple(kinds.get("unread", ())),
        failed=tuple(kinds.get("failed", ())),
    )


def _fetch(address: str) -> Given:
    from rag.ingest.sources.web import Web

    return Web().fetch(address)
