"""Who is let in where a server has people, and as whom: by session, proxy, key or Open WebUI.

    session      the cookie of a browser whose person signed in with a password
    proxy        a header of the proxy that stands before the server, from its own addresses only
    key          `Authorization: Bearer dl_...` at the doors: the rights of the person whose it is
    Open WebUI   its signed token at the doors: the rights of the person with that name

What the browser sends by itself (cookie, proxy) changes nothing unless the page itself sends it:
else any site could do it in the person's name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from rag.errors import DatelineError
from rag.rights import NOBODY, SYSTEM, Reader, acting
from rag.settings import AuthSettings, Place
from ui import signing, tokens
from ui.owners import PAGES

if TYPE_CHECKING:
    from rag.archive.keys import Key, Keys
    from rag.archive.people import People

log = logging.getLogger(__name__)

COOKIE = "dateline_session"
"""The cookie of a session; by https it is `__Host-` and this, which no neighbour can set."""
_MOST_FORM = 8_192
_LATER = "5"
"""Seconds after which a program tries again, while the archive cannot be asked who it is."""
_SAFE = ("GET", "HEAD", "OPTIONS")

_PERSONAL = re.compile(
    r"^/(gradio_api/|mcp/?$|v1/(chat/completions|responses)$|api/ask$|"
    r"api/v1/(ask|check|drafts|watches|conversations|answers)(/|$))"
)
"""What readers may send too: questions, drafts, what is their own. The page's own handlers, behind
`/gradio_api`, ask `rag.rights` before they change an archive, as the jobs do."""
_MANAGED = re.compile(r"^/api/evaluation/")

Refuse = Callable[[str, int, str], Response]


class Doorkeeper:
    """Tells who sends a request; may be asked from several threads."""

    def __init__(self, place: Place, settings: AuthSettings, *, secure: bool) -> None:
        """Stand at the door of an archive.

        Args:
            place: Of the archive.
            settings: How people are known.
            secure: Whether people reach the server by https, so that the cookie goes no other way.
        """
        self._place = place
        self._settings = settings
        self._secure = secure
        self._cookie_name = f"__Host-{COOKIE}" if secure else COOKIE
        self._lock = threading.Lock()
        self._opened: tuple[People, Keys] | None = None

    def close(self) -> None:
        """Let go of the archive."""
        if self._opened is not None:
            for tables in self._opened:
                tables.close()

    async def admit(
        self, scope: Scope, receive: Receive, refuse: Refuse, *, door: bool, free: bool
    ) -> Reader | Response:
        """Return on whose behalf a request is answered, or the answer that it gets instead.

        Args:
            scope: The request.
            receive: Its body.
            refuse: Makes a refusal of path, status and words.
            door: Whether it is at a door for programs.
            free: Whether it needs no login.
        """
        path = scope["path"]
        if path == signing.PATH and self._settings.mode == "password":
            return await self._signing_in(scope, receive)
        if free:
            return NOBODY
        try:
            who, sent = await asyncio.to_thread(self._known, scope, door)
        except DatelineError as error:
            log.warning("nobody can be let in: %s", error)
            later = refuse(path, 503, "Nobody can be let in just now. Please try again.")
            later.headers["retry-after"] = _LATER
            return later
        if who is None:
            return self._unknown(scope, refuse, door=door)
        if refused := self._refused(scope, who, sent=sent):
            return refuse(path, *refused)
        return await self._signing_out(scope, who) if path == signing.OUT else who

    def _refused(self, scope: Scope, who: Reader, *, sent: bool) -> tuple[int, str] | None:
        """Return why a person may not do this; `sent` says that a browser names them by itself."""
        if sent and not _by_itself(scope):
            return 403, "Requests from other sites are refused; a program sends a key of its own."
        if not self._own_page(scope, who):
            return 404, "There is no such page."
        if scope["path"] != signing.OUT and not _may(who, scope["method"], scope["path"]):
            return 403, _WHY[who.role if who.writes else "key"]
        return None

    def _known(self, scope: Scope, door: bool) -> tuple[Reader | None, bool]:
        """Return who it is, and whether a browser says so by itself."""
        headers = Headers(scope=scope)
        people, keys = self._tables()
        with acting(SYSTEM):
            token = headers.getlist(tokens.HEADER)
            if door and token and self._settings.openwebui_secret is not None:
                secret = self._settings.openwebui_secret.get_secret_value()
                name = tokens.vouched(token[0], secret) if len(token) == 1 else None
                found = people.named(name) if name else None
                return (replace(found, writes=False) if found else None), False
            kind, _, given = headers.get("authorization", "").partition(" ")
            if kind.lower() == "bearer":
                key = keys.known(given.strip()) if door else None
                return _of_key(people, key), False
            if self._settings.mode == "proxy":
                return self._named_by_proxy(scope, headers, people), True
            held = held_by(headers, self._cookie_name)
            return (people.holding(held) if held else None), True

    def _named_by_proxy(self, scope: Scope, headers: Headers, people: People) -> Reader | None:
        named = headers.getlist(self._settings.proxy_header)
        if len(named) != 1 or not self._from_proxy(scope):
            return None
        return people.named(named[0])

    def _address(self, scope: Scope) -> str:
        """Return where somebody is, behind a proxy that is known."""
        client = scope.get("client")
        behind = Headers(scope=scope).get("x-forwarded-for", "").rpartition(",")[2].strip()
        return behind if behind and self._from_proxy(scope) else client[0] if client else ""

    def _from_proxy(self, scope: Scope) -> bool:
        try:
            address = ipaddress.ip_address(scope["client"][0])
        except (KeyError, TypeError, ValueError, IndexError):
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._settings.proxy_networks)

    def _unknown(self, scope: Scope, refuse: Refuse, *, door: bool) -> Response:
        headers, path = Headers(scope=scope), scope["path"]
        if self._settings.mode == "proxy":
            return refuse(path, 401, "The proxy before this server names nobody who may use it.")
        html = "text/html" in headers.get("accept", "")
        if scope["method"] == "GET" and html and not path.startswith(("/api/", "/v1/", "/mcp")):
            query = scope.get("query_string", b"").decode("latin-1")
            back = quote(signing.here(f"{path}?{query}" if query else path), safe="")
            return RedirectResponse(f"{signing.PATH}?next={back}", 303)
        said = "A key is needed: Authorization: Bearer dl_..." if door else "Please sign in."
        return refuse(path, 401, said)

    def _own_page(self, scope: Scope, who: Reader) -> bool:
        """Return False where the events of another person's page are asked for."""
        if not scope["path"].startswith("/gradio_api/"):
            return True
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])
        return all(PAGES.of(who, page) for page in asked)

    async def _signing_in(self, scope: Scope, receive: Receive) -> Response:
        request = Request(scope, receive)
        back = signing.here(request.query_params.get("next", "/"))
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _page("", 405)
        if scope["method"] != "POST":
            return _page(signing.form(back))
        if not _by_itself(scope):
            return _page(signing.form(back, "Please sign in on this page."), 403)
        given = await _posted(request)
        name, password = given.get("name", ""), given.get("password", "")
        at = self._address(scope)
        signed = partial(self._signed_in, name, password, at)
        token, said, wait = await asyncio.to_thread(signed)
        if token is None:
            refused = _page(signing.form(back, said, name), 429 if wait else 403)
            if wait:
                refused.headers["retry-after"] = str(wait)
            return refused
        old = held_by(Headers(scope=scope), self._cookie_name)
        if old:  # whoever had this browser before is not left signed in
            await asyncio.to_thread(self._tables()[0].sign_out, old)
        done = RedirectResponse(back, 303)
        self._cookie(done, token, round(self._settings.session_days * 86_400))
        return done

    def _signed_in(self, name: str, password: str, at: str) -> tuple[str | None, str, int]:
        from rag.archive.people import SignInRefused

        try:
            with acting(SYSTEM):
                days = self._settings.session_days
                token = self._tables()[0].sign_in(name, password, at=at, days=days)
        except SignInRefused as refused:
            return None, str(refused), round(refused.wait + 0.5) if refused.wait else 0
        except DatelineError as error:
            log.warning("nobody can sign in: %s", error)
            return None, "Nobody can sign in just now. Please try again.", 0
        return token, "", 0

    async def _signing_out(self, scope: Scope, who: Reader) -> Response:
        if scope["method"] != "POST":
            return _page(signing.leaving(who.name))
        held = held_by(Headers(scope=scope), self._cookie_name)
        if held:
            await asyncio.to_thread(self._tables()[0].sign_out, held)
        gone = RedirectResponse(signing.PATH, 303)
        gone.headers["clear-site-data"] = '"cache", "storage"'
        self._cookie(gone, "", 0)
        return gone

    def _cookie(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self._cookie_name,
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def _tables(self) -> tuple[People, Keys]:
        from rag.archive.keys import Keys
        from rag.archive.people import People

        with self._lock:
            if self._opened is None:
                self._opened = People.open(self._place), Keys.open(self._place)
            return self._opened


_WHY = {
    "reader": "Only editors may do this.",
    "editor": "Only admins may do this.",
    "admin": "This may not be done here.",
    "key": "This key may only ask and read.",
}


def held_by(headers: Headers, name: str) -> str:
    """Return what a browser holds of its session; empty for nothing."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _of_key(people: People, key: Key | None) -> Reader | None:
    """Return the person of a key; one that is nobody's opens nothing here."""
    found = people.by_id(key.person) if key is not None and key.person else None
    if found is None or key is None:
        return None
    return replace(found, writes=key.scope == "write")


def _may(who: Reader, method: str, path: str) -> bool:
    if _MANAGED.match(path):
        return who.manages
    return method in _SAFE or bool(_PERSONAL.match(path)) or who.edits


def _by_itself(scope: Scope) -> bool:
    """Return True when a request changes nothing, or this server's own page sends it."""
    if scope["method"] in _SAFE:
        return True
    headers = Headers(scope=scope)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None:
        return site == "same-origin"
    return origin != "null" and bool(urlsplit(origin).netloc)  # `Guard` has compared it


async def _posted(request: Request) -> dict[str, str]:
    """Return the fields of a small form."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_FORM:
            return {}
    read = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return {name: values[0] for name, values in read.items()}


def _page(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(body, status, {"cache-control": "no-store"})
