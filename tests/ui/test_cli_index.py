"""`dateline index` as a process: good files in, bad ones named, one writer, nothing twice."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from rag.archive.lock import WriterLock
from ui.cli import run

ARTICLE = """---
title: Ferry pier opens
publisher: Harbour Gazette
date: 2024-03-04
---
The new ferry pier in Norwick opened on Monday after two years of work.

Mayor Ada Lund said the pier cost 12 million euros.
"""


def process(*args: object, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command line as a process of its own."""
    program = [sys.executable, "-c", "from ui.cli import main; main()"]
    command = [*before, *program, *map(str, args)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)


def dateline(*args: object) -> subprocess.CompletedProcess[str]:
    """Run a command line in this process, which loads the libraries once for all tests."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(arg) for arg in args])
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def records(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def news(tmp_path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "pier.md").write_text(ARTICLE)
    return folder


@pytest.fixture
def archive(tmp_path) -> Path:
    return tmp_path / "archive"


def test_files_are_added_once_and_revised_when_they_change(news, archive):
    first = dateline("index", news, "--archive", archive, "--json")
    assert first.returncode == 0, first.stderr
    report, totals = records(first)
    assert report["outcome"] == "added"
    assert report["origin"].endswith("pier.md")
    assert totals == {
        "totals": {
            "added": 1,
            "unchanged": 0,
            "revised": 0,
            "duplicate": 0,
            "listed": 0,
            "refused": 0,
            "withdrawn": 0,
            "unread": 0,
            "failed": 0,
        },
        "unread": {},
    }
    again = records(dateline("index", news, "--archive", archive, "--json"))
    assert [again[0]["outcome"], again[0]["article_id"]] == ["unchanged", report["article_id"]]
    (news / "pier.md").write_text(ARTICLE.replace("12 million", "14 million"))
    changed = dateline("index", news, "--archive", archive)
    assert changed.returncode == 0
    assert "1 revised" in changed.stdout
    assert "\x1b" not in changed.stdout + changed.stderr


def test_bad_files_are_named_with_the_reason_and_the_good_ones_go_in(news, archive):
    (news / "empty.txt").touch()
    (news / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (news / "broken.jsonl").write_text('{"text": "half a rec\n')
    done = dateline("index", news, "--archive", archive)
    assert done.returncode == 5
    for name in ("empty.txt", "binary.txt", "broken.jsonl"):
        (line,) = [line for line in done.stdout.splitlines() if name in line]
        assert line.startswith("failed"), line
        assert line.partition(name)[2].partition(":")[2].strip(), "a reason"
    assert "1 added, 3 failed" in done.stdout
    assert "Traceback" not in done.stderr


def test_files_that_no_reader_takes_are_counted_and_named(news, archive):
    for name in ("old.doc", "scan.PNG", "other.png", "notes"):
        (news / name).write_bytes(b"\xd0\xcf\x11\xe0 bytes")
    done = dateline("index", news, "--archive", archive)
    assert done.returncode == 5
    assert "unread     " in done.stdout
    assert "old.doc: no reader for .doc" in done.stdout
    assert "1 added, 4 unread" in done.stdout
    assert "4 files (.png 2, .doc 1, without an ending 1)" in done.stdout
    *_, totals = records(dateline("index", news, "--archive", archive, "--json"))
    assert (totals["totals"]["unread"], totals["unread"][".png"]) == (4, 2)


def test_the_archive_s_own_files_are_not_read_when_it_lies_in_the_folder(news):
    for _ in range(2):
        done = dateline("index", news, "--archive", news / "archive")
        assert done.returncode == 0, done.stdout


def test_a_missing_file_is_named_before_anything_is_read(news, archive):
    done = dateline("index", news / "nowhere.txt", news, "--archive", archive)
    assert done.returncode == 5
    assert done.stderr.startswith("dateline: ")
    assert "nowhere.txt" in done.stderr
    assert done.stderr.count("\n") == 1
    assert dateline("list", "--archive", archive).stdout == ""


def test_a_text_of_50_mb_is_refused_or_read_but_never_fatal(news, archive):
    sentence = "The council met again and agreed on nothing of note that evening. "
    with (news / "huge.txt").open("w") as huge:
        for _ in range(50):
            huge.write(sentence * (1_000_000 // len(sentence)) + "\n\n")
    done = dateline("index", news, "--archive", archive)
    assert done.returncode == 5, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "huge.txt" in line]
    assert line.startswith("failed")
    assert "MB" in line
    assert "1 added, 1 failed" in done.stdout


def without_root_powers() -> tuple[str, ...]:
    """Return a prefix that makes file modes hold for root too."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"], check=False).returncode:
        pytest.skip("root reads everything here, and setpriv cannot take that away")
    return prefix


