"""What an article was read from stays with its revision, and goes with the article."""

import sqlite3
from contextlib import closing

import pytest

from rag.archive.archive import Archive
from rag.archive.filing import Filing
from rag.archive.originals import Original
from rag.archive.schema import FILE
from rag.errors import ArchiveDamaged
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.ingest.run import ingest, reread
from rag.language.sentences import split
from rag.settings import ChunkSettings, Settings
from rag.types import Article
from tests.rag.making import Numbers

PAGE = Original(
    format="html",
    data=b"<p>The pier opened.</p>" * 40,
    url="https://news.example/pier",
    mapping={"text": "body"},
)


@pytest.fixture
def archive(place):
    with Archive.create(place) as archive:
        yield archive


def put(archive, text, original=PAGE, **more):
    article = Article(id="pier", digest=digest(text), text=text, **more)
    how = Filing(original=original)
    archive.put(article, chunk(article, ChunkSettings()), split(text), how)
    return article


def test_the_bytes_come_back_as_they_were(archive):
    article = put(archive, "The pier opened.")
    assert archive.original("pier", article.digest) == PAGE
    assert archive.with_originals() == [("pier", article.digest)]


def test_an_article_without_an_original_has_none(archive):
    article = put(archive, "The pier opened.", None)
    assert archive.original("pier", article.digest) is None
    assert archive.with_originals() == []


def test_each_revision_keeps_its_own_and_the_same_bytes_are_kept_once(archive):
    first = put(archive, "The pier opened.")
    second = put(archive, "The new pier opened.")
    assert archive.original("pier", first.digest) is None
    assert archive.original("pier", second.digest) == PAGE
    other = Original(format="html", data=b"<p>The pier closed.</p>")
    third = put(archive, "The pier closed.", other)
    assert archive.original("pier", second.digest) == PAGE
    assert archive.original("pier", third.digest) == other
    assert archive.revisions("pier") == [first.digest, second.digest, third.digest]


def test_notes_are_stored_with_the_revision(archive):
    put(archive, "The pier opened.", notes=("Hidden text was left out: 3 words.",))
    assert archive.article("pier").notes == ("Hidden text was left out: 3 words.",)


def test_damaged_bytes_are_an_error_that_names_the_article(archive):
    article = put(archive, "The pier opened.")
    with archive._transaction() as db:
        db.execute("UPDATE original SET packed = ?", (b"0" * 30,))
    with pytest.raises(ArchiveDamaged, match="original of 'pier' is damaged"):
        archive.original("pier", article.digest)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE revision SET text = replace(text, 'opened', 'burned') WHERE text LIKE '%opened%'",
        "UPDATE original SET packed = zeroblob(30) WHERE article = 1",
    ],
)
def test_what_is_damaged_does_not_keep_the_others_from_being_read_again(tmp_path, damage):
    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("The pier opened. It cost 12 million euros.")
    (news / "b.txt").write_text("A blue whale was seen in the bay.")
    with Archive.create(tmp_path / "archive") as archive:
        reports = list(ingest(archive, Numbers(), [news], Settings()))
        with closing(sqlite3.connect(archive.folder / FILE)) as db, db:
            db.execute(damage)
        failed, read = list(reread(archive, Numbers(), Settings()))
    assert (failed.outcome, read.outcome) == ("failed", "unchanged")
    assert reports[0].article_id in failed.reason


def test_a_kept_original_that_would_grow_past_its_size_is_damaged(archive):
    article = put(archive, "The pier opened.")
    with archive._transaction() as db:
        db.execute("UPDATE original SET size = 10")
    with pytest.raises(ArchiveDamaged, match="its length is wrong"):
        archive.original("pier", article.digest)
