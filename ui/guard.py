"""What stands before every request: the host asked for, who asks, and what a browser may do.

A web site that a person visits can make the browser send requests to this computer. So a server
on loopback answers only to loopback names (no DNS rebinding), and refuses what another origin
sends. A server that others reach needs a password. Every page carries a Content-Security-Policy:
nothing is loaded from, or sent to, any other site, and only the scripts of the page itself run.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.rights import NOBODY, Reader, acting

if TYPE_CHECKING:
    from ui.doorkeeper import Doorkeeper

READER = "dateline.reader"
"""Where in a request's scope it says who sends it."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# gradio's HTML component compiles its templates (unsafe-eval) and its components set styles.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self' blob:; media-src 'none'; "
    "object-src 'none'; frame-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# A report of the eval suite is shown in a frame of our page, and has no script of its own.
_REPORTS = "/api/evaluation/"
_REPORT = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
# Parts of gradio that this page does not use: its proxy, uploads and files of this computer.
_CLOSED = re.compile(r"^/gradio_api/(proxy|upload|file|stream|deep_link|component_server|dev|mcp)")
# The address of a feed is its key: feed readers have no password.
_FEED = re.compile(r"^/feeds/[\w-]{43}\.atom$")
_SOCIAL = re.compile(rb'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')

Check = Callable[[Headers], Response | None]


_HASHED = "/assets/"
"""Where gradio serves its scripts and styles, each with a digest of itself in its name: a browser
that has one need not ask for it again."""


class Guard:
    """ASGI middleware: refuses what should not get in, and adds the headers to what goes out."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        auth: tuple[str, str] | None,
        public: str | None = None,
        origins: Sequence[str] = (),
        keys: Callable[[str], str | None] | None = None,
        doorkeeper: Doorkeeper | None = None,
    ) -> None:
        """Guard an application.

        Args:
            app: What is behind it.
            host: Where it listens.
            auth: Name and password that every request must carry.
            public: The address by which a proxy in front of it is reached.
            origins: Other sites whose scripts may call the doors.
            keys: Returns what a key lets its holder do at the doors, `read` or `write`.
            doorkeeper: Tells who sends a request, where there are people with rights of their own;
                then `auth` and `keys` open nothing.
        """
        self._app = app
        self._loopback = host in LOOPBACK
        self._auth = auth
        self._public = urlsplit(public).netloc if public else ""
        self._origins = frozenset(origins)
        self._keys = keys
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        nonce = secrets.token_urlsafe(16)
        framed = scope["path"].startswith(_REPORTS)
        policy = _REPORT if framed else _POLICY.format(nonce=nonce)
        guarded = _with_headers(send, policy, "SAMEORIGIN" if framed else "DENY")
        if scope["path"].startswith(_HASHED):
            guarded = _lasting(guarded)
        who = await self._admitted(scope, receive)
        if isinstance(who, Response):
            await who(scope, receive, guarded)
            return
        with acting(who) if who is not None else nullcontext():
            if scope["path"] == "/":
                await GZipMiddleware(self._page(nonce))(scope, receive, guarded)
            else:
                await self._app(scope, receive, guarded)

    def _page(self, nonce: str) -> ASGIApp:
        """Return what answers with gradio's page, whole and not yet compressed."""

        async def page(scope: Scope, receive: Receive, send: Send) -> None:
            await self._app(_uncompressed(scope), receive, _Page(send, nonce))

        return page

    async def _admitted(self, scope: Scope, receive: Receive) -> Response | Reader | None:
        """Return who sends a request, None where there are no people, or a refusal."""
        if self._doorkeeper is None:
            return self._refusal(scope)
        headers, path = Headers(scope=scope), scope["path"]
        origin = headers.get("origin")
        foreign = self._foreign(path, headers.get("host", ""), origin)
        if foreign:
            return _refused(path, *foreign)
        if _CLOSED.match(path):
            return PlainTextResponse("Not found", 404)
        if scope["method"] == "OPTIONS" and origin in self._origins:
            return NOBODY  # a browser asks whether it may ask
        who = await self._doorkeeper.admit(
            scope, receive, _refused, door=_takes_keys(path), free=_is_free(path)
        )
        if isinstance(who, Reader):
            scope[READER] = who
        return who

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        host, origin = headers.get("host", ""), headers.get("origin")
        foreign = self._foreign(path, host, origin)
        if foreign:
            return _refused(path, *foreign)
        preflight = scope["method"] == "OPTIONS" and origin in self._origins
        given = headers.get("authorization", "")
        known = self._auth is None or _is_free(path) or _knows(given, self._auth)
        if not (known or preflight):
            scope_of_key = self._scope(path, given)
            if scope_of_key == "write" or (scope_of_key and _reads(scope["method"], path)):
                return None
            if scope_of_key:
                return _refused(path, 403, "This key may only ask and read.")
            challenge = {"www-authenticate": 'Basic realm="Dateline", charset="UTF-8"'}
            return _refused(path, 401, "A name and a password are needed.", challenge)
        if _CLOSED.match(path):
            return PlainTextResponse("Not found", 404)
        return None

    def _scope(self, path: str, given: str) -> str | None:
        """Return what the key that was sent allows here; None where it is none."""
        kind, _, secret = given.partition(" ")
        if self._keys is None or kind.lower() != "bearer" or not _takes_keys(path):
            return None
        return self._keys(secret.strip())

    def _foreign(self, path: str, host: str, origin: str | None) -> tuple[int, str] | None:
        """Return why a request for another host, or from another site, is refused."""
        known = bool(host) and host == self._public
        if self._loopback and not known and _name(host) not in LOOPBACK:
            status = 421 if path.startswith("/mcp") else 403
            return status, "This server answers only to localhost."
        own = origin is None or urlsplit(origin).netloc in (host, self._public or host)
        if not own and not (origin in self._origins and _is_door(path)):
            return 403, "Requests from other sites are refused."
        return None


