"""The stream from an endpoint: what it counts, and every way in which an endpoint can fail."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from rag.errors import ModelError, ModelMissing, ModelUnreachable
from rag.models import generate
from rag.models.chat import Chat, connect
from rag.models.generate import Generation, stream, yes_probability
from rag.settings import ChatSettings
from rag.types import Tokens

ASKED = [SystemMessage("Be short."), HumanMessage("Who resigned?")]
Behaviour = Callable[["Reply"], None]


@dataclass
class Reply:
    """What a test's endpoint does with one request."""

    handler: BaseHTTPRequestHandler
    number: int
    body: dict[str, Any]
    over: threading.Event
    """Set when the test is over."""

    def status(self, code: int, said: object = None, **headers: str) -> None:
        data = json.dumps(said if said is not None else {}).encode()
        self.handler.send_response(code)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def begin(self) -> None:
        self.handler.send_response(200)
        self.handler.send_header("content-type", "text/event-stream")
        self.handler.send_header("connection", "close")
        self.handler.end_headers()
        self.handler.wfile.flush()

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def event(self, event: object) -> None:
        self.raw(b"data: " + json.dumps(event).encode() + b"\n\n")

    def say(self, *words: str) -> None:
        for word in words:
            self.event({"choices": [{"index": 0, "delta": {"content": word}}]})

    def finish(self, reason: str = "stop") -> None:
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})

    def done(self) -> None:
        self.raw(b"data: [DONE]\n\n")

    def hang(self) -> None:
        self.over.wait(60)


@dataclass
class Server:
    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    disconnected: threading.Event = field(default_factory=threading.Event)
    """Set when the client closed its connection while it was being written to."""
    listed: object = field(default_factory=lambda: {"data": [{"id": "small"}, {"id": "large"}]})

    def chat(self, model: str = "small", **settings: Any) -> Chat:
        asked = ChatSettings(llm=f"openai:{model}", base_url=self.url, **settings)
        chat = connect(asked)
        assert chat is not None
        return chat


