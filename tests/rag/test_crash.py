"""Kill -9 at any moment, a full disk, a read-only folder: nothing acknowledged is lost."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.errors import ArchiveFull
from rag.ingest.run import embed_pending, ingest
from rag.settings import Settings
from rag.types import Filter
from tests.attack.sizes import size

COUNT = 120
PROGRAM = """
import hashlib, sys, time
from pathlib import Path
import numpy as np
from rag.archive.archive import Archive
from rag.ingest.run import ingest
from rag.settings import Settings

class Slow:
    fingerprint = "slow"
    def encode(self, texts):
        time.sleep(len(texts) / 1000)
        seeds = [int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) for t in texts]
        rows = np.stack([np.random.default_rng(seed).normal(size=16) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

if __name__ == "__main__":
    print("begun", flush=True)
    with Archive.create(Path(sys.argv[1])) as archive:
        settings = Settings.model_validate({"chunk": {"characters": 200}})
        for report in ingest(archive, Slow(), [Path(sys.argv[2])], settings):
            print(report.article_id, report.outcome, flush=True)
"""

REBUILD = """
import sys, time
from pathlib import Path
from rag.archive.archive import Archive
from rag.archive.index import Index

with Archive.create(Path(sys.argv[1])) as archive:
    index = Index.open(archive)
    begun = time.monotonic()
    index.rebuild()
    print(time.monotonic() - begun, flush=True)
    while True:
        index.rebuild()
"""


@pytest.fixture(autouse=True)
def chroma_at_any_size(monkeypatch):
    monkeypatch.setattr("rag.archive.index.SCANNED", 0)


@pytest.fixture(scope="module")
def news(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("news") / "news.jsonl"
    with path.open("w") as file:
        for number in range(COUNT):
            parts = (f"Report {number} says in part {n} what had happened." for n in range(40))
            file.write(json.dumps({"id": f"r-{number}", "text": " ".join(parts)}) + "\n")
    return path


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("program") / "index_news.py"
    path.write_text(PROGRAM)
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory, news, program) -> tuple[set[str], float, Path]:
    """Passages of an undisturbed run, the seconds that it took from its first word, its archive."""
    folder = tmp_path_factory.mktemp("whole") / "archive"
    with start(program, folder, news) as process:
        process.stdout.readline()
        begun = time.monotonic()
        process.communicate()
        seconds = time.monotonic() - begun
    with Archive.open(folder) as archive:
        return set(archive.vectors()[0]), seconds, folder


@contextmanager
def start(program: Path, folder: Path, news: Path) -> Iterator[subprocess.Popen]:
    with subprocess.Popen(
        [sys.executable, str(program), str(folder), str(news)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_after(seconds: float, program: Path, folder: Path, news: Path) -> list[str]:
    """Start a run, kill it `seconds` after its first word, and return what it acknowledged."""
    with start(program, folder, news) as process:
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
    return [line.split()[0] for line in said.splitlines() if line.endswith("added")]


def check(folder: Path, passages: set[str]) -> None:
    """Everything is there exactly once, found by words and by vectors."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        db.execute("INSERT INTO fulltext (fulltext, rank) VALUES ('integrity-check', 1)")
        assert db.execute("SELECT DISTINCT state FROM article").fetchall() == [("ready",)]
    with Archive.open(folder) as archive:
        assert archive.coverage().articles == COUNT
        ids, matrix = archive.vectors()
        assert sorted(ids) == sorted(passages)
        assert archive.passage_count == len(passages)
        index = Index.open(archive)
        assert index.state == "chroma"
        for row in range(0, len(ids), 97):
            assert index.search(matrix[row], 1, Filter())[0][0] == ids[row]
        [(best, _)] = archive.search(["77"], 1, Filter())
        assert best.startswith("r-77:")
        index.close()


def survive(parts: list[float], whole, program: Path, folder: Path, news: Path) -> None:
    """Kill runs at these parts of their whole time, one after the other, then finish."""
    passages, seconds, _ = whole
    acknowledged = set()
    for part in parts:
        acknowledged.update(kill_after(part * seconds, program, folder, news))
        if (folder / "archive.db").exists() and acknowledged:
            with Archive.open(folder) as archive:
                assert acknowledged <= {a.id for a in archive.articles()}
                assert archive.search(["report"], 5, Filter())
                ids, matrix = archive.vectors()
                if ids:
                    assert Index.open(archive).search(matrix[0], 1, None)[0][0] == ids[0]
    with start(program, folder, news) as process:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
    outcomes = dict(line.split() for line in said.splitlines()[1:])
    assert all(outcomes[i] == "unchanged" for i in acknowledged)
    check(folder, passages)


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.8, 0.95])
def test_a_killed_run_is_finished_by_the_next_one(part, whole, program, tmp_path, news):
    moment = part + random.uniform(-0.04, 0.04)
    survive([moment], whole, program, tmp_path / "archive", news)


