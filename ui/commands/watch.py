"""`dateline index --watch`: looks at folders again and again, and reads what came or changed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

Stamp = tuple[int, int]
"""Time of the last change in nanoseconds, and size."""


class Watched:
    """Remembers how files in some folders looked when they were last read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Take the files as they are now for read."""
        self.folders = folders
        self._before = dict(self._stamps())
        self._read = dict(self._before)

    def changed(self) -> list[Path]:
        """Return the files that are new or changed, and no longer being written.

        A file counts when it looks as it did at the last call, so one that is still growing waits.
        """
        now = dict(self._stamps())
        ready = [
            path
            for path, stamp in now.items()
            if self._before.get(path) == stamp and self._read.get(path) != stamp
        ]
        self._before = now
        return ready

    def done(self, paths: Sequence[Path]) -> None:
        """Note that these have been read as they last looked."""
        self._read |= {path: self._before[path] for path in paths}

    def _stamps(self) -> Iterator[tuple[Path, Stamp]]:
        from rag.errors import SourceError
        from rag.ingest.sources.reading import find

        for folder in self.folders:
            try:
                for path in find([folder]):
                    stat = path.stat()
                    yield path, (stat.st_mtime_ns, stat.st_size)
            except (OSError, SourceError):
                continue  # It is gone, or not mounted at the moment; it may come back.


def watch(watched: Watched, read: Callable[[list[Path]], None], seconds: float) -> None:
    """Call `read` with the files that came or changed, until Ctrl-C.

    What goes wrong with one pass is told, and the same files are tried again at the next.
    """
    from rag.errors import DatelineError
    from ui.terminal import safe

    try:
        sys.stderr.write(f"Watching {', '.join(map(str, watched.folders))}; Ctrl-C ends it.\n")
        while True:
            time.sleep(seconds)
            paths = watched.changed()
            try:
                if paths:
                    read(paths)
            except (DatelineError, OSError) as error:
                sys.stderr.write(f"dateline: {safe(str(error))} (trying again)\n")
            else:
                watched.done(paths)
    except KeyboardInterrupt:
        return
