"""A model elsewhere answers several questions at once, one on this machine one after the other."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rag.settings import ChatSettings, Settings
from rag.types import Answer
from ui.desk import Busy, Desk, Lane, Ticket
from ui.engine import Engine
from ui.wishes import Wishes

QUESTIONS = (
    "When will Artemis II launch?",
    "How many Abrams tanks did the United States promise Ukraine?",
    "Who leads NASA?",
    "When did Finland join NATO?",
    "What did the Federal Reserve decide in June 2022?",
    "How many had died in the earthquake?",
)


class Slow(ThreadingHTTPServer):
    """An endpoint whose answers wait until so many are asked for at the same time."""

    daemon_threads = True

    def __init__(self, enough: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.enough = enough
        self.open = 0
        self.most = 0
        self.change = threading.Condition()

    def hold(self) -> None:
        """Keep a request until enough are here, or were."""
        with self.change:
            self.open += 1
            self.most = max(self.most, self.open)
            self.change.notify_all()
            self.change.wait_for(lambda: self.most >= self.enough, 30)

    def let_go(self) -> None:
        with self.change:
            self.open -= 1


class _Handler(BaseHTTPRequestHandler):
    server: Slow

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.hold()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        said = {"index": 0, "delta": {"content": "It will launch in April 2026 [1]."}}
        self.server.let_go()
        for choice in (said, {"index": 0, "delta": {}, "finish_reason": "stop"}):
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: Any) -> None:
        pass


Opened = Callable[..., tuple[Desk, Slow]]


@contextmanager
def _opened(archive: Any, enough: int, waiting: int, parallel: int) -> Iterator[tuple[Desk, Slow]]:
    server = Slow(enough)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    chat = ChatSettings(llm="openai:slow", base_url=url, parallel=parallel, probabilities=False)
    engine = Engine(Settings(archive=archive, chat=chat))
    desk = Desk(engine.ask, lane=engine.lane, waiting=waiting)
    engine.start()
    try:
        yield desk, server
    finally:
        desk.close()
        engine.close()
        server.shutdown()
        server.server_close()


@pytest.fixture
def opened(sample_archive: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr("rag.answer.examples.examples", lambda *_, **__: ())
    with contextlib.ExitStack() as stack:

        def start(*, enough: int, waiting: int = 8, parallel: int = 0) -> tuple[Desk, Slow]:
            return stack.enter_context(_opened(sample_archive, enough, waiting, parallel))

        yield start


def last(ticket: Ticket) -> object:
    *_, end = ticket
    return end


def test_four_questions_at_once_go_to_a_model_elsewhere(opened: Opened) -> None:
    desk, server = opened(enough=4)
    tickets = [desk.ask(question) for question in QUESTIONS]
    answers = [last(ticket) for ticket in tickets]
    assert [a.question for a in answers if isinstance(a, Answer)] == list(QUESTIONS)
    assert server.most == 4


def test_as_many_go_there_as_the_settings_say(opened: Opened) -> None:
    desk, server = opened(enough=2, parallel=2)
    tickets = [desk.ask(question) for question in QUESTIONS]
    assert all(isinstance(last(ticket), Answer) for ticket in tickets)
    assert server.most == 2


def test_the_line_behind_them_is_as_long_as_before(opened: Opened) -> None:
    desk, server = opened(enough=4, waiting=1)
    tickets = [desk.ask(question) for question in QUESTIONS[:5]]
    with pytest.raises(Busy, match="5 questions are waiting already"):
        desk.ask(QUESTIONS[5])
    assert all(isinstance(last(ticket), Answer) for ticket in tickets)
    assert server.most == 4


def test_what_runs_on_this_machine_is_one_lane_and_each_endpoint_has_its_own() -> None:
    here = Engine(Settings(chat=ChatSettings(llm="local")), ("openai:big", "local:other"))
    assert here.lane({}) == here.lane({"wishes": Wishes(extractive=True)})
    assert here.lane({}) == here.lane({"wishes": Wishes(llm="local:other")})
    assert here.lane({}).width == 1
    assert here.lane({"wishes": Wishes(llm="openai:big")}) == Lane("openai:big", 4)
    assert here.lane({"wishes": Wishes(llm="openai:not-offered")}) == here.lane({})
    there = Engine(Settings(chat=ChatSettings(llm="openai:big", parallel=9)))
    assert there.lane({}) == Lane("openai:big", 9)
    assert there.lane({"wishes": Wishes(extractive=True)}).width == 1
    for engine in (here, there):
        engine.close()


def test_answers_do_not_depend_on_how_many_are_made_at_once() -> None:
    one, many = (Settings(chat=ChatSettings(llm="openai:m", parallel=n)) for n in (1, 8))
    assert one.digest() == many.digest()
