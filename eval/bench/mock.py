"""A chat model that costs nothing and takes exactly as long as it is told to."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

NAME = "mock"
TEXT = (
    "According to the report the mission is planned for no earlier than April of the year 2026, "
    "officials at the agency said."
)
WORDS = TEXT.split()
FIRST, EACH = 0.3, 0.02
"""Seconds to the first token, and from one token to the next."""
SECONDS = FIRST + EACH * (len(WORDS) - 1)
"""How long one answer of it takes."""


async def _tokens() -> AsyncIterator[str]:
    begun = time.monotonic()
    for place, word in enumerate(WORDS):
        # Against the clock, so that a busy machine does not add up late wake-ups.
        await asyncio.sleep(max(0.0, begun + FIRST + EACH * place - time.monotonic()))
        yield _event({"delta": {"content": word + " "}, "index": 0, "finish_reason": None})
    yield _event({"delta": {}, "index": 0, "finish_reason": "stop"})
    yield "data: [DONE]\n\n"


def _event(choice: dict[str, object]) -> str:
    return f"data: {json.dumps({'id': 'mock', 'model': NAME, 'choices': [choice]})}\n\n"


async def _complete(request: Request) -> StreamingResponse:
    await request.body()
    return StreamingResponse(_tokens(), media_type="text/event-stream")


async def _models(_: Request) -> JSONResponse:
    return JSONResponse({"data": [{"id": NAME}]})


@contextmanager
def mock(complete: Callable[[Request], Awaitable[Response]] = _complete) -> Iterator[str]:
    """Serve a model on a free port of this machine, and yield its address.

    Args:
        complete: Answers a request for a chat completion, in place of the mock.
    """
    routes = [
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/v1/models", _models),
    ]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.should_exit = True
        thread.join(10)
