"""Ray reads for an archive on a server, and one of its nodes is killed while it does."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.errors import DatelineError, SettingsError
from rag.ingest import rayed
from rag.ingest.adding import add
from rag.settings import Address, IngestSettings, Settings
from tests import servers
from tests.attack.sizes import SEED, figure, size, times
from tests.rag import writers
from tests.rag.making import Numbers

RAY = Settings(ingest=IngestSettings(engine="ray"))


@pytest.fixture
def address(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server, schema = servers.server("postgres-15"), f"r{secrets.token_hex(6)}"
    yield server.address(schema)
    server.drop(schema)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not on this machine")
def test_a_node_that_is_killed_loses_and_doubles_nothing(address, tmp_path):
    count = size(60, 400, 2000)
    add(tmp_path / "one", Numbers(), [writers.record(n) for n in range(count)], Settings())
    one = writers.state(tmp_path / "one")
    for turn in range(times(1, 1, 5)):
        at = f"{address}{turn}"
        command = [sys.executable, "-m", "tests.rag.rays", at, str(count), str(SEED + turn)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        told = json.loads(done.stdout.strip().splitlines()[-1])
        assert told["killed_at"], "no node was killed"
        assert told["failed"] == []
        assert told["reported"] == count
        assert writers.state(at) == one
        figure("Ray node killed", articles=count, at=told["killed_at"][0], seconds=told["seconds"])


class NoRay:
    """A Ray that does not start."""

    def __init__(self, fails: int) -> None:
        self.fails = fails
        self.tried = 0
        self.shut = 0

    def init(self, **how: object) -> None:
        self.tried += 1
        if self.tried <= self.fails:
            raise RuntimeError("the raylet did not start in time")

    def shutdown(self) -> None:
        self.shut += 1


def _archive(at: object) -> object:
    return type("Archive", (), {"place": at})()


def test_where_ray_cannot_start_it_is_tried_three_times_and_said(monkeypatch):
    ray = NoRay(3)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(rayed, "PAUSE", 0)
    with (
        pytest.raises(
            DatelineError, match=r"cannot be started on this machine, tried 3 times: the"
        ),
        rayed.cluster(_archive(Address("postgresql://x/y")), RAY),
    ):
        raise AssertionError
    assert (ray.tried, ray.shut) == (3, 3)


def test_a_start_that_was_too_slow_is_tried_again(monkeypatch, caplog):
    ray = NoRay(2)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr(rayed, "PAUSE", 0)
    with rayed.cluster(_archive(Address("postgresql://x/y")), RAY):
        assert ray.tried == 3
    assert "trying again" in caplog.text


def test_a_folder_cannot_be_written_to_by_several_machines(tmp_path):
    with pytest.raises(SettingsError, match="dateline move"):
        add(tmp_path / "a", Numbers(), [writers.record(1)], RAY)


def test_without_the_package_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(SettingsError, match=r"pip install 'dateline-qa\[ray\]'"),
        rayed.cluster(_archive(Address("postgresql://x/y")), RAY),
    ):
        raise AssertionError


def test_ray_is_imported_only_when_it_is_asked_for():
    code = "import sys; import rag.ingest.run, rag.ingest.rayed; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_files_are_sent_along_and_what_cannot_be_read_is_set_apart(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("A report.")
    (tmp_path / "b.xyz").write_text("?")
    (tmp_path / "c.txt").write_text("c" * 100)
    monkeypatch.setattr(rayed, "SENT_BYTES", 50)
    broken: list[object] = []
    items = [tmp_path / name for name in ("a.txt", "b.xyz", "c.txt")]
    sent = list(rayed._given(items, broken))
    assert broken == [tmp_path / "b.xyz"]
    assert sent[0].data == b"A report."
    assert (sent[1].data, sent[1].origin) == (None, str(Path(tmp_path / "c.txt")))
