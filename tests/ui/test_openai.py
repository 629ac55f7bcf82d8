"""The OpenAI-compatible doors, through OpenAI's and LangChain's own clients."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened import HERE, House, filled, house, visiting
from scripted import answered
from starlette.testclient import TestClient

from rag.archive.collections import Collections
from rag.errors import ModelUnreachable
from ui.api.chores import chore
from ui.desk import Busy, Desk

QUESTION = "What did the bridge cost?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("openai")
    filled(made)
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[House]:
    with house(folder) as one:
        yield one


@pytest.fixture
def http(opened: House) -> Iterator[TestClient]:
    with visiting(opened) as client:
        yield client


@pytest.fixture
def client(http: TestClient) -> Any:
    import openai

    return openai.OpenAI(base_url=f"{HERE}/v1", api_key="none", http_client=http, max_retries=0)


def asked(question: str = QUESTION) -> Any:
    return [{"role": "user", "content": question}]


def test_an_answer_carries_its_citations_with_ranges_of_code_points(client: Any) -> None:
    done = client.chat.completions.create(model="dateline", messages=asked())
    message = done.choices[0].message
    notes = [a.model_dump() for a in message.annotations]
    first = notes[0]["url_citation"]
    covered = message.content[first["start_index"] : first["end_index"]]
    assert covered == "In March the repair was put at $4.2 million and eighteen months. [1]"
    assert first["dateline"]["quote"].startswith("The repair will cost $4.2 million")
    assert first["url"].startswith(f"{HERE}/c/bridge-march/")
    assert done.citations == [n["url_citation"]["url"] for n in notes]
    assert [s["snippet"] for s in done.search_results] == [
        n["url_citation"]["dateline"]["quote"] for n in notes
    ]
    assert done.dateline["outcome"] == "answered"
    assert done.usage.completion_tokens == 58
    assert "(likely)" in message.content
    assert message.content.rstrip().splitlines()[-3].startswith("[1] Valley Courier, Millford")


def test_code_points_are_counted_not_bytes(client: Any, http: TestClient) -> None:
    for number in (10, 11):
        done = client.chat.completions.create(model="dateline", messages=asked(f"hostile {number}"))
        told = done.choices[0].message
        for note in told.annotations:
            cited = note.url_citation
            said = told.content[cited.start_index : cited.end_index]
            assert said.startswith(cited.dateline["statement"])


def test_a_stream_sends_only_checked_sentences_each_followed_by_its_citations(
    client: Any,
) -> None:
    whole = client.chat.completions.create(model="dateline", messages=asked())
    stream = client.chat.completions.create(
        model="dateline", messages=asked(), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    notes = [
        n
        for c in chunks
        if c.choices
        for n in (c.choices[0].delta.model_extra or {}).get("annotations", [])
    ]
    assert [n["index"] for n in notes] == [0, 1, 2]
    sent = ""
    for chunk in chunks:
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        sent += delta.content or ""
        for note in (delta.model_extra or {}).get("annotations", []):
            assert note["url_citation"]["end_index"] <= len(sent)
    assert all("sources" not in (c.model_extra or {}) for c in chunks)
    assert chunks[-1].usage.prompt_tokens == 306
    last = next(c for c in chunks if c.choices and c.choices[0].finish_reason)
    assert last.citations == whole.citations
    assert last.dateline["outcome"] == "answered"


def test_the_unchecked_words_of_the_model_are_sent_only_where_it_is_set_and_apart(
    client: Any, opened: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[str, str]:
        stream = client.chat.completions.create(model="dateline", messages=asked(), stream=True)
        deltas = [c.choices[0].delta for c in stream if c.choices]
        thought = "".join((d.model_extra or {}).get("reasoning_content", "") for d in deltas)
        return thought, "".join(d.content or "" for d in deltas)

    nothing, text = told()
    assert nothing == ""
    monkeypatch.setattr(opened.service, "draft", "reasoning")
    thought, same = told()
    assert same == text
    assert thought.startswith("In March the repair was put at $4.2 million")


def test_open_webui_gets_status_first_and_one_source_for_each_number(client: Any) -> None:
    chunks = list(client.chat.completions.create(model="dateline", messages=asked(), stream=True))
    events = [e for c in chunks if (e := (c.model_extra or {}).get("event"))]
    assert [e["type"] for e in events][:2] == ["status", "status"]
    sources = [e["data"] for e in events if e["type"] == "source"]
    addresses = [s["metadata"][0]["source"] for s in sources]
    assert len(addresses) == len(set(addresses)) == 3
    assert sources[0]["document"][0].startswith("The repair will cost")
    assert sources[0]["metadata"][0]["external"] is True


def test_the_stream_helper_of_the_client_keeps_every_annotation(client: Any) -> None:
    with client.chat.completions.stream(model="dateline", messages=asked()) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert len(final.choices[0].message.annotations) == 3


def test_responses_are_the_same_whole_and_streamed(client: Any) -> None:
    whole = client.responses.create(model="dateline", input=QUESTION)
    part = whole.output[0].content[0]
    assert [a.dateline["number"] for a in part.annotations] == [1, 2, 3]
    assert "cited_text" not in json.dumps(whole.model_dump())
    events = list(client.responses.create(model="dateline", input=asked(), stream=True))
    assert [e.sequence_number for e in events] == list(range(len(events)))
    kinds = [e.type for e in events]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert deltas == whole.output_text
    added = [e.annotation for e in events if e.type == "response.output_text.annotation.added"]
    assert [dict(a)["dateline"]["number"] for a in added] == [1, 2, 3]
    assert len(events[-1].response.output[0].content[0].annotations) == 3


def test_langchain_hands_the_citations_on(http: TestClient) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_openai import ChatOpenAI

        model = ChatOpenAI(
            model="dateline",
            base_url=f"{HERE}/v1",
            api_key="none",
            use_responses_api=True,
            http_client=http,
            max_retries=0,
        )
        whole = model.invoke(QUESTION)
        notes = [a for b in whole.content_blocks for a in b.get("annotations", [])]
        assert [n["type"] for n in notes] == ["citation"] * 3
        assert [n["extras"]["dateline"]["number"] for n in notes] == [1, 2, 3]
        streamed = None
        for chunk in model.stream(QUESTION):
            streamed = chunk if streamed is None else streamed + chunk
        assert streamed is not None
        again = [a for b in streamed.content_blocks for a in b.get("annotations", [])]
        assert [n["extras"]["dateline"] for n in again] == [n["extras"]["dateline"] for n in notes]


def test_a_declined_answer_is_ordinary_content_that_ends_with_stop(client: Any) -> None:
    done = client.chat.completions.create(
        model="dateline", messages=asked("Who won the Super Bowl?")
    )
    assert done.choices[0].message.content == "No article in this archive mentions the Super Bowl."
    assert done.choices[0].finish_reason == "stop"
    assert done.choices[0].message.refusal is None
    assert done.dateline["outcome"] == "declined"
    again = client.responses.create(model="dateline", input="Who won the Super Bowl?")
    assert again.output_text == done.choices[0].message.content


def test_earlier_turns_are_history_and_filters_come_in_the_body_or_as_metadata(
    client: Any,
) -> None:
    messages = [
        {"role": "system", "content": "Answer in rhyme."},
        *asked(),
        {"role": "assistant", "content": "Much."},
        *asked("And in July?"),
    ]
    done = client.chat.completions.create(
        model="dateline",
        messages=messages,
        extra_body={"dateline": {"until": "2024-04-01", "publishers": ["Valley Courier"]}},
    )
    assert done.dateline["asked_as"] == f"And in July? ({QUESTION})"
    assert done.dateline["filters"]["until"] == "2024-04-01"
    told = client.responses.create(
        model="dateline", input=QUESTION, metadata={"publishers": "Valley Courier, Easton"}
    )
    assert told.dateline["filters"]["publishers"] == ["Valley Courier, Easton"]


@pytest.fixture
def shelved(folder: Path) -> Iterator[list[str]]:
    """The models of two collections, one of them with signs that an address must escape."""
    held = {"Mayor & board / 2024": "bridge-march", "Rest": "school-notice"}
    with Collections.open(folder) as kept:
        for name, article in held.items():
            assert kept.add(name, [article]) == 1
    yield [f"dateline/{name}" for name in held]
    with Collections.open(folder) as kept:
        for name in held:
            kept.delete(name)


def test_each_collection_is_a_model_that_asks_in_it_alone(client: Any, shelved: list[str]) -> None:
    assert [m.id for m in client.models.list()] == ["dateline", "dateline-extractive", *shelved]
    for model in shelved:
        assert client.models.retrieve(model).id == model
        name = model.removeprefix("dateline/")
        done = client.chat.completions.create(
            model=model, messages=asked(), extra_body={"dateline": {"until": "2024-04-01"}}
        )
        assert done.model == model
        assert done.dateline["filters"]["collections"] == [name]
        assert done.dateline["filters"]["until"] == "2024-04-01"
        chunks = list(client.chat.completions.create(model=model, messages=asked(), stream=True))
        assert {c.model for c in chunks} == {model}
        (last,) = [c for c in chunks if c.choices and c.choices[0].finish_reason]
        assert last.dateline["filters"]["collections"] == [name]
        told = client.responses.create(model=model, input=QUESTION)
        assert told.model == model
        assert told.dateline["filters"]["collections"] == [name]
        same = {"dateline": {"collections": [name]}}
        again = client.responses.create(model=model, input=QUESTION, extra_body=same)
        assert again.dateline["filters"]["collections"] == [name]


def test_the_model_of_a_collection_does_not_read_another_whatever_is_asked(
    client: Any, http: TestClient, shelved: list[str]
) -> None:
    for body in (
        {"dateline": {"collections": ["Mayor & board / 2024"]}},
        {"dateline": {"collections": ["Rest", "Mayor & board / 2024"]}},
        {"metadata": {"collections": '["Nowhere"]'}},
        {"messages": asked(f'{QUESTION} collection:"Mayor & board / 2024"')},
    ):
        sent = {"model": "dateline/Rest", "messages": asked(), **body}
        refused = http.post("/v1/chat/completions", json=sent)
        assert refused.status_code == 400, refused.text
        assert "reads the collection 'Rest' alone" in refused.json()["error"]["message"]
    for question in (f"{QUESTION} collection:Rest", QUESTION):
        earlier = [*asked("collection:Nowhere Who?"), {"role": "assistant", "content": "Nobody."}]
        done = client.chat.completions.create(
            model="dateline/Rest", messages=[*earlier, *asked(question)]
        )
        assert done.dateline["filters"]["collections"] == ["Rest"]
        assert done.dateline["asked_as"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found"),
        ({"model": "dateline/other"}, 404, "model_not_found"),
        ({"model": "dateline/"}, 404, "model_not_found"),
        ({"model": "dateline-extractive/other"}, 404, "model_not_found"),
        ({"tools": [{"type": "function"}]}, 400, "unsupported_parameter"),
        ({"n": 2}, 400, "unsupported_parameter"),
        ({"response_format": {"type": "json_object"}}, 400, "unsupported_parameter"),
        ({"messages": []}, 400, "invalid_value"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 400, "invalid_value"),
        ({"messages": [{"role": "user", "content": " "}]}, 400, "invalid_value"),
        ({"messages": [{"role": "user", "content": "x" * 2001}]}, 400, "string_above_max_length"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            400,
            "unsupported_content",
        ),
        ({"dateline": {"since": "soon"}}, 400, "invalid_value"),
        ({"dateline": {"colours": ["a"]}}, 400, "invalid_value"),
        ({"metadata": {"since": "soon"}}, 400, "invalid_value"),
        ({"stream": "maybe"}, 400, "invalid_value"),
    ],
)
def test_what_cannot_be_done_is_an_error_in_openais_form(
    http: TestClient, body: Any, status: int, code: str
) -> None:
    sent = {"model": "dateline", "messages": asked(), **body}
    refused = http.post("/v1/chat/completions", json=sent)
    assert refused.status_code == status
    error = refused.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        {"input": [{"type": "function_call"}]},
        {"input": []},
        {"previous_response_id": "resp_1"},
        {"background": True},
        {"text": {"format": {"type": "json_schema"}}},
        {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
        {"input": [{"role": "nobody", "content": "x"}]},
    ],
)
def test_responses_refuse_what_cannot_be_done_too(http: TestClient, body: Any) -> None:
    refused = http.post("/v1/responses", json={"model": "dateline", "input": QUESTION, **body})
    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "invalid_request_error"


def test_a_question_that_fails_in_the_stream_is_an_error_and_never_a_silent_end(
    client: Any, http: TestClient
) -> None:
    import openai

    for create in (
        lambda **o: client.chat.completions.create(messages=asked("broken"), **o),
        lambda **o: client.responses.create(input="broken", **o),
    ):
        with pytest.raises(openai.InternalServerError) as failed:
            create(model="dateline")
        assert "secret" not in str(failed.value)
        with pytest.raises(openai.APIError, match="Something went wrong"):
            list(create(model="dateline", stream=True))
    body = {"model": "dateline", "messages": asked("broken"), "stream": True}
    assert "[DONE]" not in http.post("/v1/chat/completions", json=body).text


def test_a_model_that_dies_in_the_middle_is_told_as_bad_gateway(folder: Path) -> None:
    def dies(question: str, *, on_event: Any, **_: Any) -> Any:
        from rag.events import EvidenceFound, TextDelta

        on_event(EvidenceFound(answered(question).evidence))
        on_event(TextDelta("The repair"))
        raise ModelUnreachable("the model's process ended (/srv/models/x.gguf)")

    with house(folder, asker=dies) as one, visiting(one) as http:
        body = {"model": "dateline", "messages": asked()}
        failed = http.post("/v1/chat/completions", json=body)
        assert failed.status_code == 502
        assert "/srv" not in failed.text
        streamed = http.post("/v1/chat/completions", json={**body, "stream": True}).text
        assert "The repair" not in streamed
        last = json.loads(streamed.strip().rpartition("data: ")[2])
        assert last["error"]["type"] == "server_error"
        assert one.service.desk.waiting == 0


def test_a_full_line_is_429_in_openais_form(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise Busy("9 questions are waiting already.", 7)

    monkeypatch.setattr(Desk, "ask", full)
    refused = http.post("/v1/chat/completions", json={"model": "dateline", "messages": asked()})
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "7"
    assert refused.json()["error"]["message"].startswith("9 questions")


def test_addresses_beside_the_routes_and_foreign_hosts_are_refused_in_openais_form(
    http: TestClient,
) -> None:
    assert http.get("/v1/nothing").json()["error"]["type"] == "not_found_error"
    assert http.get("/v1/chat/completions").status_code == 405
    assert http.get("/v1/models/gpt-9").status_code == 404
    assert [m["id"] for m in http.get("/v1/models").json()["data"]] == [
        "dateline",
        "dateline-extractive",
    ]
    refused = http.get("/v1/models", headers={"host": "evil.example"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")
    huge = {"model": "dateline", "messages": asked("x" * 10_000_000)}
    assert http.post("/v1/chat/completions", json=huge).status_code == 413


TITLE = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: What did the Millford bridge cost?
ASSISTANT: Much.
</chat_history>"""


