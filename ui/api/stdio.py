"""Runs the protocol on standard input and output: one client, one archive, no web server.

A client starts the process for a question and waits. So imports come late: the machine loads in a
thread of its own, which waits for files, while the protocol is imported.
"""

from __future__ import annotations

import gc
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from rag.settings import Settings
from ui.health import Health

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from ui.desk import Desk
    from ui.engine import Engine


def serve(settings: Settings) -> None:
    """Serve until the client closes the input; models load meanwhile.

    Raises:
        ArchiveMissing: There is no archive.
    """
    with ExitStack() as stack:
        gc.disable()  # no import leaves garbage, and looking for it is a fifth of their time
        try:
            server = _opened(settings, stack)
        finally:
            gc.enable()
        sys.stderr.write("Dateline speaks MCP on standard input and output.\n")
        server.run("stdio")


def _opened(settings: Settings, stack: ExitStack) -> MCPServer[Any]:
    """Return the server over an archive and a machine that has begun to load."""
    from rag.archive.archive import Archive
    from ui.desk import Desk
    from ui.engine import Engine

    archive = stack.enter_context(Archive.open(settings.archive))
    engine = Engine(settings)
    desk = Desk(engine.ask, lane=engine.lane)
    stack.callback(engine.close)
    stack.callback(desk.close)
    engine.start(suggest=False)
    from ui.api.mcp import build
    from ui.api.service import Service

    service = Service(
        desk=desk,
        archive=archive,
        health=partial(_health, engine, desk),
        machine=engine,
        public_url=settings.serve.public_url or "",
    )
    return build(service)


def _health(engine: Engine, desk: Desk) -> Health:
    return engine.health(desk.waiting)
