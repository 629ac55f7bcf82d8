"""Every state in which a deed's calls to the kernel leave an archive's folder, each kept once.

A process that is killed leaves its files as they are at that moment: the page cache outlives it.
So instead of killing a run for each of its calls, one run is stopped after each, all its threads
with it, and the folder is copied. Files that are the same in many states are kept once.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

State = dict[str, str | None]
"""Size and digest of each file, by its path in the folder; None for a folder."""

_NAMES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bg[0-9a-f]{12}\b")
_NOTES = ("archive.lock", "CURRENT")
"""Files that hold the number of a process or the name of a folder."""


def state_of(folder: Path) -> State:
    """Say what is in a folder."""
    return {
        str(path.relative_to(folder)): None if path.is_dir() else digest(path.read_bytes())
        for path in sorted(folder.rglob("*"))
    }


def digest(data: bytes) -> str:
    return f"{len(data)}-{hashlib.blake2b(data, digest_size=16).hexdigest()}"


def part(state: State, begins: str) -> str:
    """Return what tells states apart by the files whose path begins like this."""
    return json.dumps({path: value for path, value in state.items() if path.startswith(begins)})


def shape(state: State) -> tuple[tuple[str, str | None], ...]:
    """Return names and sizes, without what differs from run to run."""
    return tuple(
        sorted((_NAMES.sub("*", path), _size(path, value)) for path, value in state.items())
    )


def _size(path: str, value: str | None) -> str | None:
    return None if value is None or path.endswith(_NOTES) else value.partition("-")[0]


class States:
    """A place where states are kept, by a process that makes them for one that tries them."""

    def __init__(self, place: Path) -> None:
        """Name the place, which need not be there yet."""
        self._place = place
        self._seen: set[str] = set()
        self.stops = 0
        place.mkdir(exist_ok=True)

    def keep(self, folder: Path) -> None:
        """Keep the state that a folder is in, unless it was in it before."""
        self.stops += 1
        state = state_of(folder)
        written = json.dumps(state)
        if written in self._seen:
            return
        self._seen.add(written)
        for path, value in state.items():
            if value is not None and not (self._place / value).exists():
                shutil.copyfile(folder / path, self._place / value)
        with (self._place / "states").open("a") as out:
            out.write(written + "\n")

    def kept(self) -> Iterable[State]:
        """Return the states in the order in which they came."""
        with (self._place / "states").open() as lines:
            return [json.loads(line) for line in lines]

    def restore(self, state: State, folder: Path) -> None:
        """Bring a folder into a state."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for path, value in state.items():
            if value is None:
                (folder / path).mkdir()
            else:
                shutil.copyfile(self._place / value, folder / path)
