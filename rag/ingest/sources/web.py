"""An address -> what it holds, by the one client that fetches what strangers name."""

from __future__ import annotations

import ipaddress
import re
import ssl
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import quote, urljoin, urlsplit

import certifi
import httpcore
import idna

from rag.errors import SourceError
from rag.ingest.sources.draft import Given
from rag.ingest.sources.files import LIMITS, in_utf8
from rag.ingest.sources.guard import Backend, Resolve, is_allowed, is_literal, is_public, resolve
from rag.ingest.sources.reading import format_of
from rag.version import __version__

PORTS = {"http": (80, 8080), "https": (443, 8443)}
REDIRECTS = 5
BYTES = max(LIMITS.values())
"""Most bytes of an answer, after decompression."""
SECONDS = 30.0
"""From the first look-up of a name to the last byte, over all redirects of one address."""
_STEP = 10.0
"""Seconds for one step of a connection."""
_MOVED = (301, 302, 303, 307, 308)
Headers = Sequence[tuple[str, str]]
_LONGEST = 2000

_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,8}\.?")
_HOME = re.compile(r"(?:.*\.)?(?:localhost|localdomain|local|internal|lan|home\.arpa)\.?")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_HIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE = "/%:=&?~#+!$,;'@()*[]"
_TEXTS = {"html", "text", "markdown", "table"}
"""Formats whose encoding the server may state; feeds and JSON state their own."""
_KINDS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/rss+xml": "xml",
    "application/atom+xml": "xml",
    "application/rdf+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/feed+json": "list",
    "application/json": "list",
    "text/plain": "text",
    "text/markdown": "markdown",
    "text/csv": "table",
    "application/epub+zip": "epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """An address, checked and taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    url: str


class Empty(SourceError):
    """A server answered, with nothing."""


class Refusal(SourceError):
    """A server answered, but not with what was asked for."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        """Note the status, and after how many seconds the server wants to be asked again."""
        super().__init__(f"it answers with status {status}")
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an address holds, and by what a later request asks whether that has changed."""

    given: Given | None
    """None: it is as it was."""
    etag: str | None = None
    modified: str | None = None


