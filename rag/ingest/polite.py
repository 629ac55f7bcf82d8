"""A visitor of other people's servers: keeps robots.txt, waits between requests, asks for changes.

Sources: RFC 9309 (robots.txt), RFC 9110 section 13 (conditional requests) and 10.2.3 (Retry-After).
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from rag.archive.follows import Follows
from rag.errors import SourceError
from rag.ingest.sources.web import Empty, Refusal, Reply, Web

AGENT = "dateline"
"""The name by which robots.txt may speak of this program."""
ROBOTS_HOURS = 24
"""How long the rules of a host are believed."""
ROBOTS_BYTES = 512_000
"""So much of them is read."""
LONGEST_DELAY = 60.0
"""Seconds; a host that wants longer pauses gets these."""
_PAUSE = 900.0
"""Seconds for which a host is left alone that is asked too often and does not say for how long."""
_OVERLOADED = (429, 503)


class Barred(SourceError):
    """A host's robots.txt does not let this program fetch an address."""


class Later(SourceError):
    """A host cannot be asked just now; that says nothing of the address."""


class Stopped(SourceError):
    """The visit was given up, since the program ends."""


class Visitor:
    """Asks servers, each no oftener than it likes.

    Args:
        web: The client.
        follows: Where the rules of hosts are kept.
        delay: Seconds between two requests to one host.
        stop: Set it from another thread to end waiting.
    """

    def __init__(
        self, web: Web, follows: Follows, delay: float, stop: threading.Event | None = None
    ) -> None:
        self._web, self._follows, self._delay = web, follows, delay
        self._stop = stop or threading.Event()
        self._next: dict[str, float] = {}
        self._closed: dict[str, float] = {}
        self._rules: dict[str, tuple[float, Protego | None]] = {}
        self._why: dict[str, str] = {}

    def get(self, url: str, etag: str | None = None, modified: str | None = None) -> Reply:
        """Return what an address holds, or that it is as it was with these validators.

        Raises:
            Barred: robots.txt does not allow it.
            Later: its host wants to be left alone, or its rules are not known.
            Refusal: the server answers with an error.
            SourceError: it cannot be had.
        """
        headers = [("If-None-Match", etag)] if etag else []
        headers += [("If-Modified-Since", modified)] if modified else []
        try:
            return self._web.ask(url, headers, self._visit)
        except Refusal as refusal:
            if refusal.status in _OVERLOADED:
                pause = min(refusal.retry_after or _PAUSE, 86_400)
                self._closed[_host(url)] = time.monotonic() + pause
            raise

    def _visit(self, url: str) -> float:
        """Wait until an address may be asked; returns how long that took."""
        begun = time.monotonic()
        host = _host(url)
        if self._closed.get(host, 0) > begun:
            raise Later(f"{host} wants to be left alone for a while")
        rules = self._rules_of(host)
        if rules is None:
            raise Later(f"no robots.txt, so nothing is fetched: {self._why.get(host, host)}")
        if not rules.can_fetch(url, AGENT):
            raise Barred(f"the robots.txt of {host} does not allow it")
        self._wait(host, min(rules.crawl_delay(AGENT) or 0, LONGEST_DELAY))
        return time.monotonic() - begun

    def _wait(self, host: str, delay: float = 0) -> None:
        left = self._next.get(host, 0) - time.monotonic()
        if self._stop.wait(max(left, 0)):
            raise Stopped("the program ends")
        self._next[host] = time.monotonic() + max(delay, self._delay)

    def _rules_of(self, host: str) -> Protego | None:
        """Return the rules of a host; None when it is not known what they are."""
        until, rules = self._rules.get(host, (0.0, None))
        if until < time.monotonic():
            now = datetime.now(UTC)
            known, text = self._follows.robots(host, now - timedelta(hours=ROBOTS_HOURS))
            if not known:
                text = self._fetched(host)
                if text is not None:  # what could not be had is asked for again soon
                    self._follows.keep_robots(host, text, now)
            rules = None if text is None else Protego.parse(text)
            believed = _PAUSE if rules is None else 3600.0 * ROBOTS_HOURS
            self._rules[host] = (time.monotonic() + believed, rules)
        return rules

    def _fetched(self, host: str) -> str | None:
        self._wait(host)
        try:
            given = self._web.ask(f"{host}/robots.txt").given
        except Empty:
            return ""
        except Refusal as refusal:
            missing = 400 <= refusal.status < 500 and refusal.status not in _OVERLOADED
            self._why[host] = str(refusal)
            return "" if missing else None
        except SourceError as error:
            self._why[host] = str(error)
            return None
        data = given.data if given is not None else None
        return (data or b"")[:ROBOTS_BYTES].decode("utf-8-sig", "replace").replace("\0", "")


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"
