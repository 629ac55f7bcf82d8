"""Clients that go away in the middle of an answer: none of them keeps a place in the line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from apart import apart
from opened import House, filled, house
from test_mcp import online

from ui.api import runs

CLIENTS = 200
AT_ONCE = 8
"""As many as the line takes besides the one in work."""
PATIENT = "a patient question"
MCP = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": PATIENT, "deadline_seconds": 600}},
}
DOORS: tuple[tuple[str, dict[str, Any], bytes], ...] = (
    ("/api/v1/ask", {"question": PATIENT, "stream": True}, b"event: "),
    (
        "/v1/chat/completions",
        {"model": "dateline", "messages": [{"role": "user", "content": PATIENT}], "stream": True},
        b"data: ",
    ),
    ("/v1/responses", {"model": "dateline", "input": PATIENT, "stream": True}, b"event: "),
    ("/v1/responses", {"model": "dateline", "input": PATIENT}, b""),
    ("/api/v1/ask", {"question": PATIENT}, b""),
    ("/mcp", MCP, b""),
)
"""An address, what is sent there, and the bytes of the answer after which the client goes away."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("gone")
    filled(folder)
    with house(folder) as one:
        yield one


async def gone(address: str, number: int) -> bool:
    """Ask, wait for the first of the answer, and close the connection; False where it was full."""
    path, body, until = DOORS[number % len(DOORS)]
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    sent = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json, text/event-stream\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    try:
        writer.write(head.encode() + sent)
        await writer.drain()
        if not until:
            return True
        told = await reader.readuntil(b"\r\n\r\n")
        if b" 429 " in told.partition(b"\r\n")[0]:
            return False
        await reader.readuntil(until)
    except asyncio.IncompleteReadError as error:
        raise AssertionError(f"{path} ended with {error.partial!r}") from None
    else:
        return True
    finally:
        writer.close()


def test_two_hundred_clients_that_go_away_keep_no_place(
    opened: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "GRACE", 0.1)  # seconds in which a client may come back

    async def leaving(address: str) -> int:
        left = 0
        for first in range(0, CLIENTS, AT_ONCE):
            wave = [gone_at_last(address, number) for number in range(first, first + AT_ONCE)]
            left += sum(await asyncio.gather(*wave))
            await empty()
        return left

    async def gone_at_last(address: str, number: int) -> bool:
        # Who sends and leaves at once may arrive only after `empty` was told of no one: then a
        # client of the next wave is sent away, as it should be, and comes again.
        while not await gone(address, number):
            await empty()
        return True

    async def empty() -> None:
        for _ in range(1200):
            if opened.service.desk.waiting == 0:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{opened.service.desk.waiting} places are still taken")

    with online(opened) as address:
        assert apart(lambda: leaving(address)) == CLIENTS
        body = {"question": "What did the bridge cost?"}
        told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=60).json()
        assert told["outcome"] == "answered"
