"""The vector index: right in either state, never hurt by a crash, repaired by the next writer."""

import hashlib
import json
import logging
import shutil
import threading
import zlib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.archive import flat
from rag.archive.archive import Archive
from rag.archive.editions import FLAT, Damaged, Unsound
from rag.archive.index import FEW, Index
from rag.errors import ArchiveError, ArchiveFull
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.maintenance.doctor import audited
from rag.settings import ChunkSettings
from rag.types import Article, Filter

SIZE = 16


def add(archive: Archive, numbers, text: str = "Report {} of the day was read out.") -> None:
    for number in numbers:
        body = text.format(number)
        digest = hashlib.sha256(body.encode()).hexdigest()
        day = date(2024, 1, 1 + number % 28)
        article = Article(id=f"n:{number}", digest=digest, text=body, published=day)
        archive.put(article, chunk(article, ChunkSettings(characters=200)), split(body))
    waiting = archive.passages(archive.pending("model"))
    if waiting:
        seeds = [int(hashlib.sha256(p.page_content.encode()).hexdigest()[:8], 16) for p in waiting]
        rows = np.stack([np.random.default_rng(s).normal(size=SIZE) for s in seeds])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        archive.embedded([p.id for p in waiting], rows.astype(np.float32), "model")


def finds_everything(index: Index, archive: Archive) -> bool:
    """Every vector of the archive finds itself, and the five nearest are the exact ones."""
    ids, matrix = archive.vectors()
    for row in range(0, len(ids), 1 + len(ids) // 60):
        vector = matrix[row]
        found = index.search(vector, 5, Filter())
        best = sorted(matrix @ vector, reverse=True)[:5]
        every = index.search(vector, 5, Filter(since=date(2024, 1, 1)))  # in the file of vectors
        for hits in (found, every):
            if hits[0][0] != ids[row] or not np.allclose([s for _, s in hits], best, atol=1e-3):
                return False
    return True


@pytest.fixture(autouse=True)
def chroma_at_any_size(monkeypatch):
    monkeypatch.setattr("rag.archive.index.SCANNED", 0)


@pytest.fixture
def archive(tmp_path: Path):
    with Archive.create(tmp_path / "archive") as archive:
        add(archive, range(40))
        yield archive


@pytest.fixture(scope="module", params=[40, 1200])
def made(request, tmp_path_factory):
    """An archive with a sound index, closed; from 1,000 vectors on Chroma writes its graph."""
    folder = tmp_path_factory.mktemp("made") / "archive"
    with Archive.create(folder) as archive:
        add(archive, range(20))
        sentences = (f"Sentence {n} of a long report has a number of its own." for n in range(4000))
        add(archive, [99], " ".join(sentences)[: (request.param - 20) * 175] + " It ended {}.")
        Index.open(archive).close()
        assert len(archive.vectors()[0]) > min(1000, request.param - 20)
    return folder


def test_a_writer_makes_the_index_and_a_reader_uses_it(archive):
    assert Index.open(archive).state == "chroma"
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader)
        assert index.state == "chroma"
        assert finds_everything(index, reader)


def test_a_reader_without_an_index_scans_and_makes_none(archive):
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader)
        assert index.state == "scan"
        assert finds_everything(index, reader)
        assert not (reader.folder / "chroma").exists()


def test_a_small_archive_is_searched_without_loading_chroma(archive, monkeypatch):
    Index.open(archive).close()
    monkeypatch.setattr("rag.archive.index.SCANNED", 40)
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader)
        assert finds_everything(index, reader)
        assert index._collection is None
        add(archive, [40])
        Index.open(archive).close()
        assert finds_everything(index, reader)
        assert index._collection is not None


def test_an_empty_archive_finds_nothing(tmp_path):
    with Archive.create(tmp_path) as archive:
        index = Index.open(archive)
        assert index.search(np.ones(SIZE, dtype=np.float32), 5, Filter()) == []
        assert (
            index.search(np.ones(SIZE, dtype=np.float32), 5, Filter(since=date(2024, 1, 1))) == []
        )


def test_a_filter_is_exact_and_fills_the_limit(archive):
    index = Index.open(archive)
    _, matrix = archive.vectors()
    late = Filter(since=date(2024, 1, 28))
    found = index.search(matrix[0], 50, late)
    assert {i.rsplit(":", 2)[0] for i, _ in found} == archive.allowed(late) == {"n:27"}
    assert index.search(matrix[0], 3, Filter(publishers=("Nobody",))) == []
    assert index.search(matrix[0], 0, Filter()) == []


