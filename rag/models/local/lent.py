"""A local model that several processes use: one runs it, and says in a file where it answers.

The file is readable by its owner alone, since whoever has it can ask the model. It is written anew
whenever the model had to be started again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rag.errors import ModelError
from rag.models.wire import Endpoint

LOOK = 0.2
"""Seconds between two looks at whether the model is still there."""


class Lent:
    """Looks after a local model for others: it is started again when it has ended."""

    def __init__(
        self, poll: Callable[[], Endpoint | None], at: Path, version: Callable[[], str]
    ) -> None:
        """Begin to say in the file `at` where the model answers, as `poll` has it."""
        self._poll = poll
        self._version = version
        self._at = at
        self._told: object = None
        self._closed = threading.Event()
        threading.Thread(target=self._again, name="dateline-lend", daemon=True).start()

    def close(self) -> None:
        """Look after it no more."""
        self._closed.set()

    def _again(self) -> None:
        while not self._closed.wait(LOOK):
            try:
                found = self._poll()
            except ModelError as error:
                self._tell({"error": str(error)})
            else:
                if found is not None:
                    self._tell({"url": found.url, "key": found.key, "version": self._version()})

    def _tell(self, told: dict[str, str | None]) -> None:
        if told == self._told:
            return
        self._told = told
        fresh = self._at.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(told), encoding="utf-8")
        fresh.replace(self._at)


class Borrowed:
    """Where a local model answers that another process looks after."""

    def __init__(
        self, at: Path, name: str, on_ready: Callable[[Endpoint, str], None] | None = None
    ) -> None:
        """Look into the file `at`; `on_ready` is called with each new endpoint."""
        self._at = at
        self._name = name
        self._on_ready = on_ready
        self._lock = threading.Lock()
        self._read = 0
        self._known: Endpoint | None = None

    def poll(self) -> Endpoint | None:
        """Return the endpoint; None while it starts.

        Raises:
            ModelError: it cannot be loaded.
        """
        with self._lock:
            try:
                changed = self._at.stat().st_mtime_ns
                if changed == self._read:
                    return self._known
                told = json.loads(self._at.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return None
            if "error" in told:
                raise ModelError(str(told["error"]))
            self._known = Endpoint(url=told["url"], model=self._name, key=told["key"])
            self._read = changed
            if self._on_ready is not None:
                with suppress(Exception):  # it only ever saves time
                    self._on_ready(self._known, told["version"])
            return self._known
