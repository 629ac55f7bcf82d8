"""One door to the chat model for all systems: the same sampling for each, and honest counting.

It stands between the systems under test and llama.cpp's server, sets what must be equal
(temperature 0, the same most tokens), and reads off the server's own count of tokens: what a
client library reports of them differs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from rag.models.wire import Endpoint, client_options

MOST_TOKENS = 256
"""Tokens of an answer, where a system does not ask for fewer."""
SECONDS = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Tokens of one or several requests, as the server counts them."""

    requests: int = 0
    prompt: int = 0
    """Of the prompts, read or known from before."""
    cached: int = 0
    """Of these, known from before."""
    generated: int = 0

    def plus(self, timings: dict[str, Any]) -> Use:
        """Add one request's `timings`."""
        cached = int(timings.get("cache_n", 0))
        return Use(
            requests=self.requests + 1,
            prompt=self.prompt + cached + int(timings["prompt_n"]),
            cached=self.cached + cached,
            generated=self.generated + int(timings["predicted_n"]),
        )


class Gateway(ThreadingHTTPServer):
    """Hands requests on to one endpoint."""

    daemon_threads = True

    def __init__(self, behind: Endpoint) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.client = httpx.Client(**client_options(behind), timeout=SECONDS)
        self._use = Use()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def count(self, timings: dict[str, Any]) -> None:
        """Add what one request used."""
        with self._lock:
            self._use = self._use.plus(timings)

    def taken(self) -> Use:
        """Return what was used since the last call."""
        with self._lock:
            use, self._use = self._use, Use()
        return use

    def forget(self) -> None:
        """Empty the model's prefix cache."""
        url = f"{self.behind.url.removesuffix('/v1')}/slots/0"
        self.client.post(url, params={"action": "erase"}).raise_for_status()


@contextmanager
def opened(behind: Endpoint) -> Iterator[Gateway]:
    """Run a gateway in a thread."""
    gateway = Gateway(behind)
    thread = threading.Thread(target=gateway.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
        gateway.client.close()


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        answer = self.server.client.get(f"{self.server.behind.url}{self.path.removeprefix('/v1')}")
        self._begin(answer)
        self.wfile.write(answer.content)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw) | {"temperature": 0, "seed": 1, "cache_prompt": True}
        body["max_tokens"] = min(body.get("max_tokens") or MOST_TOKENS, MOST_TOKENS)
        body.pop("max_completion_tokens", None)
        url = f"{self.server.behind.url}{self.path.removeprefix('/v1')}"
        with self.server.client.stream("POST", url, json=body) as answer:
            self._begin(answer)
            for line in answer.iter_lines():
                self.wfile.write(line.encode() + b"\n")
                self.wfile.flush()
                self._look(line.removeprefix("data: "))

    def _begin(self, answer: httpx.Response) -> None:
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers.get("content-type", "application/json"))
        self.end_headers()

    def _look(self, line: str) -> None:
        if '"timings"' not in line:
            return
        timings = json.loads(line).get("timings")
        if timings and "predicted_n" in timings:
            self.server.count(timings)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""
