"""The process that reads: what strangers wrote is parsed here, where it can do least harm.

It takes requests on its standard input and answers on its standard output, one frame for each
article (see `frames`), until its input ends. The system kills it when it wants more memory or time
than it is allowed; it can write no file and start with nothing of its parent's but those two pipes.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rag.errors import SourceError
from rag.ingest.clean import clean
from rag.ingest.sources import frames
from rag.ingest.sources.reading import Draft, Given, Link, readings
from rag.language.characters import unseen

OUT_OF_MEMORY = 17
"""Exit status after memory ran out, when nothing more can be relied on."""


def main() -> None:
    """Serve requests: `child MEGABYTES SECONDS`."""
    megabytes, seconds = map(int, sys.argv[1:3])
    requests, answers = _pipes()
    _limit(megabytes)
    while (request := _request(requests)) is not None:
        try:
            for result in _results(request, seconds):
                _send(answers, *frames.from_result(result))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        _send(answers, {"kind": "end", "memory": _memory()})


def _pipes() -> tuple[int, int]:
    """Take both pipes for ourselves, so that no library that prints can break a frame."""
    requests, answers = os.dup(0), os.dup(1)
    with open(os.devnull, "r+b", buffering=0) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
    return requests, answers


def _limit(megabytes: int) -> None:
    """Take away what reading does not need: memory, writing to files, a dump of its memory."""
    limits = {
        resource.RLIMIT_AS: megabytes * 1_000_000,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def _results(given: Given, seconds: int) -> Iterator[Draft | Link | SourceError]:
    """Yield what is read, each result within `seconds` of computing, and cleaned."""
    results = readings(given)
    while True:
        _allow(seconds)
        try:
            result = next(results, None)
            if result is None:
                return
            if isinstance(result, Draft):
                result = _cleaned(result)
        except RecursionError:
            result = SourceError(f"{given.origin} is nested too deeply to be read")
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a file can upset a library in any way
            yield SourceError(f"{given.origin} cannot be read: {type(error).__name__}: {error}")
            return
        yield result


def _cleaned(draft: Draft) -> Draft:
    """Clean the text, and tell of characters in it that nobody sees."""
    count = unseen(draft.text)  # of a page they were counted before its text was found
    note = (f"Invisible characters were left out: {count}.",) if count else ()
    return replace(draft, text=clean(draft.text), notes=(*draft.notes, *note))


def _allow(seconds: int) -> None:
    """Have the system kill this process when it computes for so long from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _memory() -> float:
    """Return the most memory that this program ever held, in MB.

    Linux's `ru_maxrss` is no measure of it: that of a process keeps, over fork and exec, the size
    of the parent that started it.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:", 1)[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _request(pipe: int) -> Given | None:
    def take(count: int) -> bytes:
        parts = []
        while count:
            part = os.read(pipe, min(count, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    try:
        return frames.to_given(*frames.unpack(take))
    except EOFError:
        return None


def _send(pipe: int, record: dict[str, object], data: bytes = b"") -> None:
    view = memoryview(frames.pack(record, data))
    while view:
        view = view[os.write(pipe, view) :]


if __name__ == "__main__":
    main()
