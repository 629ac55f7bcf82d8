"""The child process that runs a local model in the quick engine, behind an HTTP server of ours.

    python -m rag.models.local.quick --model FILE [--alias NAME] [--context N]
        [--threads N] [--states DIR]

It speaks as much of the OpenAI-compatible protocol as Dateline uses (`/v1/models`,
`/v1/chat/completions` streamed or not, with log probabilities) and llama.cpp's saving and restoring
of what was read (`/slots/0`). One request is worked on at a time; the others wait, and each is
given up as soon as its client has gone.
"""

from __future__ import annotations

import codecs
import json
import re
import secrets
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rag.errors import ModelError
from rag.models.local.child import UNLOADABLE, Parent, options
from rag.models.local.native import GivenUp, Native, TooLong, Written, release

# Reads a request of the OpenAI-compatible protocol strictly: as much of it as Dateline uses.
DEFAULT_TOKENS = 160
LIKELY = 20
"""Most alternatives that may be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, read strictly."""

    messages: tuple[dict[str, str], ...]
    most: int
    temperature: float
    stream: bool
    counted: bool
    """Whether the stream ends with how many tokens it was."""
    chances: bool
    likely: int


class BadRequest(ValueError):
    """A request that is not what it should be."""


def asked(body: object) -> Asked:
    """Read a request.

    Raises:
        BadRequest: a field is missing or of the wrong kind; the message names it.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    if body.get("stop"):
        raise BadRequest("stop is not supported")
    wanted = body.get("stream_options")
    return Asked(
        messages=_messages(body.get("messages")),
        most=_integer(body, "max_tokens", DEFAULT_TOKENS, least=1),
        temperature=_temperature(body.get("temperature", 0.0)),
        stream=body.get("stream") is True,
        counted=isinstance(wanted, dict) and wanted.get("include_usage") is True,
        chances=body.get("logprobs") is True,
        likely=min(_integer(body, "top_logprobs", 0, least=0), LIKELY),
    )


def _messages(given: object) -> tuple[dict[str, str], ...]:
    if not isinstance(given, list) or not given:
        raise BadRequest("messages is not a list of messages")
    found = []
    for message in given:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(role, str) or not isinstance(content, str):
            raise BadRequest("a message is not an object with a role and a content of text")
        found.append({"role": role, "content": content})
    return tuple(found)


def _integer(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadRequest(f"{name} is not a whole number from {least} on")
    return value


def _temperature(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise BadRequest("temperature is not a number from 0 on")
    return float(value)


GLANCE = 0.1
"""Seconds between two looks at whether a client that waits is still there."""


@dataclass(slots=True)
class Reply:
    """What came of one request so far."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0
    text: str = ""
    finish: str = "length"

    @property
    def usage(self) -> dict[str, Any]:
        """Return the tokens as the protocol counts them."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.generated,
            "total_tokens": self.prompt + self.generated,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }


class Desk:
    """The model and the queue before it."""

    def __init__(self, model: Native) -> None:
        self._model = model
        self._free = threading.Lock()

    @contextmanager
    def turn(self, gone: Callable[[], bool]) -> Iterator[Native]:
        """Wait for the model.

        Raises:
            GivenUp: the client went meanwhile.
        """
        while not self._free.acquire(timeout=GLANCE):
            if gone():
                raise GivenUp
        try:
            yield self._model
        finally:
            self._free.release()

    def answer(
        self, request: Asked, reply: Reply, gone: Callable[[], bool]
    ) -> Iterator[tuple[str, list[Written]]]:
        """Yield a reply's text piece by piece, each with its tokens, and keep count in `reply`.

        Raises:
            GivenUp: the client has gone.
            TooLong: the prompt does not fit.
            ModelError: the engine failed.
        """
        with self.turn(gone) as model:
            tokens = model.prompt(request.messages)
            reply.prompt = len(tokens)
            reply.cached = model.read(tokens, gone)
            characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
            waiting: list[Written] = []
            for token in model.write(
                request.most, temperature=request.temperature, likely=request.likely
            ):
                reply.generated += 1
                waiting.append(token)
                text = characters.decode(token.piece)
                if not text:
                    continue  # a part of a character
                if gone():
                    raise GivenUp
                reply.text += text
                yield text, waiting
                waiting = []
            reply.finish = "stop" if model.ended else "length"


LONGEST = 4 << 20
"""Most bytes of a request."""
_NAME = re.compile(r"\w[\w-]{0,99}\.\w{1,20}")
"""What a file of states may be called: nothing that leads out of their folder."""


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""What waits for sockets, of whatever number: `select` takes the first 1,024 files alone."""


