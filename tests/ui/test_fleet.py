"""Several workers behind one address: who gets what, and nothing is lost when one is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from eval.bench import mock
from eval.bench.fleet import crowd, workers_of
from eval.bench.load import started
from rag.errors import ModelError
from rag.models.local.lent import Borrowed, Lent
from rag.models.wire import Endpoint
from rag.settings import ChatSettings, ServeSettings, Settings
from tests.attack.sizes import figure, size
from ui.fleet.peer import Told
from ui.fleet.relay import Load, Relay, again, order, wanted
from ui.fleet.workers import share
from ui.health import NO_ARCHIVE


def loads(*busy: int) -> list[Load]:
    return [Load(n, ready=True, open=many) for n, many in enumerate(busy)]


def first(path: str, *busy: int, method: str = "POST", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return order(path, method, named, loads(*busy))[0]


@pytest.mark.parametrize("path", ["/", "/gradio_api/queue/join", "/assets/a.js", "/api/jobs/3"])
def test_the_page_is_always_the_first_worker_s(path: str) -> None:
    assert first(path, 9, 0, 0) == 0


@pytest.mark.parametrize(
    "path", ["/api/v1/ask", "/v1/chat/completions", "/v1/responses", "/mcp", "/api/v1/search"]
)
def test_a_question_at_a_door_goes_to_whoever_has_least_to_do(path: str) -> None:
    assert first(path, 2, 1, 3) == 1
    assert first(path, 1, 1, 1) == 2, "the first has the page besides"
    assert first(path, 0, 1, 1) == 0


def test_what_takes_in_is_the_first_s_and_what_only_reads_is_anybody_s() -> None:
    assert wanted("/api/v1/jobs", "POST") == 0
    assert wanted("/api/v1/jobs/7/events", "GET") == 0
    assert wanted("/api/v1/articles/a", "DELETE") == 0
    assert wanted("/api/v1/articles/a", "PATCH") == 0
    assert wanted("/api/v1/articles/a", "GET") is None
    assert wanted("/api/v1/watches", "POST") is None


def test_a_run_is_resumed_where_it_is() -> None:
    assert first("/api/v1/ask/w2.abc_-9/events", 0, 0, 9, method="GET") == 2
    assert order("/api/v1/ask/w7.abc/events", "GET", {}, loads(0, 0)) == []


def test_the_same_idempotency_key_finds_the_same_worker_while_it_lives() -> None:
    keys = [f"key-{n}" for n in range(40)]
    at = [first("/api/v1/ask", n % 5, 2, 1, idempotency_key=key) for n, key in enumerate(keys)]
    assert at == [first("/api/v1/ask", 0, 0, 0, idempotency_key=key) for key in keys]
    assert set(at) == {0, 1, 2}
    some = loads(0, 0, 0)
    some[at[0]].ready = False
    assert order("/api/v1/ask", "POST", {"idempotency-key": keys[0]}, some)[0] != at[0]


def test_only_what_changes_nothing_is_sent_twice() -> None:
    assert again("/api/v1/ask", "POST")
    assert again("/mcp", "POST")
    assert again("/api/v1/articles/a", "GET")
    assert not again("/api/v1/jobs", "POST")
    assert not again("/api/v1/articles/a", "DELETE")
    assert not again("/api/v1/watches", "POST")


def test_a_worker_takes_the_relay_s_word_for_whom_a_request_comes_from() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"][0], scope["scheme"], dict(scope["headers"])))

    headers = [(b"x-dateline-peer", b"10.0.0.9"), (b"x-dateline-scheme", b"https"), (b"a", b"b")]
    scope = {"type": "http", "headers": headers, "client": None, "scheme": "http"}
    asyncio.run(Told(app)(scope, None, None))  # type: ignore[arg-type]
    assert seen == [("10.0.0.9", "https", {b"a": b"b"})]


def test_what_is_bounded_for_all_is_divided() -> None:
    chat = ChatSettings(llm="openai:m", base_url="http://127.0.0.1:9/v1", parallel=9)
    one = share(Settings(chat=chat, serve=ServeSettings(waiting=9)), 2)
    assert (one.chat.at_once, one.serve.waiting) == (4, 5)
    assert share(Settings(chat=ChatSettings(llm="none")), 4).chat.at_once == 1
    assert one.digest() == Settings(chat=chat).digest()


class Backend:
    """A worker of ours that answers what it is told to, on a socket of the file system."""

    def __init__(self, at: Path, name: str, own: Sequence[Route] = ()) -> None:
        self.name = name
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.open = asyncio.Event()
        self.closed = threading.Event()
        routes = [
            *own,
            Route("/slow", self._slow),
            Route("/api/v1/stream", self._stream),
            Route("/{rest:path}", self._echo, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(at))
        listener.listen(64)
        config = uvicorn.Config(Starlette(routes=routes), log_level="error", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    async def _echo(self, request: Request) -> Response:
        body = await request.body()
        self.got.append((request.url.path, dict(request.headers), body))
        told = {"by": self.name, "size": len(body), "query": str(request.url.query)}
        return JSONResponse(told, 201, {"x-mine": self.name})

    async def _stream(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            try:
                yield b"one"
                await asyncio.sleep(30)
            finally:
                self.closed.set()

        return StreamingResponse(parts(), media_type="text/event-stream")

    async def _slow(self, request: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    def stop(self) -> None:
        for one in list(self.server.server_state.connections):  # else their sockets stay open
            one.loop.call_soon_threadsafe(one.transport.abort)
        self.server.force_exit = self.server.should_exit = True
        self.thread.join(5)


@pytest.fixture
def backends(tmp_path: Path) -> Iterator[list[Backend]]:
    made = [Backend(tmp_path / f"w{n}", f"w{n}") for n in range(2)]
    yield made
    for one in made:
        one.stop()


@asynccontextmanager
async def relayed(tmp_path: Path, count: int = 2) -> AsyncIterator[tuple[httpx.AsyncClient, Relay]]:
    """Serve a relay on a port of this machine, and give a client of it."""
    relay = Relay([tmp_path / f"w{n}" for n in range(count)])
    for load in relay.loads:
        load.ready = True

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await relay(scope, receive, send)

    # Where a proxy on this machine says whom a request comes from, uvicorn believes it.
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", proxy_headers=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        yield client, relay
    server.should_exit = True
    await running
    await relay.close()


async def idle(relay: Relay) -> bool:
    """Wait until nothing is open at any worker: a client has its answer a moment before that."""
    for _ in range(600):
        if not any(load.open for load in relay.loads):
            return True
        await asyncio.sleep(0.05)
    return False


def test_a_request_arrives_whole_with_whom_it_comes_from(
    tmp_path: Path, backends: list[Backend]
) -> None:
    async def work() -> None:
        async with relayed(tmp_path) as (client, _):
            forged = {"x-dateline-peer": "6.6.6.6", "x-forwarded-for": "6.6.6.6", "x-own": "yes"}
            small = await client.post("/api/v1/check?a=1&b=%2F", content=b"{}", headers=forged)
            assert (small.status_code, small.headers["x-mine"]) == (201, "w1")
            assert len(small.headers.get_list("date")) == 1
            assert small.json() == {"by": "w1", "size": 2, "query": "a=1&b=%2F"}
            _, headers, _ = backends[1].got[0]
            assert headers["x-own"] == "yes"
            assert headers["x-dateline-peer"] == "127.0.0.1"
            assert headers["x-forwarded-for"] == "6.6.6.6", "who believes it is the worker's to say"
            assert headers["host"].startswith("127.0.0.1:")

            async def pieces() -> AsyncIterator[bytes]:
                for _ in range(100):
                    yield b"x" * 100_000

            big = await client.put("/api/uploads/1?name=a", content=pieces())
            assert big.json()["size"] == 10_000_000
            known = await client.put("/api/uploads/1", content=b"y" * 6_000_000)
            assert known.json() == {"by": "w0", "size": 6_000_000, "query": ""}

    asyncio.run(work())


def test_a_worker_that_is_gone_is_left_out_and_the_question_answered(
    tmp_path: Path, backends: list[Backend]
) -> None:
    async def work() -> None:
        async with relayed(tmp_path) as (client, relay):
            backends[1].stop()
            for _ in range(3):
                told = await client.post("/v1/chat/completions", json={"q": 1})
                assert told.json()["by"] == "w0"
            assert not relay.loads[1].ready
            assert await idle(relay)
            backends[0].stop()
            none = await client.post("/api/v1/ask", json={})
            assert none.status_code == 503
            assert none.headers["retry-after"] == "2"
            assert none.headers["content-type"] == "application/problem+json"
            page = await client.get("/")
            assert page.status_code == 503
            assert "being started" in page.text

    asyncio.run(work())


@pytest.mark.parametrize(
    ("status", "state", "answers"),
    [(200, "ready", True), (401, "", True), (503, "loading", False), (503, NO_ARCHIVE, True)],
)
def test_a_worker_without_its_archive_says_so_itself(
    tmp_path: Path, status: int, state: str, answers: bool
) -> None:
    """Of the others it is said that they are being started."""

    async def ready(_: Request) -> Response:
        return JSONResponse({"ready": status == 200, "state": state}, status)

    backend = Backend(tmp_path / "w0", "w0", [Route("/api/v1/ready", ready)])

    async def work() -> None:
        async with relayed(tmp_path, 1) as (_, relay):
            assert await relay.ready(0) is answers

    asyncio.run(work())
    backend.stop()


def test_whoever_goes_away_takes_the_request_away_from_the_worker(
    tmp_path: Path, backends: list[Backend]
) -> None:
    async def work() -> None:
        async with relayed(tmp_path) as (client, relay):
            async with client.stream("GET", "/api/v1/stream") as response:
                async for part in response.aiter_raw():
                    assert part == b"one", "it comes as soon as it is there"
                    break
            assert await asyncio.to_thread(backends[1].closed.wait, 10)
            with pytest.raises(httpx.TimeoutException):
                await client.get("/slow", timeout=0.5)
            assert await idle(relay)

    asyncio.run(work())


def test_a_local_model_is_lent_and_its_new_address_too_when_it_was_started_again(
    tmp_path: Path,
) -> None:
    now: list[Endpoint | ModelError | None] = [None]

    def poll() -> Endpoint | None:
        if isinstance(now[0], ModelError):
            raise now[0]
        return now[0]

    at = tmp_path / "model.json"
    told: list[tuple[str, str]] = []
    lent = Lent(poll, at, lambda: "7.1")
    borrowed = Borrowed(at, "m", lambda found, version: told.append((found.url, version)))
    assert borrowed.poll() is None
    for port in (1, 2):
        now[0] = Endpoint(url=f"http://127.0.0.1:{port}/v1", model="m", key="secret")
        for _ in range(100):
            if borrowed.poll() == now[0]:
                break
            time.sleep(0.05)
        assert borrowed.poll() == now[0]
    assert at.stat().st_mode & 0o077 == 0
    assert told == [("http://127.0.0.1:1/v1", "7.1"), ("http://127.0.0.1:2/v1", "7.1")]
    now[0] = ModelError("it cannot be loaded")
    time.sleep(1)
    with pytest.raises(ModelError, match="cannot be loaded"):
        borrowed.poll()
    lent.close()


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Wait until something holds; say whether it came to that."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def opened(address: str) -> httpx.Response:
    """Return the page, once it is there: until then a waiting page comes, with 503."""
    page = httpx.get(address, timeout=120)
    for _ in range(600):
        if page.status_code != 503:
            break
        assert "retry-after" in page.headers
        assert "http-equiv" in page.text, "a browser looks again by itself"
        time.sleep(0.5)
        page = httpx.get(address, timeout=120)
    return page


def lives(process: int) -> bool:
    """Say whether a process runs; one that has ended may wait to be asked how."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.slow
def test_many_ask_two_workers_and_one_is_killed(sample_archive: Path) -> None:
    people = size(12, 50, 50)
    with (
        mock.mock() as model,
        started(sample_archive, model, "--workers", "2") as (address, parent),
    ):
        before = workers_of(parent)
        assert len(before) == 2
        page = opened(address)
        assert page.status_code == 200, "the page is the first worker's, which may be ready later"
        assert "<script nonce=" in page.text
        assert httpx.get(address, headers={"host": "evil.example"}).status_code == 403
        told = asyncio.run(crowd(address, people, 4, before[-1:]))
        figure("two workers, one killed", questions=people * 4, told=told)
        assert told.wrong == []
        assert told.answered == people * 4
        assert told.killed == 1
        assert told.silent == 0
        assert set(told.refused) <= {429, 503}
        assert within(60, lambda: len(workers_of(parent)) == 2), "the killed one is started again"
        last = workers_of(parent)
        assert last[0] == before[0]
        assert last[1] != before[1]
        os.kill(parent, signal.SIGKILL)
        assert within(120, lambda: not any(lives(one) for one in last)), "none without its parent"
