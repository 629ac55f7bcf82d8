"""One writer for one archive: an exclusive lock that dies with the process that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakSet

from rag.errors import ArchiveBusy

_LONGEST_COMMAND = 200
_PATIENCE = 1.0
"""Seconds that an owner has for writing down its name."""


class WriterLock:
    """Holds `flock` on a file in the archive's folder until it is released.

    The kernel drops the lock when the process ends, however it ends. The file itself stays: to
    unlink it would let two processes lock two different files of one name.

    Example:
        lock = WriterLock(folder / "archive.lock")  # ArchiveBusy names the owner
        lock.release()
    """

    def __init__(self, path: Path) -> None:
        """Take the lock, or raise `ArchiveBusy` with the owner's pid and command."""
        self.path = path
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        owner = _owner_unless_locked(self._file)
        if owner is not None:
            self._drop()
            raise ArchiveBusy(
                f"the archive {str(path.parent)!r} is being written by {owner}; "
                "wait until it is done, or stop it"
            )
        note = {
            "pid": os.getpid(),
            "command": _command(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(note).encode(), 0)
        _held.add(self)

    def release(self) -> None:
        """Let others write; harmless when already released."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
        self._drop()

    def _drop(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None


_held: WeakSet[WriterLock] = WeakSet()


def _drop_all() -> None:
    for lock in list(_held):
        lock._drop()  # noqa: SLF001 - of this module


# A forked child shares its parent's locks and would keep them alive after the parent's death.
os.register_at_fork(after_in_child=_drop_all)


def _command() -> str:
    program, *rest = sys.argv or ["python"]
    return " ".join([Path(program).name, *rest])[:_LONGEST_COMMAND]


def _owner_unless_locked(file: int) -> str | None:
    """Lock a file, or say who has it.

    Between taking the lock and writing its name an owner has none, or that of one that was killed,
    so a name is waited for.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner, alive = _noted(file)
            if alive or time.monotonic() > end:
                return owner
            time.sleep(_PATIENCE / 100)
        else:
            return None


def _noted(file: int) -> tuple[str, bool]:
    """Describe the owner from what it wrote into the lock file; say whether there is such a one."""
    try:
        note = json.loads(os.pread(file, 4096, 0))
        pid = int(note["pid"])
        owner = f"process {pid} ({note['command']}, since {note['started']})"
        os.kill(pid, 0)
    except (ValueError, KeyError, TypeError, OverflowError):
        return "another process", False
    except ProcessLookupError:
        return owner, False
    except PermissionError:
        pass  # somebody else's, but there
    return owner, True