_DOORS = ("/api/v1/", "/v1/", "/mcp", "/c/")
_UPLOADS = "/api/uploads"
_METRICS = "/metrics"


def _is_door(path: str) -> bool:
    return path.startswith(_DOORS)


def _is_free(path: str) -> bool:
    """Return True for what needs no login: feeds, and whether questions are answered now."""
    return path == "/api/v1/ready" or bool(_FEED.match(path))


def _takes_keys(path: str) -> bool:
    """Return True where a program may come with a key: doors, files, and what Prometheus reads."""
    return _is_door(path) or path in (_UPLOADS, _METRICS) or path.startswith(f"{_UPLOADS}/")


_READING = re.compile(r"^(/api/v1/(ask|check)|/v1/(chat/completions|responses)|/mcp/?)$")
"""What is posted and changes nothing."""


def _reads(method: str, path: str) -> bool:
    """Return True when a request asks or reads only."""
    return method in ("GET", "HEAD", "OPTIONS") or bool(_READING.match(path))


def _refused(
    path: str, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """Return a refusal, at a door in the form of its errors."""
    if _is_door(path):
        from ui.api.problems import refusal  # only here: fastapi takes a while to import

        shaped = refusal(path, status, detail, headers)
        if shaped is not None:
            return shaped
    return PlainTextResponse(detail, status, headers)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _knows(header: str, auth: tuple[str, str]) -> bool:
    kind, _, code = header.partition(" ")
    if kind.lower() == "bearer":  # what clients of OpenAI's API send as their key
        return secrets.compare_digest(code.strip().encode(), ":".join(auth).encode())
    if kind.lower() != "basic":
        return False
    try:
        given = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError):
        return False
    return secrets.compare_digest(given, ":".join(auth).encode())


def _with_headers(send: Send, policy: str, frames: str) -> Callable[[Message], Awaitable[None]]:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = policy
            headers["x-frame-options"] = frames
            headers.update(_HEADERS)
        await send(message)

    return guarded


def _lasting(send: Callable[[Message], Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
    async def lasting(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = MutableHeaders(scope=message)
            headers["cache-control"] = "private, max-age=31536000, immutable"
        await send(message)

    return lasting


def _uncompressed(scope: Scope) -> Scope:
    kept = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
    return {**scope, "headers": kept}


class _Page:
    """Collects gradio's page to name its own scripts in the policy and drop its social tags."""

    def __init__(self, send: Callable[[Message], Awaitable[None]], nonce: str) -> None:
        self._send = send
        self._nonce = nonce.encode()
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        body = _SOCIAL.sub(b"", self._body)
        body = body.replace(b"<script", b'<script nonce="' + self._nonce + b'"')
        headers = MutableHeaders(scope=self._start)
        headers["content-length"] = str(len(body))
        headers["cache-control"] = "no-store"
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
