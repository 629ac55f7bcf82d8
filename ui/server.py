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
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import rights
from rag.errors import ArchiveMissing, ArchiveUnreachable, DatelineError, SettingsError
from rag.settings import ApiSettings, Place, Settings
from ui.guard import LOOPBACK, Guard
from ui.loops import within_a_loop
from ui.markup import template

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from rag.answer.examples import Example
    from rag.archive.archive import Archive
    from rag.archive.clips import Clips
    from rag.archive.conversations import Conversations
    from ui.api.service import Service
    from ui.desk import Desk
    from ui.doorkeeper import Doorkeeper
    from ui.engine import Engine
    from ui.evaluation import Runs
    from ui.health import Health
    from ui.means import Means

log = logging.getLogger(__name__)

AWAY = 2.0
"""Seconds between two tries to open an archive whose server is away."""
_KEPT_OPEN = 150
"""Seconds for which a connection with nothing to do stays open. Longer than proxies (Caddy: 120)
and clients (httpx: 5) keep theirs: a question sent into one that is being closed is lost."""
_OPENING = "Opening the reading room"
_WAIT = template("wait.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the people who open the page may do besides asking and reading."""

    read_only: bool = False
    """Nobody may add, delete or index again."""
    folders: tuple[Path, ...] = ()
    """Folders of this computer that may be named on the page."""
    addresses: bool = False
    """Whether addresses on the web may be named on the page, to be fetched by this computer."""
    sample: Path | None = None
    """Articles to try with, for an archive that is empty."""
    llms: tuple[str, ...] = ()
    """Models that people may choose besides the one of the settings."""
    runs: Runs | None = None
    """Runs of the eval suite to show."""


def serve(
    settings: Settings, host: str, port: int, auth: tuple[str, str] | None, offer: Offer
) -> None:
    """Serve page and API until interrupted.

    Args:
        settings: Which archive and which models.
        host: The address to listen on; anything but loopback needs `auth`.
        port: The port, 0 for any free one.
        auth: Name and password that every request must carry.
        offer: What may be done on the page.

    Raises:
        SettingsError: When the address cannot be used, or is open to others without a password.
    """
    checked(settings, host, auth)
    with listen(host, port) as listener:
        listening(host, listener)
        run(guarded(settings, host, auth, offer), listener, **peers(settings))


def checked(settings: Settings, host: str, auth: tuple[str, str] | None) -> None:
    """Raise `SettingsError` where nobody could come in, or others without a password."""
    mode = settings.auth.mode
    if mode != "none" and auth is not None:
        raise SettingsError(
            f"--auth is one login for all, and DATELINE_AUTH__MODE={mode} is one for each person: "
            "leave one of them out"
        )
    if mode == "proxy" and not settings.auth.proxy_networks:
        raise SettingsError(
            "with DATELINE_AUTH__MODE=proxy say from which addresses the proxy comes: "
            "DATELINE_AUTH__PROXY_NETWORKS='[\"10.0.0.7/32\"]'"
        )
    if host not in LOOPBACK and auth is None and mode == "none":
        raise SettingsError(
            f"{host!r} can be reached from other machines: set a name and a password, "
            "or listen on 127.0.0.1"
        )


def listening(host: str, listener: socket.socket) -> None:
    """Say where the server is."""
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Dateline is at http://{shown}:{listener.getsockname()[1]}/\n")
    sys.stderr.flush()


def waiting_page(said: str) -> str:
    """Return a page that says why there is none yet, and looks again by itself."""
    return str(_WAIT.format(said))


@dataclass(frozen=True, slots=True)
class Role:
    """Which of several workers a server is; one that is alone is the first."""

    number: int = 0
    of: int = 1

    @property
    def first(self) -> bool:
        """Whether it has the page, takes articles in, and looks after feeds and watches."""
        return self.number == 0

    @property
    def where(self) -> str:
        """With what the names of its runs begin."""
        return f"w{self.number}." if self.of > 1 else ""


def guarded(
    settings: Settings,
    host: str,
    auth: tuple[str, str] | None,
    offer: Offer,
    role: Role = Role(),
) -> ASGIApp:
    """Return the whole application; `serve` says what the arguments are."""
    rights.required(settings.auth.mode != "none")
    return Guard(
        Front(lambda: _application(settings, offer, role)),
        host=host,
        auth=auth,
        public=settings.serve.public_url,
        origins=settings.api.cors_origins,
        keys=_keys(settings.archive),
        doorkeeper=doorkeeper_of(settings),
    )


def doorkeeper_of(settings: Settings) -> Doorkeeper | None:
    """Return who tells people apart, where there are people.

    Raises:
        SettingsError: nobody could come in.
    """
    if settings.auth.mode == "none":
        return None
    from rag.archive.archive import Archive
    from rag.archive.people import People
    from ui.doorkeeper import Doorkeeper

    with rights.acting(rights.SYSTEM):
        try:
            Archive.open(settings.archive).close()  # brings an older one up to date
            with People.open(settings.archive) as people:
                empty = not people.any()
        except ArchiveMissing:
            empty = True
    if empty:
        raise SettingsError(
            "nobody could come in: add a person first, with: "
            "dateline users add NAME --role admin --password"
        )
    secure = (settings.serve.public_url or "").startswith("https:")
    return Doorkeeper(settings.archive, settings.auth, secure=secure)


def _keys(place: Place) -> Callable[[str], str | None]:
    """Return what tells which key of the archive a secret is; a key is known as soon as it is made.

    The archive may not be there yet, and it may not be writable: then there are no keys.
    """
    from rag.archive.keys import Keys

    def scope(secret: str) -> str | None:
        try:
            with Keys.open(place) as keys:
                found = keys.known(secret)
        except DatelineError as error:
            log.warning("a key cannot be looked up: %s", error)
            return None
        return found.scope if found else None

    return scope


def listen(host: str, port: int) -> socket.socket:
    """Open the port; raises `SettingsError` when another program has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def peers(settings: Settings) -> dict[str, bool]:
    """Return how it is known whom a request comes from, as an option of `run`.

    A header from this machine may name another address; but not where an address is what makes a
    proxy believed.
    """
    return {"proxy_headers": settings.auth.mode != "proxy"}


def run(app: ASGIApp, listener: socket.socket, **options: Any) -> None:  # noqa: ANN401 - uvicorn's
    """Run an application on an open port until interrupted."""
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=_KEPT_OPEN,
        **options,
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
        elif (early := self._early(scope["path"])) is not None:
            await early(scope, receive, send)
        elif scope["path"].startswith("/api/"):
            state = "failed" if self._error else "loading"
            told = {"state": state, "message": self._error or _OPENING}
            await JSONResponse(told, 503, {"Retry-After": "2"})(scope, receive, send)
        else:
            page = waiting_page(self._error or f"{_OPENING}. This takes a few seconds.")
            await HTMLResponse(page, 503, {"Retry-After": "2"})(scope, receive, send)

    def _early(self, path: str) -> Response | None:
        """Return what a door says before its room is open."""
        from ui.api.problems import refusal  # fastapi takes a while to import

        return refusal(path, 503, self._error or _OPENING, {"Retry-After": "2"})

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
        app = await self._built()
        if app is None:
            await self._closing.wait()
            return
        async with app.router.lifespan_context(app):
            self._app = app
            await self._closing.wait()

    async def _built(self) -> FastAPI | None:
        """Return the application; None where it cannot be built, or is not wanted any more."""
        while not self._closing.is_set():
            try:
                return await asyncio.to_thread(self._build)
            except ArchiveUnreachable as error:  # its server comes back by itself
                self._error = str(error)
                log.warning("%s; it is tried again", error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), AWAY)
            except DatelineError as error:
                self._error = str(error)
                log.error("%s", error)  # noqa: TRY400
                return None
        return None


def _application(
    settings: Settings,
    offer: Offer,
    role: Role = Role(),
) -> FastAPI:
    from ui.desk import Desk
    from ui.engine import Engine
    from ui.intake import Intake
    from ui.means import Means
    from ui.measured import measure
    from ui.rounds import Rounds
    from ui.upload import Uploads

    archive = _archive(settings.archive, offer)
    engine = Engine(settings, offer.llms)
    desk = Desk(engine.ask, lane=engine.lane, waiting=settings.serve.waiting)
    keeps = role.first and not offer.read_only
    intake = Intake(settings, web=offer.addresses) if keeps else None
    if intake is not None:
        intake.catch_up()
    kept, clips = _beside(archive)
    means = Means(
        intake=intake,
        uploads=Uploads(intake) if intake else None,
        sample=offer.sample,
        folders=offer.folders,
        addresses=offer.addresses,
        settings=settings,
        llms=offer.llms,
        runs=offer.runs,
        index=engine.index_state,
        ahead=engine.ahead if settings.page.ahead else None,
        clips=clips,
        related=engine.related,
        machine=engine if archive else None,
        where=role.where,
        page=role.first,
    )
    health = partial(_health, engine, desk)
    app = application(desk, archive, health, kept, engine.suggestions, means)
    gauges = measure(app, settings.telemetry, desk, archive)
    app.router.on_shutdown += [gauges.close] if gauges else []
    app.router.on_shutdown += [desk.close, engine.close, kept.close, clips.close]
    app.router.on_shutdown += [intake.close] if intake else []
    engine.start(suggest=role.first)
    if archive is not None and keeps:
        rounds = Rounds(settings, engine.work)
        app.router.on_shutdown.insert(0, rounds.close)
        rounds.start()
    return app


def _health(engine: Engine, desk: Desk) -> Health:
    return engine.health(desk.waiting)


def _archive(place: Place, offer: Offer) -> Archive | None:
    """Open the archive, and make an empty one where people may fill it."""
    from rag.archive.archive import Archive

    try:
        return Archive.open(place)
    except ArchiveMissing:
        if offer.read_only:
            return None
    Archive.create(place).close()
    return Archive.open(place)


def _beside(archive: Archive | None) -> tuple[Conversations, Clips]:
    """Open the conversations and clips of an archive, or some that last as long as this process.

    The latter where there is no archive, or where it cannot be written.
    """
    from rag.archive.clips import Clips
    from rag.archive.conversations import Conversations

    if archive is not None:
        try:
            return Conversations.open(archive.place), Clips.open(archive.place)
        except DatelineError as error:
            log.warning("conversations are not kept: %s", error)
    return Conversations.in_memory(), Clips.in_memory()


def application(
    desk: Desk,
    archive: Archive | None,
    health: Callable[[], Health],
    kept: Conversations | None = None,
    suggestions: Callable[[], Sequence[Example]] | None = None,
    means: Means | None = None,
) -> FastAPI:
    """Return page and API as one application, without the guard.

    Args:
        desk: Who answers.
        archive: What is read.
        health: How the server is.
        kept: Where conversations are kept; None keeps them as long as this process lives.
        suggestions: Example questions.
        means: What may be done besides asking and reading.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles
    from starlette.middleware.gzip import GZipMiddleware

    from rag.archive.clips import Clips
    from rag.archive.conversations import Conversations
    from ui.api.doors import install
    from ui.api.unversioned import routes
    from ui.clippings import clip_routes
    from ui.editing import edit_routes
    from ui.judging import report_routes
    from ui.kept import kept_routes
    from ui.means import Means
    from ui.upload import upload_routes

    app = FastAPI(title="Dateline", docs_url=None, redoc_url=None, openapi_url=None)
    kept = kept or Conversations.in_memory()
    means = means or Means()
    clips = means.clips or Clips.in_memory()
    means = replace(means, clips=clips)
    app.include_router(routes(desk, archive, health))
    app.include_router(kept_routes(kept, archive))
    app.include_router(clip_routes(clips, archive))
    if means.intake and means.uploads:
        app.include_router(upload_routes(means.uploads, means.intake))
        app.include_router(edit_routes(means.intake))
    if means.runs:
        app.include_router(report_routes(means.runs))
    service = _service(desk, archive, health, kept, means)
    install(app, service, means.uploads, _api(means))
    if not means.page:
        return app
    from ui.theme import ASSETS, ASSETS_PATH

    app.mount(ASSETS_PATH, GZipMiddleware(StaticFiles(directory=ASSETS)))
    from ui.page import build_page  # gradio takes seconds to import

    _mount(app, build_page(desk, archive, kept, suggestions, means), archive)
    return app


@within_a_loop
def _mount(app: FastAPI, page: gr.Blocks, archive: Archive | None) -> None:
    import gradio as gr

    from ui.theme import look

    gr.mount_gradio_app(
        app,
        page,
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


def _service(
    desk: Desk,
    archive: Archive | None,
    health: Callable[[], Health],
    kept: Conversations,
    means: Means,
) -> Service:
    """Return what is below every door of this server."""
    from ui.api.service import Service

    settings = means.settings
    return Service(
        desk=desk,
        archive=archive,
        health=health,
        machine=means.machine,
        kept=kept,
        intake=means.intake,
        folders=means.folders,
        addresses=means.addresses,
        llms=means.llms,
        index=means.index,
        settings=settings,
        where=means.where,
        public_url=(settings.serve.public_url or "") if settings else "",
        footer=settings.api.footer if settings else "auto",
        draft=settings.api.draft if settings else "none",
    )


def _api(means: Means) -> ApiSettings:
    return means.settings.api if means.settings else ApiSettings()
