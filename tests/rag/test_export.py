"""What is exported and indexed again is the same archive, word for word."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rag.archive.archive import Archive
from rag.archive.filing import Filing
from rag.errors import ArchiveDamaged
from rag.ingest.chunk import chunk
from rag.ingest.clean import clean
from rag.ingest.run import embed_pending, ingest
from rag.language.sentences import split
from rag.maintenance.export import export
from rag.settings import ChunkSettings, Settings
from rag.types import Article
from tests.rag.making import Numbers, make

ODD = make(
    "odd",
    clean("<p>“Kharkiv” was shelled, {not a field} & more.\n\nA second paragraph, 5 < 6 > 4."),
    title="A title of <b>words</b>, and \\ signs",
    publisher="Agence, France & Presse",
    authors=("A. B., Jr.", "by C and D"),
    published=datetime(2024, 5, 30, 9, 30, tzinfo=timezone(timedelta(hours=-4))),
    updated=date(2024, 6, 1),
    ingested=datetime(2024, 6, 2, 1, 2, 3, 4, tzinfo=UTC),
    url="https://example.org/a?b=c",
    language="en",
    origin="/elsewhere/a.md",
    date_source="front matter date",
)


def put(archive: Archive, article: Article) -> None:
    """Store as `ingest` does."""
    how = Filing(splitter="1:900", place=article.origin)
    archive.put(article, chunk(article, ChunkSettings()), split(article.text), how)


def written(records, path: Path) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def index(folder: Path, file: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    with Archive.create(folder) as archive:
        for report in ingest(archive, Numbers(), [file], Settings()):
            counts[report.outcome] = counts.get(report.outcome, 0) + 1
    return counts


def every_field(folder: Path):
    with Archive.open(folder) as archive:
        names = archive.histories()
        articles = {
            (name, digest): archive.article(name, digest) for name, each in names for digest in each
        }
        current = {name: archive.article(name).digest for name, _ in names}
        copies = {name: archive.copies(name) for name, _ in names}
        return articles, current, copies, sorted(archive.vectors()[0]), archive.coverage()


@pytest.fixture
def folder(tmp_path) -> Path:
    origin = "/elsewhere/report.txt"
    old = make("a", "First state of a report. It rained.", title="One", origin=origin)
    new = make("a", "Second state of a report. It snowed.", updated=date(2024, 1, 3), origin=origin)
    bare = "An article that has only a text."
    both = (make("b", bare, origin="/b.txt"), make("c", bare, publisher="C", origin="/c.txt"))
    with Archive.create(tmp_path / "archive") as archive:
        for article in (*both, old, new, ODD):
            put(archive, article)
        embed_pending(archive, Numbers(), 32)
    return tmp_path / "archive"


@pytest.mark.parametrize("revisions", [True, False])
def test_an_export_that_is_indexed_gives_the_same_archive(folder, tmp_path, revisions):
    with Archive.open(folder) as archive:
        file = written(export(archive, revisions=revisions), tmp_path / "all.jsonl")
    index(tmp_path / "copy", file)
    mine, theirs = every_field(folder), every_field(tmp_path / "copy")
    kept = {key: one for key, one in mine[0].items() if revisions or mine[1][key[0]] == key[1]}
    assert theirs[0] == kept
    assert theirs[1:] == mine[1:]
    assert all(count == "unchanged" for count in index(tmp_path / "copy", file))


def test_a_damaged_text_is_named_and_all_others_are_exported(folder):
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        db.execute("UPDATE revision SET text = 'Another one.' WHERE text LIKE 'Second state%'")
    with Archive.open(folder) as archive:
        every = list(export(archive, revisions=True))
    [error] = [each for each in every if isinstance(each, ArchiveDamaged)]
    assert "'a'" in str(error)
    texts = {each["text"] for each in every if isinstance(each, dict)}
    assert len(every) == 5
    assert "First state of a report. It rained." in texts
    assert "Another one." not in texts


def test_an_export_into_its_own_archive_changes_nothing(folder, tmp_path):
    with Archive.open(folder) as archive:
        file = written(export(archive, revisions=True), tmp_path / "all.jsonl")
    before = every_field(folder)[0]
    assert index(folder, file) == {"unchanged": 5}
    assert every_field(folder)[0] == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dateline_export": 99}, "newer Dateline"),
        ({"published": "yesterday"}, "not as it was exported"),
        ({"authors": "A, B"}, "no list of texts"),
        ({"title": 5}, "title is no text"),
        ({"id": "../../etc"}, "no id"),
        ({"text": None}, "no text left"),
    ],
)
def test_a_record_that_is_not_as_it_was_exported_is_named(folder, tmp_path, change, reason):
    with Archive.open(folder) as archive:
        [first, *rest] = export(archive, revisions=False)
    file = written([first | change, *rest], tmp_path / "all.jsonl")
    with Archive.create(tmp_path / "copy") as archive:
        reports = list(ingest(archive, Numbers(), [file], Settings()))
    assert [r.outcome for r in reports].count("failed") == 1
    assert reason in reports[0].reason


def test_a_record_that_lacks_a_field_is_named(folder, tmp_path):
    with Archive.open(folder) as archive:
        records = [
            {k: v for k, v in r.items() if k != "url"} for r in export(archive, revisions=False)
        ]
    assert index(tmp_path / "copy", written(records, tmp_path / "all.jsonl")) == {"failed": 4}
