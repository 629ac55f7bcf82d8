"""One writer: the second is told who the first is; a lock never outlives its process."""

import gc
import os
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest

from rag.archive.archive import Archive
from rag.archive.lock import WriterLock
from rag.errors import ArchiveBusy

HOLD = """
import sys, time
from pathlib import Path
from rag.archive.archive import Archive
archive = Archive.create(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_writer_is_refused_with_pid_and_command_of_the_first(holder, tmp_path):
    with pytest.raises(ArchiveBusy) as refused:
        Archive.create(tmp_path)
    assert f"process {holder.pid} (" in str(refused.value)
    assert str(tmp_path) in str(refused.value)
    assert refused.value.exit_code == 4


def test_readers_are_not_refused(holder, tmp_path):
    with Archive.open(tmp_path) as reader:
        assert reader.coverage().articles == 0


def test_the_lock_dies_with_the_process(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    Archive.create(tmp_path).close()


def test_the_same_process_cannot_write_twice_at_once(tmp_path):
    with Archive.create(tmp_path), pytest.raises(ArchiveBusy, match=f"process {os.getpid()} "):
        Archive.create(tmp_path)
    Archive.create(tmp_path).close()


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    lock = WriterLock(tmp_path / "archive.lock")
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        time.sleep(0.1)
        lock.release()
        WriterLock(tmp_path / "archive.lock").release()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


LATE = """
import fcntl, json, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(0.3)
note = {"pid": os.getpid(), "command": "late", "started": "now"}
os.ftruncate(file, 0)
os.pwrite(file, json.dumps(note).encode(), 0)
sys.stdin.read()
"""


@pytest.mark.parametrize("before", ["", '{"pid": 4194305, "command": "dead", "started": "then"}'])
def test_an_owner_that_has_not_written_its_name_yet_is_waited_for(tmp_path, monkeypatch, before):
    monkeypatch.setattr("rag.archive.lock._PATIENCE", 60)
    path = tmp_path / "archive.lock"
    path.write_text(before)
    with subprocess.Popen(
        [sys.executable, "-c", LATE, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout.readline() == "locked\n"
        with pytest.raises(ArchiveBusy, match=rf"process {owner.pid} \(late"):
            WriterLock(path)
        owner.communicate("")


def test_locks_that_were_released_are_not_kept_in_memory(tmp_path):
    gone = []
    for n in range(3):
        lock = WriterLock(tmp_path / "archive.lock")
        weakref.finalize(lock, gone.append, n)
        lock.release()
        del lock
    gc.collect()
    assert gone == [0, 1, 2]


def test_an_owner_that_left_no_note_is_still_an_owner(tmp_path):
    lock = WriterLock(tmp_path / "archive.lock")
    (tmp_path / "archive.lock").write_text("garbage")
    with pytest.raises(ArchiveBusy, match="another process"):
        WriterLock(tmp_path / "archive.lock")
    lock.release()
    lock.release()
