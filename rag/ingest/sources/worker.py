"""Reading in a child process that is kept for the next file, and replaced when it dies."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from rag.errors import SourceError
from rag.ingest.sources import frames
from rag.ingest.sources.child import OUT_OF_MEMORY
from rag.ingest.sources.draft import Draft, Given, Link

_ROOT = Path(__file__).parents[3]
_MODULE = "rag.ingest.sources.child"
_WORN = 0.5
"""A child that has held this part of the memory it may have is replaced before the next file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one article may cost."""

    megabytes: int = 1500
    """Address space; the libraries alone take about 400 of it."""
    seconds: int = 30
    """Of computing."""
    wall: float = 90.0
    """Seconds until it is there; a busy machine may need more than the computing takes."""


class Reader:
    """Reads files in a child process; use it as a context manager, in one thread.

    Example:
        with Reader(Limits()) as reader:
            for result in reader.read(Given(origin="/news/a.html", format="html")):
                ...
    """

    def __init__(self, limits: Limits) -> None:
        self.started = 0
        """How many children there have been."""
        self.memory = 0.0
        """The most memory that a child reported, in MB."""
        self._limits = limits
        self._busy = False
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, given: Given) -> Iterator[Draft | Link | SourceError]:
        """Yield what `given` holds; a child that dies or hangs over it is its error.

        The results must be taken, or the iterator closed, before the next file is read.
        """
        if self._busy:
            raise RuntimeError(f"{given.origin}: the file before has not been read to its end")
        child = self._child if self._child and self._child.poll() is None else self._start()
        self._busy, finished = True, False
        try:
            self._send(child, *frames.from_given(given))
            while not finished:
                record, data = frames.unpack(_Pipe(child, self._limits.wall).take)
                finished = record.get("kind") == "end"
                if not finished:
                    yield frames.to_result(record, data)
                else:
                    self._note(float(record["memory"]))
        except TimeoutError:
            yield SourceError(f"{given.origin}: reading it took over {self._limits.wall:.0f} s")
        except (EOFError, BrokenPipeError):
            yield SourceError(f"{given.origin}: {self._cause(child)}")
        except frames.Broken as error:
            yield SourceError(f"{given.origin}: its reader answered nonsense ({error})")
        finally:
            self._busy = False
            if not finished:
                self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        self._stop()
        limits = self._limits
        command = (sys.executable, "-m", _MODULE)
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(limits.megabytes), str(limits.seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("DATELINE_DEBUG") else subprocess.DEVNULL,
            env=_environment(),
            # Ctrl-C is for the parent, which then closes the child's pipes.
            start_new_session=True,
            bufsize=0,
        )
        self.started += 1
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                pipe.close() if pipe else None
        child.kill()
        child.wait()

    def _send(self, child: subprocess.Popen[bytes], record: dict[str, object], data: bytes) -> None:
        view = memoryview(frames.pack(record, data))
        while view:
            view = view[os.write(_number(child.stdin), view) :]

    def _note(self, memory: float) -> None:
        self.memory = max(self.memory, memory)
        if memory > _WORN * self._limits.megabytes:
            self._stop()

    def _cause(self, child: subprocess.Popen[bytes]) -> str:
        """Say why a child has ended."""
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        status = child.poll()
        if status == -signal.SIGXCPU:
            return f"reading it took over {self._limits.seconds} s of computing"
        if status == OUT_OF_MEMORY:
            return f"reading it took over {self._limits.megabytes:,} MB of memory"
        if status is not None and status < 0:
            name = signal.Signals(-status).name
            return f"it ended its reader ({name}: damaged, or made to take up too much memory)"
        return f"its reader ended with status {status}"


class _Pipe:
    """Takes bytes from a child until a deadline."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._pipe = _number(child.stdout)
        self._until = time.monotonic() + seconds
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN | select.POLLHUP)

    def take(self, count: int) -> bytes:
        """Return exactly so many bytes.

        Raises:
            TimeoutError: they do not come in time.
            EOFError: the child has ended.
        """
        parts = []
        while count:
            left = self._until - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise TimeoutError
            part = os.read(self._pipe, min(count, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def _number(pipe: IO[bytes] | None) -> int:
    """Return the number of one of a child's pipes; a child that was stopped has none."""
    if pipe is None or pipe.closed:
        raise EOFError
    return pipe.fileno()


def _environment() -> dict[str, str]:
    """Return what a child is to know: where the modules are, and to use one thread."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    paths = [str(_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return kept | {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
