"""One article under several spellings of its address is one article."""

import json
import sqlite3
from contextlib import closing

import pytest

from rag.archive import schema
from rag.archive.addresses import canonical, tidied
from rag.archive.archive import Archive
from rag.ingest.run import ingest
from rag.settings import Settings
from tests.rag.test_standing import Even

DAM = "https://delta.example/2024/02/dam-cracks"
SPELLINGS = [
    f"{DAM}?utm_source=newsletter&utm_medium=email",
    "http://www.delta.example/2024/02/dam-cracks/",
    f"{DAM}#comments",
    "https://delta.example/amp/2024/02/dam-cracks",
    f"{DAM}/amp/",
    f"{DAM}?amp=1&fbclid=x",
    "https://amp.delta.example/2024/02/dam-cracks",
    "https://m.delta.example/2024/02/dam-cracks",
    "http://www.mobile.delta.example/2024/02/dam-cracks/?utm_source=x",
    f"{DAM}/index.html",
    f"{DAM}/Index.php",
    "https://DELTA.example:443/2024/02/dam%2Dcracks",
    "https://www-delta-example.cdn.ampproject.org/c/s/www.delta.example/2024/02/dam-cracks",
    "https://www.google.com/amp/s/www.delta.example/amp/2024/02/dam-cracks",
]
TEXT = (
    "Engineers found eleven cracks in the Tolva dam, the ministry said on Friday, and lowered the "
    "water by two metres.\n\nRepairs will take until the autumn."
)


@pytest.mark.parametrize("url", SPELLINGS)
def test_spellings_of_one_address_are_one(url):
    assert canonical(url) == DAM
    assert canonical(canonical(url)) == DAM


@pytest.mark.parametrize(
    "url",
    [
        "https://delta.example/2024/02/dam-cracks-again", f"{DAM}?page=2", f"{DAM}?id=7",
        f"{DAM}/index.php?id=7",
        "https://news.delta.example/2024/02/dam-cracks", f"{DAM}#!/7", "https://delta.example/amp",
        "https://delta.example/2024/02/lamp", "https://delta.example/2024/02/Dam-Cracks",
    ],
)  # fmt: skip
def test_other_addresses_are_others(url):
    assert canonical(url) != DAM


def test_queries_that_say_what_is_shown_are_compared_in_any_order():
    assert canonical("https://a.example/n?id=7&b=1") == canonical("http://a.example/n/?b=1&id=7")


def test_what_is_shown_of_an_address_keeps_its_spelling_but_for_tracking():
    assert tidied("http://www.a.example/x/?id=7&utm_source=m#top") == "http://www.a.example/x/?id=7"
    assert tidied("https://a.example/x?q=a%20b+c") == "https://a.example/x?q=a%20b+c"


@pytest.mark.parametrize("url", ["https://[", "", "https://a.example:x/y", "%%%"])
def test_what_is_no_address_is_no_fault(url):
    assert isinstance(canonical(url), str)
    assert isinstance(tidied(url), str)


def outcomes(archive, path, *records):
    path.write_text("\n".join(map(json.dumps, records)))
    return [r.outcome for r in ingest(archive, Even(), [path], Settings(archive=archive.folder))]


def test_one_article_under_many_addresses_is_stored_once(tmp_path):
    records = [{"text": TEXT, "title": "Dam", "url": url} for url in (DAM, *SPELLINGS)]
    with Archive.create(tmp_path / "archive") as archive:
        found = outcomes(archive, tmp_path / "a.jsonl", *records)
        assert found == ["added", *["unchanged"] * len(SPELLINGS)]
        assert outcomes(archive, tmp_path / "a.jsonl", *records) == ["unchanged"] * len(records)
        assert [a.url for a in archive.articles()] == [DAM]


def test_a_correction_under_another_address_replaces_the_text(tmp_path):
    old = {"text": TEXT, "title": "Dam", "url": DAM}
    new = {"text": TEXT.replace("eleven", "nine"), "title": "Dam", "url": SPELLINGS[0]}
    with Archive.create(tmp_path / "archive") as archive:
        assert outcomes(archive, tmp_path / "a.jsonl", old, new) == ["added", "revised"]
        (article,) = archive.articles()
        assert "nine" in archive.article(article.id).text
        assert len(archive.revisions(article.id)) == 2
        assert outcomes(archive, tmp_path / "a.jsonl", old, new) == ["unchanged"] * 2


def test_an_archive_of_an_older_program_knows_its_addresses_again(tmp_path, monkeypatch):
    record = {"text": TEXT, "title": "Dam", "url": SPELLINGS[1]}
    with Archive.create(tmp_path / "archive") as archive:
        outcomes(archive, tmp_path / "a.jsonl", record)
    with closing(sqlite3.connect(tmp_path / "archive" / schema.FILE)) as db:
        db.execute("UPDATE article SET url = ?", (SPELLINGS[1],))
        db.execute("ALTER TABLE article DROP COLUMN edits")
        db.execute("PRAGMA user_version = 5")
        db.commit()
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:6])  # the later ones are done
    monkeypatch.setattr(schema, "VERSION", 6)
    with Archive.create(tmp_path / "archive") as archive:
        assert outcomes(archive, tmp_path / "a.jsonl", record | {"url": DAM}) == ["unchanged"]


def test_records_of_two_files_that_both_count_from_one_are_two_articles(tmp_path):
    first = {"id": 1, "title": "Dam", "text": TEXT}
    other = {
        "id": 1,
        "title": "Ferry",
        "text": "The ferry crews of Port Alder walked out over pay.",
    }
    with Archive.create(tmp_path / "archive") as archive:
        assert outcomes(archive, tmp_path / "a.jsonl", first) == ["added"]
        assert outcomes(archive, tmp_path / "b.jsonl", other) == ["added"]
        assert archive.article("1").title == "Dam"
        # Read again, both are known; so is the first one's in another file, by its text.
        assert outcomes(archive, tmp_path / "a.jsonl", first) == ["unchanged"]
        assert outcomes(archive, tmp_path / "b.jsonl", other) == ["unchanged"]
        mended = other | {"text": "The ferry crews are back at work since Saturday morning."}
        assert outcomes(archive, tmp_path / "b.jsonl", mended) == ["revised"]
        longer = first | {"text": f"{TEXT} It was mended.", "title": "The dam"}
        assert outcomes(archive, tmp_path / "c.jsonl", longer) == ["revised"]
        assert archive.coverage().articles == 2


def test_a_withdrawal_of_a_bare_number_is_that_of_its_own_file(tmp_path):
    first = {"id": 1, "title": "Dam", "text": TEXT}
    gone = {"id": 1, "title": "Ferry", "text": "The ferry sails.", "status": "canceled"}
    with Archive.create(tmp_path / "archive") as archive:
        assert outcomes(archive, tmp_path / "a.jsonl", first) == ["added"]
        assert outcomes(archive, tmp_path / "b.jsonl", gone) == ["refused"]
        assert archive.article("1").withdrawn is None
        assert outcomes(archive, tmp_path / "a.jsonl", first | {"status": "canceled"}) == [
            "withdrawn"
        ]
