"""Files come in over HTTP, are indexed one job after another, and each is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rag.archive.archive import Archive
from rag.errors import SourceError
from rag.ingest.run import FileReport
from rag.ingest.sources.reading import Link
from rag.settings import Settings
from ui import upload
from ui.editing import edit_routes
from ui.intake import Intake, Job, line_of
from ui.means import Means
from ui.shelf import place, within
from ui.upload import Uploads, file_name, file_path, upload_routes

STORY = "The county board voted on Tuesday to close the Millford bridge to lorries, it said.\n"


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    Archive.create(tmp_path / "archive").close()
    opened = Intake(Settings(archive=tmp_path / "archive"))
    yield opened
    opened.close()


@pytest.fixture
def client(intake: Intake) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(upload_routes(Uploads(intake), intake))
    app.include_router(edit_routes(intake))
    with TestClient(app) as opened:
        yield opened


def finished(intake: Intake, number: int) -> Job:
    *_, last = intake.watch(number, every=0.02)
    return last


def send(client: TestClient, files: dict[str, bytes]) -> tuple[int, list[int]]:
    batch = client.post("/api/uploads").json()["batch"]
    codes = [
        client.put(f"/api/uploads/{batch}", params={"name": name}, content=data).status_code
        for name, data in files.items()
    ]
    return client.post(f"/api/uploads/{batch}").json()["job"], codes


def test_a_broken_file_among_good_ones_is_reported_and_the_others_are_in(
    client: TestClient, intake: Intake
) -> None:
    files = {
        "bridge.txt": STORY.encode(),
        "broken.txt": b"\x7fELF\x00\x01",
        "photo.png": b"\x89PNG\r\n",
        "lines.jsonl": b'{"title": "Rain", "text": "It rained in Easton all week long."}\n{"te',
    }
    number, codes = send(client, files)
    assert codes == [201] * 4
    job = finished(intake, number)
    assert job.phase == "done"
    told = {line.name: line for line in job.lines}
    assert told["bridge.txt"].outcome == "added"
    assert told["broken.txt"].outcome == "failed"
    assert "binary" in told["broken.txt"].reason
    assert told["photo.png"].outcome == "unread"
    assert "no reader for .png" in told["photo.png"].reason
    assert job.totals == {"added": 2, "failed": 2, "unread": 1}
    assert not any(str(intake.settings.archive) in f"{one}" for one in job.lines)
    assert [*(intake.settings.archive / "uploads").iterdir()] == []
    with Archive.open(intake.settings.archive) as archive:
        assert archive.coverage().articles == 2
    assert client.get(f"/api/jobs/{number}").json()["totals"] == job.totals

    again, _ = send(client, {"bridge.txt": STORY.encode()})
    assert finished(intake, again).totals == {"unchanged": 1}

    article = told["bridge.txt"].article_id
    assert article is not None
    gone = finished(intake, intake.delete(article))
    assert gone.totals == {"deleted": 1}
    with Archive.open(intake.settings.archive) as archive:
        assert archive.coverage().articles == 1
    assert finished(intake, intake.rebuild()).phase == "done"
    assert "there is no article" in finished(intake, intake.delete("nothing")).error


def test_what_is_too_large_is_refused_as_it_comes_and_named_in_the_report(
    client: TestClient, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "FILE_BYTES", 10_000)
    number, codes = send(client, {"big.txt": b"x" * 10_001})
    assert codes == [413]
    (line,) = finished(intake, number).lines
    assert (line.name, line.outcome) == ("big.txt", "failed")
    assert [*(intake.settings.archive / "uploads").iterdir()] == []


def test_a_batch_has_a_limit_of_its_own(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "BATCH_BYTES", 15_000)
    monkeypatch.setattr(upload, "BATCH_FILES", 2)
    batch = client.post("/api/uploads").json()["batch"]

    def put(name: str, size: int) -> int:
        data = b"x" * size
        return client.put(f"/api/uploads/{batch}?name={name}", content=data).status_code

    assert [put("a", 9000), put("b", 9000), put("c", 100)] == [201, 413, 413]
    assert [put("d", 1)] == [413]


@pytest.mark.parametrize("path", ["/api/uploads/none", "/api/uploads/..%2f..%2fetc"])
def test_a_batch_that_nobody_began_is_not_known(client: TestClient, path: str) -> None:
    assert client.post(path).status_code in (404, 405)
    assert client.put(path, params={"name": "x"}, content=b"x").status_code in (404, 405)


def test_uploads_that_were_given_up_are_forgotten(client: TestClient, intake: Intake) -> None:
    first = client.post("/api/uploads").json()["batch"]
    client.put(f"/api/uploads/{first}?name=a.txt", content=b"words")
    for _ in range(upload.OPEN_BATCHES):
        client.post("/api/uploads")
    assert client.post(f"/api/uploads/{first}").status_code == 404
    assert [*(intake.settings.archive / "uploads").iterdir()] == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.txt", "report.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.html", "b.html"),
        ("a/\x00b\n.md", "_b .md"),
        ("<img src=x onerror=alert(1)>.txt", "_img src=x onerror=alert(1)_.txt"),
        ("...", "unnamed"),
        (".bashrc", "bashrc"),
        ("", "unnamed"),
        ("سلام.txt", "سلام.txt"),
        ("x" * 300 + ".jsonl.gz", "x" * 100 + ".gz"),
    ],
)
def test_a_file_gets_a_name_that_can_do_no_harm(given: str, kept: str) -> None:
    assert file_name(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("papers/2024/index.html", "papers/2024/index.html"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\news\\b.html", "C_/news/b.html"),
        ("a/./../b.txt", "a/b.txt"),
        ("a/<b>/c.txt", "a/_b_/c.txt"),
        ("/".join("abcdefghi") + "/x.txt", "d/e/f/g/h/i/x.txt"),
        ("..", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_folders_of_a_file_stay_and_lead_nowhere_else(given: str, kept: str) -> None:
    assert file_path(given) == kept


def test_a_job_that_cannot_write_says_who_writes(intake: Intake) -> None:
    with Archive.create(intake.settings.archive):
        job = finished(intake, intake.rebuild())
    assert job.phase == "failed"
    assert "is being written by process" in job.error


def test_a_report_shows_no_folder_of_this_computer() -> None:
    report = FileReport(
        origin="/srv/archive/uploads/ab12/x.jsonl:3",
        article_id=None,
        outcome="failed",
        reason="/srv/archive/uploads/ab12/x.jsonl:3 is not JSON",
    )
    line = line_of(report)
    assert (line.name, line.reason) == ("x.jsonl:3", "x.jsonl:3 is not JSON")


def test_a_report_keeps_the_folders_that_were_sent(tmp_path: Path) -> None:
    origin = f"{tmp_path}/uploads/ab12/papers/north/x.jsonl:3"
    report = FileReport(
        origin=origin, article_id=None, outcome="failed", reason=f"{origin} is not JSON"
    )
    line = line_of(report, tmp_path / "uploads")
    assert line.name == "papers/north/x.jsonl:3"
    assert line.reason == "papers/north/x.jsonl:3 is not JSON"


def test_only_allowed_folders_may_be_named(tmp_path: Path) -> None:
    allowed, other = tmp_path / "news", tmp_path / "private"
    for folder in (allowed / "2024", other):
        folder.mkdir(parents=True)
    (allowed / "way-out").symlink_to(other)
    assert within(f" {allowed}/2024 ", [allowed]) == allowed / "2024"
    hopeless: Any = (
        other,
        allowed / "none",
        allowed / ".." / "private",
        allowed / "way-out",
        "",
        "\0",
    )
    for name in hopeless:
        with pytest.raises(SourceError, match="no folder that may be read"):
            within(str(name), [allowed])
    with pytest.raises(SourceError):
        within(str(allowed), [])


def test_addresses_are_taken_only_where_that_is_allowed() -> None:
    named = place(" https://a.example/x ", Means(addresses=True))
    assert named == Link(origin="https://a.example/x", url="https://a.example/x")
    with pytest.raises(SourceError, match="does not take addresses"):
        place("https://a.example/x", Means())
    with pytest.raises(SourceError, match="no folder that may be read"):
        place("/etc", Means(addresses=True))


@pytest.mark.parametrize("web", [True, False])
def test_an_address_inside_the_own_network_is_refused_and_said_so(
    tmp_path: Path, web: bool
) -> None:
    Archive.create(tmp_path).close()
    intake = Intake(Settings(archive=tmp_path), web=web)
    address = "http://127.0.0.1:9/secret"
    (line,) = finished(intake, intake.add([Link(origin=address, url=address)])).lines
    assert (line.name, line.outcome) == (address, "failed")
    intake.close()


def test_what_no_source_states_is_stated_over_http(client: TestClient, intake: Intake) -> None:
    number, _ = send(client, {"bridge.txt": STORY.encode()})
    (line,) = finished(intake, number).lines
    one = client.patch(f"/api/articles/{line.article_id}", json={"published": "2024-05-29"})
    assert one.status_code == 202
    assert finished(intake, one.json()["job"]).totals == {"edited": 1}
    given = {"where": ["publisher=unknown"], "outlet": "Millford Courier", "authors": ["Ana Reis"]}
    many = client.patch("/api/articles", json=given)
    assert finished(intake, many.json()["job"]).phase == "done"
    with Archive.open(intake.settings.archive) as archive:
        (article,) = archive.articles()
    assert (str(article.published), article.publisher) == ("2024-05-29", "Millford Courier")
    assert article.authors == ("Ana Reis",)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"published": "03/04/2024"}, "is no day of publication"),
        ({}, "say what to state"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(
    client: TestClient, given: dict[str, str], says: str
) -> None:
    answer = client.patch("/api/articles/a1", json=given)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_file_that_two_people_send_at_once_is_there_for_both(
    client: TestClient, intake: Intake
) -> None:
    sent = []
    for name in ("bridge.txt", "bridge.txt", "copy.txt"):  # the same words, and so one folder
        batch = client.post("/api/uploads").json()["batch"]
        client.put(f"/api/uploads/{batch}", params={"name": name}, content=STORY.encode())
        sent.append(batch)
    jobs = [client.post(f"/api/uploads/{batch}").json()["job"] for batch in sent]
    done = [finished(intake, job) for job in jobs]
    assert [job.error for job in done] == ["", "", ""]
    assert [job.totals for job in done] == [{"added": 1}, {"unchanged": 1}, {"duplicate": 1}]
    assert [*(intake.settings.archive / "uploads").iterdir()] == []
