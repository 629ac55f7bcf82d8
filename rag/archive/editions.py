"""The folders of the vector index: written once, then named by CURRENT and never changed.

    chroma/CURRENT  names the folder in use, the state of the archive that it shows, its checksums
    chroma/g.../    a Chroma collection, and the same vectors in one file (see `rag.archive.flat`)

Chroma rewrites its files in place and does not wait until they are on the disk; a process that is
killed meanwhile leaves files that crash their reader or, worse, answer wrongly. So a change is made
to a copy, the copy is flushed and checked, and CURRENT is switched to it by one rename. A crash at
any moment leaves the folder in use as it was.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import zlib
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rag.archive.durable import flush

_DATABASE = "chroma.sqlite3"
_PERSISTED = "index_metadata.pickle"
FLAT = ("vectors.f32", "passages.i64")
"""Files that are written anew for each edition, by `rag.archive.flat`."""
_BLOCK = 1 << 20


class Damaged(Exception):
    """A folder does not hold what it should; the message says how it shows."""


class Unsound(Damaged):
    """A graph does not find what it holds, so that making it again would not help."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A folder and what it was when it was published."""

    folder: str
    vectors: int
    """The archive's `vectors_generation` that it shows."""
    files: dict[str, int] = field(default_factory=dict)
    """Checksum of each file that opening does not change, and of those in `FLAT`."""
    chroma: bool = True
    """Whether the folder holds a collection: not where Chroma could not make a sound one."""


class Editions:
    """The `chroma` folder of one archive."""

    def __init__(self, place: Path) -> None:
        """Name the folder, which need not be there yet."""
        self._place = place

    def current(self) -> Edition | None:
        """Return the edition in use, if there is one."""
        try:
            said = json.loads((self._place / "CURRENT").read_text())
            folder, files = str(said["folder"]), dict(said["files"])
            chroma = bool(said.get("chroma", True))
            edition = Edition(folder, int(said["vectors"]), files, chroma)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return edition if Path(edition.folder).name == edition.folder else None

    def has_flat(self, edition: Edition) -> bool:
        """Say whether an edition has a file of vectors; those of older programs have none."""
        return all(name in edition.files for name in FLAT)

    def folder(self, edition: Edition) -> Path:
        """Return the folder of an edition, unchecked."""
        return self._place / edition.folder

    def path(self, edition: Edition) -> Path:
        """Return the folder of an edition after checking that its files are what they were.

        Raises:
            Damaged: one is missing or changed. To let Chroma read it could crash the process.
        """
        folder = self.folder(edition)
        if not (folder / _DATABASE).is_file():
            raise Damaged(f"{str(folder / _DATABASE)!r} is missing")
        try:
            expected = {name: value for name, value in edition.files.items() if name not in FLAT}
            changed = sorted(set(_checksums(folder).items()) ^ set(expected.items()))
        except OSError as error:
            raise Damaged(f"{str(folder)!r} cannot be read: {error.strerror}") from error
        if changed:
            raise Damaged(f"{str(folder / changed[0][0])!r} is damaged")
        return folder

    def draft(self, base: Path | None) -> Path:
        """Return a new folder, empty or a copy of `base`."""
        self._place.mkdir(exist_ok=True)
        # A name is never used twice: chromadb remembers by path what failed to open.
        folder = self._place / f"g{secrets.token_hex(6)}"
        if base is None:
            folder.mkdir()
            return folder
        left = shutil.ignore_patterns(f"{_DATABASE}*", *FLAT)
        shutil.copytree(base, folder, ignore=left)
        with (
            closing(sqlite3.connect(base / _DATABASE)) as source,
            closing(sqlite3.connect(folder / _DATABASE)) as target,
        ):
            source.backup(target)  # whole even while a reader opens it
        return folder

    def publish(self, folder: Path, vectors: int) -> Edition:
        """Let CURRENT name a folder, once all its bytes are on the disk."""
        chroma = (folder / _DATABASE).exists()
        files = _checksums(folder) | {name: _checksum(folder / name) for name in FLAT}
        edition = Edition(folder.name, vectors, files, chroma)
        flush(*folder.rglob("*"), folder)
        draft = self._place / "CURRENT.new"
        draft.write_text(json.dumps(asdict(edition)))
        flush(draft)
        draft.replace(self._place / "CURRENT")
        flush(self._place)
        return edition

    def clear(self) -> None:
        """Remove all folders, also the one in use."""
        if self._place.is_dir():
            (self._place / "CURRENT").unlink(missing_ok=True)
            flush(self._place)
            self.sweep()

    def sweep(self) -> None:
        """Remove every folder that is not in use; those who have it open are not disturbed."""
        current = self.current()
        for folder in self._place.glob("g*"):
            if current is None or folder.name != current.folder:
                shutil.rmtree(folder, ignore_errors=True)


def _checksums(folder: Path) -> dict[str, int]:
    """Return the checksums of the graph's files.

    Chroma writes its SQLite whenever it opens it. The same holds for the graph's files until the
    first thousand vectors let it write a description beside them; until then it does not read them.
    """
    graphs = [path.parent for path in folder.rglob(_PERSISTED)]
    paths = (path for graph in graphs for path in graph.iterdir())
    return {str(path.relative_to(folder)): _checksum(path) for path in paths}


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            value = zlib.crc32(block, value)
    return value
