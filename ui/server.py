"""One server for page and API: it listens at once, and says what it still loads.

gradio takes seconds to import and models take longer, so the port is open and answers with a
waiting page first; the page comes when gradio is there, and answers when the models are.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import uvicorn
from markupsafe import escape
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import ArchiveMissing, DatelineError, SettingsError
from rag.settings import Settings
from ui.guard import LOOPBACK, Guard

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.archive import Archive
    from rag.conversations import Conversations
    from ui.api import Health
    from ui.desk import Desk

log = logging.getLogger(__name__)

_OPENING = "Opening the reading room"
_WAIT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Dateline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="1">
<style>:root{{color-scheme:light dark}}body{{font:18px/1.5 Georgia,serif;display:grid;
place-content:center;min-height:90vh;margin:0;text-align:center}}</style>
<h1>Dateline</h1><p role="status">{}</p></html>"""


def serve(settings: Settings, host: str, port: int, auth: tuple[str, str] | None) -> None:
    """Serve page and API until interrupted.

    Args:
        settings: Which archive and which models.
        host: The address to listen on; anything but loopback needs `auth`.
        port: The port, 0 for any free one.
        auth: Name and password that every request must carry.

    Raises:
        SettingsError: When the address cannot be used, or is open to others without a password.
    """
    if host not in LOOPBACK and auth is None:
        raise SettingsError(
            f"{host!r} can be reached from other machines: set a name and a password, "
            "or listen on 127.0.0.1"
        )
    with listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"Dateline is at http://{shown}:{listener.getsockname()[1]}/\n")
        sys.stderr.flush()
        front = Front(lambda: _application(settings))
        run(Guard(front, host=host, auth=auth), listener)


def listen(host: str, port: int) -> socket.socket:
    """Open the port; raises `SettingsError` when another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def run(app: ASGIApp, listener: socket.socket) -> None:
    """Run an application on an open port until interrupted."""
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])


class Front:
    """Answers with a waiting page until the application behind it has been built."""

    def __init__(self, build: Callable[[], FastAPI]) -> None:
        self._build = build
        self._app: ASGIApp | None = None
        self._error = ""
        self._closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through start and end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["path"].startswith("/api/"):
            state = "failed" if self._error else "loading"
            told = {"state": state, "message": self._error or _OPENING}
            await JSONResponse(told, 503, {"Retry-After": "2"})(scope, receive, send)
        else:
            page = _WAIT.format(escape(self._error or f"{_OPENING}. This takes a few seconds."))
            await HTMLResponse(page, 503, {"Retry-After": "2"})(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        working = asyncio.create_task(self._work())
        ending = asyncio.ensure_future(receive())
        await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
        self._closing.set()
        await working
        await ending
        await send({"type": "lifespan.shutdown.complete"})

    async def _work(self) -> None:
        try:
            app = await asyncio.to_thread(self._build)
        except DatelineError as error:
            self._error = str(error)
            log.error("%s", error)  # noqa: TRY400
            await self._closing.wait()
            return
        async with app.router.lifespan_context(app):
            self._app = app
            await self._closing.wait()


def _application(settings: Settings) -> FastAPI:
    from rag.archive import Archive
    from ui.desk import Desk
    from ui.engine import Engine

    try:
        archive = Archive.open(settings.archive)
    except ArchiveMissing:
        archive = None
    engine = Engine(settings)
    desk = Desk(engine.ask)
    kept = _conversations(archive)
    app = application(desk, archive, lambda: engine.health(desk.waiting), kept, engine.suggestions)
    app.router.on_shutdown += [desk.close, engine.close, kept.close]
    engine.start()
    return app


def _conversations(archive: Archive | None) -> Conversations:
    """Open the conversations of an archive, or some that last as long as this process.

    The latter where there is no archive, or where it cannot be written.
    """
    from rag.conversations import Conversations

    if archive is not None:
        try:
            return Conversations.open(archive.folder)
        except DatelineError as error:
            log.warning("conversations are not kept: %s", error)
    return Conversations.in_memory()


def application(
    desk: Desk,
    archive: Archive | None,
    health: Callable[[], Health],
    kept: Conversations | None = None,
    suggestions: Callable[[], Sequence[str]] | None = None,
) -> FastAPI:
    """Return page and API as one application, without the guard.

    Args:
        desk: Who answers.
        archive: What is read.
        health: How the server is.
        kept: Where conversations are kept; None keeps them as long as this process lives.
        suggestions: Example questions.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from rag.conversations import Conversations
    from ui.api import routes
    from ui.kept import kept_routes
    from ui.page import build_page
    from ui.theme import ASSETS, ASSETS_PATH, look

    app = FastAPI(title="Dateline", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    kept = kept or Conversations.in_memory()
    app.include_router(routes(desk, archive, health))
    app.include_router(kept_routes(kept))
    app.mount(ASSETS_PATH, StaticFiles(directory=ASSETS))
    gr.mount_gradio_app(
        app,
        build_page(desk, archive, kept, suggestions),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1mb",
        allowed_paths=[],
        blocked_paths=[str(archive.folder.resolve())] if archive else [],
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        **look(),
    )
    return app
