"""The commands that keep an archive: delete, backup, restore, export, repair, stats, doctor."""

import json
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.archive.archive import Archive
from tests.rag.conftest import placed
from tests.ui.test_cli_index import dateline, records

SECRET = "The Qixorblatt inquiry closed in secret."


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("made")
    lines = [
        {
            "id": f"n{n}",
            "text": f"Report {n} was read out in town.",
            "publisher": "AP",
            "date": f"2024-01-0{n}",
        }
        for n in range(1, 6)
    ]
    lines.append({"id": "secret", "text": SECRET, "publisher": "Gazette", "title": "Qixorblatt"})
    (place / "news.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = dateline("index", place / "news.jsonl", "--archive", place / "archive")
    assert done.returncode == 0, done.stderr
    return place / "archive"


@pytest.fixture
def archive(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "archive"))


def ids(archive: Path) -> set[str]:
    with Archive.open(archive) as opened:
        return {a.id for a in opened.articles()}


def test_delete_shows_what_would_go_and_asks_for_a_yes(archive):
    dry = dateline("delete", "secret", "--dry-run", "--archive", archive)
    assert (dry.returncode, "Gazette · Qixorblatt" in dry.stdout) == (0, True)
    assert "1 article would be deleted" in dry.stdout
    refused = dateline("delete", "secret", "--archive", archive)
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert "secret" in ids(archive)
    done = dateline("delete", "secret", "--yes", "--archive", archive)
    assert (done.returncode, "1 article deleted" in done.stdout) == (0, True)
    assert ids(archive) == {f"n{n}" for n in range(1, 6)}
    left = b"".join(p.read_bytes() for p in archive.rglob("*") if p.is_file())
    assert b"Qixorblatt" not in left
    assert b"qixorblatt"[1:] not in left


def test_delete_takes_articles_by_outlet_and_by_day(archive):
    [dry] = records(
        dateline("delete", "--publisher", "ap", "--since", "2024-01-02", "--until", "2024-01-03",
                 "--dry-run", "--json", "--archive", archive)
    )  # fmt: skip
    assert dry == {"chosen": ["n2", "n3"], "deleted": 0}
    [done] = records(
        dateline("delete", "--until", "2024-01-04", "--yes", "--json", "--archive", archive)
    )
    assert done["deleted"] == 4
    assert ids(archive) == {"n5", "secret"}


@pytest.mark.parametrize(
    ("args", "code"),
    [([], 2), (["n1", "--publisher", "AP"], 2), (["n1", "nobody"], 4), (["n1", "--since", "x"], 2)],
)
def test_delete_refuses_what_it_cannot_be_sure_of(archive, args, code):
    done = dateline("delete", *args, "--yes", "--archive", archive)
    assert done.returncode == code, done.stderr
    assert len(ids(archive)) == 6


def test_a_backup_is_restored_and_overwrites_only_when_told(archive, tmp_path):
    kept = tmp_path / "kept.db"
    [said] = records(dateline("backup", kept, "--json", "--archive", archive))
    assert said == {"path": str(kept), "articles": 6, "bytes": kept.stat().st_size}
    dateline("delete", "n1", "--yes", "--archive", archive)
    refused = dateline("restore", kept, "--archive", archive)
    assert (refused.returncode, "left as it is" in refused.stderr) == (4, True)
    assert len(ids(archive)) == 5
    assert dateline("restore", kept, "--overwrite", "--archive", archive).returncode == 0
    assert dateline("restore", kept, "--archive", tmp_path / "other").returncode == 0
    assert len(ids(archive)) == len(ids(tmp_path / "other")) == 6
    assert dateline("backup", kept, "--archive", archive).returncode == 4


def test_an_export_is_indexed_again(archive, tmp_path):
    file = tmp_path / "all.jsonl"
    assert dateline("export", file, "--archive", archive).returncode == 0
    assert dateline("export", "--archive", archive).stdout == file.read_text()
    assert dateline("export", file, "--archive", archive).returncode == 2
    done = dateline("index", file, "--archive", tmp_path / "other")
    assert "6 added" in done.stdout
    assert dateline("export", "--archive", tmp_path / "other").stdout == file.read_text()


def test_what_is_sound_in_a_damaged_archive_is_exported(archive):
    with closing(sqlite3.connect(archive / "archive.db")) as db, db:
        db.execute("UPDATE revision SET text = 'Nothing.' WHERE rowid = 1")
    done = dateline("export", "--archive", archive)
    assert (done.returncode, len(done.stdout.splitlines())) == (4, 5)
    assert "is not what was stored" in done.stderr


def test_doctor_finds_what_repair_then_mends(archive):
    with closing(sqlite3.connect(archive / "archive.db")) as db, db:
        db.execute("UPDATE embedding SET vector = zeroblob(9)")
        db.execute("DELETE FROM fulltext_data WHERE id > 10")
    for path in (archive / "chroma").glob("g*/chroma.sqlite3"):
        path.write_bytes(b"")
    sick = dateline("doctor", "--archive", archive, "--llm", "none", "--json")
    [said] = records(sick)
    wrong = {c["check"] for c in said["checks"] if c["exit_code"]}
    assert (sick.returncode, wrong) == (4, {"words", "vectors", "index"})
    mended = dateline("repair", "--archive", archive)
    assert mended.returncode == 0, mended.stderr
    assert "index of words made anew" in mended.stdout
    well = dateline("doctor", "--archive", archive, "--llm", "none")
    assert well.returncode == 0, well.stdout


