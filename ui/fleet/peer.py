"""Whom a request comes from, told by the relay to the worker that answers it.

All else stays as it was sent, so that a worker believes a proxy's headers as a single server would.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

PEER, SCHEME = b"x-dateline-peer", b"x-dateline-scheme"
"""Headers that the relay sets; what a client sends by these names goes no further."""


class Told:
    """ASGI middleware of a worker, whose socket nobody but the relay reaches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request as if it had come from its sender directly."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            client = headers.get(PEER.decode(), "127.0.0.1")
            scheme = headers.get(SCHEME.decode(), "http")
            kept = [(k, v) for k, v in scope["headers"] if k not in (PEER, SCHEME)]
            scope = {**scope, "client": (client, 0), "scheme": scheme, "headers": kept}
        await self._app(scope, receive, send)