def test_a_filter_finds_the_same_in_the_file_of_vectors_and_in_the_archive(archive, monkeypatch):
    index = Index.open(archive)
    ids, matrix = archive.vectors()
    late = Filter(since=date(2024, 1, 20))
    allowed = [row for row, i in enumerate(ids) if i.rsplit(":", 2)[0] in archive.allowed(late)]
    best = sorted(allowed, key=lambda row: -float(matrix[row] @ matrix[0]))
    found = index.search(matrix[0], 50, late)
    assert [i for i, _ in found] == [ids[row] for row in best]
    monkeypatch.setattr("rag.archive.flat.KEPT", 0)
    monkeypatch.setattr("rag.archive.flat._AT_ONCE", 3 * 4 * SIZE)
    piecewise = Index.open(archive)
    assert [i for i, _ in piecewise.search(matrix[0], 50, late)] == [i for i, _ in found]
    assert piecewise._flat is not None
    assert piecewise._flat[1]._kept is None
    shutil.rmtree(archive.folder / "chroma")
    for few in (FEW, 1):
        monkeypatch.setattr("rag.archive.index.FEW", few)
        with Archive.open(archive.folder) as reader:
            without = Index.open(reader)
            assert [i for i, _ in without.search(matrix[0], 50, late)] == [i for i, _ in found]
            assert without._flat is None
            assert (without._scan is None) == (few > 1)


NAN = np.full(SIZE, np.nan, dtype=np.float32).tobytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda sound: sound[:-4],
        lambda sound: sound[: len(sound) // 2],
        lambda sound: NAN + sound[len(NAN) :],
        lambda sound: sound[:3] + bytes([sound[3] ^ 1]) + sound[4:],
        lambda _: b"",
    ],
    ids=["cut", "half", "not numbers", "a bit", "empty"],
)
@pytest.mark.parametrize("name", FLAT)
def test_a_damaged_file_of_vectors_is_told_of_and_not_used(archive, name, damage):
    Index.open(archive).close()
    [file] = (archive.folder / "chroma").glob(f"g*/{name}")
    _, matrix = archive.vectors()
    late = Filter(since=date(2024, 1, 20))
    right = Index.open(archive).search(matrix[30], 50, late)
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    told: list[str] = []
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader, told.append)
        for _ in range(2):
            assert dict(index.search(matrix[30], 50, late)) == pytest.approx(dict(right))
    assert len(told) == 1
    assert "is damaged" in told[0]
    Index.tend(archive)
    [again] = (archive.folder / "chroma").glob(f"g*/{name}")
    assert again.read_bytes() == sound


def test_what_is_damaged_in_a_large_file_is_noticed_when_it_is_read(archive, monkeypatch):
    Index.open(archive).close()
    monkeypatch.setattr("rag.archive.flat.KEPT", 0)
    [file] = (archive.folder / "chroma").glob("g*/vectors.f32")
    _, matrix = archive.vectors()
    file.write_bytes(NAN + file.read_bytes()[len(NAN) :])
    told: list[str] = []
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader, told.append)
        index.search(matrix[30], 50, Filter(since=date(2024, 1, 20)))
        assert told == []  # the first row is not of those days
        found = index.search(matrix[30], 50, Filter(since=date(2024, 1, 1)))
    assert len(told) == 1
    assert len(found) == len(matrix)


def test_a_folder_that_a_writer_removes_is_searched_to_the_end(archive, monkeypatch):
    monkeypatch.setattr("rag.archive.flat.KEPT", 0)
    Index.open(archive).close()
    _, matrix = archive.vectors()
    every = Filter(since=date(2024, 1, 1))
    told: list[str] = []
    with Archive.open(archive.folder) as reader:
        index = Index.open(reader, told.append)
        with reader.snapshot():
            before = index.search(matrix[0], 50, every)
            add(archive, [40])
            Index.open(archive).close()
            assert index.search(matrix[0], 50, every) == before
        assert len(index.search(matrix[0], 50, every)) == len(before) + 1
    assert told == []


def test_a_file_is_given_up_by_who_read_it_and_not_the_one_after_it(archive):
    index = Index.open(archive)
    old = index._follow_flat(archive.vectors_generation)
    add(archive, [40])
    index.sync()
    new = index._follow_flat(archive.vectors_generation)
    index._give_up_flat(old)
    assert index._follow_flat(archive.vectors_generation) is new is not None


def test_a_chroma_that_fails_once_is_tried_again_by_the_next_writer(archive, monkeypatch):
    Index.open(archive).close()
    add(archive, [40])
    told: list[str] = []
    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise Damaged("Chroma cannot use it: no space left on device")

        patched.setattr("rag.archive.chroma.Collection.change", full)
        index = Index.open(archive, told.append)
        assert index.state == "scan"
        assert finds_everything(index, archive)
    assert "no space left" in told[-1]
    again = Index.open(archive)
    assert again.state == "chroma"
    assert finds_everything(again, archive)