def closed(connection: socket.socket) -> bool:
    """Say whether the other end of a connection was closed."""
    with suppress(OSError), _Selector() as waiting:
        waiting.register(connection, selectors.EVENT_READ)
        return bool(waiting.select(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    return True


def _tokens(written: Sequence[Written]) -> dict[str, Any]:
    return {
        "content": [
            {
                "token": w.piece.decode(errors="replace"),
                "logprob": w.logprob,
                "top_logprobs": [
                    {"token": piece.decode(errors="replace"), "logprob": chance}
                    for piece, chance in w.likely
                ],
            }
            for w in written
        ]
    }


class Handler(BaseHTTPRequestHandler):
    """One connection; `desk`, `key`, `alias` and `states` are set on a subclass."""

    protocol_version = "HTTP/1.1"
    desk: Desk
    key: str
    alias: str
    states: Path | None

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as the base class has it
        """Log nothing: questions are nobody's business."""

    def do_GET(self) -> None:
        """Say which model this is."""
        if not self._known():
            return
        if self.path == "/v1/models":
            model = {"id": self.alias, "object": "model", "owned_by": "local"}
            self._json(HTTPStatus.OK, {"object": "list", "data": [model]})
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is no {self.path}")

    def do_POST(self) -> None:
        """Answer, or save or restore what was read."""
        try:
            body = self._body()
            if not self._known():
                return
            where = urlsplit(self.path)
            if where.path == "/v1/chat/completions":
                self._complete(asked(body))
            elif where.path == "/slots/0":
                self._slot(parse_qs(where.query).get("action", [""])[0], body)
            else:
                self._refuse(HTTPStatus.NOT_FOUND, f"there is no {where.path}")
        except BadRequest as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except (GivenUp, BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _known(self) -> bool:
        given = self.headers.get("authorization", "")
        if secrets.compare_digest(given.encode(), f"Bearer {self.key}".encode()):
            return True
        self._refuse(HTTPStatus.UNAUTHORIZED, "the key is not right")
        return False

    def _body(self) -> object:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LONGEST:
            self.close_connection = True
            raise BadRequest("the request has no length, or is too long")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise BadRequest("the body is not JSON") from None

    def _gone(self) -> bool:
        """Say whether the client closed its connection."""
        return closed(self.connection)

    def _complete(self, request: Asked) -> None:
        reply = Reply()
        pieces = self.desk.answer(request, reply, self._gone)
        try:
            first = next(pieces, None)
        except TooLong as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error), "exceed_context_size_error")
            return
        except ModelError as error:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
            return
        everything = _chained(first, pieces)
        if request.stream:
            self._stream(request, reply, everything)
        else:
            self._whole(request, reply, everything)

    def _whole(
        self, request: Asked, reply: Reply, pieces: Iterator[tuple[str, list[Written]]]
    ) -> None:
        written = [token for _, tokens in pieces for token in tokens]
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": reply.text},
            "finish_reason": reply.finish,
            **({"logprobs": _tokens(written)} if request.chances else {}),
        }
        head = {"object": "chat.completion", "created": int(time.time()), "model": self.alias}
        self._json(HTTPStatus.OK, {**head, "choices": [choice], "usage": reply.usage})

    def _stream(
        self, request: Asked, reply: Reply, pieces: Iterator[tuple[str, list[Written]]]
    ) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for text, tokens in pieces:
                told = {"logprobs": _tokens(tokens)} if request.chances else {}
                self._event([{"index": 0, "delta": {"content": text}, **told}])
        except ModelError as error:
            self._send({"error": {"message": str(error), "type": "server_error"}})
            return
        self._event([{"index": 0, "delta": {}, "finish_reason": reply.finish}])
        if request.counted:
            self._event([], usage=reply.usage)
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choices: list[dict[str, Any]], **more: object) -> None:
        head = {"object": "chat.completion.chunk", "created": int(time.time())}
        self._send({**head, "model": self.alias, "choices": choices, **more})

    def _send(self, event: object) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def _slot(self, action: str, body: object) -> None:
        name = body.get("filename") if isinstance(body, dict) else None
        if self.states is None or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise BadRequest("filename is not the name of a file in the folder of states")
        file = self.states / name
        if action not in ("save", "restore"):
            raise BadRequest("action is neither save nor restore")
        try:
            with self.desk.turn(self._gone) as model:
                count = model.save(file) if action == "save" else model.restore(file)
        except ModelError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        self._json(HTTPStatus.OK, {"n_saved" if action == "save" else "n_restored": count})

    def _refuse(self, status: HTTPStatus, words: str, kind: str = "invalid_request_error") -> None:
        self._json(status, {"error": {"code": status.value, "message": words, "type": kind}})

    def _json(self, status: HTTPStatus, said: object) -> None:
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _chained(
    first: tuple[str, list[Written]] | None, rest: Iterator[tuple[str, list[Written]]]
) -> Iterator[tuple[str, list[Written]]]:
    if first is not None:
        yield first
        yield from rest


def serve(model: Native, alias: str, states: Path | None) -> tuple[ThreadingHTTPServer, str]:
    """Return a server on a free port of this machine, and the key that requests must carry."""
    key = secrets.token_urlsafe(24)
    given = {"desk": Desk(model), "key": key, "alias": alias, "states": states}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), given))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, key


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one model until the parent goes away."""
    given = options("rag.models.local.quick", argv)
    parent = Parent()
    try:
        model = Native(given.model, context=given.context, threads=given.threads)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return UNLOADABLE
    server, key = serve(model, given.alias, given.states)
    parent.tell(f"http://127.0.0.1:{server.server_port}/v1", key, release())
    parent.outlast()
    return 0


if __name__ == "__main__":
    sys.exit(main())
