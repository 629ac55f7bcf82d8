"""A chat endpoint on this machine that behaves like a strong model, well or in ten bad ways.

It answers with numbered sentences of the excerpts, calls the tool `search`, and writes verdicts as
JSON. It reads no more than what it is sent, and keeps every request.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LINE = re.compile(r"^\[(\d+\.\d+)\] (.+)$", re.MULTILINE)
_CLAIM = re.compile(r"^Claim (\d+): (.+)$", re.MULTILINE)
_WORD = re.compile(r"\w{4,}")

Body = Mapping[str, Any]


def words(text: str) -> set[str]:
    return {w.lower() for w in _WORD.findall(text)}


def answered(prompt: str, sentences: int = 2, paragraphs: int = 1) -> str:
    """Answer with the sentences that share most with the question, each with its number."""
    excerpts, _, question = prompt.rpartition("Question")
    lines = sorted(
        _LINE.findall(excerpts), key=lambda line: -len(words(line[1]) & words(question))
    )[: sentences * paragraphs]
    said = [f"{text.rstrip('.')} [{number}]." for number, text in lines]
    return "\n\n".join(" ".join(said[n : n + sentences]) for n in range(0, len(said), sentences))


def verdicts(prompt: str) -> str:
    """Give verdicts by whether the sentences below a claim hold all of its words."""
    blocks = [b for b in prompt.split("\n\n") if b.startswith("Claim ")]
    given = []
    for block in blocks:
        head, *below = block.split("\n")
        number, claim = _CLAIM.findall(head)[0]
        held = words(claim) <= words(" ".join(below))
        given.append({"claim": int(number), "verdict": "supported" if held else "unsupported"})
    return json.dumps({"verdicts": given})


class Reply:
    """One answer in the making, as server-sent events."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: Body, number: int) -> None:
        self._handler = handler
        self.body = body
        self.number = number
        self._begun = False

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def kind(self) -> str:
        """What is asked for: an answer, a plan, verdicts, or a question in other words."""
        if "You plan searches" in self.system:
            return "plan"
        if "You check claims" in self.system:
            return "verdicts"
        return "rewrite" if "Rewrite the last question" in self.system else "answer"

    def status(self, code: int, message: str, **headers: str) -> None:
        data = json.dumps({"error": {"message": message}}).encode()
        self._handler.send_response(code)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()
        self._handler.wfile.write(data)

    def event(self, event: object) -> None:
        if not self._begun:
            self._handler.send_response(200)
            self._handler.send_header("content-type", "text/event-stream")
            self._handler.send_header("connection", "close")
            self._handler.end_headers()
            self._begun = True
        self._handler.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self._handler.wfile.flush()

    def delta(self, finish: str | None = None, **delta: object) -> None:
        self.event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def say(self, text: str) -> None:
        for piece in re.findall(r"\S+\s*|\s+", text):
            self.delta(content=piece)
        self.end()

    def end(self, finish: str = "stop") -> None:
        self.delta(finish)
        usage = {
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 400},
        }
        self.event({"choices": [], "usage": usage})
        self._handler.wfile.write(b"data: [DONE]\n\n")

    def call(self, *arguments: str, name: str = "search") -> None:
        for n, words_ in enumerate(arguments):
            half = len(words_) // 2
            head = {"index": n, "id": f"c{n}", "function": {"name": name, "arguments": ""}}
            self.delta(tool_calls=[head])
            for piece in (words_[:half], words_[half:]):
                self.delta(tool_calls=[{"index": n, "function": {"arguments": piece}}])
        self.end("tool_calls")


Behaviour = Callable[[Reply], None]


def strong(
    *, searches: Sequence[Mapping[str, str]] = (), paragraphs: int = 1, rewritten: str = ""
) -> Behaviour:
    """Return a model that does all that is asked of it; its first plan asks for `searches`."""

    def behave(reply: Reply) -> None:
        if reply.kind == "plan":
            first = len(reply.body["messages"]) == 2
            if first and searches:
                reply.call(*(json.dumps(s) for s in searches))
            else:
                reply.say("DONE")
        elif reply.kind == "verdicts":
            reply.say(verdicts(reply.prompt))
        elif reply.kind == "rewrite":
            reply.say(rewritten)
        else:
            reply.say(answered(reply.prompt, paragraphs=paragraphs))

    return behave


class Strong:
    """The server; `behave` may be changed between requests."""

    def __init__(self) -> None:
        self.behave: Behaviour = strong()
        self.asked: list[Body] = []
        self.headers: list[Mapping[str, str]] = []
        self.pages: dict[str, object] = {}
        """What it answers to other paths than that of chats."""
        self.looked: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def _page(self) -> None:
                owner.looked.append(self.path)
                data = json.dumps(owner.pages.get(self.path, {})).encode()
                self.send_response(200 if self.path in owner.pages else 404)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                self._page()

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not self.path.endswith("/chat/completions"):
                    found = owner.pages.get(self.path)
                    if callable(found):
                        owner.pages[self.path], kept = found(body), found
                        self._page()
                        owner.pages[self.path] = kept
                    else:
                        self._page()
                    return
                self.close_connection = True
                owner.asked.append(body)
                owner.headers.append(dict(self.headers))
                with suppress(OSError, ValueError):
                    owner.behave(Reply(self, body, len(owner.asked)))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url = f"{self.root}/v1"

    def does(self, behave: Behaviour) -> None:
        """Behave like this from now on, and forget what was asked."""
        self.behave = behave
        self.asked, self.headers, self.pages, self.looked = [], [], {}, []

    def prompts(self, kind: str) -> list[str]:
        """Return the last messages of all requests of a kind."""
        marks = {"plan": "You plan searches", "verdicts": "You check claims"}
        return [
            str(body["messages"][-1]["content"])
            for body in self.asked
            if (
                marks[kind] in body["messages"][0]["content"]
                if kind in marks
                else not any(m in body["messages"][0]["content"] for m in marks.values())
            )
        ]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


@contextmanager
def serving() -> Iterator[Strong]:
    server = Strong()
    try:
        yield server
    finally:
        server.close()
