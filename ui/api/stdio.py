"""Runs the protocol on standard input and output: one client, one archive, no web server."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial

from rag.settings import Settings
from ui.api.mcp import build
from ui.api.service import Service
from ui.desk import Desk
from ui.engine import Engine
from ui.health import Health


def serve(settings: Settings) -> None:
    """Serve until the client closes the input; models load meanwhile.

    Raises:
        ArchiveMissing: There is no archive.
    """
    from rag.archive.archive import Archive

    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(settings.archive))
        engine = Engine(settings)
        desk = Desk(engine.ask, lane=engine.lane)
        stack.callback(engine.close)
        stack.callback(desk.close)
        engine.start(suggest=False)
        service = Service(
            desk=desk,
            archive=archive,
            health=partial(_health, engine, desk),
            machine=engine,
            public_url=settings.serve.public_url or "",
        )
        sys.stderr.write("Dateline speaks MCP on standard input and output.\n")
        build(service).run("stdio")


def _health(engine: Engine, desk: Desk) -> Health:
    return engine.health(desk.waiting)
