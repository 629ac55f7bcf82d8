"""Watches over HTTP and on the command line, and their feed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from opened import House, filled, house, visiting
from starlette.testclient import TestClient

from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.archive.notices import Difference, Notice, Quoted
from rag.archive.watches import Watches
from rag.ingest.chunk import chunk
from rag.ingest.run import embed_pending
from rag.language.sentences import split
from rag.models.embed import load
from rag.settings import ChunkSettings, Settings
from rag.types import Answer as Given
from rag.types import Article, Citation, Source, Span, Statement, Verdict
from ui.cli import run
from ui.feeds import atom, notice_html
from ui.rounds import tell

_NOW = datetime(2024, 5, 1, tzinfo=UTC)
QUESTION = "How much will the Millford bridge cost?"
DEARER = "The county said that repairs to the Millford bridge will cost $9.1 million after all."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archive"
    made.mkdir()
    filled(made)
    return made


@pytest.fixture
def opened(folder: Path) -> Iterator[House]:
    with house(folder, settings=Settings(archive=folder, chat={"llm": "none"})) as one:
        yield one


@pytest.fixture
def client(opened: House) -> Iterator[TestClient]:
    with visiting(opened) as client:
        yield client


def put(folder: Path, key: str, text: str) -> None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    known: dict[str, Any] = {"title": "Bill grows", "publisher": "Gazette"}
    article = Article(id=key, digest=digest, text=text, published=date(2024, 9, 2), **known)
    with Archive.create(folder) as archive:
        archive.put(article, chunk(article, ChunkSettings()), split(text))
        embed_pending(archive, load(Settings().embed), 32)


def told(opened: House, folder: Path) -> list[Notice]:
    settings = opened.service.settings
    assert settings is not None
    return opened.service.run(lambda qa: tell(settings, qa)).notices


def test_a_watch_is_made_read_rested_and_deleted(client: TestClient) -> None:
    made = client.post("/api/v1/watches", json={"question": QUESTION})
    assert made.status_code == 201
    watch = made.json()
    assert (watch["to"], watch["every"], watch["secret"]) == ("atom", "commit", None)
    assert "6.8" in watch["now"]
    address = f"/api/v1/watches/{watch['id']}"
    assert client.get(address).json()["question"] == QUESTION
    assert [w["id"] for w in client.get("/api/v1/watches").json()["items"]] == [watch["id"]]
    assert client.patch(address, json={"paused": True}).json()["paused"] is True
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.patch(address, json={"paused": False}).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"question": "???"}, 422),
        ({"question": QUESTION, "every": "hour"}, 422),
        ({"question": QUESTION, "to": "http://127.0.0.1/hook"}, 422),
        ({"question": QUESTION, "to": "ada@d.example"}, 422),
        ({"question": QUESTION, "to": "nonsense"}, 422),
        ({}, 422),
    ],
)
def test_what_cannot_be_watched_says_why(
    client: TestClient, given: dict[str, str], status: int
) -> None:
    response = client.post("/api/v1/watches", json=given)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/watches").json()["items"] == []


def test_a_secret_is_told_once(client: TestClient) -> None:
    given = {"question": QUESTION, "to": "https://hooks.example/x"}
    watch = client.post("/api/v1/watches", json=given).json()
    assert watch["secret"].startswith("whsec_")
    assert "secret" not in client.get(f"/api/v1/watches/{watch['id']}").json()


def test_a_change_is_told_by_the_api_and_once_by_a_valid_feed(
    client: TestClient, opened: House, folder: Path
) -> None:
    watch = client.post("/api/v1/watches", json={"question": QUESTION}).json()
    assert told(opened, folder) == []
    put(folder, "dearer", DEARER)
    assert len(told(opened, folder)) == 1
    assert told(opened, folder) == []
    (notice,) = client.get(f"/api/v1/watches/{watch['id']}/notices").json()["items"]
    assert client.get("/api/v1/notices").json()["items"] == [notice]
    (change,) = notice["changes"]
    assert ("6.8" in change["old"], "9.1" in change["new"]) == (True, True)
    assert change["now"][0]["quote"] == DEARER
    response = client.get(watch["feed"])
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(io.BytesIO(response.content))
    assert not feed.bozo
    assert feed.version == "atom10"
    (entry,) = feed.entries
    assert entry.id == f"urn:dateline:notice:{notice['id']}"
    assert entry.title == f"Changed: {QUESTION}"
    assert "9.1 million" in entry.content[0].value
    assert entry.updated_parsed is not None


def test_a_feed_needs_its_key_and_no_password(opened: House) -> None:
    with Watches.open(opened.service.reading().folder) as watches:
        token = watches.token("")
    with visiting(opened, auth=("ada", "secret")) as client:
        assert client.get("/api/v1/watches").status_code == 401
        assert client.get(f"/feeds/{token}.atom").status_code == 200
        assert client.get(f"/feeds/{'x' * 43}.atom").status_code == 404
        assert client.get(f"/feeds/{token}.atom/../../api/v1/watches").status_code in (401, 404)


def test_what_an_article_says_is_escaped_in_the_feed() -> None:
    bad = '<script>alert("x")</script>\x0b\x00 & ]]>'
    quoted = Quoted(article_id="a", quote=bad, title=bad, publisher=bad)
    change = Difference(kind="value", old=bad, new=bad, was=(quoted,), now=(quoted,))
    notice = Notice(id="n", watch="w", generation=1, made=_NOW, question=bad, changes=(change,))
    assert "<script" not in notice_html(notice)
    feed = feedparser.parse(io.BytesIO(atom([notice], "https://d.example", "t")))
    assert not feed.bozo
    assert "<script" not in feed.entries[0].content[0].value
    assert "alert" in feed.entries[0].content[0].value


def test_an_empty_feed_is_valid_and_does_not_tell_its_key() -> None:
    written = atom([], "", "the-token")
    feed = feedparser.parse(io.BytesIO(written))
    assert (bool(feed.bozo), feed.version, feed.entries) == (False, "atom10", [])
    assert b"the-token" not in written


def test_a_kept_answer_tells_that_its_source_was_corrected(
    client: TestClient, opened: House, folder: Path
) -> None:
    article = opened.service.reading().article("bridge-july")
    quote = (
        "Work begins on 2 September and the bridge stays closed to lorries until the spring "
        "of 2026."
    )
    start = article.text.index(quote)
    source = Source(article_id=article.id, title="T", publisher="P", published=None)
    span = Span(start=start, end=start + len(quote))
    cited = Citation(number=1, source=source, span=span, quote=quote)
    verdict = Verdict(support="supported", score=1.0)
    said = Statement(text=quote, citations=(cited,), verdict=verdict)
    with Conversations.open(folder) as kept:
        exchange = kept.begin("When does work begin?")
        answer = Given(question="When?", outcome="answered", reason="", statements=(said,))
        kept.finish(exchange.id, answer, {article.id: article.digest})
    address = f"/api/v1/answers/{exchange.id}"
    assert client.get(address).json()["standing"]["state"] == "stands"
    put(folder, article.id, article.text.replace("2 September", "9 October"))
    told(opened, folder)
    standing = client.get(address).json()["standing"]
    assert standing["state"] == "changed"
    assert "9 October" in standing["quotes"][0]["now"]
    (notice,) = client.get("/api/v1/notices").json()["items"]
    assert notice["answer"] == exchange.id
    labels = client.get("/api/v1/conversations").json()["items"]
    assert [label["changed"] for label in labels] == [1]


def dateline(*args: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(arg) for arg in args])
    return code, out.getvalue(), err.getvalue()


def test_the_command_line_watches_tells_and_shows_history(folder: Path) -> None:
    at = ("--archive", folder)
    code, out, err = dateline("watch", "add", QUESTION, "--json", *at)
    assert code == 0, err
    watch = json.loads(out)
    assert dateline("watch", "run", *at)[1] == "0 notices\n"
    put(folder, "dearer", DEARER)
    code, out, _ = dateline("watch", "run", *at)
    assert code == 0
    assert "9.1 million" in out
    code, out, _ = dateline("watch", "notices", watch["id"], "--json", *at)
    assert json.loads(out)["watch"] == watch["id"]
    assert dateline("watch", "pause", watch["id"], *at)[0] == 0
    assert "paused" in dateline("watch", "list", *at)[1]
    assert dateline("watch", "remove", watch["id"], *at)[0] == 0
    assert dateline("watch", "remove", watch["id"], *at)[0] == 4
    assert dateline("watch", "add", QUESTION, "--to", "http://10.0.0.1/", *at)[0] == 5
    assert dateline("history", *at)[0] == 0


def test_the_command_line_follows_a_folder(tmp_path: Path) -> None:
    news, at = tmp_path / "news", ("--archive", tmp_path / "archive")
    news.mkdir()
    (news / "a.txt").write_text("Pier\n\nThe pier of Norvik opened on Monday after two years.")
    assert "Nothing is followed" in dateline("follow", *at)[1]
    code, out, _ = dateline("follow", news, "--every", "30s", *at)
    assert code == 0
    assert "not read yet" in out
    assert "dateline follow --run" in out
    assert not dateline("follow", news, "--json", *at)[1].partition("\n")[2]
    assert "1 added" in dateline("follow", "--run", news, *at)[1]
    code, out, _ = dateline("follow", "--runs", "--json", *at)
    assert (code, json.loads(out)["counts"]) == (0, {"added": 1})
    assert "paused" in dateline("follow", "--pause", news, *at)[1]
    assert dateline("follow", "--remove", news, *at)[0] == 0
    for bad in (["--every", "soon", news], ["--pause"], ["--pause", "--remove", news]):
        assert dateline("follow", *bad, *at)[0] == 2
    assert dateline("follow", tmp_path / "nowhere", *at)[0] == 5
    assert dateline("follow", "http://10.0.0.1/feed", *at)[0] == 5
    assert dateline("follow", "--every", "5s", "https://delta.example/feed", *at)[0] == 2


def test_a_click_below_an_answer_watches_its_question_once(opened: House, folder: Path) -> None:
    from ui.view import View
    from ui.watching import Watching

    settings, machine = opened.service.settings, opened.service.machine
    assert settings is not None
    assert machine is not None
    watching = Watching(settings, machine)
    view = View(id="v", question=QUESTION)
    assert "no answer yet" in watching(view)
    answer = Given(question=QUESTION, outcome="answered", reason="")
    done = View(id="v", question=QUESTION, answer=answer)
    assert "/feeds/" in watching(done)
    assert "/feeds/" in watching(done)
    with Watches.open(folder) as watches:
        assert [w.question for w in watches.listed()] == [QUESTION]
