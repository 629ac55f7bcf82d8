"""One answer through every door: the same statements, articles, digests, offsets and quotes."""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import openai
import pytest
from apart import alone, apart
from mcp import Client
from opened import HERE, filled, house, visiting
from test_api_v1 import events
from test_mcp import online

QUESTIONS = ("What did the bridge cost?", "Who won the Super Bowl?", "Why do they disagree?")
Cited = frozenset[tuple[Any, ...]]


def cited(records: Any) -> Cited:
    fields = ("statement", "article_id", "digest", "start", "end", "quote")
    return frozenset(tuple(record[name] for name in fields) for record in records)


def noted(notes: Any) -> Cited:
    return cited(note["url_citation"]["dateline"] for note in notes)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("conformance")
    filled(folder)
    with house(folder) as one, online(one) as address, visiting(one) as http:
        yield address, http


def doors(  # noqa: C901 - one small function for each door
    address: str, http: Any
) -> dict[str, Callable[[str], Cited]]:
    client = openai.OpenAI(base_url=f"{HERE}/v1", api_key="none", http_client=http, max_retries=0)

    def said(question: str) -> Any:
        return {"model": "dateline", "messages": [{"role": "user", "content": question}]}

    def stream(question: str) -> Cited:
        chunks = client.chat.completions.create(**said(question), stream=True)
        deltas = [c.choices[0].delta.model_extra or {} for c in chunks if c.choices]
        return noted(n for d in deltas for n in d.get("annotations", []))

    def helper(question: str) -> Cited:
        with client.chat.completions.stream(**said(question)) as stream:
            message = stream.get_final_completion().choices[0].message
        return noted(a.model_dump() for a in message.annotations or [])

    def whole(question: str) -> Cited:
        message = client.chat.completions.create(**said(question)).choices[0].message
        return noted(a.model_dump() for a in message.annotations)

    def response(question: str) -> Cited:
        done = client.responses.create(model="dateline", input=question)
        return cited(a.dateline for a in done.output[0].content[0].annotations)

    def responses(question: str) -> Cited:
        told = client.responses.create(model="dateline", input=question, stream=True)
        added = [e for e in told if e.type == "response.output_text.annotation.added"]
        return cited(dict(e.annotation)["dateline"] for e in added)

    def langchain(question: str, *, streamed: bool) -> Cited:
        from langchain_openai import ChatOpenAI

        model = ChatOpenAI(
            model="dateline", base_url=f"{HERE}/v1", api_key="none", use_responses_api=True,
            http_client=http, max_retries=0,
        )  # fmt: skip
        message = model.invoke(question)
        if streamed:
            first, *rest = model.stream(question)
            message = sum(rest, first)
        blocks = message.content_blocks
        return cited(a["extras"]["dateline"] for b in blocks for a in b.get("annotations", []))

    def protocol(question: str, mode: str) -> Cited:
        async def calling() -> Any:
            async with Client(f"{address}/mcp", mode=mode) as client:
                return await client.call_tool("ask", {"question": question})

        return cited(apart(calling).structured_content["citations"])

    def sent(question: str) -> Cited:
        body = {"question": question, "stream": True}
        return cited(events(http.post("/api/v1/ask", json=body).text)[-1][2]["citations"])

    return {
        "/api/v1/ask, events": sent,
        "openai create": whole,
        "openai create, streamed": stream,
        "openai .stream()": helper,
        "responses": response,
        "responses, streamed": responses,
        "LangChain invoke": lambda q: langchain(q, streamed=False),
        "LangChain stream": lambda q: langchain(q, streamed=True),
        "MCP over HTTP, 2026": lambda q: protocol(q, "2026-07-28"),
        "MCP over HTTP, handshake": lambda q: protocol(q, "legacy"),
    }


def test_every_door_tells_the_same_citations(address: tuple[str, Any]) -> None:
    where, http = address
    for question in QUESTIONS:
        usual = cited(http.post("/api/v1/ask", json={"question": question}).json()["citations"])
        assert bool(usual) == ("Super Bowl" not in question)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the clients about themselves
            for name, door in doors(where, http).items():
                assert door(question) == usual, (name, question)


@pytest.mark.parametrize("name", ["openai_client", "langchain_client", "mcp_client"])
def test_the_examples_print_the_answer_with_its_quotes(
    address: tuple[str, Any],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = Path(__file__).parents[2] / "examples" / "doors" / f"{name}.py"
    monkeypatch.setattr("sys.argv", [str(script), address[0], QUESTIONS[0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone(partial(runpy.run_path, str(script), run_name="__main__"))
    printed = capsys.readouterr().out
    assert "In March the repair was put at $4.2 million" in printed
    assert "The repair will cost $4.2 million and take eighteen months" in printed
