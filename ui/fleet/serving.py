"""`serve.workers`: one address, several processes behind it, and one local model for all."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from rag.errors import ArchiveMissing, SettingsError
from rag.settings import Settings
from rag.telemetry.metrics import FOLDER
from ui.fleet.relay import Relay
from ui.fleet.workers import Work, Workers
from ui.server import Offer, checked, doorkeeper_of, listen, listening, peers, run

if TYPE_CHECKING:
    from ui.evaluation import Runs

log = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at whether all workers live."""
FEW = 5
"""Looks at a worker that is ready, for each question whether it still is."""


class Fleet:
    """The relay, and the workers as long as the server lives."""

    def __init__(self, relay: Relay, workers: Workers) -> None:
        self._relay = relay
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through start and end of the server."""
        if scope["type"] != "lifespan":
            await self._relay(scope, receive, send)
            return
        await receive()
        self._workers.start()
        looking = asyncio.create_task(self._look())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        looking.cancel()
        await asyncio.wait((looking,))
        await asyncio.to_thread(self._workers.close)
        await self._relay.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _look(self) -> None:
        turn = 0
        while True:
            try:
                await self._look_once(turn)
            except Exception:  # whatever it was, nobody else looks after the workers
                log.exception("the workers could not be looked after")
            turn += 1
            await asyncio.sleep(LOOK)

    async def _look_once(self, turn: int) -> None:
        running = self._workers.look()
        for load in self._relay.loads:
            if load.number not in running:
                load.ready = False
            elif not load.ready or turn % FEW == 0:
                found = await self._relay.ready(load.number)
                load.ready = load.ready if found is None else found


def serve(
    settings: Settings,
    at: tuple[str, int],
    auth: tuple[str, str] | None,
    offer: Offer,
    runs: Callable[[], Runs | None],
) -> None:
    """Serve page and API from several processes until interrupted; see `ui.server.serve`.

    Args:
        settings: Which archive, which models, how many workers.
        at: Host and port to listen on.
        auth: Name and password that every request must carry.
        offer: What may be done on the page.
        runs: Finds the runs of the eval suite to show.

    Raises:
        SettingsError: When the address cannot be used, or is open to others without a password.
    """
    host, port = at
    checked(settings, host, auth)
    _make(settings, offer)
    if (somebody := doorkeeper_of(settings)) is not None:
        somebody.close()
    with ExitStack() as stack:
        listener = stack.enter_context(listen(host, port))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-")))
        if settings.telemetry.metrics:
            (folder / "metrics").mkdir()
            os.environ[FOLDER] = str(folder / "metrics")
        lent = stack.enter_context(_model(settings, folder))
        sockets = tuple(folder / f"w{number}" for number in range(settings.serve.workers))
        work = Work(settings=lent, host=host, auth=auth, offer=offer, runs=runs, sockets=sockets)
        listening(host, listener)
        run(Fleet(Relay(sockets, auth), Workers(work)), listener, **peers(settings))


def _make(settings: Settings, offer: Offer) -> None:
    """Make the archive, where people may fill it, before any worker looks for it."""
    from rag.archive.archive import Archive

    try:
        Archive.open(settings.archive).close()
    except ArchiveMissing:
        if not offer.read_only:
            Archive.create(settings.archive).close()


@contextmanager
def _model(settings: Settings, folder: Path) -> Iterator[Settings]:
    """Run the local model for all workers, where one words the answers."""
    if settings.chat.llm.partition(":")[0] != "local":
        yield settings
        return
    from rag.answer import prompts
    from rag.models.chat import connect
    from rag.models.local.lent import Lent

    at = folder / "model.json"
    chat = connect(settings.chat, prompts.prefix(settings.answer.style))
    if chat is None:
        raise SettingsError(f"llm {settings.chat.llm!r} is no local model")
    with chat:
        lent = Lent(chat.endpoint, at, chat.runtime)
        shared = settings.chat.model_copy(update={"shared": at})
        try:
            yield settings.model_copy(update={"chat": shared})
        finally:
            lent.close()
