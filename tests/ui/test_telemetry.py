"""A trace of eight spans a question, few series, and nothing that anybody wrote in either."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from eval.bench import mock
from rag.answer.pipeline import NewsQA, open_qa
from rag.errors import ModelUnreachable, QuestionError
from rag.settings import ChatSettings, Settings, TelemetrySettings
from rag.telemetry import metrics
from rag.telemetry.spans import Spans
from rag.telemetry.steps import PARENT, STEPS, observed, step
from rag.types import Answer, Statement, Tokens, Verdict
from ui.desk import Busy, Desk
from ui.measured import Traced, measure

QUESTION = "When will Artemis II launch?"


@pytest.fixture(scope="module")
def qa(sample_archive: Path) -> Iterator[NewsQA]:
    with mock.mock() as url:
        chat = ChatSettings(llm=f"openai:{mock.NAME}", base_url=url, probabilities=False)
        with open_qa(Settings(archive=sample_archive, chat=chat)) as found:
            yield found


def traced(qa: NewsQA, *, content: bool = False) -> tuple[NewsQA, InMemorySpanExporter, Spans]:
    memory = InMemorySpanExporter()
    spans = Spans(memory, content=content)
    return replace(qa, observers=(spans,)), memory, spans


def test_a_question_is_one_trace_of_eight_spans(qa: NewsQA) -> None:
    watched, memory, spans = traced(qa)
    answer = watched.ask(QUESTION)
    spans.flush()
    found = {span.name: span for span in memory.get_finished_spans()}
    assert set(found) == {"query", *STEPS}
    assert len(memory.get_finished_spans()) == 8
    whole = found["query"]
    assert whole.parent is None
    for name in STEPS:
        assert found[name].parent is not None
        assert found[name].parent.span_id == whole.context.span_id
        assert whole.start_time <= found[name].start_time <= found[name].end_time <= whole.end_time
    assert whole.attributes is not None
    assert whole.attributes["dateline.outcome"] == answer.outcome
    assert whole.attributes["dateline.index"] == qa.index_state() == "chroma"
    said = found["generate"]
    assert said.kind is SpanKind.CLIENT
    assert said.attributes is not None
    assert said.attributes["gen_ai.request.model"] == mock.NAME
    assert said.attributes["gen_ai.provider.name"] == "openai"
    assert said.attributes["gen_ai.operation.name"] == "chat"
    assert said.end_time - said.start_time >= 0.3e9, "the model takes longer than that"
    spans.close()


def test_no_word_of_question_or_answer_is_in_a_span_unless_asked_for(qa: NewsQA) -> None:
    watched, memory, spans = traced(qa)
    answer = watched.ask(QUESTION)
    assert answer.text
    with pytest.raises(QuestionError):
        watched.ask(" ")
    spans.flush()
    told = " ".join(span.to_json() for span in memory.get_finished_spans())
    for word in ("Artemis", "launch", answer.text[:30]):
        assert word not in told
    spans.close()
    watched, memory, spans = traced(qa, content=True)
    watched.ask(QUESTION)
    spans.flush()
    assert QUESTION in " ".join(span.to_json() for span in memory.get_finished_spans())
    spans.close()


def test_a_question_that_fails_is_a_span_with_the_kind_of_its_error(qa: NewsQA) -> None:
    watched, memory, spans = traced(qa)
    with pytest.raises(QuestionError):
        watched.ask("  ")
    spans.flush()
    (whole,) = memory.get_finished_spans()
    assert whole.status.status_code is StatusCode.ERROR
    assert whole.status.description == "QuestionError"
    spans.close()


def test_a_request_s_own_trace_goes_on_through_the_line_into_the_spans() -> None:
    memory = InMemorySpanExporter()
    spans = Spans(memory)
    ids = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

    def ask(question: str, **_: Any) -> Answer:
        with observed((spans,), question) as seen:
            seen.answer = Answer(question=question, outcome="answered", reason="")
            return seen.answer

    desk = Desk(ask)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        list(desk.ask("What?"))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client = TestClient(Traced(app))
    assert client.get("/", headers={"traceparent": f"00-{ids[0]}-{ids[1]}-01"}).status_code == 204
    assert client.get("/", headers={"traceparent": "rubbish\tof any kind"}).status_code == 204
    spans.flush()
    own, other = memory.get_finished_spans()
    assert f"{own.context.trace_id:032x}" == ids[0]
    assert own.parent is not None
    assert f"{own.parent.span_id:016x}" == ids[1]
    assert other.parent is None
    desk.close()
    spans.close()


def test_an_observer_that_fails_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def observe(self, _: object) -> None:
            raise OSError("the disk is full")

    with observed((Broken(),), "q") as seen, step("decide"):
        pass
    assert seen.steps["decide"].times == 1
    assert "could not be told" in caplog.text


def test_without_settings_nothing_is_imported_and_nothing_leaves(sample_archive: Path) -> None:
    code = (
        "import sys, socket\n"
        "made = []\n"
        "real = socket.socket.connect\n"
        "def connect(self, address):\n"
        "    made.append(address)\n"
        "    return real(self, address)\n"
        "socket.socket.connect = connect\n"
        "from pathlib import Path\n"
        "from rag.answer.pipeline import open_qa\n"
        "from rag.settings import Settings, ChatSettings\n"
        f"at = Path({str(sample_archive)!r})\n"
        "settings = Settings(archive=at, chat=ChatSettings(llm='none'))\n"
        "with open_qa(settings) as qa:\n"
        "    assert qa.observers == ()\n"
        f"    qa.ask({QUESTION!r})\n"
        "loaded = [n for n in sys.modules if n.startswith(('prometheus', 'rag.telemetry.spans'))]\n"
        "assert not loaded, loaded\n"
        "assert not made, made\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


class _Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_the_endpoint_gets_the_spans_when_the_machine_is_closed(sample_archive: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    telemetry = TelemetrySettings(otlp_endpoint=f"http://127.0.0.1:{server.server_port}/")
    settings = Settings(archive=sample_archive, chat=ChatSettings(llm="none"), telemetry=telemetry)
    try:
        with open_qa(settings) as opened:
            opened.ask(QUESTION)
        sent = server.got  # type: ignore[attr-defined]
        assert {path for path, _ in sent} == {"/v1/traces"}
        whole = b"".join(body for _, body in sent)
        assert b"retrieve" in whole
        assert b"Artemis" not in whole
    finally:
        server.shutdown()
        server.server_close()


def test_a_collector_that_is_away_costs_no_answer(sample_archive: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    telemetry = TelemetrySettings(otlp_endpoint=f"http://127.0.0.1:{port}")
    settings = Settings(archive=sample_archive, chat=ChatSettings(llm="none"), telemetry=telemetry)
    with open_qa(settings) as opened:
        assert opened.ask(QUESTION).outcome in ("answered", "partial")


def _word(chance: random.Random) -> str:
    return "".join(chance.choice('abc{}"\\\n=,é€ ') for _ in range(chance.randrange(1, 40)))


def _made(chance: random.Random) -> Answer:
    supports = ("supported", "partly", "unsupported", "contradicted", _word(chance))
    dropped = tuple(
        Statement(
            text=_word(chance),
            citations=(),
            verdict=Verdict(support=chance.choice(supports), score=0.1, reasons=(_word(chance),)),  # type: ignore[arg-type]
        )
        for _ in range(chance.randrange(4))
    )
    return Answer(
        question=_word(chance),
        outcome=chance.choice(("answered", "partial", "declined")),
        reason=_word(chance),
        dropped=dropped,
        model=f"openai:{_word(chance)}",
        extractive=chance.random() < 0.2,
        tokens=Tokens(prompt=chance.randrange(900), generated=chance.randrange(99)),
    )


def _asked(chance: random.Random, counting: metrics.Metrics, n: int) -> None:
    made = _made(chance)
    with observed((counting,), made.question) as seen:
        for name in chance.sample(STEPS, 5):
            with step(name):
                pass
        seen.index = chance.choice(("chroma-server", "scan", ""))
        if n % 10 == 0:
            raise ModelUnreachable(_word(chance))
        if n % 10 == 1:
            raise KeyError(_word(chance))
        seen.answer = made


def test_a_thousand_questions_make_few_series_and_no_label_of_theirs() -> None:
    chance, counting = random.Random(22), metrics.Metrics()
    for n in range(1000):
        with suppress(ModelUnreachable, KeyError):
            _asked(chance, counting, n)
        metrics.item(_word(chance))
    assert 100 < metrics.series() < 300
    text = metrics.exposed()[0].decode()
    assert 'dateline_questions_total{outcome="failed"} 200.0' in text
    assert 'dateline_degraded_total{part="index"}' in text
    assert 'dateline_errors_total{part="model"} 100.0' in text
    assert "é" not in text
    assert "openai" not in text


def test_metrics_are_served_with_the_line_as_it_is() -> None:
    from fastapi import FastAPI

    go = threading.Event()

    def ask(question: str, **_: Any) -> Answer:
        go.wait(20)
        return Answer(question=question, outcome="answered", reason="")

    desk, app = Desk(ask, waiting=1), FastAPI()
    gauges = measure(app, TelemetrySettings(metrics=True), desk, None)
    assert gauges is not None
    tickets = [desk.ask("one"), desk.ask("two")]
    while desk.working < 1:
        threading.Event().wait(0.01)
    with pytest.raises(Busy):
        desk.ask("three")
    told = TestClient(app).get("/metrics").text
    assert "dateline_working 1.0" in told
    assert "dateline_waiting 1.0" in told
    assert "dateline_refused_total" in told
    go.set()
    for ticket in tickets:
        list(ticket)
    gauges.close()
    desk.close()
    assert TestClient(FastAPI()).get("/metrics").status_code == 404
    assert measure(FastAPI(), TelemetrySettings(), desk, None) is None


def test_no_parent_stays_behind_in_a_context() -> None:
    assert PARENT.get() == ""
