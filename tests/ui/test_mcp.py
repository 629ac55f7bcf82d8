"""The Model Context Protocol: in the process, on standard input, over HTTP, in both eras."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from apart import apart
from mcp import Client, StdioServerParameters
from opened import HERE, House, filled, house, visiting
from scripted import BRIDGE_MARCH, Scripted, answered, declined
from starlette.testclient import TestClient

from ui.api.mcp import QUOTED, build
from ui.guard import Guard
from ui.server import listen

QUESTION = "What did the bridge cost?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mcp")
    filled(made)
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[House]:
    with house(folder) as one:
        yield one


@contextmanager
def online(opened: House) -> Iterator[str]:
    """Serve the doors on a port of this machine."""
    with listen("127.0.0.1", 0) as listener:
        app = Guard(opened.app, host="127.0.0.1", auth=None)
        config = uvicorn.Config(
            app, log_level="warning", lifespan="on", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def call(server: Any, name: str, mode: str = "auto", **arguments: Any) -> Any:
    async def calling() -> Any:
        async with Client(server, mode=mode) as client:
            return await client.call_tool(name, arguments)

    return apart(calling)


def test_the_tools_only_read_and_describe_what_they_return(opened: House) -> None:
    async def listing() -> Any:
        async with Client(build(opened.service)) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in apart(listing)}
    assert {"ask", "search_archive", "get_article", "timeline", "search", "fetch"} <= set(tools)
    for tool in tools.values():
        assert tool.annotations.read_only_hint is True
        assert tool.output_schema is not None
        assert tool.description


def test_an_answer_comes_as_text_with_its_sources_and_as_data(opened: House) -> None:
    told = call(build(opened.service), "ask", question=QUESTION)
    assert told.structured_content["outcome"] == "answered"
    cited = told.structured_content["citations"]
    assert [c["number"] for c in cited] == [1, 2, 3]
    assert "evidence" not in told.structured_content
    assert "[1] Valley Courier" in told.content[0].text
    assert told.structured_content["late"] is False


def test_progress_is_reported_while_an_answer_is_made(opened: House) -> None:
    heard: list[str] = []

    async def asking() -> None:
        async def note(_: float, __: float | None, message: str | None) -> None:
            heard.append(message or "")

        async with Client(build(opened.service)) as client:
            await client.call_tool("ask", {"question": QUESTION}, progress_callback=note)

    apart(asking)
    assert heard[:2] == ["Searching the archive", "Reading 4 pieces of evidence"]


def test_past_the_deadline_the_sources_own_words_are_returned_and_marked(folder: Path) -> None:
    patient = Scripted()

    def asker(question: str, *, wishes: Any = None, stop: Any, **rest: Any) -> Any:
        if wishes is not None and wishes.extractive:
            return answered(question)
        return patient(question, stop=stop, **rest)

    with house(folder, asker=asker) as one:
        told = call(build(one.service), "ask", question="a patient question", deadline_seconds=1)
        assert told.structured_content["late"] is True
        assert told.content[0].text.startswith("The deadline passed")
        for _ in range(200):
            if not one.service.desk.waiting:
                break
            time.sleep(0.05)
        assert one.service.desk.waiting == 0


def test_an_article_is_read_in_parts_and_marked_as_quoted(opened: House) -> None:
    server = build(opened.service)
    part = call(server, "get_article", id="bridge-march", start=10, end=30).structured_content
    assert part["text"] == BRIDGE_MARCH.text[10:30]
    assert (part["note"], part["digest"]) == (QUOTED, BRIDGE_MARCH.digest)
    behind = call(server, "get_article", id="bridge-march", start=10**6).structured_content
    assert (behind["text"], behind["start"]) == ("", len(BRIDGE_MARCH.text))
    missing = call(server, "get_article", id="nothing")
    assert missing.is_error
    assert str(opened.service.archive.folder) not in missing.content[0].text  # type: ignore[union-attr]


def test_a_search_goes_on_by_cursor_and_connectors_search_and_fetch(opened: House) -> None:
    server = build(opened.service)
    first = call(server, "search_archive", query=QUESTION, limit=1).structured_content
    second = call(
        server, "search_archive", query=QUESTION, limit=1, cursor=first["next"]
    ).structured_content
    assert first["items"][0] != second["items"][0]
    assert call(server, "search_archive", query=QUESTION, cursor="x").is_error
    found = call(server, "search", query=QUESTION)
    results = json.loads(found.content[0].text)["results"]
    assert {"id", "title", "url"} <= set(results[0])
    assert len({r["id"] for r in results}) == len(results)
    fetched = json.loads(call(server, "fetch", id=results[0]["id"]).content[0].text)
    assert fetched["metadata"]["note"] == QUOTED
    assert fetched["text"]


def test_resources_show_coverage_and_articles(opened: House) -> None:
    async def reading() -> Any:
        async with Client(build(opened.service)) as client:
            held = await client.read_resource("dateline://coverage")
            one = await client.read_resource("dateline://article/bridge-march")
            return held.contents[0].text, one.contents[0].text

    held, article = apart(reading)
    assert json.loads(held)["articles"] == 4
    assert article == f"{QUOTED}\n\n{BRIDGE_MARCH.text}"


def test_wrong_arguments_and_failures_are_errors_of_the_tool(opened: House) -> None:
    server = build(opened.service)
    for name, arguments in (
        ("ask", {"question": ""}),
        ("ask", {"question": "empty"}),
        ("ask", {"question": "broken"}),
        ("ask", {"question": "x", "since": "2024-02-01", "until": "2024-01-01"}),
        ("timeline", {"topic": "x" * 3000}),
    ):
        failed = call(server, name, **arguments)
        assert failed.is_error, name
        assert "secret" not in str(failed.content)


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
def test_it_is_served_over_http_to_clients_of_both_eras_with_and_without_a_slash(
    opened: House, mode: str
) -> None:
    with online(opened) as address:
        for path in ("/mcp", "/mcp/"):
            told = call(address + path, "ask", mode, question=QUESTION)
            assert told.structured_content["outcome"] == "answered"


def test_over_http_foreign_hosts_and_origins_are_refused(opened: House) -> None:
    with visiting(opened) as client:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert client.post("/mcp", json=body, headers={"host": "evil.example"}).status_code == 421
        refused = client.post("/mcp", json=body, headers={"origin": "https://evil.example"})
        assert refused.status_code == 403
        huge = client.post("/mcp", content=b"x" * 10_000_000)
        assert huge.status_code == 413


def test_on_standard_input_it_answers_from_the_sample_archive(
    sample_archive: Path,
) -> None:
    root = Path(__file__).parents[2]
    options = ["mcp", "--archive", str(sample_archive), "--llm", "none"]
    command = ["-c", "from ui.cli import main; main()", *options]

    async def calling() -> Any:
        server = StdioServerParameters(
            command=sys.executable,
            args=command,
            env={"PYTHONPATH": str(root), "DATELINE_RERANK__MODEL": "none"},
            cwd=root,
        )
        async with Client(server) as client:
            told = await client.call_tool("ask", {"question": "When did Finland join NATO?"})
            held = await client.read_resource("dateline://coverage")
            return told, held

    told, held = apart(calling)
    assert told.structured_content["outcome"] == "answered"
    assert told.structured_content["citations"][0]["digest"]
    assert json.loads(held.contents[0].text)["articles"] > 20


def test_the_protocol_on_standard_input_answers_without_loading_what_is_heavy(
    sample_archive: Path,
) -> None:
    code = (
        "import sys\nfrom contextlib import ExitStack\nfrom rag.settings import Settings\n"
        "from ui.api.stdio import _opened\n"
        "with ExitStack() as stack:\n"
        "    settings = Settings(archive=sys.argv[1], chat={'llm': 'none'})\n"
        "    server = _opened(settings, stack)\n"
        "    import anyio\n"
        "    from mcp import Client\n"
        "    async def ask():\n"
        "        async with Client(server) as client:\n"
        "            question = {'question': 'When did Finland join NATO?'}\n"
        "            return await client.call_tool('ask', question)\n"
        "    print(anyio.run(ask).structured_content['outcome'])\n"
        "heavy = {'chromadb', 'fastapi', 'gradio', 'sentence_transformers', 'torch', "
        "'transformers', 'langchain'}\n"
        "print(heavy & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(sample_archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == ["answered", "set()"]


def test_a_declined_answer_is_no_error(opened: House) -> None:
    told = call(build(opened.service), "ask", question="Who won the Super Bowl?")
    assert not told.is_error
    assert told.structured_content["outcome"] == "declined"
    assert told.content[0].text == declined("").reason


def test_the_protocol_is_up_as_long_as_the_application_lives(opened: House) -> None:
    for _ in range(2):
        with visiting(opened) as client:
            assert isinstance(client, TestClient)
            body = {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "t", "version": "1"},
                },
            }
            accept = {"accept": "application/json, text/event-stream"}
            assert client.post(f"{HERE}/mcp", json=body, headers=accept).status_code == 200
