"""The HTTP API over a scripted asker, behind the guard."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from scripted import BRIDGE_MARCH, Scripted, Shelf, answered
from starlette.testclient import TestClient

from rag.record import from_json
from ui.api.unversioned import malformed, routes
from ui.desk import Busy, Desk
from ui.guard import Guard
from ui.health import Health

HERE = "http://127.0.0.1:7860"


def served(host: str = "127.0.0.1", auth: tuple[str, str] | None = None, **desk: Any) -> TestClient:
    app = FastAPI()
    app.add_exception_handler(RequestValidationError, malformed)
    shelf: Any = Shelf()
    asking = Desk(Scripted(), **desk)
    app.include_router(routes(asking, shelf, lambda: Health("ready", "Ready", "m", asking.waiting)))

    @app.get("/")
    def page() -> Any:
        from starlette.responses import HTMLResponse

        return HTMLResponse('<meta property="og:url" content="x"/><script>1</script>')

    return TestClient(Guard(app, host=host, auth=auth), base_url=HERE)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with served() as client:
        yield client


def test_ask_returns_the_public_schema_and_reads_back_equal(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "What did the bridge cost?"})
    assert response.status_code == 200
    assert from_json(response.json()) == answered("What did the bridge cost?")


def test_ask_can_stream_evidence_text_statements_and_the_answer(client: TestClient) -> None:
    body = {"question": "What did the bridge cost?", "stream": True}
    response = client.post("/api/ask", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    blocks = [b.split("\n", 1) for b in response.text.strip().split("\n\n")]
    names = [name.removeprefix("event: ") for name, _ in blocks]
    data = [json.loads(d.removeprefix("data: ")) for _, d in blocks]
    assert names[:2] == ["understood", "evidence"]
    assert data[0]["filters"]["publishers"] == ["Valley Courier", "State Wire"]
    assert (data[0]["asked_as"], data[0]["inferred"]) == ("What did the bridge cost?", True)
    assert [e["number"] for e in data[1]] == [1, 2, 3, 4]
    assert {"text", "statement"} <= set(names)
    assert names[-1] == "answer"
    assert data[-1]["outcome"] == "answered"
    assert [d["kept"] for n, d in zip(names, data, strict=True) if n == "statement"][-1] is False


@pytest.mark.parametrize(
    "body",
    [
        {}, {"question": ""}, {"question": "x" * 2001}, {"question": "x", "since": "soon"},
        {"question": "x", "unknown": 1}, {"question": ["x"]},
    ],
)  # fmt: skip
def test_a_malformed_question_is_refused(client: TestClient, body: Any) -> None:
    assert client.post("/api/ask", json=body).status_code == 422


def test_half_a_surrogate_pair_in_a_question_is_no_inner_error(client: TestClient) -> None:
    body = b'{"question": "What did the \\ud800 bridge cost?"}'
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert response.json()["question"] == "What did the ? bridge cost?"
    wrong = b'{"question": "What?", "\\ud800": "\\udfff"}'
    refused = client.post("/api/ask", content=wrong, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert "unicode" in refused.json()["detail"][0]["msg"]


def test_a_failure_is_an_error_without_inner_details(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "broken"})
    assert response.status_code == 422
    assert "secret" not in response.text


def test_a_full_line_is_429_with_retry_after(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise Busy("9 questions are waiting already.", 7)

    monkeypatch.setattr(Desk, "ask", full)
    response = client.post("/api/ask", json={"question": "What?"})
    assert response.status_code == 429
    assert response.headers["retry-after"] == "7"


def test_an_article_is_returned_with_the_text_that_offsets_point_into(client: TestClient) -> None:
    found = client.get("/api/articles/bridge-march").json()
    assert found["text"] == BRIDGE_MARCH.text
    assert found["published"] == "2024-03-12"
    assert found["origin"] is None
    assert client.get("/api/articles/nothing").status_code == 404


def test_health_says_state_model_and_line(client: TestClient) -> None:
    expected = {"state": "ready", "message": "Ready", "model": "m", "waiting": 0}
    assert client.get("/api/health").json() == expected


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.2:7860", ""])
def test_on_loopback_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:1", "[::1]:7860"])
def test_on_loopback_its_own_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
def test_what_another_site_sends_is_refused(client: TestClient, origin: str) -> None:
    sent = client.post("/api/ask", json={"question": "x"}, headers={"origin": origin})
    assert sent.status_code == 403
    own = client.post("/api/ask", json={"question": "x"}, headers={"origin": HERE})
    assert own.status_code == 200


@pytest.mark.parametrize(
    "path", ["proxy=http://x", "upload", "file=/etc/passwd", "stream/a", "dev/reload"]
)
def test_parts_of_gradio_that_the_page_does_not_use_are_closed(
    client: TestClient, path: str
) -> None:
    assert client.get(f"/gradio_api/{path}").status_code == 404


def test_every_response_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/api/health", "/nothing", "/gradio_api/upload"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "'unsafe-inline'" not in headers["content-security-policy"].split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_only_scripts_named_by_a_fresh_nonce_run_on_the_page(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    nonce = first.text.split('nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert nonce not in second.text
    assert "og:url" not in first.text


def test_with_a_password_nothing_is_served_without_it() -> None:
    def basic(pair: str) -> dict[str, str]:
        return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    with served(host="0.0.0.0", auth=("reader", "pässword")) as client:
        for path in ("/", "/api/health"):
            refused = client.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic")
            assert client.get(path, headers=basic("reader:wrong")).status_code == 401
            assert client.get(path, headers={"authorization": "Basic !"}).status_code == 401
            assert client.get(path, headers=basic("reader:pässword")).status_code == 200


def test_what_has_a_digest_in_its_name_is_fetched_once() -> None:
    app = FastAPI()
    app.get("/assets/{name}")(lambda name: {"name": name})
    app.get("/other")(lambda: {"name": "other"})
    with TestClient(Guard(app, host="127.0.0.1", auth=None), base_url=HERE) as client:
        assert "immutable" in client.get("/assets/index-AbC123.js").headers["cache-control"]
        assert "cache-control" not in client.get("/other").headers
        assert "cache-control" not in client.get("/assets/a/b").headers  # there is none