def test_chores_are_answered_by_rule_without_a_place_in_the_line(
    http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a chore was asked")

    monkeypatch.setattr(Desk, "ask", never)
    body = {"model": "dateline", "messages": asked(TITLE)}
    done = http.post("/v1/chat/completions", json=body).json()
    assert json.loads(done["choices"][0]["message"]["content"]) == {
        "title": "What did the Millford bridge cost"
    }
    streamed = http.post("/v1/chat/completions", json={**body, "stream": True}).text
    assert streamed.endswith("data: [DONE]\n\n")


def test_each_kind_of_chore_gets_the_json_that_it_asks_for() -> None:
    tags = TITLE.replace("title", "tags").replace("Title", "Tags")
    assert json.loads(chore(tags)) == {"tags": ["News", "Millford"]}
    follow = '### Task:\nSuggest 3-5 relevant follow-up questions\n{ "follow_ups": [] }'
    assert json.loads(chore(follow)) == {"follow_ups": []}
    search = '### Task:\nAnalyze the chat history, generate search queries\n{ "queries": [] }'
    assert json.loads(chore(search)) == {"queries": []}
    assert json.loads(chore("### Task:\nsomething new")) == {"text": ""}


def test_the_list_of_sources_is_left_to_open_webui_which_shows_its_own(http: TestClient) -> None:
    body = {"model": "dateline", "messages": asked()}
    plain = http.post("/v1/chat/completions", json=body).json()
    theirs = http.post(
        "/v1/chat/completions", json=body, headers={"x-openwebui-user-id": "1"}
    ).json()
    assert "Sources:" in plain["choices"][0]["message"]["content"]
    assert "Sources:" not in theirs["choices"][0]["message"]["content"]
    assert len(theirs["sources"]) == 3
