"""An archive moves between a folder and a server, both ways, and answers there as before."""

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from rag.archive import engine as engines
from rag.archive.archive import Archive
from rag.archive.conversations import Conversations
from rag.archive.originals import Original
from rag.archive.people import People
from rag.archive.standing import Withdrawal
from rag.errors import ArchiveError, ArchiveMissing
from rag.ingest.adding import add
from rag.maintenance import move as moving
from rag.maintenance.backup import backup, restore
from rag.maintenance.move import move
from rag.settings import Settings
from rag.types import Answer, Filter
from tests.rag.conftest import placed
from tests.rag.making import CHUNKS, Numbers, bulk, embed, fill, make, put

SERVER = "postgres-15"
JETS = "The F-16 jets were refuelled mid-air over the Café."
WORDS = (["report", "day"], ["F-16"], ["mid-air", "jets"], ["cafe"], ["happens", "number 7"])


@pytest.fixture
def server(tmp_path, monkeypatch):
    yield from placed(SERVER, tmp_path, monkeypatch)


@pytest.fixture
def other(tmp_path, monkeypatch):
    yield from placed(SERVER, tmp_path, monkeypatch)


@pytest.fixture
def folder(tmp_path):
    """An archive with a bit of everything."""
    folder = tmp_path / "full"
    with Archive.create(folder) as archive:
        fill(archive, range(20))
        put(archive, "jets", JETS, title="F-16")
        put(
            archive, "jets", "The F-16 jets were refuelled mid-air. “Twice”, he said.", title="F-16"
        )
        put(archive, "copy", "The F-16 jets were refuelled mid-air. “Twice”, he said.")
        put(archive, "jets", "Another text altogether.", published=date(2024, 5, 3))
        bulk(archive, 450)
        put(archive, "gone", "A report that its sender took back.")
        archive.withdraw("gone", "an error")
        archive.note_withdrawal(["k1", "k2"], Withdrawal(reason="sent by mistake"))
        archive.amend("n:3", {"publisher": "Reuters", "authors": ["B. Q."]})
        put(archive, "deleted", "Nobody will read this.")
        archive.delete(["deleted"])
        with archive._transaction() as db:
            from rag.archive.originals import keep

            n = db.execute("SELECT n FROM article WHERE id = 'jets'").fetchone()[0]
            digest = archive.article("jets").digest
            keep(db, n, digest, Original(format="text", data=b"\x00\xff" * 40))
    with Conversations.open(folder) as kept:
        asked = kept.begin("Who won?", filters=Filter(publishers=("AP",)))
        kept.finish(asked.id, Answer(question="Who won?", outcome="declined", reason="-"), {})
    return folder


def seen(place):
    """What can be read in an archive, and how well it finds."""
    with Archive.open(place) as archive:
        names = [article.id for article in archive.articles()]
        found = [
            archive.search(words, 50, within)
            for words in WORDS
            for within in (Filter(), Filter(publishers=("AP",)), Filter(since=date(2024, 1, 9)))
        ]
        texts = [
            replace(archive.article(n, digest), ingested=None)
            for n in names
            for digest in archive.revisions(n)
        ]
        ids, matrix = archive.vectors()
        rest = (
            archive.histories(),
            archive.generation,
            archive.tally(),
            archive.coverage(),
            archive.publishers(),
            archive.authors(),
            archive.withdrawal(["k2"]),
            archive.erased("deleted"),
            archive.original("jets", archive.article("jets").digest),
            archive.leaf("jets", limit=9),
        )
    with Conversations.open(place) as kept:
        talk = [kept.exchanges(each.id) for each in kept.listed()]
    return names, found, texts, ids, matrix.tolist(), rest, talk


def test_an_archive_is_the_same_on_a_server_and_back_in_a_folder(folder, server, tmp_path):
    before = seen(folder)
    there = move(folder, server)
    assert seen(server) == before
    back = move(server, tmp_path / "back")
    assert seen(tmp_path / "back") == before
    assert there.digest == back.digest
    with Archive.create(tmp_path / "back") as archive:
        assert archive.mend() == []


def waiting(server):
    """How many pages of words every search would have to go through, by emptying them."""
    with closing(engines.of(server).connect(writing=True)) as db:
        return db.execute("SELECT gin_clean_pending_list('words_vector')").fetchone()[0]


