"""The audit finds every damage, outlives what crashes the reader, and repair mends what it can."""

import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.errors import ArchiveDamaged, ArchiveMissing
from rag.ingest.run import ingest
from rag.maintenance import doctor
from rag.maintenance.repair import repair
from rag.settings import Settings
from rag.types import Filter
from tests.rag.making import Numbers, bulk, fill, put

CHECKS = ["database", "texts", "words", "vectors", "index"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "archive"
    with Archive.create(folder) as archive:
        fill(archive, range(12))
        bulk(archive, 1100)
        Index.open(archive).close()
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def wrong(folder: Path) -> dict[str, str]:
    """Run the checks in this process, which saves the time of starting another."""
    findings = list(doctor.audited(folder))
    assert [f.check for f in findings] == CHECKS
    return {f.check: f.found for f in findings if not f.sound}


def mend(folder: Path) -> list[str]:
    with Archive.create(folder) as archive:
        return list(repair(archive, Numbers(), Settings()))


def change(folder: Path, *statements: str, values: tuple = ()) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        for statement in statements:
            db.execute(statement, values)


def test_a_sound_archive_is_found_sound_by_a_process_of_its_own(folder):
    findings = list(doctor.examine(folder))
    assert [f.check for f in findings] == CHECKS
    assert all(f.sound for f in findings)
    assert "1112" in findings[-1].found or "vectors" in findings[-1].found


def test_a_folder_without_an_archive_is_named(tmp_path):
    with pytest.raises(ArchiveMissing):
        list(doctor.examine(tmp_path))


DAMAGES = {
    "texts": "UPDATE revision SET text = replace(text, 'Report 3 ', 'Report 8 ')",
    "words": "DELETE FROM fulltext_data WHERE id > 10",
    "vectors": "UPDATE embedding SET vector = zeroblob(64) WHERE passage = 3",
    "a vector of another size": "UPDATE embedding SET vector = x'0000803f' WHERE passage = 3",
    "a vector that went": "DELETE FROM embedding WHERE passage = 3",
    "a passage past the end": 'UPDATE passage SET "end" = 100000 WHERE n = 3',
    "an article without its text": "UPDATE article SET digest = 'none' WHERE id = 'n:3'",
}
FOUND_BY = {
    "a vector of another size": "vectors",
    "a vector that went": "vectors",
    "a passage past the end": "texts",
    "an article without its text": "texts",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_in_the_database_is_found_by_the_check_of_it(folder, damage):
    change(folder, DAMAGES[damage])
    assert FOUND_BY.get(damage, damage) in wrong(folder)


@pytest.mark.parametrize("damage", ["words", "vectors", "a vector of another size"])
def test_what_follows_from_the_texts_is_mended(folder, made, damage):
    change(folder, DAMAGES[damage])
    with Archive.open(made) as sound:
        ids, matrix = sound.vectors()
    assert mend(folder)
    assert wrong(folder) == {}
    with Archive.open(folder) as archive:
        assert archive.search(["report"], 50, Filter())
        again, vectors = archive.vectors()
        assert sorted(again) == sorted(ids)
        order = [again.index(name) for name in ids]
        assert np.array_equal(vectors[order], matrix)


def test_a_text_that_changed_on_the_disk_is_never_quoted_and_repair_says_so(folder):
    change(folder, DAMAGES["texts"])
    with Archive.open(folder) as archive:
        found = [i for i, _ in archive.search(["report"], 5000, Filter())]
        assert "n:3" in {i.rsplit(":", 2)[0] for i in found}
        read = archive.passages(found)
        assert "n:3" not in {p.metadata["article_id"] for p in read}
        assert len(read) == len(found) - 1
        with pytest.raises(ArchiveDamaged, match=r"'n:3'.*restore"):
            archive.article("n:3")
    with pytest.raises(ArchiveDamaged, match="n:3"):
        mend(folder)
    with Archive.create(folder) as archive:
        archive.delete(["n:3"])
        put(archive, "n:3", "Report 3 was read out.")
    mend(folder)
    assert wrong(folder) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE passage SET digest = 'none' WHERE n = 3",
        "UPDATE passage SET start = 'x' WHERE n = 3",
        'UPDATE passage SET "end" = 1e300 WHERE n = 3',
    ],
)
def test_a_passage_that_points_nowhere_is_left_out(made, folder, damage):
    change(folder, damage)
    found = []
    for each in (made, folder):
        with Archive.open(each) as archive:
            ids = [i for i, _ in archive.search(["report"], 5000, Filter())]
            found.append([p.id for p in archive.passages(ids)])
    assert len(found[1]) == len(found[0]) - 1
    assert wrong(folder).keys() & {"texts", "words"}


def test_a_damaged_date_is_unknown_where_only_the_label_is_shown(folder):
    with Archive.create(folder) as archive:
        put(archive, "dated", "The river rose.", published=date(2024, 5, 30))
    change(folder, "UPDATE revision SET published = '2024-O5-30' WHERE published IS NOT NULL")
    with Archive.open(folder) as archive:
        [passage] = archive.passages([i for i, _ in archive.search(["river"], 5, Filter())])
        assert passage.metadata["published"] == ""
        with pytest.raises(ArchiveDamaged, match="row of article 'dated'"):
            archive.article("dated")


