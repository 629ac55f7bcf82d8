"""The server: open at once, closed to strangers, clear when it cannot."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from scripted import Scripted
from starlette.testclient import TestClient

from rag.errors import ArchiveUnreachable, DatelineError, SettingsError
from rag.settings import Settings
from ui.desk import INTERNAL
from ui.engine import Engine
from ui.server import Front, Offer, listen, serve


def test_listening_for_others_without_a_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set a name and a password"):
        serve(Settings(archive=tmp_path), "0.0.0.0", 0, None, Offer())


def test_a_port_in_use_is_a_clear_error() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            listen("127.0.0.1", port)


def test_the_port_answers_while_the_page_is_still_being_built() -> None:
    go = threading.Event()
    lived = []

    def build() -> FastAPI:
        go.wait(10)
        app = FastAPI()
        app.router.on_startup.append(lambda: lived.append("up"))
        app.router.on_shutdown.append(lambda: lived.append("down"))
        app.get("/")(lambda: "here")
        return app

    with TestClient(Front(build)) as client:
        waiting = client.get("/")
        assert waiting.status_code == 503
        assert "Opening the reading room" in waiting.text
        assert client.get("/api/health").json()["state"] == "loading"
        go.set()
        for _ in range(100):
            if client.get("/").status_code == 200:
                break
            threading.Event().wait(0.05)
        assert client.get("/").json() == "here"
        assert lived == ["up"]
    assert lived == ["up", "down"]


def test_a_connection_that_rests_longer_than_clients_keep_theirs_still_serves() -> None:
    code = (
        "import sys\nfrom starlette.applications import Starlette\n"
        "from ui.server import listen, run\n"
        "with listen('127.0.0.1', 0) as at:\n"
        "    print(at.getsockname()[1], flush=True)\n"
        "    run(Starlette(), at)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            client = HTTPConnection("127.0.0.1", int(server.stdout.readline()), timeout=60)
            client.connect()
            client.auto_open = 0  # it must be the same connection
            for pause in (6, 0):
                client.request("GET", "/")
                assert client.getresponse().read() == b"Not Found"
                time.sleep(pause)
            client.close()
        finally:
            server.send_signal(signal.SIGINT)


def test_a_page_that_cannot_be_built_says_so_and_still_shuts_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def build() -> FastAPI:
        raise DatelineError("the archive is damaged")

    with TestClient(Front(build)) as client:
        for _ in range(100):
            health = client.get("/api/health").json()
            if health["state"] == "failed":
                break
            threading.Event().wait(0.02)
        assert health == {"state": "failed", "message": "the archive is damaged"}
        assert "the archive is damaged" in client.get("/").text


def test_a_worker_is_built_again_until_the_archives_server_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, tries = threading.Event(), list[str]()

    def build() -> FastAPI:
        tries.append("")
        if not there.is_set():
            raise ArchiveUnreachable("the server of the archive does not answer")
        app = FastAPI()
        app.get("/")(lambda: "here")
        return app

    monkeypatch.setattr("ui.server.AWAY", 0.01)
    with TestClient(Front(build)) as client:
        until(lambda: len(tries) > 2)
        health = client.get("/api/health").json()
        assert health == {"state": "failed", "message": "the server of the archive does not answer"}
        there.set()
        until(lambda: client.get("/").status_code == 200)
    there.clear()
    with TestClient(Front(build)):  # it ends although it was never built
        until(lambda: len(tries) > 5)


def opened(monkeypatch: pytest.MonkeyPatch, result: Any) -> Engine:
    def enter(_: Engine) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(Engine, "_open", enter)
    engine = Engine(Settings())
    assert engine.health(0).state == "loading"
    engine.start()
    return engine


class Loaded(Scripted):
    chat = None

    def ask(self, question: str, **options: Any) -> Any:
        return self(question, **options)

    def unobserved(self) -> Loaded:
        return self


def test_a_question_waits_for_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(monkeypatch, Loaded())
    stop = threading.Event()
    assert engine.ask("What did the bridge cost?", stop=stop).outcome == "answered"
    assert engine.health(0).state == "ready"
    assert "own words" in engine.health(0).message


def test_models_that_cannot_be_loaded_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = opened(monkeypatch, DatelineError("the model is not here"))
    with pytest.raises(DatelineError, match="the model is not here"):
        engine.ask("x", stop=threading.Event())
    assert engine.health(0).state == "failed"
    assert engine.health(0).message == "the model is not here"


def test_an_inner_fault_while_loading_shows_no_details(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = opened(monkeypatch, RuntimeError("/secret/path"))
    with pytest.raises(DatelineError, match="Something went wrong"):
        engine.ask("x", stop=threading.Event())
    assert engine.health(0).message == INTERNAL
    assert "/secret/path" in caplog.text


def test_nothing_of_the_server_needs_a_running_loop_to_be_made() -> None:
    assert isinstance(Front(FastAPI), Front)
    assert asyncio.iscoroutinefunction(Front.__call__)


def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


def test_whoever_asks_goes_before_the_examples_that_are_being_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    go = threading.Event()

    class Machine(Loaded):
        archive = None

        def ask(self, question: str, **options: Any) -> Any:
            asked.append(question)
            if question == "first example":
                go.wait(30)
            return super().ask(question, **options)

    def examples(_: Any, ask: Callable[[str], Any], patience: float) -> tuple[str, ...]:
        return tuple(q for q in ("first example", "second example") if ask(q))

    monkeypatch.setattr("rag.answer.examples.examples", examples)
    monkeypatch.setattr(Engine, "_as_wished", lambda _, machine, __: machine)
    engine = opened(monkeypatch, Machine())
    until(lambda: asked == ["first example"])
    assert engine.health(0).state == "ready"  # although examples are still looked for
    assert engine.suggestions() == ()
    mine = threading.Thread(target=engine.ask, args=("Mine?",), kwargs={"stop": threading.Event()})
    mine.start()
    until(lambda: engine._wanted == 1)
    go.set()
    mine.join()
    until(lambda: engine.suggestions() != ())
    assert asked == ["first example", "Mine?", "second example"]
    engine.close()
