"""What a server tells those who run it: `/metrics`, and which trace a request belongs to.

Only where the settings ask for it; see `rag.telemetry`.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.errors import DatelineError
from rag.rights import SYSTEM, acting, reader
from rag.telemetry.steps import PARENT

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.archive.archive import Archive
    from rag.settings import TelemetrySettings
    from ui.desk import Desk

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at the line."""
SELDOM = 60.0
"""Seconds between two counts of what has no vector yet."""


class Traced:
    """ASGI middleware: what is answered belongs to the trace that the request names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            PARENT.set(Headers(scope=scope).get("traceparent", "")[:200])
        await self._app(scope, receive, send)


class Gauges:
    """Looks at line and archive again and again, and writes down what it sees."""

    def __init__(self, desk: Desk, archive: Archive | None) -> None:
        self._desk = desk
        self._archive = archive
        self._counted = 0
        self._lag_at = 0.0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._again, name="dateline-gauges", daemon=True).start()

    def look(self) -> None:
        """Write down how it is now."""
        from rag.telemetry.metrics import meters

        ours = meters()
        with self._lock:
            refused = self._desk.refused
            ours.refused.inc(refused - self._counted)
            self._counted = refused
        ours.working.set(self._desk.working)
        ours.waiting.set(self._desk.waiting - self._desk.working)
        if self._archive is not None and time.monotonic() - self._lag_at > SELDOM:
            self._lag_at = time.monotonic()
            with acting(SYSTEM):  # whoever looks, it is of all articles
                tally = self._archive.tally()
            ours.lag.set(tally.passages - tally.embedded)

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def _again(self) -> None:
        while not self._closed.wait(EVERY):
            try:
                self.look()
            except DatelineError as error:
                log.warning("the line cannot be measured: %s", error)


def measure(
    app: FastAPI, settings: TelemetrySettings, desk: Desk, archive: Archive | None
) -> Gauges | None:
    """Add to an application what the settings ask for; return what looks at the line."""
    if settings.otlp_endpoint is not None:
        app.add_middleware(Traced)
    if not settings.metrics:
        return None
    from rag.telemetry.metrics import exposed

    gauges = Gauges(desk, archive)

    def metrics(_: Request) -> Response:
        who = reader()
        if who is not None and who.role != "admin":  # a key that only reads will do
            return Response("Not found", 404)
        gauges.look()
        body, kind = exposed()
        return Response(body, media_type=kind)

    # Before the page, which takes every path.
    app.router.routes.insert(0, Route("/metrics", metrics))
    return gauges