@dataclass(slots=True, kw_only=True)
class Web:
    """The client; `resolver` and `network` are replaced where there is no network."""

    resolver: Resolve = resolve
    network: httpcore.NetworkBackend | None = None
    context: ssl.SSLContext = field(
        default_factory=lambda: ssl.create_default_context(cafile=certifi.where())
    )
    seconds: float = SECONDS
    private: Collection[str] = ()
    """Hosts off the public network that may be reached all the same: `name` or `name:port`."""

    def fetch(self, url: str) -> Given:
        """Return what an address holds.

        Raises:
            SourceError: it is no public address, or what it holds cannot be had or is too much.
        """
        given = self.ask(url).given
        assert given is not None  # noqa: S101 - only who asks for changes is told of none
        return given

    def ask(
        self, url: str, headers: Headers = (), visit: Callable[[str], float] | None = None
    ) -> Reply:
        """Return what an address holds, or that it is as it was where the headers ask for that.

        Args:
            url: The address.
            headers: To be sent besides our own.
            visit: Called with each address before it is asked, redirects too; it may wait, and
                returns how many seconds, or refuse by raising `SourceError`.

        Raises:
            Refusal: the server answers with an error.
            SourceError: it is no public address, or what it holds cannot be had or is too much.
        """
        backend = self._backend()
        with _told(url):
            target = check(url, self.private)
            for _ in range(REDIRECTS + 1):
                if visit:
                    backend.extend(visit(target.url))
                answer = self._get(target, backend, headers)
                if isinstance(answer, Reply):
                    return answer
                target = _redirected(target, answer, self.private)
        raise SourceError(f"{url} redirects more than {REDIRECTS} times")

    def send(self, url: str, body: bytes, headers: Headers) -> None:
        """Send a body to an address; redirects are not followed.

        Raises:
            Refusal: the server does not take it.
            SourceError: it is no public address, or it cannot be reached.
        """
        with _told(url):
            target = check(url, self.private)
            with self._requested("POST", target, self._backend(), headers, body) as response:
                if not 200 <= response.status < 300:
                    raise Refusal(response.status, _retry_after(_stated(response)))

    def _backend(self) -> Backend:
        return Backend(self.seconds, self.resolver, self.network, self.private)

    def _get(self, target: _Target, backend: Backend, more: Headers) -> Reply | str:
        """Return what an address holds, or where it redirects to."""
        headers = [
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"),
            ("Accept-Encoding", "gzip, identity"),
            *more,
        ]
        with self._requested("GET", target, backend, headers) as response:
            stated = _stated(response)
            if response.status in _MOVED:
                return stated.get("location", "")
            known = {"etag": stated.get("etag"), "modified": stated.get("last-modified")}
            if response.status == 304 and more:
                return Reply(given=None, **known)
            if response.status != 200:
                raise Refusal(response.status, _retry_after(stated))
            data = b"".join(_capped(response.iter_stream(), stated))
        if not data.strip():
            raise Empty("there is nothing there")
        kind = _format(target, stated.get("content-type", ""), data)
        if kind in _TEXTS:
            data = in_utf8(data, stated.get("content-type", ""))
        given = Given(origin=target.url, format=kind, data=data, url=target.url)
        return Reply(given=given, **known)

    @contextmanager
    def _requested(
        self, method: str, target: _Target, backend: Backend, headers: Headers, body: bytes = b""
    ) -> Iterator[httpcore.Response]:
        sent = [
            ("Host", _authority(target)),
            ("User-Agent", f"dateline/{__version__}"),
            *headers,
            ("Connection", "close"),
            *([("Content-Length", str(len(body)))] if body else []),
        ]
        steps = dict.fromkeys(("connect", "read", "write", "pool"), _STEP)
        with (
            httpcore.ConnectionPool(self.context, network_backend=backend, retries=0) as pool,
            pool.stream(
                method,
                httpcore.URL(
                    scheme=target.scheme, host=target.host, port=target.port, target=target.path
                ),
                headers=sent,
                content=body or None,
                extensions={"timeout": steps},
            ) as response,
        ):
            yield response


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Say of which address an error is, in words for people."""
    try:
        yield
    except SourceError as error:
        error.args = (f"{url}: {error}",)
        raise
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        raise SourceError(f"{url} cannot be reached: {_words(error)}") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, zlib.error) as error:
        raise SourceError(f"{url} answers nonsense: {_words(error)}") from error
    except (ssl.SSLError, OSError) as error:
        raise SourceError(f"{url} cannot be reached: {_words(error)}") from error


def _stated(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }


def _retry_after(stated: dict[str, str]) -> float | None:
    """Return the seconds of a Retry-After, which may be a number or a moment."""
    value = stated.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def check(url: str, private: Collection[str] = ()) -> _Target:
    """Take an address apart; `private` hosts need not be public, nor their ports those of news.

    Raises:
        SourceError: it is not one that may be fetched, whatever it resolves to.
    """
    if len(url) > _LONGEST or _HIDDEN.search(url):
        raise SourceError(f"{url[:100]!r} is no address that can be fetched")
    try:
        parts = urlsplit(url)
        scheme, name, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(f"{url!r} is no address: {error}") from error
    if scheme not in PORTS:
        raise SourceError(f"{url!r}: only http and https are fetched")
    if "@" in parts.netloc:
        raise SourceError(f"{url!r}: an address with a user name or password is not fetched")
    port = port if port is not None else PORTS[scheme][0]
    known = is_allowed(name, port, private)
    if port not in PORTS[scheme] and not known:
        raise SourceError(f"{url!r}: port {port} is not one of news sites")
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    host = name if known else _host(name, url)
    return _Target(scheme=scheme, host=host, port=port, path=path + query, url=url)


def refuse_private(url: str, private: Collection[str] = ()) -> None:
    """Raise `SourceError` for an address that may not be fetched, as far as its words tell."""
    target = check(url, private)
    known = is_allowed(target.host, target.port, private)
    if is_literal(target.host) and not is_public(target.host) and not known:
        raise SourceError(f"{url!r}: {target.host} is not on the public network")


def _host(name: str, url: str) -> str:
    """Return the host in ASCII; numbers that are no plain address are refused."""
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError as error:
            raise SourceError(f"{url!r}: {name!r} is no host") from error
    try:
        host = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise SourceError(f"{url!r}: {name!r} is no host: {error}") from error
    if not _HOST.fullmatch(host) or _HOME.fullmatch(host):
        raise SourceError(f"{url!r}: {name!r} is no host on the public network")
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise SourceError(f"{url!r}: {name!r} is no host") from error
    return host


def _redirected(target: _Target, location: str, private: Collection[str]) -> _Target:
    if not location:
        raise SourceError("it redirects to nowhere")
    after = check(urljoin(target.url, location.strip()), private)
    if target.scheme == "https" and after.scheme == "http":
        raise SourceError(f"it redirects from https to {after.url!r}")
    return after


def _capped(parts: Iterator[bytes], stated: dict[str, str]) -> Iterator[bytes]:
    """Yield an answer's bytes, decompressed, and no more than may come."""
    coding = stated.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise SourceError(f"its answer is compressed by {coding[:40]!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    total = taken = 0
    for part in parts:
        taken += len(part)
        data = unpack.decompress(part, BYTES + 1 - total) if unpack else part
        total += len(data)
        if total > BYTES or taken > BYTES:
            raise SourceError(f"its answer is longer than {BYTES / 1e6:.0f} MB")
        yield data
    if unpack is not None and not unpack.eof:
        raise SourceError("its compressed answer breaks off")


def _format(target: _Target, kind: str, data: bytes) -> str:
    """Say which reader takes an answer: by what it says it is, by its path, by its beginning."""
    stated = _KINDS.get(kind.partition(";")[0].strip().lower())
    beginning = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"%PDF"):
        return "pdf"
    if beginning.startswith((b"<!doctype html", b"<html")):
        return "html"
    if beginning.startswith((b"<?xml", b"<rss", b"<feed")) and stated in (None, "html", "text"):
        return "html" if b"<html" in beginning else "xml"
    by_path = format_of(PurePosixPath(urlsplit(target.url).path))
    found = stated or by_path or ("html" if beginning.startswith(b"<") else None)
    if found is None:
        raise SourceError(f"no reader for what it is ({kind[:60] or 'not said'})")
    return found


def _authority(target: _Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == PORTS[target.scheme][0] else f"{host}:{target.port}"


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
