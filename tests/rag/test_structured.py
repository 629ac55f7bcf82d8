"""Structured replies, thoughts, tools, refusals and waits, by an endpoint that does them all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.errors import ModelError, ModelUnreachable
from rag.models import facts, generate, wire
from rag.models.chat import Limits, connect
from rag.models.ledger import Ledger
from rag.models.structured import Shape, Unreadable, ask_json
from rag.settings import ChatSettings
from rag.types import Tokens
from tests.strong import Reply, Strong, serving

ASKED = [SystemMessage("Be short."), HumanMessage("Who resigned?")]
GOOD = '{"name": "Ann Lee", "year": 2024}'


class Person(Shape):
    name: str
    year: int


@pytest.fixture(scope="module")
def server() -> Iterator[Strong]:
    with serving() as one:
        yield one


def chat_at(server: Strong, **more):
    return connect(ChatSettings(llm="openai:m", base_url=server.url, **more))


def told(server: Strong, *said: str, **more) -> Person:
    replies = iter(said)
    server.does(lambda reply: reply.say(next(replies)))
    return ask_json(chat_at(server, **more), ASKED, Person, max_tokens=50)


@pytest.mark.parametrize(
    "said", [GOOD, f"```json\n{GOOD}\n```", f"```\n{GOOD}\n```", f"<think>{{}}</think>\n{GOOD}\n"]
)
def test_json_of_the_shape_is_read(server: Strong, said: str) -> None:
    assert told(server, said) == Person(name="Ann Lee", year=2024)
    (body,) = server.asked
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["name", "year"]
    assert body["temperature"] == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        "Ann Lee, in 2024.",
        f"Here it is: {GOOD}",
        '{"name": "Ann Lee"}',
        '{"name": "Ann Lee", "year": "2024"}',
        '{"name": "Ann Lee", "year": 2024, "sure": true}',
        "[" * 100_000,
        f"{GOOD}{GOOD}",
    ],
)
def test_anything_else_is_sent_back_once_and_then_given_up(server: Strong, wrong: str) -> None:
    assert told(server, wrong, GOOD).year == 2024
    second = server.asked[1]["messages"]
    assert [m["role"] for m in second] == ["system", "user", "assistant", "user"]
    assert "not the JSON asked for" in second[-1]["content"]
    assert "Ann Lee" not in second[-1]["content"]
    with pytest.raises(Unreadable, match="does not write the JSON"):
        told(server, wrong, wrong, GOOD)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("way", "field"),
    [
        ("grammar", "json_schema"),
        ("object", "response_format"),
        ("schema", "response_format"),
        ("none", None),
    ],
)
def test_how_an_endpoint_is_held_to_it_can_be_chosen(server: Strong, way, field) -> None:
    told(server, GOOD, structured=way)
    sent = {"json_schema", "response_format"} & set(server.asked[0])
    assert sent == ({field} if field else set())


def test_what_an_endpoint_refuses_is_spared_and_not_asked_for_again(server: Strong) -> None:
    refusals = {
        "logprobs": "logprobs are not supported with this model",
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
        "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "response_format": "response_format json_schema is not supported",
        "stream_options": "unknown field stream_options",
    }

    def fussy(reply: Reply) -> None:
        refused = next((why for name, why in refusals.items() if name in reply.body), None)
        if refused:
            reply.status(400, refused)
        else:
            reply.say(GOOD)

    server.does(fussy)
    chat = chat_at(server)
    assert "".join(chat.stream(ASKED)) == GOOD
    assert ask_json(chat, ASKED, Person, max_tokens=50).year == 2024
    asked = len(server.asked)
    assert ask_json(chat, ASKED, Person, max_tokens=50).year == 2024
    assert len(server.asked) == asked + 1
    assert server.asked[-1]["max_completion_tokens"] > 50


def test_a_request_that_is_refused_for_itself_is_not_sent_again(server: Strong) -> None:
    server.does(lambda reply: reply.status(400, "messages must alternate"))
    with pytest.raises(ModelUnreachable, match="must alternate"):
        "".join(chat_at(server).stream(ASKED))
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 422])
def test_no_other_refusal_is_tried_again(server: Strong, code: int) -> None:
    server.does(lambda reply: reply.status(code, "no"))
    with pytest.raises(ModelError):
        "".join(chat_at(server).stream(ASKED))
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [429, 500, 503, 529])
def test_a_busy_endpoint_is_asked_again_when_it_says(
    server: Strong, code: int, monkeypatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(
        generate.threading.Event, "wait", lambda _, s=None: waits.append(s) or False
    )

    def busy(reply: Reply) -> None:
        if len(server.asked) < 3:
            reply.status(code, "busy", Retry_After="7")
        else:
            reply.say("Ann Lee.")

    server.does(busy)
    reply = chat_at(server).reply(ASKED, Limits(max_tokens=20))
    assert reply.text == "Ann Lee."
    assert [w for w in waits if w and w >= 7] == [7, 7]


def test_a_time_in_retry_after_is_waited_for(server: Strong) -> None:
    assert wire._seconds(formatdate(time.time() + 12, usegmt=True)) == pytest.approx(12, abs=2)
    assert wire._seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert [wire._seconds(v) for v in ("2", "-1", "soon", "nan", "inf", None)] == [
        2, 0, None, None, None, None,
    ]  # fmt: skip


def test_thoughts_are_counted_apart_and_never_shown(server: Strong) -> None:
    def thinks(reply: Reply) -> None:
        for n in range(400):
            reply.delta(reasoning_content=f"thought {n} ")
        reply.say("<think>one more</think>Ann Lee.")

    server.does(thinks)
    chat = chat_at(server, max_tokens=20, thinking=500)
    reply = chat.stream(ASKED)
    assert list(reply) == ["Ann ", "Lee."]
    assert (reply.text, reply.finish) == ("Ann Lee.", "stop")
    assert server.asked[0]["max_tokens"] == 520


def test_a_model_that_only_thinks_has_not_answered(server: Strong) -> None:
    def endless(reply: Reply) -> None:
        while True:
            reply.delta(reasoning_content="hm ")

    server.does(endless)
    with pytest.raises(ModelUnreachable, match="without a word but thoughts"):
        "".join(chat_at(server).stream(ASKED))


def test_tools_that_it_calls_are_gathered_piece_by_piece(server: Strong) -> None:
    server.does(lambda reply: reply.call('{"search": "a b"}', '{"search": "c"}'))
    reply = chat_at(server).reply(ASKED, Limits(max_tokens=20))
    assert [(c.name, c.words) for c in reply.calls] == [
        ("search", '{"search": "a b"}'),
        ("search", '{"search": "c"}'),
    ]
    assert reply.text == ""


@pytest.mark.parametrize("junk", [7, "x", [7], [{"function": 3}], [{"function": {"name": 4}}]])
def test_tool_calls_of_another_type_are_none(server: Strong, junk: object) -> None:
    def odd(reply: Reply) -> None:
        reply.delta(tool_calls=junk)
        reply.say("Ann Lee.")

    server.does(odd)
    reply = chat_at(server).reply(ASKED, Limits(max_tokens=20))
    assert reply.text == "Ann Lee."
    assert [c for c in reply.calls if c.name] == []


def test_tokens_are_counted_by_the_endpoint_or_estimated_from_above(server: Strong) -> None:
    text = "The council of Varrow approved the harbour. " * 20
    server.does(lambda reply: reply.say("x"))
    assert chat_at(server).count(text) == facts.estimate(text) > len(text) / 4
    server.pages["/tokenize"] = {"count": 180, "max_model_len": 4096}
    assert chat_at(server).count(text) == 180
    server.pages["/tokenize"] = {"tokens": [1, 2, 3]}
    assert chat_at(server).count(text) == 3
    server.pages["/tokenize"] = {"tokens": "many", "count": -4}
    assert chat_at(server).count(text) == facts.estimate(text)
    assert facts.estimate("日本" * 50) >= 100


def test_headers_of_the_settings_are_sent_and_never_shown(server: Strong) -> None:
    server.does(lambda reply: reply.say("Ann Lee."))
    settings = ChatSettings(llm="openai:m", base_url=server.url, headers={"x-team": "s3cret"})
    "".join(connect(settings).stream(ASKED))
    assert server.headers[0]["x-team"] == "s3cret"
    assert "s3cret" not in repr(settings)


def test_the_beginning_of_a_prompt_has_a_name_for_a_service_that_keeps_it(server: Strong) -> None:
    server.does(lambda reply: reply.say("Ann Lee."))
    chat = chat_at(server)
    assert chat.kept(ASKED) == {}
    chat.service = True
    "".join(chat.stream(ASKED))
    "".join(chat.stream([ASKED[0], HumanMessage("Another question.")]))
    first, second = (body["prompt_cache_key"] for body in server.asked)
    assert first == second
    off = chat_at(server, caching=False)
    off.service = True
    assert off.kept(ASKED) == {}


def test_what_it_costs_is_known_only_where_every_price_is() -> None:
    priced = ChatSettings(price_read=1.0, price_written=2.0, currency="EUR")
    ledger = Ledger()
    assert ledger.spent() is None
    ledger.add(Tokens(prompt=1_000_000, cached=500_000, generated=500_000), priced)
    spent = ledger.spent()
    assert (spent.cost, spent.currency, spent.requests) == (2.0, "EUR", 1)
    ledger.add(Tokens(prompt=10), ChatSettings())
    assert (ledger.spent().cost, ledger.spent().requests) == (None, 2)
    assert ledger.spent().tokens.prompt == 1_000_010
