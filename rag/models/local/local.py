"""The local model's server as its parent sees it: started at once, ready later, revived if it dies.

The address of a server that is still loading is None; whoever needs it asks again in a moment and
does something useful meanwhile. A server found dead is started again by the next one who asks, a
few times; then the end of its log is the explanation.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from rag.errors import ModelError, ModelUnreachable
from rag.models.local.child import UNLOADABLE
from rag.models.wire import Endpoint
from rag.settings import Engine

# The module that each engine of a local model is run by, as a child process. `ik` (ik_llama.cpp)
# reads a prompt in half of the time, where it is installed and the processor has AVX2;
# `llama.cpp` runs everywhere. Both answer as the same kind of endpoint.
MODULES: dict[Engine, str] = {"ik": "rag.models.local.quick", "llama.cpp": "rag.models.local.llama"}


STARTS = 4
"""How often one server is started within `MEMORY` seconds before it counts as broken."""
MEMORY = 600.0
SPIN = "2000"
"""How often a thread of the model looks whether the others are done before it sleeps. Left at its
default, a billion, threads that wait burn the time of the thread that they wait for, as soon as
anything else needs a core: measured beside other work on two cores, 1.7 tokens a second instead
of 7."""
START_SECONDS = 180.0
"""How long loading may take; a cold disk reads 1.1 GB in a minute or two."""


class LocalServer:
    """A child process with a model and its server in it (`MODULES` says which).

    Whatever ends the quick engine, the next start is llama.cpp's: a crash in native code would come
    again.
    """

    def __init__(
        self,
        model: Path,
        name: str,
        *,
        engine: Engine = "llama.cpp",
        threads: int = 0,
        context: int = 0,
        states: Path | None = None,
        on_ready: Callable[[Endpoint, str], None] | None = None,
    ) -> None:
        """Start it.

        Args:
            model: the GGUF file.
            name: what the endpoint calls the model.
            engine: which one it is started with first.
            threads: 0 for as many as there are cores.
            context: tokens that it can read and write; 0 for those of a small model.
            states: folder in which it may keep prompt states.
            on_ready: called with the endpoint and the runtime's version before anyone else may use
                it; what it raises is ignored, since it only ever saves time.
        """
        self._name = name
        self._engine = engine
        self._options = ["--model", str(model), "--alias", name, "--threads", str(threads)]
        self._options += ["--context", str(context)] if context else []
        self._options += ["--states", str(states)] if states else []
        self._on_ready = on_ready
        self._lock = threading.Lock()
        self._starts: list[float] = []
        self._closed = False
        self._child = self._start()

    def poll(self) -> Endpoint | None:
        """Return the endpoint, or None while it starts; start it again when it has died.

        Raises:
            ModelUnreachable: it was closed, or has died too often.
            ModelError: it cannot load the model.
        """
        with self._lock:
            if self._closed:
                raise ModelUnreachable(f"the server of {self._name} was closed")
            if self._child.dead:
                if self._engine == "llama.cpp":
                    self._refuse_hopeless()
                self._engine = "llama.cpp"
                self._child.end()
                self._child = self._start()
            return self._child.endpoint

    def close(self) -> None:
        """End the child process and wait for it."""
        with self._lock:
            self._closed = True
            self._child.end()

    @property
    def engine(self) -> Engine:
        """What the child runs, which is llama.cpp once the quick engine has ended by itself."""
        return self._engine

    @property
    def pid(self) -> int:
        """The process id of the child."""
        return self._child.process.pid

    def _refuse_hopeless(self) -> None:
        words = self._child.last_words()
        if self._child.process.returncode == UNLOADABLE:
            raise ModelError(f"the model {self._name} cannot be loaded; its log ends: {words}")
        recent = sum(start > time.monotonic() - MEMORY for start in self._starts)
        if recent >= STARTS:
            raise ModelUnreachable(
                f"the server of {self._name} ended {recent} times; its log ends: {words}"
            )

    def _start(self) -> _Child:
        self._starts.append(time.monotonic())
        command = [sys.executable, "-m", MODULES[self._engine], *self._options]
        return _Child(command, self._name, self._on_ready)


class _Child:
    """One life of the server."""

    def __init__(
        self,
        command: list[str],
        name: str,
        on_ready: Callable[[Endpoint, str], None] | None,
    ) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the child
        self._name = name
        self._on_ready = on_ready
        self.endpoint: Endpoint | None = None
        # Its own session: Ctrl-C in the terminal is for us, and must not end a loaded model.
        self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
            env={"GOMP_SPINCOUNT": SPIN, **os.environ},
        )
        threading.Thread(target=self._await_ready, name="dateline-model", daemon=True).start()
        watch = threading.Timer(START_SECONDS, self._give_up)
        watch.daemon = True
        watch.start()
        self._watch = watch

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    def last_words(self) -> str:
        """Return the end of what it logged, on one line."""
        self._log.seek(0, 2)
        self._log.seek(max(0, self._log.tell() - 400))
        words = " ".join(self._log.read().decode(errors="replace").split())
        return words or f"none (exit code {self.process.poll()})"

    def end(self) -> None:
        """Close its input, which ends it; kill it should it be stuck in native code."""
        self._watch.cancel()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def _await_ready(self) -> None:
        hello = _hello(self.process.stdout)
        if hello is None:
            self._give_up()
            return
        endpoint = Endpoint(url=hello["url"], model=self._name, key=hello["key"])
        if self._on_ready is not None:
            with contextlib.suppress(Exception):
                self._on_ready(endpoint, str(hello.get("version")))
        self._watch.cancel()
        self.endpoint = endpoint

    def _give_up(self) -> None:
        if self.endpoint is None:
            self.process.kill()


def _hello(out: IO[bytes] | None) -> dict[str, Any] | None:
    """Read the child's one line; None when it ended without saying it."""
    if out is None:
        return None
    with out:
        try:
            said = json.loads(out.readline())
        except ValueError:
            return None
    return said if isinstance(said, dict) and {"url", "key"} <= said.keys() else None


def wait(poll: Callable[[], Endpoint | None], timeout: float = START_SECONDS) -> Endpoint:
    """Wait until an endpoint is there.

    Raises:
        ModelUnreachable: it is not within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while (endpoint := poll()) is None:
        if time.monotonic() > end:
            raise ModelUnreachable(f"the local model was not ready within {timeout:g} seconds")
        time.sleep(0.02)
    return endpoint
