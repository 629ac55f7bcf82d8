"""The tables grow by numbered steps: an old archive is brought up to date, or left as it was."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from rag.archive import migrations, schema
from rag.archive.archive import Archive
from rag.archive.rows import digest_of
from rag.errors import ArchiveBusy, ArchiveError
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Article, Filter

NOTES = """
CREATE TABLE note (article INTEGER REFERENCES article (n) ON DELETE CASCADE, words TEXT);
CREATE TRIGGER note_empty AFTER INSERT ON note BEGIN
    DELETE FROM note WHERE words = '';
    DELETE FROM note WHERE words IS NULL;
END;
INSERT INTO note VALUES (NULL, 'kept'), (NULL, '');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An archive as the first release made it."""
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        db.executescript(migrations.MIGRATIONS[0] + "PRAGMA user_version = 1;")
    return tmp_path


def later(monkeypatch, *steps: str) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*migrations.MIGRATIONS, *steps))
    monkeypatch.setattr(schema, "VERSION", len(migrations.MIGRATIONS) + len(steps))


def version(folder: Path) -> int:
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def tables(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / schema.FILE)) as db:
        return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


@pytest.mark.parametrize("door", [Archive.open, Archive.create])
def test_an_archive_of_an_older_program_is_brought_up_to_date_when_it_is_opened(
    old, monkeypatch, door
):
    later(monkeypatch, NOTES)
    with door(old) as archive:
        assert archive.coverage().articles == 0
    with closing(sqlite3.connect(old / schema.FILE)) as db:
        assert db.execute("SELECT words FROM note").fetchall() == [("kept",)]
    assert version(old) == schema.VERSION


def test_an_old_archive_that_grew_has_the_tables_of_a_new_one(old, tmp_path_factory):
    new = tmp_path_factory.mktemp("new")
    Archive.create(new).close()
    Archive.open(old).close()
    assert tables(old) == tables(new)


def test_articles_of_an_older_program_are_found_within_a_month(tmp_path, monkeypatch):
    text = "Kharkiv was shelled on Thursday, officials said."
    article = Article(
        id="a", digest=digest_of(text), text=text, published=date(2024, 5, 9), publisher="AP"
    )
    with Archive.create(tmp_path) as archive:
        archive.put(article, chunk(article, ChunkSettings()), split(text))
    words = migrations.MIGRATIONS[0].split("CREATE VIEW passage_text")[1]
    with closing(sqlite3.connect(tmp_path / schema.FILE)) as db:
        db.executescript(
            "DROP TABLE fulltext; DROP VIEW passage_text; DROP VIEW article_marks;"
            f"CREATE VIEW passage_text{words}"
            "INSERT INTO fulltext (fulltext) VALUES ('rebuild'); PRAGMA user_version = 3;"
        )
    monkeypatch.setattr(schema, "MIGRATIONS", migrations.MIGRATIONS[:4])  # the later ones are done
    monkeypatch.setattr(schema, "VERSION", 4)
    with Archive.open(tmp_path) as archive:
        may = Filter(since=date(2024, 5, 1), until=date(2024, 5, 31), publishers=("ap",))
        assert [i.split(":")[0] for i, _ in archive.search(["shelled"], 5, may)] == ["a"]
        june = Filter(since=date(2024, 6, 1), until=date(2024, 6, 30))
        assert archive.search(["shelled"], 5, june) == []


def test_a_step_that_fails_leaves_the_archive_as_it_was(old, monkeypatch):
    later(monkeypatch, NOTES, "CREATE TABLE article (twice);")
    before = tables(old)
    with pytest.raises(ArchiveError, match="article already exists"):
        Archive.create(old)
    assert (version(old), tables(old)) == (1, before)


def test_an_old_archive_that_another_process_writes_to_says_so(old, monkeypatch):
    with Archive.create(old):
        later(monkeypatch, NOTES)
        with pytest.raises(ArchiveBusy, match=r"older Dateline.*being written by"):
            Archive.open(old)
