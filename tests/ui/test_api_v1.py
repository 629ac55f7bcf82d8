"""The typed HTTP API over a real archive and a scripted asker, behind the guard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from apart import apart
from opened import House, filled, house, visiting
from scripted import BRIDGE_JULY, BRIDGE_MARCH, answered
from starlette.testclient import TestClient

from rag.archive.archive import Archive
from rag.errors import ArchiveUnreachable
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.record import from_json
from rag.settings import ApiSettings, Settings
from ui.api.messages import public
from ui.api.runs import Runs
from ui.desk import Busy, Desk
from ui.health import NO_ARCHIVE
from ui.shelf import within

ASKED = {"question": "What did the bridge cost?"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("doors")
    filled(made)
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[House]:
    with house(folder) as one:
        yield one


@pytest.fixture
def client(opened: House) -> Iterator[TestClient]:
    with visiting(opened) as client:
        yield client


def events(text: str) -> list[tuple[int, str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line[:1] != ":")
        if fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_an_answer_follows_the_public_schema_and_cites_the_revision_it_quotes(
    client: TestClient,
) -> None:
    told = client.post("/api/v1/ask", json=ASKED).json()
    assert from_json(told) == answered(ASKED["question"])
    for cited in told["citations"]:
        article = client.get(f"/api/v1/articles/{cited['article_id']}").json()
        assert article["digest"] == cited["digest"]
        assert article["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert [c["number"] for c in told["citations"]] == [1, 2, 3]
    assert told["citations"][0]["address"].startswith("/c/bridge-march/")


def test_the_events_of_an_answer_have_numbers_and_end_with_the_same_answer(
    client: TestClient,
) -> None:
    whole = client.post("/api/v1/ask", json=ASKED).json()
    response = client.post("/api/v1/ask", json={**ASKED, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    assert told[0][1] == "understood"
    assert told[-1][1] == "answer"
    assert told[-1][2] == whole


def test_a_client_that_was_cut_off_resumes_behind_the_last_event_that_arrived(
    client: TestClient,
) -> None:
    response = client.post("/api/v1/ask", json={**ASKED, "stream": True})
    all_of_it = events(response.text)
    again = client.get(
        f"/api/v1/ask/{response.headers['x-run']}/events", headers={"last-event-id": "3"}
    )
    assert events(again.text) == all_of_it[3:]
    unknown = client.get("/api/v1/ask/nothing/events")
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"


def test_a_question_sent_twice_with_one_key_is_asked_once(client: TestClient) -> None:
    keyed = {"idempotency-key": "one"}
    first = client.post("/api/v1/ask", json=ASKED, headers=keyed)
    second = client.post("/api/v1/ask", json=ASKED, headers=keyed)
    assert first.headers["x-run"] == second.headers["x-run"]
    other = client.post("/api/v1/ask", json={"question": "Who?"}, headers=keyed)
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]


def test_what_is_kept_can_be_read_continued_and_replayed(client: TestClient) -> None:
    first = client.post("/api/v1/ask", json={**ASKED, "keep": True}).json()
    kept = client.get(f"/api/v1/answers/{first['id']}").json()
    assert kept["answer"] == first
    assert kept["digests"]["bridge-march"] == BRIDGE_MARCH.digest
    follow = {"question": "And in July?", "conversation": first["conversation"]}
    second = client.post("/api/v1/ask", json=follow).json()
    assert second["asked_as"] == "And in July? (What did the bridge cost?)"
    conversation = client.get(f"/api/v1/conversations/{first['conversation']}").json()
    assert [e["question"] for e in conversation["exchanges"]] == [
        "What did the bridge cost?",
        "And in July?",
    ]
    listed = client.get("/api/v1/conversations", params={"q": "bridge"}).json()["items"]
    assert first["conversation"] in [c["id"] for c in listed]
    replayed = client.get(f"/api/v1/answers/{first['id']}/replay").json()
    assert replayed["id"] == first["id"]
    assert isinstance(replayed["holds"], bool)


def test_a_search_finds_passages_page_by_page(client: TestClient) -> None:
    query = {"q": "What will the repair of the bridge cost?", "limit": 2}
    first = client.get("/api/v1/search", params=query).json()
    assert len(first["items"]) == 2
    second = client.get("/api/v1/search", params={**query, "cursor": first["next"]}).json()
    seen = [(i["article_id"], i["start"]) for i in (*first["items"], *second["items"])]
    assert len(set(seen)) == len(seen) > 2
    item = first["items"][0]
    article = client.get(f"/api/v1/articles/{item['article_id']}").json()
    assert article["text"][item["start"] : item["end"]] == item["text"]
    july = client.get("/api/v1/search", params={**query, "since": "2024-07-01"}).json()
    assert {i["article_id"] for i in july["items"]} == {"bridge-july"}


def test_articles_are_listed_by_cursor_newest_first_and_undated_last(client: TestClient) -> None:
    names, cursor = [], None
    while True:
        page = client.get("/api/v1/articles", params={"limit": 1, "cursor": cursor or ""}).json()
        names += [i["article_id"] for i in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names == ["bridge-july", "arabic", "bridge-march", "school-notice"]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "bnVsbA", "WzEsMl0", "\ud83d"])
def test_a_cursor_that_was_never_given_out_is_refused(client: TestClient, cursor: str) -> None:
    refused = client.get("/api/v1/articles", params={"cursor": cursor.encode("utf-8", "replace")})
    assert refused.status_code == 422


def test_an_unchanged_article_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/v1/articles/bridge-march")
    tag = first.headers["etag"]
    assert tag == f'"{BRIDGE_MARCH.digest}"'
    again = client.get("/api/v1/articles/bridge-march", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_timeline_and_the_coverage_need_no_model(client: TestClient) -> None:
    told = client.get("/api/v1/timeline", params={"q": "Millford bridge"}).json()
    assert told["extractive"] is True
    assert [e["when"] for e in told["timeline"]] == sorted(e["when"] for e in told["timeline"])
    held = client.get("/api/v1/coverage").json()
    assert (held["articles"], held["undated"]) == (4, 1)
    assert {"month": "2024-03", "articles": 2} in held["months"]


def test_revisions_of_an_article_are_listed_and_compared(tmp_path: Path) -> None:
    filled(tmp_path)
    revised = replace(
        BRIDGE_JULY,
        text=BRIDGE_JULY.text.replace("$6.8 million", "$7.1 million"),
        digest="",
    )
    from rag.archive.rows import digest_of

    revised = replace(revised, digest=digest_of(revised.text))
    with Archive.create(tmp_path) as archive:
        settings = Settings()
        archive.put(revised, chunk(revised, settings.chunk), split(revised.text))
    with house(tmp_path) as one, visiting(one) as client:
        listed = client.get("/api/v1/articles/bridge-july/revisions").json()["revisions"]
        assert [r["current"] for r in listed] == [False, True]
        told = client.get("/api/v1/articles/bridge-july/diff").json()
        assert [(c["kind"], "$7.1 million" in c["new"]) for c in told["changes"]] == [
            ("changed", True)
        ]
        old = client.get("/api/v1/articles/bridge-july", params={"digest": told["old"][:12]})
        assert "$6.8 million" in old.json()["text"]
        # The scripted answer quotes the earlier text, and its citation says which.
        cited = client.post("/api/v1/ask", json=ASKED).json()["citations"]
        assert {c["digest"] for c in cited if c["article_id"] == "bridge-july"} == {told["old"]}


def test_what_no_file_says_of_an_article_is_stated_by_hand_for_one_and_for_many(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as opened, visiting(opened) as client:

        def edited(path: str, **stated: Any) -> Any:
            begun = client.patch(f"/api/v1/articles{path}", json=stated)
            assert begun.status_code == 202, begun.text
            return events(client.get(f"/api/v1/jobs/{begun.json()['id']}/events").text)[-1][2]

        one = edited("/school-notice", published="2024-04-02", outlet="The School", title="Buses")
        assert (one["phase"], one["totals"]) == ("done", {"edited": 1})
        told = client.get("/api/v1/articles/school-notice").json()
        assert [told[name] for name in ("published", "publisher", "title")] == [
            "2024-04-02", "The School", "Buses",
        ]  # fmt: skip
        many = edited("", where=["publisher=*School*"], authors=["Ann Lee", "Bo Berg"])
        assert many["totals"] == {"edited": 1}
        told = client.get("/api/v1/articles/school-notice").json()
        assert told["authors"] == ["Ann Lee", "Bo Berg"]
        assert edited("/school-notice", outlet="unknown")["totals"] == {"edited": 1}
        assert client.get("/api/v1/articles/school-notice").json()["publisher"] is None
        for path, body, status in (
            ("/school-notice", {}, 422),
            ("/school-notice", {"published": "soon"}, 422),
            ("/school-notice", {"text": "mine"}, 422),
            ("/nothing", {"title": "x"}, 404),
            ("", {"title": "x"}, 422),
            ("", {"title": "x", "where": ["colour=red"]}, 422),
        ):
            refused = client.patch(f"/api/v1/articles{path}", json=body)
            assert refused.status_code == status, (path, body)
            assert refused.headers["content-type"] == "application/problem+json"


def test_a_server_that_only_reads_edits_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as opened, visiting(opened) as client:
        opened.service.intake = None
        told = client.patch("/api/v1/articles/school-notice", json={"title": "x"})
        assert told.status_code == 403


def test_an_article_is_deleted_by_a_job_that_can_be_followed(tmp_path: Path) -> None:
    with house(tmp_path) as one, visiting(one) as client:
        begun = client.delete("/api/v1/articles/school-notice")
        assert begun.status_code == 202
        told = client.get(f"/api/v1/jobs/{begun.json()['id']}/events")
        last = events(told.text)[-1][2]
        assert (last["phase"], last["totals"]) == ("done", {"deleted": 1})
        assert client.get("/api/v1/articles/school-notice").status_code == 404
        assert client.delete("/api/v1/articles/school-notice").status_code == 404


def test_a_folder_is_indexed_by_a_job_that_counts_and_names_failures(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "good.txt").write_text("The mayor of Easton opened a new library on Friday. " * 5)
    (source / "bad.pdf").write_bytes(b"no pdf at all")
    with house(tmp_path / "a", folders=(source,)) as one, visiting(one) as client:
        refused = client.post("/api/v1/jobs", json={"folders": ["/etc"]})
        assert refused.status_code == 422
        assert "no folder that may be read" in refused.json()["detail"]
        begun = client.post("/api/v1/jobs", json={"folders": [str(source)]}).json()
        for _ in one.service.intake.watch(begun["id"]):  # type: ignore[union-attr]
            pass
        job = client.get(f"/api/v1/jobs/{begun['id']}").json()
        assert job["totals"] == {"added": 1, "failed": 1}
        assert [f["name"] for f in job["failures"]] == ["bad.pdf"]
        assert str(tmp_path) not in json.dumps(job)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/articles/nothing", 404),
        ("GET", "/api/v1/articles/bridge-march?digest=000000000000", 404),
        ("GET", "/api/v1/articles/bridge-march/diff", 404),
        ("GET", "/api/v1/answers/nothing", 404),
        ("GET", "/api/v1/jobs/99", 404),
        ("GET", "/api/v1/ask", 405),
        ("PUT", "/api/v1/articles/bridge-march", 405),
        ("GET", "/api/v1/search", 422),
        ("GET", "/api/v1/search?q=x&since=2024-02-01&until=2024-01-01", 422),
        ("POST", "/api/v1/jobs", 422),
    ],
)
def test_every_error_is_problem_json_without_a_path_of_the_machine(
    client: TestClient, folder: Path, method: str, path: str, status: int
) -> None:
    refused = client.request(method, path)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    told = refused.json()
    assert (told["status"], bool(told["title"])) == (status, True)
    assert str(folder) not in refused.text


def test_a_message_loses_the_paths_of_the_machine_and_keeps_addresses_of_the_web() -> None:
    told = public("there is no article 'x' in '/home/me/news archive': see /var/log/some.file")
    assert told == "there is no article 'x': see (a path)"
    at = "postgresql://dateline@/postgres?host=%2Fsrv%2Fnews%2Fpg&port=5432"
    assert public(f"there is no article 'x' in '{at}'") == "there is no article 'x'"
    told = public(f"the server of the archive '{at}' does not answer: no route to host")
    assert told == "the server of the archive '(a database)' does not answer: no route to host"
    refused = 'connection to server at "db.example" (10.0.0.7), port 5432 failed: timeout'
    assert public(refused) == "connection to (a database) failed: timeout"
    kept = "see https://example.org/a/b/c and 3/4 of it, and/or more"
    assert public(kept) == kept
    assert public(r"cannot open C:\Users\me\file.db") == "cannot open (a path)"


def test_failures_keep_their_kind(client: TestClient) -> None:
    wrong = client.post("/api/v1/ask", json={"question": "empty"})
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422,
        "The question has no words to look for.",
    )
    broken = client.post("/api/v1/ask", json={"question": "broken"})
    assert broken.status_code == 500
    assert "secret" not in broken.text
    streamed = client.post("/api/v1/ask", json={"question": "broken", "stream": True})
    assert events(streamed.text)[-1][1:] == (
        "error",
        {"status": 500, "detail": broken.json()["detail"]},
    )


def test_a_full_line_is_429_with_retry_after(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise Busy("9 questions are waiting already.", 7)

    monkeypatch.setattr(Desk, "ask", full)
    refused = client.post("/api/v1/ask", json=ASKED)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "7"


def test_too_many_requests_are_429_and_too_large_ones_413(opened: House, folder: Path) -> None:
    with (
        house(folder, api=ApiSettings(rate_per_minute=2)) as one,
        visiting(one) as client,
    ):
        codes = [client.get("/api/v1/health").status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert int(client.get("/api/v1/health").headers["retry-after"]) >= 1
    with visiting(opened) as client:
        huge = client.post("/api/v1/ask", json={"question": "x" * 10_000_000})
        assert huge.status_code == 413

        def pieces() -> Iterator[bytes]:
            yield from [b'{"question": "', *[b"x" * 1_000_000] * 10, b'"}']

        streamed = client.post("/api/v1/ask", content=pieces())
        assert streamed.status_code == 413


def test_foreign_hosts_and_origins_are_refused_in_the_form_of_the_door(opened: House) -> None:
    with visiting(opened) as client:
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
            refused = client.get("/api/v1/health", headers=headers)
            assert refused.status_code == 403
            assert refused.headers["content-type"] == "application/problem+json"
    listed = {"origin": "https://desk.example"}
    with (
        house(
            opened.service.archive.folder, api=ApiSettings(cors_origins=(listed["origin"],))
        ) as one,  # type: ignore[union-attr]
        visiting(one, origins=(listed["origin"],), auth=("me", "secret")) as client,
    ):
        ask = {"access-control-request-method": "POST", **listed}
        preflight = client.options("/api/v1/ask", headers=ask)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == listed["origin"]
        key = {"authorization": "Bearer me:secret", **listed}
        allowed = client.get("/api/v1/health", headers=key)
        assert allowed.headers["access-control-allow-origin"] == listed["origin"]
        assert client.get("/api/health", headers=key).status_code == 403
        assert client.get("/api/v1/health", headers=listed).status_code == 401


def test_behind_a_proxy_its_public_name_is_served_and_begins_every_address(
    folder: Path,
) -> None:
    public_url = "https://news.example/dateline"
    with (
        house(folder, public_url=public_url) as one,
        visiting(one, public=public_url) as client,
    ):
        told = client.post("/api/v1/ask", json=ASKED, headers={"host": "news.example"}).json()
        assert told["citations"][0]["address"].startswith(f"{public_url}/c/bridge-march/")


def test_the_api_describes_itself_and_its_manual_loads_nothing_from_elsewhere(
    client: TestClient,
) -> None:
    schema = client.get("/openapi.json").json()
    assert "/api/v1/ask" in schema["paths"]
    answer = schema["components"]["schemas"]["AnswerOut"]["properties"]
    assert set(client.post("/api/v1/ask", json=ASKED).json()) <= set(answer)
    page = client.get("/docs").text
    assert "<script" not in page
    assert "src=" not in page
    assert "/api/v1/ask" in page


def test_every_returned_field_is_described(client: TestClient, opened: House) -> None:
    schema = client.get("/openapi.json").json()["components"]["schemas"]
    told = client.post("/api/v1/ask", json=ASKED).json()
    pairs = {
        "StatementOut": told["statements"][0],
        "CitationOut": told["statements"][0]["citations"][0],
        "EvidenceOut": told["evidence"][0],
        "ConflictOut": told["conflicts"][0],
        "EventOut": told["timeline"][0],
        "FilterOut": told["filters"],
        "CitedOut": told["citations"][0],
        "HealthOut": client.get("/api/v1/health").json(),
        "HoldingsOut": client.get("/api/v1/coverage").json(),
        "ArticleOut": client.get("/api/v1/articles/bridge-july").json(),
    }
    for name, record in pairs.items():
        assert set(record) == set(schema[name]["properties"]), name
    assert client.get("/api/v1/ready").json() == {"ready": True, "state": "ready"}


def test_while_the_archives_server_is_away_no_question_is_sent_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise ArchiveUnreachable("the server of the archive does not answer")

    with house(tmp_path) as one, visiting(one) as client:
        monkeypatch.setattr(type(one.service.archive), "_meta", away)
        one.service.index = away
        told = client.get("/api/v1/ready")
        assert told.status_code == 503
        assert told.json() == {"ready": False, "state": NO_ARCHIVE}
        assert int(told.headers["retry-after"]) >= 1
        assert client.get("/api/v1/health").json()["index"] == ""
        monkeypatch.undo()
        assert client.get("/api/v1/ready").status_code == 200


def test_a_follower_that_goes_away_leaves_no_place_in_the_line_taken(opened: House) -> None:
    async def gone() -> None:
        from ui.api.service import Put

        runs = Runs()
        for _ in range(3):
            run = runs.begin(opened.service.ask(Put(question="a patient question")))
            following = run.follow()
            await anext(following)
            await following.aclose()
            for _ in range(200):
                if not opened.service.desk.waiting:
                    break
                await asyncio.sleep(0.05)
            assert opened.service.desk.waiting == 0

    apart(gone)


def test_a_folder_that_may_not_be_named_is_not_told_from_one_that_is_not_there() -> None:
    from rag.errors import SourceError

    for name in ("/etc", "/no/such/folder"):
        with pytest.raises(SourceError, match="is no folder that may be read"):
            within(name, ())
