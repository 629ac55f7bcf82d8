"""Hands each request to a worker, and its response back as it comes.

A worker that dies before it has answered costs nobody anything: what only asks is asked of another
one. Whoever goes away takes the request away from the worker too.
"""

from __future__ import annotations

import asyncio
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import httpx
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from ui.fleet.peer import PEER, SCHEME
from ui.health import NO_ARCHIVE
from ui.server import waiting_page

# Which of several workers a request goes to. The page, and whatever takes articles in, is the
# first worker's: pages and jobs live in its memory. A run that is resumed is the worker's that
# has it, which its name says. All else goes to whoever has least to do.
DOORS = ("/api/v1/", "/v1/", "/mcp", "/c/", "/metrics", "/feeds/")
_RUN = re.compile(r"^/api/v1/ask/w(\d+)\.[\w-]+/events$")
_TAKES_IN = re.compile(r"^/api/v1/(jobs|articles)(/|$)")


@dataclass(slots=True)
class Load:
    """What a worker has to do."""

    number: int
    ready: bool = False
    open: int = 0
    """Requests that it has not answered yet."""


def wanted(path: str, method: str) -> int | None:
    """Return the worker that alone can serve a request; None where any can."""
    if not path.startswith(DOORS) and path != "/api/ask":
        return 0
    if run := _RUN.match(path):
        return int(run[1])
    if _TAKES_IN.match(path) and (method not in ("GET", "HEAD") or path.startswith("/api/v1/jobs")):
        return 0
    return None


def order(path: str, method: str, headers: Mapping[str, str], loads: Sequence[Load]) -> list[int]:
    """Return the workers that may serve a request, the best first; none where none is ready.

    The first worker has the page besides, so that at the same load another one is taken.
    """
    alone = wanted(path, method)
    if alone is not None:
        return [load.number for load in loads if load.number == alone]
    ready = [load for load in loads if load.ready]
    key = headers.get("idempotency-key")
    if key and ready:  # whoever sends it again finds what was done
        first = crc32(key.encode()) % len(loads)
        ready.sort(key=lambda load: (load.number - first) % len(loads))
        return [load.number for load in ready]
    return [load.number for load in sorted(ready, key=lambda load: (load.open, -load.number))]


def again(path: str, method: str) -> bool:
    """Say whether a request that a worker left unanswered may be sent to another one.

    What is asked changes nothing, or it is done once: nothing else is sent twice.
    """
    asks = path in ("/api/ask", "/api/v1/ask", "/api/v1/check") or path.startswith(("/v1/", "/mcp"))
    return method in ("GET", "HEAD", "OPTIONS") or asks


log = logging.getLogger(__name__)

KEPT_BYTES = 4_200_000
"""A longer request is handed on as it comes, and so to one worker only."""
TRIES = 25
PAUSE = 0.2
"""Seconds between two tries: together as long as it takes to notice that a worker is gone."""
CONNECT = 5.0
LATER = {"Retry-After": "2"}
_BETWEEN = frozenset(
    b"connection keep-alive proxy-authenticate te trailer transfer-encoding upgrade".split()
)
"""Headers that hold between two hosts only."""
_SERVERS = frozenset((b"date",))
"""Headers that the server of the relay adds by itself: nobody gets them twice."""
_OURS = frozenset((PEER, SCHEME))


class _Gone(Exception):
    """The client went away in the middle of what it sent."""