def test_repair_makes_no_archive_where_there_is_none(tmp_path):
    done = dateline("repair", "--archive", tmp_path / "none")
    assert (done.returncode, (tmp_path / "none").exists()) == (4, False)


def test_stats_count_what_is_there_and_what_it_takes(archive):
    [said] = records(dateline("stats", "--json", "--archive", archive))
    counts = {name: said[name] for name in ("articles", "revisions", "copies", "outlets", "index")}
    assert counts == {"articles": 6, "revisions": 6, "copies": 0, "outlets": 2, "index": "current"}
    assert said["vectors"] == said["passages"] == 6
    assert said["database"] >= (archive / "archive.db").stat().st_size
    assert said["chroma"] > 0
    assert "2 outlets" in dateline("stats", "--archive", archive).stdout


def test_what_no_source_states_is_stated_by_hand(archive):
    listed = dateline("list", "--undated", "--archive", archive).stdout
    assert "Qixorblatt" in listed
    assert listed.count("\n") == 1
    where = ("--where", "published=unknown", "--published", "2024-02-01", "--author", "Ana Reis")
    dry = dateline("edit", *where, "--dry-run", "--archive", archive)
    assert "1 article would be edited" in dry.stdout
    done = dateline("edit", *where, "--archive", archive)
    assert (done.returncode, "1 article edited" in done.stdout) == (0, True), done.stderr
    assert dateline("list", "--undated", "--archive", archive).stdout == ""
    shown = dateline("show", "secret", "--archive", archive).stdout
    assert "stated by hand: " in shown
    assert dateline("edit", "--outlet", "AP", "--archive", archive).returncode == 2
    assert dateline("edit", "secret", "--archive", archive).returncode == 2
    assert dateline("edit", "gone", "--outlet", "AP", "--archive", archive).returncode == 4


def test_indexing_says_how_many_articles_lack_a_day_or_an_outlet(archive, tmp_path):
    (tmp_path / "a.txt").write_text("The council met on Monday and closed the pier in town.")
    told = dateline("index", tmp_path / "a.txt", "--archive", archive).stdout
    assert "2 articles have no date: dateline list --undated" in told
    assert "1 article has no outlet: dateline list --no-outlet" in told


def test_entities_are_listed_found_and_told_apart(tmp_path):
    lines = [
        {"id": "a", "text": "Jerome Powell spoke in Basel. Powell left rates alone."},
        {"id": "b", "text": "The sailor Jerome Powell won a yacht race near Basel."},
    ]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    place = tmp_path / "archive"
    assert dateline("index", tmp_path / "news.jsonl", "--archive", place).returncode == 0
    listed = dateline("entities", "--archive", place, "--kind", "person").stdout
    assert listed.startswith("Jerome Powell  person, 2 articles, 3 mentions\n  a ")
    split = dateline(
        "entities", "split", "Jerome Powell", "b", "--as", "Jerry Powell", "--archive", place
    )
    assert split.returncode == 0, split.stderr
    found = records(dateline("entities", "powell", "--json", "--archive", place))
    assert {e["name"]: e["articles"] for e in found} == {"Jerome Powell": 1, "Jerry Powell": 1}
    wrong = dateline("entities", "split", "Nobody", "b", "--as", "X Y", "--archive", place)
    assert wrong.returncode == 4
    assert "none of these articles names 'Nobody'" in wrong.stderr
    assert dateline("entities", "split", "Nobody", "--archive", place).returncode == 2


def test_an_archive_without_stored_answers_says_so(archive):
    assert dateline("history", "--archive", archive).stdout == "no stored answers\n"
    assert dateline("history", "--changed", "--archive", archive).stdout == "no such answers\n"
    assert dateline("history", "--json", "--archive", archive).stdout == ""


@pytest.fixture
def server(tmp_path, monkeypatch):
    yield from placed("postgres-15", tmp_path, monkeypatch)


def test_who_moves_or_restores_is_told_what_comes_next_as_a_shell_reads_it(
    archive, server, tmp_path
):
    moved = dateline("move", archive, server)
    assert moved.returncode == 0, moved.stderr
    command = moved.stdout.rpartition("until then the search is slower: ")[2]
    assert shlex.split(command) == ["dateline", "repair", "--archive", str(server)]
    repaired = dateline(*shlex.split(command)[1:])
    assert repaired.returncode == 0, repaired.stderr
    kept = tmp_path / "kept.db"
    assert dateline("backup", kept, "--archive", archive).returncode == 0
    refused = dateline("restore", kept, "--archive", f"{server}&connect_timeout=9")
    assert refused.returncode == 4
    command = refused.stderr.strip().rpartition("then: ")[2]
    assert shlex.split(command)[-1] == f"{server}&connect_timeout=9"
