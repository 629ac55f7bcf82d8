"""Citation addresses: what they show while the words stand, change, go, and are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opened import filled, house, visiting
from scripted import ARTICLES, BRIDGE_JULY, HOSTILE, poisoned
from starlette.testclient import TestClient

from rag.archive.archive import Archive
from rag.archive.erase import erase
from rag.archive.rows import digest_of
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.settings import Settings
from rag.types import Article

QUOTE = "Repairs to the Millford bridge will cost $6.8 million, more than was thought in March"
ADDRESS = f"/c/bridge-july/{BRIDGE_JULY.digest[:12]}/0-{len(QUOTE)}"


def store(folder: Path, article: Article, text: str | None = None) -> None:
    text = article.text if text is None else text
    told = replace(article, text=text, digest=digest_of(text))
    with Archive.create(folder) as archive:
        archive.put(told, chunk(told, Settings().chunk), split(text))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    filled(tmp_path)
    with house(tmp_path) as one, visiting(one) as client:
        client.folder = tmp_path  # type: ignore[attr-defined]
        yield client


def told(client: TestClient, address: str = ADDRESS) -> Any:
    return client.get(address).json()


def test_words_that_stand_are_an_annotation_with_position_and_quote(client: TestClient) -> None:
    found = told(client)
    position, quote = found["target"]["selector"]
    assert position == {"type": "TextPositionSelector", "start": 0, "end": len(QUOTE)}
    assert quote["exact"] == QUOTE
    assert quote["suffix"].startswith(", the county said")
    assert found["dateline"]["state"] == "stands"
    assert found["dateline"]["digest"] == BRIDGE_JULY.digest
    page = client.get(ADDRESS, headers={"accept": "text/html"})
    assert QUOTE in page.text
    assert "stand in the article as it is now" in page.text
    assert "<script" not in page.text


def test_words_that_moved_still_stand(client: TestClient) -> None:
    store(client.folder, BRIDGE_JULY, f"A correction was made below. {BRIDGE_JULY.text}")  # type: ignore[attr-defined]
    found = told(client)["dateline"]
    assert found["state"] == "stands"
    assert found["now"]["start"] == len("A correction was made below. ")
    assert found["current_digest"] != found["digest"] == BRIDGE_JULY.digest


def test_words_that_changed_are_shown_with_what_stands_there_now(client: TestClient) -> None:
    store(client.folder, BRIDGE_JULY, BRIDGE_JULY.text.replace("$6.8", "$7.1"))  # type: ignore[attr-defined]
    found = told(client)["dateline"]
    assert found["state"] == "changed"
    assert {"kind": "removed", "text": "$6.8"} in found["diff"]
    assert {"kind": "added", "text": "$7.1"} in found["diff"]
    page = client.get(ADDRESS, headers={"accept": "text/html"}).text
    assert "<del>$6.8</del>" in page
    assert "<ins>$7.1</ins>" in page


def test_words_that_are_gone_were_withdrawn(client: TestClient) -> None:
    store(client.folder, BRIDGE_JULY, "This report was taken back. We regret the error.")  # type: ignore[attr-defined]
    assert told(client)["dateline"]["state"] == "withdrawn"


def test_an_erased_article_is_gone_for_good_until_it_comes_back(client: TestClient) -> None:
    folder: Path = client.folder  # type: ignore[attr-defined]
    with Archive.create(folder) as archive:
        erase(archive, ["bridge-july"])
    refused = client.get(ADDRESS)
    assert refused.status_code == 410
    assert refused.headers["content-type"] == "application/problem+json"
    assert client.get(ADDRESS, headers={"accept": "text/html"}).status_code == 410
    store(folder, BRIDGE_JULY)
    assert client.get(ADDRESS).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/c/nothing/000000000000/0-5",
        "/c/bridge-july/000000000000/0-5",
        f"/c/bridge-july/{BRIDGE_JULY.digest[:11]}/0-5",
        f"/c/bridge-july/{BRIDGE_JULY.digest}/5-5",
        f"/c/bridge-july/{BRIDGE_JULY.digest}/9-5",
        f"/c/bridge-july/{BRIDGE_JULY.digest}/0-99999",
        f"/c/bridge-july/{BRIDGE_JULY.digest}/x",
        f"/c/bridge-july/{BRIDGE_JULY.digest}/0-٥",
        "/c/bridge-july",
    ],
)
def test_what_names_no_words_is_404(client: TestClient, address: str) -> None:
    refused = client.get(address)
    assert (refused.status_code, refused.json()["status"]) == (404, 404)


def test_hostile_articles_are_shown_as_text_and_found_by_any_id(tmp_path: Path) -> None:
    bad = [
        replace(poisoned(p)[0], id=f"bad/{n} ä?#", authors=(), text=f"{p} one. {p} two.")
        for n, p in enumerate(HOSTILE)
        if p.isprintable() and "\ud800" not in p
    ]
    for article in bad:
        store(tmp_path, article)
    with house(tmp_path) as one, visiting(one) as client:
        for article in bad:
            digest = digest_of(article.text)
            address = one.service.citer.address(article.id, digest, 0, 10)
            assert told(client, address)["dateline"]["quote"] == article.text[:10]
            page = client.get(address, headers={"accept": "text/html"}).text.lower()
            assert "<script" not in page
            assert "onerror=alert" not in page.replace("&", "") or "<img" not in page
            assert page.count("<style>") == 1


def test_every_citation_of_an_answer_leads_to_its_words(client: TestClient) -> None:
    answer = client.post("/api/v1/ask", json={"question": "What did the bridge cost?"}).json()
    assert len(ARTICLES) == 4
    for cited in answer["citations"]:
        found = told(client, cited["address"])["dateline"]
        assert (found["state"], found["quote"]) == ("stands", cited["quote"])
