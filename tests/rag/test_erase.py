"""What is deleted is gone: from every search, from the index, and from the bytes of the files."""

import threading
from pathlib import Path

import pytest

from rag.archive.archive import Archive
from rag.archive.erase import erase, purge
from rag.archive.index import Index
from rag.errors import ArchiveBusy, NotFound
from rag.types import Filter
from tests.rag.making import Numbers, bulk, embed, fill, put

WORD = "Qixorblatt"
SECRET = f"The {WORD} affair was settled in court. Nobody but {WORD} had paid. " * 9


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def vector_of(archive: Archive, article_id: str) -> bytes:
    ids, matrix = archive.vectors()
    [row] = [row for row, name in enumerate(ids) if name.startswith(f"{article_id}:")][:1]
    return matrix[row].tobytes()


@pytest.fixture
def archive(tmp_path):
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive, range(12))
        bulk(archive, 1200)
        put(archive, "secret", SECRET.replace("settled", "opened"), title=f"{WORD} in court")
        put(archive, "secret", SECRET, title=f"{WORD} in court", url=f"https://x.org/{WORD}")
        embed(archive)
        Index.open(archive).close()
        yield archive


def test_no_byte_of_a_deleted_article_is_left_in_any_file(archive):
    # Words are stored as their stems, in lower case, behind the part that they share with others.
    traces = [WORD.encode(), WORD.lower().encode()[2:-2], vector_of(archive, "secret")]
    assert all(trace in bytes_of(archive.folder) for trace in traces)
    assert erase(archive, ["secret"]) == 1
    assert [trace for trace in traces if trace in bytes_of(archive.folder)] == []
    assert not archive.unpurged


def test_a_deleted_article_is_found_by_nothing_and_the_others_by_all(archive):
    with Archive.open(archive.folder) as reader:
        there, _ = archive.vectors()
        erase(archive, ["secret", "n:3", "no such article"])
        for door in (archive, reader):
            assert door.search([WORD], 9, Filter()) == []
            assert door.coverage().articles == 12
            with pytest.raises(NotFound):
                door.article("secret")
            ids, matrix = door.vectors()
            assert ids == [i for i in there if not i.startswith(("secret:", "n:3:"))]
            index = Index.open(door)
            assert index.state == "chroma"
            assert index.search(matrix[7], 1, Filter())[0][0] == ids[7]
            index.close()


def test_nothing_to_delete_changes_nothing(archive):
    before = archive.generation
    assert erase(archive, ["nobody"]) == 0
    assert (archive.generation, archive.unpurged) == (before, False)


def test_a_copy_of_a_deleted_article_keeps_its_text_and_is_found(tmp_path):
    with Archive.create(tmp_path) as archive:
        for name in ("first", "second", "third"):
            put(archive, name, SECRET, publisher=name)
        embed(archive)
        erase(archive, ["first"])
        assert archive.search([WORD], 1, Filter())[0][0].startswith("second:")
        assert [source.article_id for source in archive.copies("second")] == ["third"]
        assert len(archive.vectors()[0]) == archive.passage_count > 0
        erase(archive, ["third", "second"])
        assert (archive.passage_count, archive.coverage().articles) == (0, 0)
        assert WORD.encode() not in bytes_of(tmp_path)


def test_a_reader_of_the_old_state_keeps_the_bytes_alive_until_the_next_purge(archive, monkeypatch):
    monkeypatch.setattr("rag.archive.schema.PATIENCE", 0.1)
    with Archive.create(archive.folder.parent / "other") as other:
        fill(other, range(3))
        with Archive.open(other.folder) as reader:
            with reader.snapshot():
                held = reader.article("n:1").text
                with pytest.raises(ArchiveBusy, match="dateline repair"):
                    erase(other, ["n:1"])
                assert reader.article("n:1").text == held
                assert [p.page_content for p in reader.passages(reader.vector_ids())][1] in held
            assert other.unpurged
            with pytest.raises(NotFound):
                reader.article("n:1")
            purge(other)
            assert not other.unpurged
            assert held.encode() not in bytes_of(other.folder)


def test_a_snapshot_shows_one_state_to_its_thread_and_the_newest_to_others(archive):
    with Archive.open(archive.folder) as reader, reader.snapshot(), reader.snapshot():
        before = reader.generation, reader.article("n:1").text
        put(archive, "n:1", "Quite another text.")
        assert (reader.generation, reader.article("n:1").text) == before
        seen = []
        thread = threading.Thread(target=lambda: seen.append(reader.article("n:1").text))
        thread.start()
        thread.join()
        assert seen == ["Quite another text."]
    with Archive.open(archive.folder) as reader:
        assert reader.article("n:1").text == "Quite another text."


def test_vectors_made_again_after_a_deletion_are_those_of_the_texts_that_stayed(archive):
    erase(archive, ["n:1"])
    fill(archive, [1])
    Index.open(archive).close()
    ids, matrix = archive.vectors()
    texts = [p.page_content for p in archive.passages(ids[-1:])]
    assert matrix[-1].tobytes() == Numbers().encode(texts)[0].tobytes()
