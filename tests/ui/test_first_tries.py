"""What somebody sends at the first try: it works, or the answer says what to send instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened import House, filled, house, visiting
from starlette.testclient import TestClient
from test_mcp import call

from ui.api.mcp import build
from ui.api.messages import public

QUESTION = "What did the bridge cost?"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("tries")
    filled(folder)
    with house(folder) as one:
        yield one


@pytest.fixture
def client(opened: House) -> Iterator[TestClient]:
    with visiting(opened) as one:
        yield one


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_json_that_is_not_called_json_is_refused_with_the_header_that_it_needs(
    client: TestClient, kind: str
) -> None:
    headers = {"content-type": kind} if kind else {}
    body = b'{"question": "What did the bridge cost?"}'
    refused = client.post("/api/v1/ask", content=body, headers=headers)
    assert refused.status_code == 422
    assert "Content-Type: application/json" in refused.json()["detail"]
    called = client.post("/v1/responses", content=body, headers=headers)
    assert "Content-Type: application/json" in called.json()["error"]["message"]


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2024", "2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02", "2024-02-01", "2024-02-29"),
        ("2024-03-05", "2024-03-05", "2024-03-05", "2024-03-05"),
    ],
)
def test_a_year_or_a_month_is_a_period_at_every_door(
    opened: House, client: TestClient, since: str, until: str, first: str, last: str
) -> None:
    limits = {"since": since, "until": until}
    told = client.post("/api/v1/ask", json={"question": QUESTION, **limits}).json()
    assert (told["filters"]["since"], told["filters"]["until"]) == (first, last)
    said = [{"role": "user", "content": QUESTION}]
    body = {"model": "dateline", "messages": said, "dateline": limits}
    chat = client.post("/v1/chat/completions", json=body).json()["dateline"]
    assert (chat["filters"]["since"], chat["filters"]["until"]) == (first, last)
    assert client.get("/api/v1/search", params={"q": "bridge", **limits}).status_code == 200
    found = call(build(opened.service), "search_archive", query="bridge", **limits)
    assert not found.is_error


def test_what_is_no_day_is_refused_with_how_a_day_is_written(
    opened: House, client: TestClient
) -> None:
    for day in ("last year", "March 2024", "2024-13", "05/03/2024"):
        refused = client.get("/api/v1/search", params={"q": "bridge", "since": day})
        assert refused.status_code == 422
        assert "2024-01-31" in refused.json()["detail"]
        failed = call(build(opened.service), "search_archive", query="bridge", since=day)
        assert failed.is_error
        assert "2024-01-31" in failed.content[0].text


def test_a_wrong_method_a_slash_too_many_and_a_door_that_there_is_not_say_what_there_is(
    client: TestClient,
) -> None:
    wrong = client.get("/api/v1/ask", params={"question": QUESTION})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["detail"] == "GET is not known here, but POST."
    slashed = client.post("/api/v1/ask/", json={"question": QUESTION})
    assert slashed.status_code == 200
    assert slashed.json()["citations"]
    assert client.get("/api/v1/articles/?limit=2").json()["items"]
    for path in ("/v1/completions", "/v1/embeddings", "/v1"):
        told = client.post(path, json={"model": "dateline"}).json()["error"]["message"]
        assert "chat/completions, responses and models" in told


def test_a_refusal_names_our_own_doors_and_no_path_of_the_machine() -> None:
    kept = "check a text of your own with /api/v1/check, or ask /v1/responses"
    assert public(kept) == kept
    assert public("cannot open /srv/v1/check") == "cannot open (a path)"


def test_a_citation_is_there_for_who_only_looks_whether_it_is(client: TestClient) -> None:
    told = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    address = told["citations"][0]["address"]
    looked = client.head(address)
    assert (looked.status_code, looked.content) == (200, b"")
    assert client.head(address.replace("/c/", "/c/no-")).status_code == 404


def test_tools_take_what_a_model_has_of_an_article_and_one_outlet_by_name(
    opened: House, client: TestClient
) -> None:
    server = build(opened.service)
    told: dict[str, Any] = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    cited = told["citations"][0]
    address = cited["address"]
    for name in (
        cited["article_id"],
        f"dateline://article/{cited['article_id']}",
        address,
        f"https://news.example/dateline{address}",
    ):
        for tool in ("fetch", "get_article"):
            got = call(server, tool, id=name)
            assert not got.is_error, (tool, name)
            assert cited["quote"] in got.structured_content["text"]
    one = call(server, "search_archive", query="bridge", publishers="Valley Courier")
    assert {item["publisher"] for item in one.structured_content["items"]} == {"Valley Courier"}
