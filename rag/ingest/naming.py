"""Reading who and what the articles name, for all of which that is not stored yet."""

from __future__ import annotations

import logging
from collections.abc import Callable

from rag.archive.archive import Archive
from rag.archive.entities import Text
from rag.archive.rows import to_spans
from rag.errors import ArchiveDamaged, ArchiveError
from rag.language.entities import Entity
from rag.language.entities import read as entities
from rag.language.sentences import split
from rag.settings import Place

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Articles of one transaction."""


def name_pending(archive: Archive, told: Callable[[int, int], None] | None = None) -> int:
    """Store the entities of articles that have none yet, and return how many were read."""
    total, done = archive.unnamed(), 0
    while step := _step(archive):
        done += step
        if told is not None:
            told(done, max(total, done))
    return done


def _step(archive: Archive) -> int:
    found = [(read, _entities(read)) for read in archive.to_name(AT_ONCE)]
    archive.name(found)
    return len(found)


def _entities(read: Text) -> tuple[Entity, ...]:
    _, _, text, packed = read
    try:
        return entities(text, to_spans(packed))
    except ArchiveDamaged:
        return entities(text, split(text))


def catch_up(place: Place) -> bool:
    """Read a few articles of an archive that an older program made; False when none is left.

    It gives way to whoever else writes; where nothing can be written, the rest is left to the next
    program that can.
    """
    try:
        with Archive.open(place) as archive:
            if not archive.unnamed():
                return False
        with Archive.create(place) as archive:
            return _step(archive) > 0
    except ArchiveError as error:
        log.info("the entities of the archive are not read: %s", error)
        return False