class Relay:
    """The ASGI application in front of the workers."""

    def __init__(self, sockets: Sequence[Path], auth: tuple[str, str] | None = None) -> None:
        """Prepare for workers that listen on these sockets of the file system.

        `auth` is the login that they ask for.
        """
        self._login = (
            [(b"authorization", b"Basic " + b64encode(":".join(auth).encode()))] if auth else []
        )
        self.loads = [Load(number) for number in range(len(sockets))]
        # A request has a connection of its own: one that a dead worker left would look alive.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._ways = [httpx.AsyncHTTPTransport(uds=str(at), limits=limits) for at in sockets]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request."""
        if scope["type"] != "http":
            return
        path, method, headers = scope["path"], scope["method"], Headers(scope=scope)
        body, back = _Body(receive, headers), _Back(send)
        if not await body.fill():
            return
        for _ in range(TRIES if path.startswith(DOORS) else 1):
            found = order(path, method, headers, self.loads)
            if found and await self._handed(found[0], scope, body, back):
                return
            if back.begun:  # cut off in the middle, and whoever reads it can tell
                return
            if found and not (body.whole and again(path, method)):
                break
            await asyncio.sleep(PAUSE)
        await _nobody(path)(scope, receive, send)

    async def ready(self, number: int) -> bool | None:
        """Ask a worker whether it answers questions; None where it is too busy to say."""
        request = httpx.Request(
            "GET",
            "http://localhost/api/v1/ready",
            headers=self._login,
            extensions={"timeout": {"connect": CONNECT, "read": CONNECT}},
        )
        try:
            response = await self._ways[number].handle_async_request(request)
            told = await response.aread()
            await response.aclose()
        except httpx.TimeoutException:
            return None
        except httpx.TransportError:
            return False
        # Whoever asks for another login, or says that this was too often, answers too; so does who
        # lacks the archive, and says more of that than we could.
        return response.status_code not in (500, 503) or NO_ARCHIVE.encode() in told

    async def close(self) -> None:
        """Close what is open to the workers."""
        for way in self._ways:
            await way.aclose()

    async def _handed(self, number: int, scope: Scope, body: _Body, back: _Back) -> bool:
        """Hand a request to a worker; False when that went away before the end."""
        load = self.loads[number]
        load.open += 1
        work = asyncio.create_task(self._exchange(number, scope, body, back))
        gone = asyncio.create_task(body.gone())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                return True
            error = work.exception()
        finally:
            load.open -= 1
            for task in (work, gone):
                task.cancel()
            await asyncio.wait((work, gone))
        if error is None or isinstance(error, _Gone):
            return True
        if not isinstance(error, httpx.TransportError):
            raise error
        if load.ready:  # else it is known, or it has not begun yet
            log.warning("worker %d went away: %s", number, type(error).__name__)
        load.ready = False
        return False

    async def _exchange(self, number: int, scope: Scope, body: _Body, back: _Back) -> None:
        request = httpx.Request(
            scope["method"],
            httpx.URL(scheme="http", host="worker", raw_path=_raw(scope)),
            headers=[*_passed(scope["headers"]), *_who(scope), *body.framed()],
            extensions={"timeout": {"connect": CONNECT}},
            content=body.kept(),
            stream=body.rest(),
        )
        response = await self._ways[number].handle_async_request(request)
        try:
            await back.begin(response)
            async for part in response.aiter_raw():
                await back.part(part)
        finally:
            await response.aclose()
        await back.end()


class _Body:
    """The body of a request: kept, so that it can be sent again, unless it is long."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._chunked = "transfer-encoding" in headers
        self._kept = b""
        self.whole = False
        self._taken = asyncio.Event()

    async def fill(self) -> bool:
        """Take it in as far as it is kept; False when the client went away."""
        while not self.whole and len(self._kept) <= KEPT_BYTES:
            part = await self._next()
            if part is None:
                return False
            self._kept += part
        return True

    def kept(self) -> bytes | None:
        """Return the whole body; None where it has none, or is too long."""
        return self._kept if self.whole and self._kept else None

    def framed(self) -> list[tuple[bytes, bytes]]:
        """Return what says how a long body is sent, where its length is not known."""
        pieces = self._chunked and not self.whole
        return [(b"transfer-encoding", b"chunked")] if pieces else []

    def rest(self) -> httpx.AsyncByteStream | None:
        """Return what carries a long body; None for another."""
        return None if self.whole else _Stream(self._parts())

    async def gone(self) -> None:
        """Return when the client has gone away."""
        await self._taken.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _parts(self) -> AsyncIterator[bytes]:
        yield self._kept
        while not self.whole:
            part = await self._next()
            if part is None:
                raise _Gone
            yield part

    async def _next(self) -> bytes | None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            return None
        if not message.get("more_body"):
            self.whole = True
            self._taken.set()
        part: bytes = message.get("body", b"")
        return part


class _Stream(httpx.AsyncByteStream):
    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            yield part


class _Back:
    """The way of a response back to its client."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def begin(self, response: httpx.Response) -> None:
        named = [(k.lower(), v) for k, v in response.headers.raw]
        headers = [(k, v) for k, v in named if k not in _BETWEEN and k not in _SERVERS]
        start: Message = {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": headers,
        }
        self.begun = True
        await self._send(start)

    async def part(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})


def _raw(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    return path + b"?" + query if query else path


def _passed(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(k, v) for k, v in headers if k not in _BETWEEN and k not in _OURS]


def _who(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return whom the request comes from, as the worker shall know it."""
    client = scope.get("client")
    told = [(SCHEME, str(scope.get("scheme", "http")).encode())]
    return [*told, (PEER, str(client[0]).encode())] if client else told


def _nobody(path: str) -> Response:
    """Say that no worker can answer now."""
    said = "The part of Dateline that answers this is being started."
    if path.startswith(DOORS):
        from ui.api.problems import refusal  # only here: fastapi takes a while to import

        shaped = refusal(path, 503, said, LATER)
        if shaped is not None:
            return shaped
    return HTMLResponse(waiting_page(said), 503, LATER)