@pytest.mark.parametrize("text", ["null", "[]", "3", '"x"', '{"folder": "g1"}', "{", ""])
def test_a_current_that_says_nothing_is_none(archive, text):
    Index.open(archive).close()
    (archive.folder / "chroma" / "CURRENT").write_text(text)
    with Archive.open(archive.folder) as reader:
        assert finds_everything(Index.open(reader), reader)
    assert Index.open(archive).state == "chroma"


def test_where_chroma_makes_no_sound_graph_all_vectors_are_searched(archive, monkeypatch, caplog):
    def unsound(*_: object) -> None:
        raise Unsound("Chroma does not find 9 of 32 vectors by themselves")

    with monkeypatch.context() as patched:
        patched.setattr("rag.archive.chroma.Collection.check", unsound)
        made: list[str] = []
        index = Index.open(archive, made.append)
        assert len(made) == 1 and "goes through all vectors instead" in made[0]  # noqa: PT018
        assert index.state == "scan"
        assert finds_everything(index, archive)
        Index.tend(archive)
        index.sync()
    assert len(made) == 1
    assert len(list((archive.folder / "chroma").glob("g*"))) == 1
    with Archive.open(archive.folder) as reader:
        told: list[str] = []
        other = Index.open(reader, told.append)
        assert finds_everything(other, reader)
        assert (other._scan, told) == (None, [])
    found = [f for f in audited(archive.folder) if f.check == "index"]
    assert [f.sound for f in found] == [True]
    assert "search goes through all of them" in found[0].found
    add(archive, [40])
    again = Index.open(archive)
    assert again.state == "scan"  # to make the graph again is left to `repair`
    assert finds_everything(again, archive)


def test_repair_tries_again_what_chroma_could_not_make(archive, monkeypatch):
    def unsound(*_: object) -> None:
        raise Unsound("Chroma does not find 9 of 32 vectors by themselves")

    with monkeypatch.context() as patched:
        patched.setattr("rag.archive.chroma.Collection.check", unsound)
        Index.open(archive).close()
    index = Index.open(archive)
    assert index.state == "scan"
    index.rebuild()
    assert index.state == "chroma"
    assert finds_everything(index, archive)


def test_an_index_of_an_older_program_gets_its_file_of_vectors(archive, monkeypatch):
    Index.open(archive).close()
    monkeypatch.setattr("rag.archive.index.SCANNED", 100)
    current = archive.folder / "chroma" / "CURRENT"
    said = json.loads(current.read_text())
    said["files"] = {k: v for k, v in said["files"].items() if k not in FLAT}
    del said["chroma"]
    current.write_text(json.dumps(said))
    told: list[str] = []
    with Archive.open(archive.folder) as reader:
        assert finds_everything(Index.open(reader, told.append), reader)
    Index.tend(archive)
    assert set(FLAT) <= set(json.loads(current.read_text())["files"])
    assert told == []


def test_passages_without_a_vector_are_passed_over(tmp_path):
    rows = np.eye(3, dtype="<f4")[[0, 2]]
    flat.write(tmp_path, zip([5, 10], map(bytes, rows), strict=True))
    sums = {name: zlib.crc32((tmp_path / name).read_bytes()) for name in FLAT}
    held = flat.Flat(tmp_path, sums)
    only = np.array([1, 6, 7, 10, 11])
    assert held.nearest(rows[0], 5, only) == [(10, 0.0)]
    assert held.nearest(rows[1], 5, np.array([6, 10])) == [(10, 1.0)]
    assert held.nearest(rows[1], 5, np.array([11])) == []


def test_what_was_stored_or_deleted_since_does_not_mislead(archive):
    index = Index.open(archive)
    _, matrix = archive.vectors()
    held = index._follow_flat(archive.vectors_generation)
    late = archive.numbers(Filter(since=date(2024, 1, 20)))
    assert len(held.nearest(matrix[0], 50, late)) == len(late)
    add(archive, range(40, 80))
    more = archive.numbers(Filter(since=date(2024, 1, 20)))
    assert len(more) > len(late)
    assert held.nearest(matrix[0], 50, more) == held.nearest(matrix[0], 50, late)
    archive.delete(["n:20"])
    assert len(archive.names(late.tolist())) == len(late) - 1


