"""What an archive holds and what it takes on the disk, in figures."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.archive import schema
from rag.archive.archive import Archive
from rag.archive.editions import Editions


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Counts, and sizes in bytes."""

    revisions: int
    """Texts, the current and the earlier ones of all articles."""
    copies: int
    """Articles whose text another one has exactly."""
    passages: int
    vectors: int
    outlets: int
    generation: int
    embeddings: str
    """The fingerprint of the model that made the vectors."""
    index: Literal["current", "behind", "none"]
    """Whether the vector index shows the archive as it is now."""
    database: int
    chroma: int


def take(archive: Archive) -> Inventory:
    """Count what the archive holds as one state of it."""
    with archive.snapshot():
        counts = archive.counts()
        edition = Editions(archive.folder / "chroma").current()
        index: Literal["current", "behind", "none"] = "none"
        if edition is not None:
            index = "current" if edition.vectors == archive.vectors_generation else "behind"
        return Inventory(
            revisions=counts["revisions"],
            copies=counts["copies"],
            passages=counts["passages"],
            vectors=counts["vectors"],
            outlets=counts["outlets"],
            generation=archive.generation,
            embeddings=archive.fingerprint,
            index=index,
            database=_size(archive.folder.glob(f"{schema.FILE}*")),
            chroma=_size((archive.folder / "chroma").rglob("*")),
        )


def _size(paths: Iterable[Path]) -> int:
    """Add up files, some of which another process may remove meanwhile."""
    total = 0
    for path in paths:
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
