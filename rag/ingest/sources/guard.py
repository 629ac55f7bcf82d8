"""Connections to the public network only: every address looked at, the one used pinned.

A name is resolved once, all its addresses must be public, and the connection goes to the address
that was checked, so a name that resolves otherwise a moment later changes nothing. The TLS
certificate is still checked against the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import httpcore

from rag.errors import SourceError

Resolve = Callable[[str, int], list[str]]
"""Returns the addresses of a host's name."""

_EMBEDDED = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
"""IPv6 networks that lead to an IPv4 address, and how many bits stand after it."""
_RETIRED = (ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv6Network("fec0::/10"))
"""Networks that once were something else than public, and are still routed so in places."""


def is_public(address: str) -> bool:
    """Say whether an address belongs to the public network, whatever it is wrapped in."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return False
        inner = ip.ipv4_mapped or next(
            (
                ipaddress.IPv4Address(int(ip) >> after & 0xFFFFFFFF)
                for network, after in _EMBEDDED
                if ip in network
            ),
            None,
        )
        if inner is not None:
            return is_public(str(inner))
    if any(ip in network for network in _RETIRED if network.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_literal(host: str) -> bool:
    """Say whether a host is given as an address, so that there is no name to resolve."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_allowed(host: str, port: int, private: Collection[str]) -> bool:
    """Say whether a host off the public network may be reached, as `name` or as `name:port`."""
    return host in private or f"{host}:{port}" in private


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Backend(httpcore.NetworkBackend):
    """Opens connections for an HTTP client, to public addresses, until a deadline."""

    def __init__(
        self,
        seconds: float,
        resolver: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
        private: Collection[str] = (),
    ) -> None:
        self._resolve, self._private = resolver, private
        self._network = network or httpcore.SyncBackend()
        self._until = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers.

        Raises:
            SourceError: the name is unknown, or one of its addresses is not public.
        """
        try:
            found = [host] if is_literal(host) else self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise SourceError(f"the name {host!r} cannot be resolved: {error}") from error
        addresses = list(dict.fromkeys(found))
        allowed = is_allowed(host, port, self._private)
        refused = [a for a in addresses if not allowed and not is_public(a)]
        if refused or not addresses:
            raise SourceError(f"{host!r} {_whereto(host, refused)} not on the public network")
        last: Exception = httpcore.ConnectError(f"no address of {host!r}")
        for address in addresses[:4]:
            try:
                stream = self._network.connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                last = failed
            else:
                return _Stream(stream, self)
        raise last

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse: no address leads to a socket of this machine."""
        raise SourceError(f"{path!r} is not on the public network")

    def sleep(self, seconds: float) -> None:
        """Wait, within the deadline."""
        time.sleep(min(seconds, self.left(seconds)))

    def extend(self, seconds: float) -> None:
        """Move the deadline: so long nothing was asked."""
        self._until += seconds

    def left(self, timeout: float | None) -> float:
        """Return the seconds that a step may take.

        Raises:
            SourceError: the deadline has passed.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise SourceError("it took too long")
        return left if timeout is None else min(timeout, left)


def _whereto(host: str, refused: list[str]) -> str:
    if not refused:
        return "leads nowhere; it is"
    return "is" if refused == [host] else f"leads to {refused[0]}, which is"


class _Stream(httpcore.NetworkStream):
    """A connection whose every step counts against the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, backend: Backend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.left(timeout))
        return _Stream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own interface
        return self._stream.get_extra_info(info)
