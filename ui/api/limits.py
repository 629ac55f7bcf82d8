"""What every request to the doors meets first: how large it may be, and how often it may come."""

from __future__ import annotations

import time
from collections import OrderedDict

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import is_openai, is_typed, refusal

BODY_BYTES = 4_000_000
"""Most bytes of a request to a door; files are sent to `/api/uploads`, which has its own bound."""
CLIENTS = 10_000


class Rate:
    """A bucket of tokens for each client, filled evenly."""

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token; returns the seconds until there is one, 0 when there was."""
        if not self._most:
            return 0.0
        now = time.monotonic()
        held, since = self._buckets.pop(client, (self._most, now))
        held = min(self._most, held + (now - since) * self._most / 60)
        short = 1 - held
        self._buckets[client] = (held if short > 0 else held - 1, now)
        while len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return max(0.0, short * 60 / self._most)


class Limits:
    """ASGI middleware over the doors; it reads a body into memory before its route sees it."""

    def __init__(self, app: ASGIApp, *, per_minute: int = 0) -> None:
        self._app = app
        self._rate = Rate(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (is_openai(path) or is_typed(path)):
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope, path)
        if refused is None and scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            body = await _body(receive)
            refused = None if body is not None else _too_large(path)
            if body is not None:
                receive = _replayed(body, receive)
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await refused(scope, receive, send)

    def _refused(self, scope: Scope, path: str) -> Response | None:
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > BODY_BYTES:
            return _too_large(path)
        client = (scope.get("client") or ("unknown", 0))[0]
        seconds = self._rate.wait(str(client))
        if not seconds:
            return None
        later = {"Retry-After": str(int(seconds) + 1)}
        return refusal(path, 429, "Too many requests; please wait a moment.", later)


def _too_large(path: str) -> Response | None:
    return refusal(path, 413, f"The request has more than {BODY_BYTES // 1_000_000} MB.")


async def _body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
