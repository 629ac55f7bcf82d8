"""An HTTP server on this machine that does to its client what model servers do on bad days."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SAYS = "The new harbour of Varrow cost 137 million euros."


class Request:
    """One request, and what can be done to it."""

    def __init__(self, handler: BaseHTTPRequestHandler, number: int, over: threading.Event) -> None:
        self._handler = handler
        self.number = number
        self.over = over

    def head(self, code: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self._handler.send_response(code)
        self._handler.send_header("content-type", kind)
        self._handler.send_header("connection", "close")
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def raw(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def event(self, event: object, end: bytes = b"\n\n") -> None:
        self.raw(b"data: " + json.dumps(event, ensure_ascii=False).encode() + end)

    def say(self, text: str, finish: str | None = None, end: bytes = b"\n\n") -> None:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        self.event({"choices": [choice]}, end)

    def well(self, end: bytes = b"\n\n") -> None:
        for word in SAYS.split(" "):
            self.say(f"{word} ", end=end)
        self.say("", "stop", end)
        self.raw(b"data: [DONE]" + end)

    def status(self, code: int, message: str, **headers: str) -> None:
        self.head(code, "application/json", **headers)
        self.raw(json.dumps({"error": {"message": message}}).encode())

    def hang(self) -> None:
        self.over.wait(30)

    def reset(self) -> None:
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()


Fault = Callable[[Request], None]


def _begun(then: Fault) -> Fault:
    def behave(request: Request) -> None:
        request.head()
        then(request)

    return behave


def _sending(data: bytes) -> Fault:
    return _begun(lambda request: request.raw(data))


def _forever(data: bytes, pause: float = 0.0) -> Fault:
    def behave(request: Request) -> None:
        while not request.over.wait(pause):
            request.raw(data)

    return _begun(behave)


def _once(first: Fault) -> Fault:
    """Do it to the first request; answer the next one well."""
    return lambda request: first(request) if request.number == 1 else _begun(Request.well)(request)


def _token(text: str, **more: object) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, **more}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def _then_hang(data: bytes) -> Fault:
    def behave(request: Request) -> None:
        request.raw(data)
        request.hang()

    return _begun(behave)


def _split(request: Request) -> None:
    data = b"".join(_token(f"{w} ") for w in SAYS.split(" ")).replace(b"euros", "€uros".encode())
    for byte in data + _token("", finish_reason="stop") + b"data: [DONE]\n\n":
        request.raw(bytes([byte]))


DONE = b"data: [DONE]\n\n"

WELL: Mapping[str, Fault] = {
    "nothing wrong": _begun(Request.well),
    "too many requests, then well": _once(lambda r: r.status(429, "slow down", Retry_After="0.1")),
    "500, then well": _once(lambda r: r.status(500, "oh no")),
    "503, then well": _once(lambda r: r.status(503, "loading the model")),
    "reset, then well": _once(Request.reset),
    "lines end as on Windows": _begun(lambda request: request.well(b"\r\n\r\n")),
    "every byte alone": _begun(_split),
    "comments and other fields between": _begun(
        lambda r: (r.raw(b": ping\n\nevent: x\nid: 4\nretry: 10\n\n"), r.well())[1]
    ),
    "more after the end": _begun(lambda r: (r.well(), r.raw(_token("EVIL") + DONE))[1]),
}
"""Odd, but in the end an answer."""

BAD: Mapping[str, Fault] = {
    "never answers": Request.hang,
    "headers only": _begun(Request.hang),
    "signs of life only": _forever(b": ping\n\n", 0.02),
    "stops in the middle": _then_hang(_token("The new ")),
    "drips": _forever(_token("drip "), 0.05),
    "breaks off after words": _sending(_token("The new ")),
    "breaks off in an event": _sending(_token("The new ") + b'data: {"choices": [{"del'),
    "empty choices": _sending(b'data: {"choices": []}\n\n' + DONE),
    "no choices": _sending(b"data: {}\n\n" + DONE),
    "choices of another type": _sending(b'data: {"choices": {"0": "x"}}\n\n' + DONE),
    "content of another type": _sending(_token("x").replace(b'"x"', b'{"a": [1]}') + DONE),
    "invalid JSON": _sending(b"data: {'choices': 1}\n\n" + DONE),
    "a list in place of an event": _sending(b"data: [1, 2]\n\n" + DONE),
    "deeply nested JSON": _sending(b"data: " + b"[" * 200_000 + b"\n\n" + DONE),
    "an error in the stream": _sending(b'data: {"error": {"message": "out of memory"}}\n\n'),
    "no word at all": _sending(DONE),
    "nothing at all": _sending(b""),
    "endless emptiness": _forever(_token("")),
    "a line without an end": _forever(b"x" * 65536),
    "bytes that are no UTF-8": _sending(b'data: {"choices": [{"delta": \xff\xfe\n\n' + DONE),
    "too long a prompt": lambda r: r.status(400, "exceeds the available context size (512)"),
    "too many requests for an hour": lambda r: r.status(429, "come back", Retry_After="3600"),
    "too many requests, until some day": lambda r: r.status(429, "later", Retry_After="soon"),
    "500 always": lambda r: r.status(500, "Traceback (most recent call last): oh no"),
    "a wrong key": lambda r: r.status(401, "who are you"),
    "no such model": lambda r: r.status(404, "no such model"),
    "a web page": lambda r: (r.head(200, "text/html"), r.raw(b"<h1>welcome</h1>"))[1],
    "a whole answer, not streamed": lambda r: (
        r.head(200, "application/json"),
        r.raw(b'{"choices": []}'),
    )[1],
    "sent elsewhere": lambda r: r.head(302, location="http://127.0.0.1:9/v1/chat/completions"),
    "sent in circles": lambda r: r.head(307, location="/v1/chat/completions"),
    "reset": Request.reset,
    "no HTTP": lambda r: r.raw(b"\x15\x03\x01 not for you\r\n\r\n"),
    "compressed badly": lambda r: (r.head(content_encoding="gzip"), r.raw(b"not gzip"))[1],
    "a status that does not exist": lambda r: r.head(999),
    "shorter than it said": lambda r: (r.head(content_length="9999"), r.raw(_token("The ")))[1],
}
"""What must end in the sources' own words, with the reason."""

FLOODS: Mapping[str, Fault] = {
    "endless output": _forever(_token("word ")),
    "one giant word": _then_hang(_token("x" * 500_000)),
    "a finish that is none": _sending(_token(SAYS, finish_reason=7) + DONE),
    "counts that cannot be": _sending(
        _token(SAYS, finish_reason="stop")
        + b'data: {"choices": [], "usage": {"prompt_tokens": -5, "completion_tokens": "many"}}\n\n'
        + DONE
    ),
}
"""What ends by our own limits, or does no harm: whatever is made of it, it is an answer."""


class Endpoint:
    """The server; `behave` may be changed between requests."""

    def __init__(self) -> None:
        self.behave: Fault = WELL["nothing wrong"]
        self.over = threading.Event()
        self.requests = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self.send_error(404)

            def do_POST(self) -> None:
                self.close_connection = True
                self.rfile.read(int(self.headers["content-length"]))
                endpoint.requests += 1
                with contextlib.suppress(OSError, ValueError):  # its client has gone, as it should
                    endpoint.behave(Request(self, endpoint.requests, endpoint.over))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def does(self, fault: Fault) -> None:
        """Do this to what comes; let go of what hangs."""
        self.over.set()
        self.over = threading.Event()
        self.requests = 0
        self.behave = fault

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


def closed_port() -> str:
    """Return an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"
