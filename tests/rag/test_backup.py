"""A backup is one file, whole whoever writes; restoring leaves the old archive or the new one."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rag.archive import migrations, schema
from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.errors import ArchiveBusy, ArchiveDamaged, ArchiveError
from rag.maintenance.backup import DAMAGED, backup, restore
from rag.maintenance.export import export
from rag.types import Filter
from tests.rag.making import embed, fill, put


def content(folder: Path) -> list[dict]:
    with Archive.open(folder) as archive:
        return list(export(archive, revisions=True))


@pytest.fixture
def archive(tmp_path):
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive, range(8))
        put(archive, "n:2", "The second report was corrected: nothing had happened.")
        embed(archive)
        yield archive


def test_a_backup_restored_elsewhere_is_the_same_archive(archive, tmp_path):
    kept = backup(archive, tmp_path / "kept.db")
    assert [p.name for p in tmp_path.iterdir() if "kept" in p.name] == ["kept.db"]
    assert kept.articles == 8
    restore(tmp_path / "kept.db", tmp_path / "other", overwrite=False)
    assert content(tmp_path / "other") == content(archive.folder)
    with Archive.create(tmp_path / "other") as other:
        assert other.vectors()[0] == archive.vectors()[0]
        assert Index.open(other).state == "chroma"
        assert other.search(["corrected"], 1, Filter())


def test_a_backup_made_while_a_writer_writes_is_one_state_of_it(archive, tmp_path):
    stop = threading.Event()

    def write():
        number = 100
        while not stop.is_set():
            put(archive, f"n:{number}", f"Late report {number} came in while others were read.")
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with Archive.open(archive.folder) as reader:
            for number in range(3):
                kept = backup(reader, tmp_path / f"{number}.db")
                with closing(sqlite3.connect(kept.path)) as db:
                    late = db.execute("SELECT count(*) FROM article WHERE n > 8").fetchone()[0]
                assert kept.articles == 8 + late
    finally:
        stop.set()
        thread.join()


def test_what_is_there_is_not_overwritten_unless_told(archive, tmp_path):
    (tmp_path / "kept.db").write_text("something else")
    with pytest.raises(ArchiveError, match="there already"):
        backup(archive, tmp_path / "kept.db")
    backup(archive, tmp_path / "other.db")
    put(archive, "new", "What came after the backup.")
    with pytest.raises(ArchiveError, match="left as it is"):
        restore(tmp_path / "other.db", archive.folder, overwrite=False)
    with pytest.raises(ArchiveBusy):
        restore(tmp_path / "other.db", archive.folder, overwrite=True)
    assert archive.article("new")


def test_readers_follow_when_an_archive_is_restored_under_them(archive, tmp_path):
    backup(archive, tmp_path / "kept.db")
    before = content(archive.folder)
    put(archive, "new", "What came after the backup.")
    embed(archive)
    Index.open(archive).close()
    archive.close()
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader)
        generation, vectors = reader.generation, reader.vectors_generation
        with reader.snapshot():
            restore(tmp_path / "kept.db", archive.folder, overwrite=True)
            assert reader.article("new").text == "What came after the backup."
        assert not reader.has("new")
        assert (reader.generation, reader.vectors_generation) > (generation, vectors)
        ids, matrix = reader.vectors()
        assert index.search(matrix[0], 50, Filter())[0][0] == ids[0]
        assert len(index.search(matrix[0], 50, Filter())) == len(ids)
        index.close()
    assert content(archive.folder) == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "no database", "another database", "empty"])
def test_a_damaged_backup_is_refused_and_the_archive_left(archive, tmp_path, damage):
    kept = tmp_path / "kept.db"
    backup(archive, kept)
    data = bytearray(kept.read_bytes())
    match damage:
        case "cut":
            kept.write_bytes(data[: len(data) // 2])
        case "flipped":
            place = data.index(b"nothing had happened")
            data[place] ^= 1
            kept.write_bytes(data)
        case "no database":
            kept.write_bytes(b"no database at all, but long enough to be one" * 99)
        case "another database":
            kept.unlink()
            with closing(sqlite3.connect(kept)) as db:
                db.execute("CREATE TABLE something (else_)")
        case "empty":
            kept.write_bytes(b"")
    archive.close()
    before = content(archive.folder)
    with pytest.raises(ArchiveError, match=str(kept)):
        restore(kept, archive.folder, overwrite=True)
    assert content(archive.folder) == before
    assert not list(archive.folder.glob(".*"))


def test_an_archive_that_cannot_be_read_is_set_aside_for_the_backup(archive, tmp_path):
    backup(archive, tmp_path / "kept.db")
    before = content(archive.folder)
    archive.close()
    (archive.folder / schema.FILE).write_bytes(b"overwritten by something " * 400)
    with pytest.raises(ArchiveDamaged, match="dateline restore"):
        Archive.open(archive.folder)
    restore(tmp_path / "kept.db", archive.folder, overwrite=True)
    assert content(archive.folder) == before
    assert (archive.folder / f"{schema.FILE}.{DAMAGED}").exists()


def test_a_backup_of_an_older_program_is_brought_up_to_date(tmp_path, monkeypatch):
    with Archive.create(tmp_path / "old") as old:
        fill(old, range(3))
        backup(old, tmp_path / "kept.db")
    later = (*migrations.MIGRATIONS, "CREATE TABLE later (n INTEGER);")
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    monkeypatch.setattr(schema, "VERSION", len(later))
    restore(tmp_path / "kept.db", tmp_path / "new", overwrite=False)
    assert len(content(tmp_path / "new")) == 3
    with sqlite3.connect(tmp_path / "new" / schema.FILE) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(later),)
        assert db.execute("SELECT count(*) FROM later").fetchone() == (0,)


@pytest.mark.parametrize("step", ["shutil.copyfile", "_date_after", "Editions.clear", "_poured"])
def test_a_restore_that_fails_at_any_step_leaves_the_old_archive(
    archive, tmp_path, monkeypatch, step
):
    backup(archive, tmp_path / "kept.db")
    put(archive, "new", "What came after the backup.")
    archive.close()
    before = content(archive.folder)

    def fail(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(f"rag.maintenance.backup.{step}", fail)
    with pytest.raises(ArchiveError, match="Input/output error"):
        restore(tmp_path / "kept.db", archive.folder, overwrite=True)
    assert content(archive.folder) == before
    monkeypatch.undo()
    restore(tmp_path / "kept.db", archive.folder, overwrite=True)
    assert len(content(archive.folder)) == len(before) - 1
