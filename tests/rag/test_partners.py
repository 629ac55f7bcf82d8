"""Chat models of langchain's partner packages, each against a fake of its maker's wire format.

The examples are run as they are; only the address is another. What is not installed is skipped by
name: `pip install 'dateline-qa[anthropic,mistral,google,bedrock]'`.
"""

from __future__ import annotations

import json
import re
import runpy
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.rag.test_pipeline import TANKS
from tests.strong import answered, verdicts

EXAMPLES = Path(__file__).parents[2] / "examples" / "models"
PACKAGES = {
    "anthropic": ("langchain_anthropic", "ChatAnthropic"),
    "mistral": ("langchain_mistralai", "ChatMistralAI"),
    "google": ("langchain_google_genai", "ChatGoogleGenerativeAI"),
    "bedrock": ("langchain_aws", "ChatBedrockConverse"),
}


def said(prompt: str) -> str:
    return verdicts(prompt) if prompt.startswith("Claim ") else answered(prompt)


def sse(*events: tuple[str, Any]) -> bytes:
    return b"".join(
        (f"event: {name}\n" if name else "").encode() + f"data: {json.dumps(data)}\n\n".encode()
        for name, data in events
    )


def anthropic(body: dict[str, Any]) -> bytes:
    text = said(_text(body["messages"][-1]["content"]))
    usage = {"input_tokens": 900, "cache_read_input_tokens": 100, "output_tokens": 1}
    message = {
        "id": "m", "type": "message", "role": "assistant", "content": [], "model": body["model"],
        "stop_reason": None, "stop_sequence": None, "usage": usage,
    }  # fmt: skip
    block = {"type": "text", "text": ""}
    delta = {"type": "text_delta", "text": text}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": {"output_tokens": 50}},
        {"type": "message_stop"},
    ]
    return sse(*((e["type"], e) for e in events))


def mistral(body: dict[str, Any]) -> bytes:
    delta = {"role": "assistant", "content": said(_text(body["messages"][-1]["content"]))}
    usage = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}
    head = {"id": "m", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    choice = {"index": 0, "delta": delta, "finish_reason": "stop"}
    return sse(("", {**head, "choices": [choice], "usage": usage})) + b"data: [DONE]\n\n"


def google(body: dict[str, Any]) -> bytes:
    text = said(body["contents"][-1]["parts"][-1]["text"])
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 50, "totalTokenCount": 1050}
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
    return sse(("", {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "g"}))


def bedrock(body: dict[str, Any]) -> bytes:
    text = said(body["messages"][-1]["content"][-1]["text"])
    usage = {"inputTokens": 1000, "outputTokens": 50, "totalTokens": 1050}
    return b"".join(
        _frame(name, data)
        for name, data in (
            ("messageStart", {"role": "assistant"}),
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}}),
            ("contentBlockStop", {"contentBlockIndex": 0}),
            ("messageStop", {"stopReason": "end_turn"}),
            ("metadata", {"usage": usage, "metrics": {"latencyMs": 5}}),
        )
    )


def _frame(name: str, data: object) -> bytes:
    """Return one message of Amazon's event stream."""
    fields = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(k)]) + k.encode() + b"\x07" + struct.pack(">H", len(v)) + v.encode()
        for k, v in fields.items()
    )
    payload = json.dumps(data).encode()
    head = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = head + struct.pack(">I", zlib.crc32(head)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


WIRES = {"anthropic": anthropic, "mistral": mistral, "google": google, "bedrock": bedrock}


@pytest.fixture
def maker(request) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """A maker's service on this machine: its address, and what it was sent."""
    wire, bodies = WIRES[request.param], []
    kind = "application/vnd.amazon.eventstream" if wire is bedrock else "text/event-stream"

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            self.close_connection = True
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            bodies.append(body)
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("connection", "close")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(wire(body))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield request.param, bodies, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.parametrize("maker", WIRES, indirect=True)
@pytest.mark.filterwarnings("ignore")  # of the makers' packages
def test_the_example_of_a_maker_answers_with_exact_citations(
    maker, sample_archive, monkeypatch, capsys
) -> None:
    name, bodies, url = maker
    package, kind = PACKAGES[name]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    for key in ("ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(key, "none")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
    monkeypatch.setenv("ANTHROPIC_API_URL", url)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("MISTRAL_BASE_URL", f"{url}/v1")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
    script = EXAMPLES / f"with_{name}.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(sample_archive), TANKS])
    runpy.run_path(str(script), run_name="__main__")
    head, text = capsys.readouterr().out.split("\n", 1)
    assert re.fullmatch(rf"{kind}:\S+, asked as a large model: (answered|partial)", head)
    assert "31" in text
    assert len(bodies) == 2  # the answer, and the verdicts
    if name == "anthropic":
        assert bodies[0]["system"][0]["cache_control"] == {"type": "ephemeral"}


def test_each_example_is_run_here_and_its_package_is_an_extra() -> None:
    assert {f"with_{name}" for name in WIRES} == {p.stem for p in EXAMPLES.glob("*.py")}
    project = (EXAMPLES.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    for name, (package, _) in PACKAGES.items():
        assert f'{name} = ["{package.replace("_", "-")}"]' in project