def test_changes_are_followed_by_writer_and_reader(archive):
    index = Index.open(archive)
    with Archive.open(archive.folder) as reader:
        other = Index.open(reader)
        add(archive, range(40, 50))
        add(archive, range(5), "A wholly new text {} replaced the old one.")
        assert index.state == other.state == "scan"
        assert finds_everything(other, reader)
        index.sync()
        assert index.state == other.state == "chroma"
        assert finds_everything(index, archive)
        assert finds_everything(other, reader)
        assert len(list((archive.folder / "chroma").glob("g*"))) == 1


def test_what_is_in_line_is_not_written_again(archive):
    index = Index.open(archive)
    before = (archive.folder / "chroma" / "CURRENT").read_bytes()
    index.sync()
    Index.open(archive).sync()
    assert (archive.folder / "chroma" / "CURRENT").read_bytes() == before


def files_of(made: Path) -> list[str]:
    place = made / "chroma"
    return sorted(str(p.relative_to(place)) for p in place.rglob("*") if p.is_file())


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 7, len(data), max(1, len(data) // 50)):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("damage", [delete, truncate, empty, flip])
def test_every_damaged_file_is_survived_by_readers_and_repaired_by_a_writer(
    made, tmp_path, damage, caplog
):
    names = files_of(made)
    assert len(names) > 4
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        shutil.copytree(made, folder)
        damage(folder / "chroma" / name)
        with Archive.open(folder) as reader:
            index = Index.open(reader)
            assert finds_everything(index, reader), name
            index.close()
        with Archive.create(folder) as writer:
            index = Index.open(writer)
            assert index.state == "chroma", name
            assert finds_everything(index, writer), name
            index.close()


def test_trouble_is_told_in_words(made, tmp_path, caplog):
    folder = tmp_path / "archive"
    shutil.copytree(made, folder)
    [database] = folder.rglob("chroma.sqlite3")
    database.unlink()
    told = []
    with Archive.open(folder) as reader, caplog.at_level(logging.WARNING):
        assert Index.open(reader, told.append).state == "scan"
    assert len(told) == 1
    assert "is missing" in told[0]
    assert told[0] in caplog.text


def test_an_index_of_another_archive_is_not_believed(made, tmp_path):
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive:
        add(archive, range(100, 140))
        while (
            archive.vectors_generation
            < json.loads((made / "chroma" / "CURRENT").read_text())["vectors"]
        ):
            add(archive, [200 + archive.vectors_generation])
        shutil.copytree(made / "chroma", folder / "chroma")
        with Archive.open(folder) as reader:
            assert Index.open(reader).state == "scan"
        assert Index.open(archive).state == "chroma"


def test_a_build_that_was_cut_off_leaves_the_old_index_and_is_swept_away(made, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(made, folder)
    half = folder / "chroma" / "g000099"
    shutil.copytree(
        folder / "chroma" / json.loads((made / "chroma" / "CURRENT").read_text())["folder"], half
    )
    truncate(half / "chroma.sqlite3")
    (folder / "chroma" / "CURRENT.new").write_text('{"folder": "g0000')
    with Archive.create(folder) as writer:
        index = Index.open(writer)
        assert index.state == "chroma"
        add(writer, [77])
        index.sync()
        assert finds_everything(index, writer)
    assert not half.exists()


def test_what_a_process_that_died_after_publishing_left_is_swept_away(archive):
    index = Index.open(archive)
    left = archive.folder / "chroma" / "g0000000000ff"
    left.mkdir()
    index.sync()
    assert not left.exists()
    assert index.state == "chroma"


def test_without_room_for_chroma_searching_goes_on(archive, monkeypatch):
    index = Index.open(archive)
    add(archive, [60])

    def full():
        raise ArchiveFull("no room")

    monkeypatch.setattr(archive, "check_space", full)
    index.sync()
    assert index.state == "scan"
    assert finds_everything(index, archive)


def test_a_rebuild_makes_a_new_folder_from_the_archive(archive):
    index = Index.open(archive)
    [old] = (archive.folder / "chroma").glob("g*")
    index.rebuild()
    [new] = (archive.folder / "chroma").glob("g*")
    assert old != new
    assert index.state == "chroma"
    assert finds_everything(index, archive)


def test_a_question_of_another_model_is_refused(archive):
    index = Index.open(archive)
    index.close()
    with pytest.raises(ArchiveError, match="another embedding model"):
        index.search(np.ones(3, dtype=np.float32), 5, Filter(since=date(2024, 1, 1)))


def test_many_threads_search_while_the_index_is_replaced(archive):
    index = Index.open(archive)
    _, matrix = archive.vectors()
    wrong, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            best, score = index.search(matrix[3], 1, Filter())[0]
            if not best.startswith("n:3:") or score < 0.999:
                wrong.append((best, score))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(4):
        add(archive, [90 + number])
        index.sync()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert index.state == "chroma"
