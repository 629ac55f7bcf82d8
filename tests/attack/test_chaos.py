"""Every way in which an endpoint fails, at every face: an answer or an error, never a hang."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.answer.pipeline import _fill
from rag.archive.archive import Archive
from rag.models import generate
from rag.settings import ChatSettings, Settings
from rag.types import Answer
from tests.attack.conftest import Hashed, article
from tests.attack.endpoint import BAD, FLOODS, SAYS, WELL, Endpoint, Fault, closed_port
from tests.attack.sizes import figure, size
from ui import cli
from ui.api.unversioned import routes
from ui.desk import Desk
from ui.engine import Engine

QUESTION = "How much did the new harbour of Varrow cost?"
TRUE = f"{SAYS} The council said on Monday that it would open in spring."
QUICK = {"first_token_timeout": 0.4, "idle_timeout": 0.4, "total_timeout": 1.5, "max_tokens": 40}
PATIENT = {"first_token_timeout": 30, "idle_timeout": 30, "total_timeout": 40, "max_tokens": 40}
"""For what ends well: a busy machine must not make a fault of it."""
ROUNDS = size(1, 1, 20)
FAULTS: dict[str, Fault | None] = {**WELL, **BAD, **FLOODS, "nobody listens": None}
LONGEST = 120.0
"""Seconds after which a face counts as hanging, far beyond the limits above."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chaos")
    articles = [
        article("harbour", TRUE, title="New harbour for Varrow", published=date(2024, 5, 3)),
        article("library", "The new library of Elmsby cost 12 million euros.", title="Library"),
    ]
    with Archive.create(folder) as archive:
        _fill(archive, articles, Hashed(), Settings())
    return folder


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "BACKOFF", 0.01)
    monkeypatch.setattr("rag.models.embed.load", lambda _: Hashed())


Limits = dict[str, float]
Face = Callable[[str, Limits], tuple[Any, str]]
"""Asks the question of an endpoint's address: the answer as JSON, and all that a person sees."""


@pytest.fixture
def command_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Face:
    def ask(url: str, limits: Limits) -> tuple[Any, str]:
        for name, value in limits.items():
            monkeypatch.setenv(f"DATELINE_CHAT__{name.upper()}", str(value))
        code = cli.run(
            [
                "ask",
                QUESTION,
                "--json",
                "--archive",
                str(place),
                "--llm",
                "openai:small",
                "--base-url",
                url,
            ]
        )
        told = capsys.readouterr()
        assert code in (0, 3), told
        return json.loads(told.out), told.out + told.err

    return ask


def settings(place: Path, url: str, limits: Limits) -> Settings:
    chat = ChatSettings(llm="openai:small", base_url=url, **limits)  # type: ignore[arg-type]
    return Settings(archive=place, chat=chat)


@pytest.fixture
def page(place: Path) -> Face:
    """The engine and the desk behind the page, and what its events say."""
    from rag.record import to_json

    def ask(url: str, limits: Limits) -> tuple[Any, str]:
        engine = Engine(settings(place, url, limits))
        engine.start()
        desk = Desk(engine.ask)
        try:
            *events, last = desk.ask(QUESTION)
        finally:
            desk.close()
            engine.close()
        assert isinstance(last, Answer), last
        return to_json(last), repr(events) + repr(last)

    return ask


@pytest.fixture
def api(place: Path) -> Face:
    def ask(url: str, limits: Limits) -> tuple[Any, str]:
        engine = Engine(settings(place, url, limits))
        engine.start()
        desk = Desk(engine.ask)
        app = FastAPI()
        app.include_router(routes(desk, None, lambda: engine.health(0)))
        try:
            with TestClient(app) as client:
                streamed = client.post("/api/ask", json={"question": QUESTION, "stream": True})
        finally:
            desk.close()
            engine.close()
        assert streamed.status_code == 200
        *_, last = (line for line in streamed.text.splitlines() if line.startswith("data: "))
        return json.loads(last.removeprefix("data: ")), streamed.text

    return ask


def bounded(ask: Face, url: str, limits: Limits) -> tuple[Any, str]:
    """Ask in a thread, so that a hang is a failure and not the end of the tests."""
    result: list[tuple[Any, str]] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            result.append(ask(url, limits))
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(LONGEST)
    assert not thread.is_alive(), f"it hangs: {url}"
    if failure:
        raise failure[0]
    return result[0]


def ours() -> list[str]:
    return sorted(t.name for t in threading.enumerate() if t.name.startswith("dateline"))


def files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("face", ["command_line", "page", "api"])
@pytest.mark.parametrize("name", FAULTS)
def test_whatever_the_endpoint_does_there_is_an_answer(
    name: str, face: str, endpoint: Endpoint, request: pytest.FixtureRequest
) -> None:
    ask: Face = request.getfixturevalue(face)
    fault = FAULTS[name]
    for _ in range(ROUNDS):
        if fault is not None:
            endpoint.does(fault)
        limits = QUICK if name in BAD else PATIENT
        answer, told = bounded(ask, endpoint.url if fault else closed_port(), limits)
        assert "Traceback" not in told.replace("Traceback (most recent call last): oh no", "")
        assert answer["outcome"] in ("answered", "partial", "declined")
        if name in WELL:
            assert not answer["extractive"]
            assert answer["text"].startswith("The new harbour of Varrow cost 137 million")
        elif name not in FLOODS:
            assert answer["extractive"]
            assert "The language model failed" in answer["reason"]
            assert "137 million" in answer["text"]
        assert "EVIL" not in told


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts files as Linux lists them")
def test_nothing_is_left_open_afterwards(endpoint: Endpoint, page: Face) -> None:
    def once() -> None:
        for name in ("nothing wrong", "stops in the middle", "500 always", "endless output"):
            endpoint.does(FAULTS[name] or WELL["nothing wrong"])
            bounded(page, endpoint.url, PATIENT if name in FLOODS else QUICK)
        endpoint.does(WELL["nothing wrong"])
        end = time.monotonic() + 60
        while ours() and time.monotonic() < end:
            time.sleep(0.02)
        assert ours() == []

    once()
    before = files()
    for _ in range(3 * ROUNDS):
        once()
    end = time.monotonic() + 60
    while files() > before and time.monotonic() < end:
        time.sleep(0.05)
    figure("endpoint", faults=len(BAD) + len(FLOODS) + 1, odd_but_well=len(WELL), rounds=ROUNDS)
    assert files() <= before