def test_what_was_moved_or_read_in_is_found_without_a_list_of_what_is_new(folder, server, tmp_path):
    move(folder, server)
    assert waiting(server) == 0
    with Archive.create(server) as archive:
        fill(archive, range(30, 60))
    assert waiting(server) > 0, "one by one they wait"
    records = [{"id": f"r{n}", "text": f"Report {n} came in late. It is short."} for n in range(9)]
    add(server, Numbers(), records, Settings())
    assert waiting(server) == 0


def test_from_one_server_to_another(folder, server, other):
    move(folder, server)
    assert move(server, other).written > 0
    assert seen(other) == seen(folder)


def test_what_was_moved_grows_as_before(folder, server):
    move(folder, server)
    for place in (folder, server):
        with Archive.create(place) as archive:
            fill(archive, range(15, 30))
            put(
                archive, "jets", "The F-16 jets were refuelled mid-air over the Café.", title="F-16"
            )
            embed(archive)
            assert archive.mend() == []
    assert seen(server) == seen(folder)


def test_a_move_that_was_cut_off_is_hidden_and_goes_on(folder, server, monkeypatch):
    class Cut(Exception):
        pass

    def cut(table, count):
        if table == "passage":
            raise Cut

    monkeypatch.setattr(moving, "_TOGETHER", 7)
    with pytest.raises(Cut):
        move(folder, server, cut)
    for door in (Archive.open, Archive.create):
        with pytest.raises(ArchiveError, match="dateline move"):
            door(server)
    with Archive.create(folder) as archive:  # what changes meanwhile is carried too
        put(archive, "n:4", "Report 4 was written anew.")
        archive.delete(["n:5"])
        put(archive, "late", "A late report came in.")
    rows = sum(move(folder, server).tables.values())
    assert seen(server) == seen(folder)
    assert rows > 100


def test_an_archive_is_not_overwritten(folder, server, tmp_path):
    with Archive.create(server) as archive:
        put(archive, "mine", "This one stays.")
    with pytest.raises(ArchiveError, match="left as it is"):
        move(folder, server)
    with Archive.open(server) as archive:
        assert [a.id for a in archive.articles()] == ["mine"]
    with pytest.raises(ArchiveMissing):
        move(tmp_path / "nothing", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_archive_that_nobody_has_put_anything_into_is_filled(folder, server, tmp_path):
    """A server that is started before a backup is restored makes one."""
    for place in (server, tmp_path / "new"):
        with Archive.create(place) as archive:
            archive.note("index identity", "of nothing")
        move(folder, place)
        assert seen(place) == seen(folder)


def test_people_alone_are_something(folder, server, tmp_path):
    for place in (server, tmp_path / "new"):
        Archive.create(place).close()
        with People.open(place) as people:
            people.add("ada")
        with pytest.raises(ArchiveError, match="left as it is"):
            move(folder, place)
        with People.open(place) as people:
            assert people.named("ada")


def test_what_does_not_arrive_is_noticed(folder, server, monkeypatch):
    real = moving._write

    def lossy(db, table, rows, there):
        real(db, table, rows[:-1] if table.name == "band" else rows, there)

    put_bands(folder)
    monkeypatch.setattr(moving, "_write", lossy)
    with pytest.raises(ArchiveError, match="not what was read"):
        move(folder, server)
    monkeypatch.undo()


def put_bands(folder):
    from rag.archive.filing import Filing
    from rag.ingest.chunk import chunk
    from rag.language.sentences import split

    with Archive.create(folder) as archive:
        article = make("bands", "It has bands.")
        how = Filing(bands=(5, -(2**63), 2**63 - 1))
        archive.put(article, chunk(article, CHUNKS), split(article.text), how)


def test_a_backup_of_a_server_is_one_file_that_is_restored_into_a_folder(folder, server, tmp_path):
    move(folder, server)
    with Archive.open(server) as archive:
        kept = backup(archive, tmp_path / "kept.backup")
    assert kept.articles == len(seen(folder)[0])
    with pytest.raises(ArchiveError, match="dateline move"):
        restore(kept.path, server, overwrite=True)
    restore(kept.path, tmp_path / "again", overwrite=False)
    assert seen(tmp_path / "again")[:2] == seen(folder)[:2]


def test_all_tables_are_carried(server):
    """A table that a later step makes is known by itself."""
    Archive.create(server).close()
    with closing(engines.of(server).connect(writing=False)) as db:
        found = db.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        ).fetchall()
    ours = {"dateline", "words", "words_sum"}
    assert {name for (name,) in found} - ours == {table.name for table in moving.tables()}
