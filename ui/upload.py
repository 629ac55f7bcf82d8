"""Files that come in over HTTP: laid beside the archive, indexed, and removed again.

    POST /api/uploads                 {"batch": "..."}
    PUT  /api/uploads/BATCH?name=...  one file as the body; 413 when it is too large
    POST /api/uploads/BATCH           {"job": 3}: index what has come; ?collection=NAME into which
    GET  /api/jobs/3                  how far it is, and what became of each file

Until then a file lies in a folder named by its SHA-256, so that the same file sent twice comes
from the same place and is unchanged, and two different ones of one name are two articles.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from rag.archive.engine import folder_of
from rag.errors import DatelineError
from ui.intake import Intake, Line
from ui.markup import label

FILE_BYTES = 50_000_000
"""Most bytes of one file."""
BATCH_BYTES = 500_000_000
"""Most bytes of all files that are sent together."""
BATCH_FILES = 2000
MOST_FOLDERS = 6
"""Folders above a file that are kept of its path."""
OPEN_BATCHES = 8
"""So many uploads may be under way at once."""

_NAME = re.compile(r"[^\w .,()\[\]@+=#&'-]")


class TooMuch(DatelineError):
    """A file or a batch of files is larger than is taken."""

    status = 413


class NoBatch(DatelineError):
    """These files are not known here, or were given up."""

    status = 404


@contextmanager
def _answering() -> Iterator[None]:
    """Turn a refusal into the answer of a route."""
    try:
        yield
    except (TooMuch, NoBatch) as error:
        raise HTTPException(error.status, str(error)) from error


@dataclass(slots=True)
class Batch:
    """Files that are being sent together."""

    files: list[Path] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    bytes: int = 0


class Uploads:
    """What has been sent and is not indexed yet."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._folder = folder_of(intake.settings.archive) / "uploads"
        self._batches: dict[str, Batch] = {}
        self._lying = Counter[Path]()
        """How many still need what lies in a folder: two people may send the same file."""
        self._lock = threading.Lock()

    def begin(self) -> str:
        """Open a batch; the oldest one is forgotten when there are too many."""
        while len(self._batches) >= OPEN_BATCHES:
            self._remove(self._batches.pop(next(iter(self._batches))).files)
        token = secrets.token_urlsafe(12)
        self._batches[token] = Batch()
        return token

    def batch(self, token: str) -> Batch:
        """Return an open batch; raises `NoBatch` when there is none of this name."""
        if token not in self._batches:
            raise NoBatch("this upload is not known, or was given up; send the files again")
        return self._batches[token]

    async def take(self, token: str, name: str, request: Request) -> None:
        """Store one file of a batch as its bytes come in.

        Raises:
            TooMuch: it is larger than is taken, or there are too many; nothing of it is kept.
        """
        batch = self.batch(token)
        name = file_path(name)
        try:
            batch.files.append(await self._store(batch, name, request))
        except TooMuch as error:
            batch.refused.append(Line(name=name, outcome="failed", reason=str(error)))
            raise

    def index(self, token: str, collection: str = "") -> int:
        """Close a batch and index its files; returns the number of the job.

        The batch stays open where the files may not be added, or not there.
        """
        batch = self.batch(token)
        del self._batches[token]
        try:
            return self._intake.add(
                batch.files,
                refused=batch.refused,
                within=self._folder,
                collection=collection,
                afterwards=lambda: self._remove(batch.files),
            )
        except DatelineError:
            self._batches[token] = batch
            raise

    async def _store(self, batch: Batch, name: str, request: Request) -> Path:
        if len(batch.files) >= BATCH_FILES:
            raise TooMuch(f"more than {BATCH_FILES:,} files at once; send the others after these")
        await run_in_threadpool(self._folder.mkdir, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in request.stream():
                    batch.bytes += len(piece)
                    _check(file.tell() + len(piece), batch.bytes)
                    digest.update(piece)
                    await run_in_threadpool(file.write, piece)
            return await run_in_threadpool(self._keep, Path(draft), digest.hexdigest(), name)
        finally:
            Path(draft).unlink(missing_ok=True)

    def _keep(self, draft: Path, digest: str, name: str) -> Path:
        made = self._folder / digest[:24]
        path = made / name
        with self._lock:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(draft, path)
            path.chmod(0o644)
            self._lying[made] += 1
        return path

    def _remove(self, files: Sequence[Path]) -> None:
        """Remove files, each with the folder that was made for it, unless others need it too."""
        with self._lock:
            for file in files:
                made = self._folder / file.relative_to(self._folder).parts[0]
                self._lying[made] -= 1
                if self._lying[made] <= 0:
                    del self._lying[made]
                    shutil.rmtree(made, ignore_errors=True)


def _check(size: int, together: int) -> None:
    if size > FILE_BYTES:
        raise TooMuch(f"larger than {FILE_BYTES // 1_000_000} MB, the most that one file may have")
    if together > BATCH_BYTES:
        raise TooMuch(f"more than {BATCH_BYTES // 1_000_000} MB at once; send it by itself")


def file_name(given: str) -> str:
    """Return a name that can be a file here: the last part of a path, without odd signs."""
    last = label(given).replace("\\", "/").rsplit("/", 1)[-1]
    plain = _NAME.sub("_", last).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:100]}{dot}{ending[:12]}" if stem else (plain[:100] or "unnamed")


def file_path(given: str) -> str:
    """Return a path that can be one here: the last folders of a file, each part a plain name."""
    parts = [part for part in given.replace("\\", "/").split("/") if part.strip(" .")]
    return "/".join(file_name(part) for part in parts[-MOST_FOLDERS - 1 :]) or "unnamed"


def upload_routes(uploads: Uploads, intake: Intake) -> APIRouter:
    """Return the routes by which articles come in."""
    router = APIRouter(prefix="/api")

    @router.post("/uploads")
    def begin() -> dict[str, str]:
        return {"batch": uploads.begin()}

    @router.put("/uploads/{token}", status_code=201)
    async def take(token: str, name: str, request: Request) -> dict[str, str]:
        with _answering():
            await uploads.take(token, name, request)
        return {"name": file_path(name)}

    @router.post("/uploads/{token}", status_code=202)
    def index(token: str, collection: str = "") -> dict[str, int]:
        with _answering():
            return {"job": uploads.index(token, collection)}

    @router.get("/jobs/{number}")
    def job(number: int) -> dict[str, Any]:
        found = intake.job(number)
        if found is None:
            raise HTTPException(404, f"there is no job {number}")
        return asdict(found)

    return router
