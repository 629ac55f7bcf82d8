"""What goes wrong, in the middle or from the start: at each door its own error, no place kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from apart import alone, apart
from mcp import Client
from opened import House, filled, house, visiting
from scripted import answered
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient
from test_mcp import online

from eval.bench import mock
from rag.answer.pipeline import open_qa
from rag.errors import ModelUnreachable
from rag.events import EvidenceFound, TextDelta
from rag.settings import ChatSettings, Settings

QUESTION = "What did the bridge cost?"
BEGUN = "The repair will cost a fortune"
SAID = [{"role": "user", "content": QUESTION}]
ASKING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/api/v1/ask", {"question": QUESTION}),
    ("/v1/chat/completions", {"model": "dateline", "messages": SAID}),
    ("/v1/responses", {"model": "dateline", "input": QUESTION}),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("wrong")
    filled(made)
    return made


@pytest.fixture(scope="module")
def killed(folder: Path) -> Iterator[House]:
    """A server over a real endpoint that is cut off behind its first words, as by `kill -9`."""

    async def complete(request: Request) -> StreamingResponse:
        await request.body()

        async def cut() -> Any:
            part = {"delta": {"content": BEGUN}, "index": 0, "finish_reason": None}
            yield f"data: {json.dumps({'id': 's', 'model': mock.NAME, 'choices': [part]})}\n\n"
            raise ConnectionResetError  # the server closes the connection without an end

        return StreamingResponse(cut(), media_type="text/event-stream")

    with ExitStack() as stack:
        address = stack.enter_context(mock.mock(complete))
        chat = ChatSettings(llm=f"openai:{mock.NAME}", base_url=address)
        qa = stack.enter_context(open_qa(Settings(archive=folder, chat=chat)))

        def asker(question: str, *, wishes: Any = None, **given: Any) -> Any:
            return qa.ask(question, **given)

        yield stack.enter_context(house(folder, asker=asker))


@pytest.fixture(scope="module")
def failing(folder: Path) -> Iterator[House]:
    """A server whose questions fail behind the first words, with nothing to fall back on."""

    def asker(question: str, *, on_event: Any, **_: Any) -> Any:
        on_event(EvidenceFound(answered(question).evidence))
        on_event(TextDelta(BEGUN))
        raise ModelUnreachable("the model's process ended (/srv/models/x.gguf)")

    with house(folder, asker=asker) as one:
        yield one


@pytest.fixture
def http(failing: House) -> Iterator[TestClient]:
    with visiting(failing) as client:
        yield client


def by_mcp(address: str) -> Any:
    async def calling() -> Any:
        async with Client(f"{address}/mcp") as client:
            return await client.call_tool("ask", {"question": QUESTION})

    return apart(calling)


def test_where_the_model_is_killed_in_mid_stream_the_sources_speak_and_it_is_said(
    killed: House,
) -> None:
    def heard(address: str) -> list[str]:
        asked: Any = {"model": "dateline", "messages": SAID}
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
            chunks = client.chat.completions.create(**asked, stream=True)
            parts = client.responses.create(model="dateline", input=QUESTION, stream=True)
            return [
                client.chat.completions.create(**asked).choices[0].message.content or "",
                "".join(c.choices[0].delta.content or "" for c in chunks if c.choices),
                client.responses.create(model="dateline", input=QUESTION).output_text,
                "".join(e.delta for e in parts if e.type == "response.output_text.delta"),
            ]

    with online(killed) as address:
        body = {"question": QUESTION}
        told = httpx.post(f"{address}/api/v1/ask", json=body, timeout=60).json()
        texts = [*alone(partial(heard, address)), by_mcp(address).content[0].text]
    assert told["extractive"]
    assert told["citations"]
    for text in (told["reason"], *texts):
        assert "The language model failed, so these are the sources' own words" in text
        assert BEGUN not in text
    for text in texts:
        assert "[1]" in text
    assert killed.service.desk.waiting == 0


@pytest.mark.parametrize(("path", "body"), ASKING)
def test_a_question_whose_model_is_gone_is_502_whole_and_an_error_streamed(
    failing: House, http: TestClient, path: str, body: dict[str, Any]
) -> None:
    failed = http.post(path, json=body)
    assert failed.status_code == 502
    told = failed.json()
    assert "detail" in told if path.startswith("/api") else told["error"]["type"] == "server_error"
    streamed = http.post(path, json={**body, "stream": True}).text
    assert "[DONE]" not in streamed
    last = json.loads(streamed.strip().rpartition("data: ")[2])
    assert last.get("status") == 502 or last["error"]["type"] == "server_error"
    if path.startswith("/v1"):  # there text cannot be taken back
        assert BEGUN not in streamed
    assert "/srv" not in failed.text + streamed
    assert failing.service.desk.waiting == 0


def test_clients_raise_where_the_model_is_gone(failing: House) -> None:
    def asking(address: str) -> None:
        asked: Any = {"model": "dateline", "messages": SAID}
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
            with pytest.raises(openai.APIError, match="process ended"):
                list(client.chat.completions.create(**asked, stream=True))
            with pytest.raises(openai.APIError, match="process ended"):
                list(client.responses.create(model="dateline", input=QUESTION, stream=True))

    with online(failing) as address:
        alone(partial(asking, address))
        told = by_mcp(address)
    assert told.is_error
    assert "process ended" in told.content[0].text
    assert failing.service.desk.waiting == 0


@pytest.mark.parametrize(("path", "body"), ASKING[1:])
def test_a_model_that_there_is_not_is_404_in_openais_form(
    http: TestClient, path: str, body: dict[str, Any]
) -> None:
    for stream in (False, True):
        refused = http.post(path, json={**body, "model": "gpt-9", "stream": stream})
        assert refused.status_code == 404
        assert refused.json()["error"]["code"] == "model_not_found"
        assert "dateline-extractive" in refused.json()["error"]["message"]


@pytest.mark.parametrize("path", [*(path for path, _ in ASKING), "/api/v1/check", "/mcp"])
def test_a_message_of_ten_megabytes_is_413_in_the_form_of_the_door(
    http: TestClient, path: str
) -> None:
    many = [{"role": "user", "content": "x" * 1000}] * 10_000
    refused = http.post(path, json={"model": "dateline", "messages": many})
    assert refused.status_code == 413
    told = refused.json()
    assert told["error"]["message"] if path.startswith("/v1") else told["detail"]


@pytest.mark.parametrize("path", ["/api/v1/health", "/v1/models", "/mcp", "/c/x/y/0-1"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_foreign_hosts_and_origins_are_refused_at_every_door(
    http: TestClient, path: str, headers: dict[str, str]
) -> None:
    refused = http.get(path, headers=headers)
    assert refused.status_code == (421 if path == "/mcp" and "host" in headers else 403)
    told = refused.json()
    assert told["error"]["type"] if path.startswith("/v1") else told["detail"]