BROKEN_BYTE = (
    "UPDATE revision SET text = CAST(CAST('Rep' AS BLOB) || x'ff' AS TEXT) WHERE rowid = 4"
)


def test_a_byte_that_makes_a_text_undecodable_costs_that_text_and_no_other(folder):
    change(folder, BROKEN_BYTE)
    assert wrong(folder).keys() == {"texts", "words"}
    with Archive.open(folder) as archive:
        read = archive.passages([i for i, _ in archive.search(["report"], 5000, Filter())])
        assert len({p.metadata["article_id"] for p in read}) == len(archive.articles()) - 1
        with pytest.raises(ArchiveDamaged, match="is not what was stored"):
            archive.article("n:3")


@pytest.mark.parametrize("damage", [DAMAGES["texts"].replace("Report 3 ", "pier "), BROKEN_BYTE])
def test_a_damaged_text_is_read_again_from_the_original_that_was_kept(tmp_path, damage):
    news = tmp_path / "news.jsonl"
    texts = [f"The pier of town {n} opened on Monday, its mayor said." for n in range(6)]
    news.write_text(
        "".join(json.dumps({"id": f"n{n}", "text": t}) + "\n" for n, t in enumerate(texts))
    )
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive:
        list(ingest(archive, Numbers(), [news], Settings()))
    change(folder, damage)
    assert "texts" in wrong(folder)
    assert any(said.startswith("texts read again from their originals") for said in mend(folder))
    assert wrong(folder) == {}
    with Archive.open(folder) as archive:
        assert [archive.article(f"n{n}").text for n in range(6)] == texts
        assert archive.search(["pier"], 9, Filter())


def test_a_text_whose_original_is_read_otherwise_now_is_not_taken_for_it(tmp_path):
    news = tmp_path / "news.jsonl"
    news.write_text(json.dumps({"id": "n", "text": "The pier opened on Monday."}))
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive:
        list(ingest(archive, Numbers(), [news], Settings()))
    packed = zlib.compress(b'{"id": "n", "text": "The pier closed on Monday."}')
    change(folder, DAMAGES["texts"].replace("Report 3 ", "pier "))
    with closing(sqlite3.connect(folder / "archive.db")) as db, db:
        db.execute("UPDATE original SET size = 49, packed = ?", (packed,))
    with pytest.raises(ArchiveDamaged, match="article n is not what was stored"):
        mend(folder)


def test_another_vector_in_the_index_is_found(folder):
    with Archive.create(folder) as archive:
        ids, matrix = archive.vectors()
        shifted = matrix.copy()
        shifted[5] = -shifted[5]
        archive.embedded(ids, shifted, Numbers.fingerprint)
    [current] = (folder / "chroma").glob("CURRENT")
    with Archive.open(folder) as archive:
        now = archive.vectors_generation
    text = current.read_text()
    current.write_text(
        text.replace(
            '"vectors": ' + text.split('"vectors": ')[1].split(",")[0], f'"vectors": {now}'
        )
    )
    assert "other vectors than the archive for 1" in wrong(folder)["index"]
    mend(folder)
    assert wrong(folder) == {}


def test_another_vector_in_the_file_of_vectors_is_found(folder):
    [file] = (folder / "chroma").glob("g*/vectors.f32")
    held = bytearray(file.read_bytes())
    held[3] ^= 0x80
    file.write_bytes(held)
    assert "vectors.f32' is damaged" in wrong(folder)["index"]
    mend(folder)
    assert wrong(folder) == {}


def test_an_index_that_is_behind_is_found_and_brought_in_line(folder):
    with Archive.create(folder) as archive:
        fill(archive, [77])
    assert "search is exact and slower" in wrong(folder)["index"]
    mend(folder)
    assert wrong(folder) == {}


def test_while_another_writes_the_words_are_left_alone(folder):
    with Archive.create(folder):
        findings = {f.check: f for f in doctor.audited(folder)}
    assert "not checked" in findings["words"].found
    assert all(f.sound for f in findings.values())


def test_a_check_that_kills_its_process_is_named(folder, monkeypatch, tmp_path):
    stub = tmp_path / "bin" / "python"
    stub.parent.mkdir()
    stub.write_text(
        '#!/bin/sh\necho \'{"check": "database", "found": "as stored"}\'\nkill -SEGV $$\n'
    )
    stub.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(stub))
    findings = list(doctor.examine(folder))
    assert [f.check for f in findings] == ["database", "texts"]
    assert (findings[1].sound, findings[1].found) == (False, "the check of it ended with SIGSEGV")


def test_pages_that_are_lost_are_named_and_nothing_is_guessed(folder):
    path = folder / "archive.db"
    data = bytearray(path.read_bytes())
    data[4096 * 20 : 4096 * 24] = bytes(4096 * 4)
    path.write_bytes(data)
    assert "database" in wrong(folder)
    with pytest.raises(ArchiveDamaged, match="dateline"):
        mend(folder)
