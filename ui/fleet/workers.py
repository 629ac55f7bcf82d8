"""The processes that answer: started, looked after, started again, ended with us.

Each listens on a socket in a folder that nobody else may open. A worker ends by itself when the
process that started it is gone, however that ended.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import DatelineError
from rag.settings import Settings
from rag.telemetry.metrics import forget
from ui.fleet.peer import Told
from ui.server import Offer, Role, guarded, run

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from ui.evaluation import Runs

log = logging.getLogger(__name__)

SOON, LATE = 0.5, 30.0
"""Seconds until a worker that ended is started again: more each time, unless it lived for long."""
LIVED = 60.0
ENDING = 15.0
"""Seconds that a worker may take to end."""
FULL = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What each worker does."""

    settings: Settings
    host: str
    auth: tuple[str, str] | None
    offer: Offer
    runs: Callable[[], Runs | None]
    """Finds the runs of the eval suite: they cannot be sent to another process."""
    sockets: tuple[Path, ...]


@dataclass(slots=True, eq=False)
class Worker:
    """One of them, over all its lives."""

    number: int
    process: SpawnProcess | None = None
    begun: float = 0.0
    again: float = 0.0
    """When it is started the next time."""
    pause: float = SOON
    life: Connection | None = field(default=None, repr=False)
    """While our end is open, it lives."""


class Workers:
    """All of them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.all = [Worker(number) for number in range(len(work.sockets))]

    def start(self) -> None:
        """Start all."""
        for worker in self.all:
            self._start(worker)

    def look(self) -> list[int]:
        """Start again whatever has ended, and return the numbers of those that run."""
        now = time.monotonic()
        for worker in self.all:
            process = worker.process
            if process is not None and not process.is_alive():
                self._ended(worker, process, now)
            if worker.process is None and now >= worker.again:
                self._start(worker)
        return [worker.number for worker in self.all if worker.process is not None]

    def close(self) -> None:
        """End all, gently at first."""
        running = [w.process for w in self.all if w.process is not None]
        for process in running:
            process.terminate()
        end = time.monotonic() + ENDING
        for process in running:
            process.join(max(0.1, end - time.monotonic()))
            if process.is_alive():
                log.warning("a worker does not end; it is killed")
                process.kill()
                process.join()

    def _start(self, worker: Worker) -> None:
        context = get_context("spawn")
        theirs, worker.life = context.Pipe(duplex=False)
        name = f"dateline-worker-{worker.number}"
        worker.process = context.Process(
            target=answer, args=(self._work, worker.number, theirs), name=name
        )
        worker.process.start()
        theirs.close()
        worker.begun = time.monotonic()

    def _ended(self, worker: Worker, process: SpawnProcess, now: float) -> None:
        lived = now - worker.begun
        worker.pause = SOON if lived > LIVED else min(LATE, worker.pause * 2)
        worker.again = now + worker.pause
        worker.process = None
        if worker.life is not None:
            worker.life.close()
        if process.pid is not None:
            forget(process.pid)
        code = process.exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        log.warning("worker %d ended (%s); it is started again", worker.number, how)


def answer(work: Work, number: int, life: Connection) -> None:
    """Answer on the socket of one worker until told to end: what a worker's process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told by the process that started us
    threading.Thread(target=_end_with, args=(life,), name="dateline-life", daemon=True).start()
    at = work.sockets[number]
    at.unlink(missing_ok=True)
    role = Role(number, len(work.sockets))
    offer = work.offer
    if role.first:
        offer = replace(offer, runs=work.runs())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(at))
        listener.listen(FULL)
        try:
            app = guarded(share(work.settings, role.of), work.host, work.auth, offer, role)
        except DatelineError as error:  # as of an archive whose server is away
            log.error("worker %d cannot begin: %s", number, error)  # noqa: TRY400
            raise SystemExit(1) from error
        run(Told(app), listener, proxy_headers=False)


def share(settings: Settings, workers: int) -> Settings:
    """Return the settings of one worker: what is bounded for all is divided."""
    chat, serve = settings.chat, settings.serve
    at_once = max(1, chat.at_once // workers) if chat.elsewhere else chat.parallel
    waiting = -(-serve.waiting // workers)
    return settings.model_copy(
        update={
            "chat": chat.model_copy(update={"parallel": at_once}),
            "serve": serve.model_copy(update={"waiting": waiting}),
        }
    )


def _end_with(life: Connection) -> None:
    """Wait until the process that started us is gone, and end as if it had told us to."""
    with suppress(EOFError, OSError):
        life.recv_bytes()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ENDING)  # nobody is left who would kill what does not end
    os.kill(os.getpid(), signal.SIGKILL)