@pytest.mark.parametrize("part", [0.1, 0.4, 0.7])
def test_a_run_killed_while_chroma_writes_leaves_the_index_in_use(part, whole, tmp_path, news):
    folder = tmp_path / "archive"
    rebuild = tmp_path / "rebuild.py"
    rebuild.write_text(REBUILD)
    shutil.copytree(whole[2], folder)
    with start(rebuild, folder, news) as process:
        seconds = float(process.stdout.readline())
        time.sleep(seconds * (1 + part + random.uniform(-0.1, 0.3)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    check(folder, whole[0])
    with Archive.create(folder) as archive:
        add = folder.parent / "more.jsonl"
        add.write_text(json.dumps({"id": "new", "text": "One more report came in late."}))
        list(ingest(archive, Quick(), [add], Settings()))
        assert Index.open(archive).state == "chroma"
    assert len(list((folder / "chroma").glob("g*"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(size(3, 12, 12)))
def test_many_killed_runs_are_finished_by_the_next_one(seed, whole, program, tmp_path, news):
    chance = random.Random(seed)
    moments = [chance.random() for _ in range(4)]
    survive(moments, whole, program, tmp_path / "archive", news)


def test_a_second_run_is_refused_and_disturbs_nothing(whole, program, tmp_path, news):
    folder = tmp_path / "archive"
    with start(program, folder, news) as first:
        first.stdout.readline()
        first.stdout.readline()
        first.send_signal(signal.SIGSTOP)  # so that it still writes when the second has started
        second = subprocess.run(
            [sys.executable, str(program), str(folder), str(news)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode != 0
        assert f"ArchiveBusy: the archive '{folder}' is being written by process {first.pid} (" in (
            second.stderr
        )
        first.send_signal(signal.SIGCONT)
        first.communicate()
        assert first.returncode == 0
    check(folder, whole[0])


class Quick:
    fingerprint = "quick"

    def encode(self, texts):
        rows = np.random.default_rng().normal(size=(len(texts), 16))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@contextmanager
def small_disk(place: Path, room: str) -> Iterator[Path]:
    """A disk of its own in memory; needs the right to mount."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def resize(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def test_a_full_disk_loses_nothing_and_is_named(tmp_path, news, monkeypatch):
    monkeypatch.setattr("rag.archive.store.LOW_WATER", 0)
    settings = Settings.model_validate({"chunk": {"characters": 200}})
    stored = []
    with small_disk(tmp_path / "disk", "1200k") as disk:
        with Archive.create(disk / "archive") as archive:
            reports = ingest(archive, Quick(), [news], settings)
            with pytest.raises(ArchiveFull, match="is full"):
                stored.extend(r.article_id for r in reports)
        with pytest.raises(ArchiveFull), Archive.create(disk / "archive") as archive:
            list(ingest(archive, Quick(), [news], settings))
        with Archive.open(disk / "archive") as archive:
            held = {a.id for a in archive.articles()}
            assert held >= set(stored)
            assert archive.search(["report"], 5, Filter())
        resize(disk, "size=100m")
        with Archive.create(disk / "archive") as archive:
            reports = list(ingest(archive, Quick(), [news], settings))
            assert {r.article_id for r in reports if r.outcome == "unchanged"} == held
            assert archive.coverage().articles == COUNT
            assert len(archive.vectors()[0]) == archive.passage_count


def test_a_disk_that_fills_up_under_chroma_leaves_the_scan(tmp_path, news, monkeypatch):
    monkeypatch.setattr("rag.archive.store.LOW_WATER", 0)
    settings = Settings.model_validate({"chunk": {"characters": 200}})
    with (
        small_disk(tmp_path / "disk", "64m") as disk,
        Archive.create(disk / "archive") as archive,
    ):
        for report in ingest(archive, Quick(), [news], settings):
            if report.article_id == f"r-{COUNT - 1}":
                break
        embed_pending(archive, Quick(), 32)
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "ballast").write_bytes(bytes(free - 200_000))
        told = []
        index = Index.open(archive, told.append)
        assert index.state == "scan"
        assert told
        assert len(index.search(archive.vectors()[1][0], 3, Filter())) == 3
        (disk / "ballast").unlink()
        assert Index.open(archive).state == "chroma"


def test_a_read_only_disk_can_be_asked(tmp_path, news, monkeypatch):
    monkeypatch.setattr("rag.archive.store.LOW_WATER", 0)
    with small_disk(tmp_path / "disk", "64m") as disk:
        with Archive.create(disk / "archive") as archive:
            list(ingest(archive, Quick(), [news], Settings()))
        resize(disk, "ro")
        with Archive.open(disk / "archive") as archive:
            assert archive.search(["report"], 5, Filter())
            index = Index.open(archive)
            assert index.state == "scan"
            assert index.search(archive.vectors()[1][0], 1, Filter())[0][1] == pytest.approx(
                1, abs=1e-5
            )