Serve = Callable[[Behaviour], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a real HTTP server that does with each request what the test says."""
    over = threading.Event()
    servers: list[ThreadingHTTPServer] = []

    def start(behave: Behaviour) -> Server:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                Reply(self, 0, {}, over).status(200, known.listed)

            def do_POST(self) -> None:
                self.close_connection = True
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                known.requests.append(body)
                known.headers.append({k.lower(): v for k, v in self.headers.items()})
                try:
                    behave(Reply(self, len(known.requests), body, over))
                except (BrokenPipeError, ConnectionResetError):
                    known.disconnected.set()

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        known = Server(f"http://127.0.0.1:{server.server_address[1]}/v1")
        return known

    yield start
    over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "BACKOFF", 0.01)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    end = time.monotonic() + 30
    while time.monotonic() < end:
        left = [t.name for t in threading.enumerate() if t.name == "dateline-stream"]
        if not left:
            return
        time.sleep(0.02)
    pytest.fail(f"threads are left: {left}")


def good(reply: Reply) -> None:
    reply.begin()
    reply.event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
    reply.say("The ", "minister ", "resigned.")
    reply.finish()
    usage = {
        "prompt_tokens": 31,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 20},
    }
    reply.event({"choices": [], "usage": usage})
    reply.done()


def ask(chat: Chat, **options: Any) -> Generation:
    return stream(chat, ASKED, chat.settings, **options)


def test_a_reply_arrives_piece_by_piece_with_its_counts(serve: Serve) -> None:
    server = serve(good)
    generation = ask(server.chat())
    assert list(generation) == ["The ", "minister ", "resigned."]
    assert generation.text == "The minister resigned."
    assert generation.tokens == Tokens(prompt=31, cached=20, generated=3)
    assert generation.finish == "stop"
    assert generation.first_token is not None
    assert 0 < generation.first_token < 10


def test_the_request_carries_messages_limits_and_key(serve: Serve) -> None:
    server = serve(good)
    list(ask(server.chat(api_key="secret", max_tokens=7, temperature=0.25)))
    body = server.requests[0]
    assert body["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Who resigned?"},
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("small", 7, 0.25)
    assert body["stream"] is True
    assert server.headers[0]["authorization"] == "Bearer secret"


def test_without_counts_of_the_endpoint_the_pieces_are_counted(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("a", "b")
        reply.finish()
        reply.done()

    generation = ask(serve(behave).chat())
    list(generation)
    assert generation.tokens == Tokens(prompt=0, cached=0, generated=2)


def test_a_proxy_from_the_environment_does_not_see_requests_to_this_machine(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert "".join(ask(serve(good).chat())) == "The minister resigned."


def test_the_model_is_an_ordinary_langchain_model(serve: Serve) -> None:
    chat = serve(good).chat()
    message = chat.model.invoke(ASKED)
    assert message.content == "The minister resigned."
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_token_details"] == {"cache_read": 20}


def test_any_langchain_model_can_write() -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("one two")]))
    chat = Chat("scripted", model, ChatSettings())
    generation = chat.stream(ASKED)
    assert "".join(generation) == "one two"
    assert generation.finish == "stop"


def test_nobody_listening_is_an_error_with_the_address() -> None:
    chat = connect(ChatSettings(llm="openai:m", base_url="http://127.0.0.1:9/v1"))
    assert chat is not None
    with pytest.raises(ModelUnreachable, match=r"http://127\.0\.0\.1:9/v1 cannot be reached"):
        list(ask(chat))


def test_an_endpoint_that_never_answers_costs_the_first_token_limit(serve: Serve) -> None:
    began = time.monotonic()
    with pytest.raises(ModelUnreachable, match=r"wrote nothing for 0\.3 s"):
        list(ask(serve(Reply.hang).chat(first_token_timeout=0.3)))
    assert time.monotonic() - began < 30


def test_an_endpoint_that_only_sends_its_headers_is_as_silent(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.hang()

    with pytest.raises(ModelUnreachable, match="wrote nothing"):
        list(ask(serve(behave).chat(first_token_timeout=0.3)))


def test_signs_of_life_are_no_tokens(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.wait(0.02):
            reply.raw(b": ping\n\n")

    server = serve(behave)
    with pytest.raises(ModelUnreachable, match="wrote nothing"):
        list(ask(server.chat(first_token_timeout=0.3)))
    assert server.disconnected.wait(30)


def test_a_pause_after_the_first_token_is_limited_by_itself(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("The ")
        reply.hang()

    server = serve(behave)
    generation = ask(server.chat(idle_timeout=0.3))
    with pytest.raises(ModelUnreachable, match=r"paused for more than 0\.3 s"):
        list(generation)
    assert generation.text == "The "
    assert generation.finish is None
    assert len(server.requests) == 1


def test_a_slow_drip_ends_with_the_total_limit(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.wait(0.05):
            reply.say("drip ")

    server = serve(behave)
    began = time.monotonic()
    with pytest.raises(ModelUnreachable, match=r"took more than 1 s in all"):
        list(ask(server.chat(total_timeout=1.0, max_tokens=4000)))
    assert time.monotonic() - began < 30
    assert server.disconnected.wait(30)


def test_endless_output_is_cut_at_the_limit_and_the_connection_closed(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.is_set():
            reply.say("word ")

    server = serve(behave)
    generation = ask(server.chat(max_tokens=20))
    list(generation)
    assert generation.finish == "length"
    assert generation.tokens.generated <= 20 + generate.SLACK + 1
    assert server.disconnected.wait(30)


def test_one_giant_piece_is_cut_too(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("x" * 500_000)
        reply.hang()

    generation = ask(serve(behave).chat(max_tokens=20))
    list(generation)
    assert len(generation.text) == 20 * generate.CHARACTERS_PER_TOKEN
    assert generation.finish == "length"


def test_endless_emptiness_is_an_answer_without_a_word(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.is_set():
            reply.event({"choices": [{"delta": {"content": ""}}]})

    with pytest.raises(ModelUnreachable, match="without a word"):
        list(ask(serve(behave).chat(max_tokens=20)))


def test_the_limit_on_tokens_is_reported_as_the_endpoint_reports_it(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("The minister")
        reply.finish("length")
        reply.done()

    generation = ask(serve(behave).chat())
    list(generation)
    assert generation.finish == "length"


def test_a_stream_that_breaks_is_not_repeated_once_text_was_shown(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("The ", "minister ")

    server = serve(behave)
    generation = ask(server.chat())
    with pytest.raises(ModelUnreachable, match="broke off its answer before the end"):
        list(generation)
    assert generation.text == "The minister "
    assert len(server.requests) == 1


def test_a_stream_that_breaks_before_its_first_token_is_tried_again(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        if reply.number == 1:
            reply.begin()
        else:
            good(reply)

    server = serve(behave)
    assert "".join(ask(server.chat())) == "The minister resigned."
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_endpoint_is_asked_again_when_it_says(serve: Serve, status: int) -> None:
    def behave(reply: Reply) -> None:
        if reply.number == 1:
            reply.status(status, {"error": {"message": "busy"}}, retry_after="0.4")
        else:
            good(reply)

    began = time.monotonic()
    assert "".join(ask(serve(behave).chat())) == "The minister resigned."
    assert time.monotonic() - began >= 0.4


def test_an_endpoint_that_wants_an_hour_is_down(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(503, {"error": "later"}, retry_after="3600"))
    with pytest.raises(ModelUnreachable, match=r"cannot answer now \(503\): later"):
        list(ask(server.chat()))
    assert len(server.requests) == 1


def test_an_endpoint_that_keeps_failing_is_asked_three_times(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(500, {"error": {"message": "boom"}}))
    with pytest.raises(ModelUnreachable, match="boom"):
        list(ask(server.chat()))
    assert len(server.requests) == generate.TRIES


def test_an_unknown_model_is_named_with_those_that_exist(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(404, {"error": {"message": "no such model"}}))
    with pytest.raises(ModelMissing, match="no model 'huge'; it has large, small"):
        list(ask(server.chat("huge")))


def test_a_wrong_address_gets_the_hint_about_v1(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(404, "not here"))
    server.listed = "nothing"
    with pytest.raises(ModelMissing, match="often ends with /v1"):
        list(ask(server.chat("huge")))


def test_a_web_page_instead_of_a_stream_gets_the_hint_about_v1(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(200, "welcome", content_type="text/html"))
    with pytest.raises(ModelUnreachable, match="often ends with /v1"):
        list(ask(server.chat()))


def test_a_prompt_that_is_too_long_is_said_to_be_and_not_sent_again(serve: Serve) -> None:
    said = {"error": {"message": "the request exceeds the available context size (4096 tokens)"}}
    server = serve(lambda reply: reply.status(400, said))
    with pytest.raises(ModelError, match="the prompt is too long for small"):
        list(ask(server.chat()))
    assert len(server.requests) == 1


def test_a_wrong_key_is_said_to_be_wrong(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(401, {"error": {"message": "bad key"}}))
    with pytest.raises(ModelUnreachable, match="refuses the API key"):
        list(ask(server.chat(api_key="wrong")))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"data: {not json\n\n", "invalid JSON"),
        (b"data: [1, 2]\n\n", "something else than an event"),
        (b"data: \xff\xfe\n\n", "invalid JSON"),
        (b'data: {"error": {"message": "out of memory"}}\n\n', "out of memory"),
        (b'data: {"choices": []}\n\ndata: [DONE]\n\n', "without a word"),
        (b'data: {"choices": "many"}\n\ndata: [DONE]\n\n', "without a word"),
        (b'data: {"choices": [{"delta": 5}]}\n\ndata: [DONE]\n\n', "without a word"),
        (b'data: {"choices": [{"delta": {"content": 5}}]}\n\ndata: [DONE]\n\n', "without a word"),
        (b'data: {"usage": {"prompt_tokens": "x"}}\n\ndata: [DONE]\n\n', "without a word"),
        (b"data: [DONE]\n\n", "without a word"),
        (b"x" * (3 << 20), "an event without an end"),
    ],
)
def test_nonsense_is_an_error_in_words(serve: Serve, data: bytes, words: str) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.raw(data)

    with pytest.raises(ModelUnreachable, match=words):
        list(ask(serve(behave).chat()))


def test_stopping_before_the_first_token_closes_the_connection(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.wait(0.02):
            reply.raw(b": ping\n\n")

    server = serve(behave)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    generation = ask(server.chat(), stop=stop)
    began = time.monotonic()
    assert list(generation) == []
    assert time.monotonic() - began < 30
    assert generation.finish == "stopped"
    assert server.disconnected.wait(30)


def test_stopping_midway_keeps_what_was_written(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        reply.say("The ")
        while not reply.over.wait(0.02):
            reply.say("and ")

    server = serve(behave)
    stop = threading.Event()
    generation = ask(server.chat(max_tokens=4000), stop=stop)
    for _ in generation:
        stop.set()
    assert generation.text.startswith("The ")
    assert generation.finish == "stopped"
    assert server.disconnected.wait(30)


def test_stopping_while_it_waits_to_try_again_ends_it(serve: Serve) -> None:
    server = serve(lambda reply: reply.status(503, {"error": "later"}, retry_after="15"))
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    generation = ask(server.chat(), stop=stop)
    assert list(generation) == []
    assert generation.finish == "stopped"


def test_a_reader_who_walks_away_closes_the_connection(serve: Serve) -> None:
    def behave(reply: Reply) -> None:
        reply.begin()
        while not reply.over.wait(0.02):
            reply.say("and ")

    server = serve(behave)
    reading = iter(ask(server.chat(max_tokens=4000)))
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert server.disconnected.wait(30)


def _judge(*tops: tuple[str, float]) -> Behaviour:
    def behave(reply: Reply) -> None:
        top = [{"token": token, "logprob": logprob} for token, logprob in tops]
        reply.begin()
        delta = {"delta": {"content": "yes"}, "logprobs": {"content": [{"top_logprobs": top}]}}
        reply.event({"choices": [delta]})
        reply.finish("length")
        reply.done()

    return behave


def test_yes_is_weighed_against_no_over_all_their_spellings(serve: Serve) -> None:
    tops = (("Yes", -0.916291), (" yes", -2.302585), ("No", -1.609438), ("Maybe", -1.2))
    server = serve(_judge(*tops))
    chat = server.chat()
    assert yes_probability(chat, ASKED, chat.settings) == pytest.approx(0.5 / 0.7, abs=1e-4)
    assert server.requests[0]["max_tokens"] == 1
    assert server.requests[0]["logprobs"] is True


def test_without_yes_or_no_among_the_likely_words_nothing_is_known(serve: Serve) -> None:
    chat = serve(_judge(("Paris", -0.1))).chat()
    assert chat.yes_probability(ASKED) is None


def test_an_endpoint_that_tells_no_probabilities_gives_none(serve: Serve) -> None:
    assert serve(good).chat().yes_probability(ASKED) is None


def test_a_chat_completes_a_short_reply(serve: Serve) -> None:
    server = serve(good)
    assert server.chat().complete(ASKED, max_tokens=9) == "The minister resigned."
    assert server.requests[0]["max_tokens"] == 9


def test_readiness_of_an_endpoint_includes_that_it_has_the_model(serve: Serve) -> None:
    server = serve(good)
    server.chat("large").wait_ready()
    with pytest.raises(ModelMissing, match="no model 'huge'; it has large, small"):
        server.chat("huge").wait_ready()


def _likely(*logprobs: float) -> Behaviour:
    def behave(reply: Reply) -> None:
        reply.begin()
        for logprob in logprobs:
            chosen = {"content": [{"token": "word ", "logprob": logprob}]}
            reply.event({"choices": [{"delta": {"content": "word "}, "logprobs": chosen}]})
        reply.finish("stop")
        reply.done()

    return behave


def test_certainty_is_the_geometric_mean_of_the_tokens_probabilities(serve: Serve) -> None:
    server = serve(_likely(-0.1, -0.3))
    generation = ask(server.chat())
    assert generation.certainty is None
    assert "".join(generation) == "word word "
    assert generation.certainty == pytest.approx(math.exp(-0.2))
    assert server.requests[0]["logprobs"] is True


def test_an_endpoint_without_probabilities_leaves_certainty_unknown(serve: Serve) -> None:
    generation = ask(serve(good).chat())
    assert "".join(generation)
    assert generation.certainty is None


def test_probabilities_are_not_asked_of_an_endpoint_that_refuses_them(serve: Serve) -> None:
    server = serve(good)
    assert "".join(ask(server.chat(probabilities=False)))
    assert "logprobs" not in server.requests[0]
