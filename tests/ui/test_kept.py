"""Conversations over HTTP: listed, saved in three notations, one answer by its name."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from scripted import answered

from rag.archive.conversations import Conversations
from rag.archive.exchanges import Exchange
from rag.record import from_json
from ui.exports import KINDS
from ui.kept import kept_routes

COST = "What did the bridge cost? <b>Tell</b>"


@pytest.fixture
def kept() -> Conversations:
    return Conversations.in_memory()


@pytest.fixture
def exchange(kept: Conversations) -> Exchange:
    asked = kept.begin(COST)
    kept.finish(asked.id, answered(COST), {"bridge-march": "d1"})
    return kept.exchange(asked.id)


@pytest.fixture
def client(kept: Conversations) -> TestClient:
    app = FastAPI()
    app.include_router(kept_routes(kept))
    return TestClient(app, follow_redirects=False)


def test_conversations_are_listed_and_searched(client: TestClient, exchange: Exchange) -> None:
    (found,) = client.get("/api/conversations", params={"q": "bridge million"}).json()
    assert (found["id"], found["title"], found["questions"]) == (exchange.conversation, COST, 1)
    assert client.get("/api/conversations", params={"q": "nowhere"}).json() == []


@pytest.mark.parametrize(
    ("kind", "media"),
    [("md", "text/markdown"), ("html", "text/html"), ("json", "application/json")],
)
def test_a_conversation_is_saved_as_a_file(
    client: TestClient, exchange: Exchange, kind: str, media: str
) -> None:
    got = client.get(f"/api/conversations/{exchange.conversation}.{kind}")
    assert got.headers["content-type"].startswith(media)
    name = f'filename="what-did-the-bridge-cost-b-tell-b.{kind}"'
    assert got.headers["content-disposition"] == f"attachment; {name}"
    assert "6.8 million" in got.text
    assert "<b>Tell" not in got.text or kind == "json"


def test_an_answer_is_read_by_its_name(client: TestClient, exchange: Exchange) -> None:
    record = client.get(f"/api/answers/{exchange.id}").json()
    assert from_json(record["answer"]) == exchange.answer
    assert record["digests"] == {"bridge-march": "d1"}
    assert json.dumps(record)


@pytest.mark.parametrize("kind", KINDS)
def test_one_answer_is_saved_as_a_file(client: TestClient, exchange: Exchange, kind: str) -> None:
    got = client.get(f"/api/answers/{exchange.id}.{kind}")
    assert got.headers["content-type"].startswith(KINDS[kind].split(";")[0])
    assert "attachment; filename=" in got.headers["content-disposition"]
    assert got.content
    assert client.get(f"/api/answers/{exchange.id}.exe").status_code == 404
    assert client.get(f"/api/answers/nothing.{kind}").status_code == 404


def test_what_is_not_there_says_so(client: TestClient, exchange: Exchange) -> None:
    for path in ("answers/nothing", "conversations/nothing.md"):
        got = client.get(f"/api/{path}")
        assert got.status_code == 404
        assert "there is no" in got.json()["detail"]
    assert client.get(f"/api/conversations/{exchange.conversation}.exe").status_code == 404


def test_a_permalink_leads_to_the_page_and_nowhere_else(client: TestClient) -> None:
    assert client.get("/answer/abc123").headers["location"] == "../?answer=abc123"
    assert client.get("/answer/%2F%2Fevil.example").status_code in (303, 404)
    got = client.get("/answer/a%0d%0aset-cookie:x")
    assert got.headers.get("location", "../").startswith("../?answer=")