def test_an_unreadable_folder_is_named_and_the_others_go_in(news, archive):
    locked = news / "locked"
    locked.mkdir()
    (locked / "secret.txt").write_text("Nobody can read this.")
    locked.chmod(0)
    try:
        done = process("index", news, "--archive", archive, before=without_root_powers())
    finally:
        locked.chmod(0o700)
    assert done.returncode == 5, done.stderr
    assert "locked" in done.stdout + done.stderr
    assert "1 added" in done.stdout


def test_a_second_writer_is_refused_with_the_name_of_the_first(news, archive):
    archive.mkdir()
    lock = WriterLock(archive / "archive.lock")
    try:
        done = process("index", news, "--archive", archive)
    finally:
        lock.release()
    assert done.returncode == 4
    assert f"process {os.getpid()}" in done.stderr
    assert dateline("index", news, "--archive", archive).returncode == 0


def test_a_full_disk_refuses_new_articles_in_words(news, archive, capsys, monkeypatch):
    monkeypatch.setattr("rag.archive.store.LOW_WATER", 1 << 60)
    assert run(["index", str(news), "--archive", str(archive)]) == 4
    assert "free" in capsys.readouterr().err


def test_fields_of_json_lines_can_be_mapped(tmp_path, archive):
    path = tmp_path / "feed.jsonl"
    record = {
        "body": "The lock at Wend closed for repairs.",
        "head": "Lock shut",
        "when": "2024-05-06",
    }
    path.write_text(json.dumps(record) + "\n")
    mapping = "text=body,title=head,published=when"
    done = dateline("index", path, "--map", mapping, "--archive", archive, "--json")
    assert done.returncode == 0, done.stdout
    shown = dateline("show", records(done)[0]["article_id"], "--archive", archive, "--json")
    article = json.loads(shown.stdout)
    assert article["text"] == record["body"]
    assert [article["title"], article["published"]] == ["Lock shut", "2024-05-06"]


def test_an_article_is_shown_listed_and_counted(news, archive):
    indexed = records(dateline("index", news, "--archive", archive, "--json"))
    key = indexed[0]["article_id"]
    shown = dateline("show", key, "--archive", archive)
    assert shown.stdout.startswith("Harbour Gazette · 2024-03-04 · Ferry pier opens\n")
    assert "Mayor Ada Lund said the pier cost 12 million euros." in shown.stdout
    listed = records(dateline("list", "--archive", archive, "--json"))
    assert [(a["id"], "text" in a) for a in listed] == [(key, False)]
    counts = json.loads(dateline("stats", "--archive", archive, "--json").stdout)
    assert [counts["articles"], counts["earliest"], counts["undated"]] == [1, "2024-03-04", 0]
    missing = dateline("show", "a000000000000", "--archive", archive)
    assert missing.returncode == 4
    assert "'a000000000000'" in missing.stderr


def test_doctor_finds_a_sound_archive_sound(news, archive):
    dateline("index", news, "--archive", archive)
    done = dateline("doctor", "--archive", archive, "--llm", "none", "--json")
    assert done.returncode == 0, done.stdout
    assert {c["check"] for c in json.loads(done.stdout)["checks"] if not c["exit_code"]} == {
        "archive",
        "database",
        "texts",
        "words",
        "vectors",
        "index",
        "embedding model",
        "chat model",
        "disk",
    }


def test_doctor_names_what_is_missing(archive):
    done = dateline("doctor", "--archive", archive, "--llm", "local:nope")
    assert done.returncode == 4
    assert "wrong archive: there is no archive in" in done.stdout
    assert "wrong chat model: no local model is called 'nope'" in done.stdout
