"""Many write into one archive on a server, and what they write on dies under them."""

from __future__ import annotations

import os
import random
import secrets
import signal
import threading
import time
from contextlib import ExitStack

import pytest

from rag.archive.archive import Archive
from rag.archive.indexes import open_index
from rag.errors import ArchiveUnreachable
from rag.ingest.adding import add
from rag.settings import Settings, place
from rag.types import Filter
from tests import servers
from tests.attack.sizes import SEED, SOAK, figure, size, times
from tests.rag import writers
from tests.rag.making import Numbers
from tests.rag.test_engines import chroma, free_port

STORE = "postgres-15"


@pytest.fixture
def address(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server, schema = servers.server(STORE), f"w{secrets.token_hex(6)}"
    yield server.address(schema)
    server.drop(schema)


def alone(folder, count):
    add(folder, Numbers(), [writers.record(n) for n in range(count)], Settings())
    return writers.state(folder)


def test_four_writers_leave_what_one_would(address, tmp_path):
    count = size(40, 400, 2000)
    begun = time.monotonic()
    assert writers.together(address, 4, count) == [0] * 4
    seconds = time.monotonic() - begun
    one = alone(tmp_path / "one", count)
    assert writers.state(address) == one
    figure("four writers", articles=count, clusters=len(one["clusters"]), seconds=f"{seconds:.0f}")


heavy = pytest.mark.skipif(not SOAK, reason="minutes: make soak")


@heavy
def test_connections_that_are_killed_lose_nothing(address, tmp_path):
    """Somebody on the server ends their connections again and again."""
    import psycopg

    count, most = size(16, 300, 1500), size(4, 40, 400)
    chance, killed = random.Random(SEED), []
    done = threading.Event()

    def kill():
        with psycopg.connect(address, autocommit=True) as db:
            while not done.wait(chance.uniform(0.5, 2)):
                ended = db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'dateline'"
                ).fetchall()
                killed.extend(ended)
                if len(killed) >= most:
                    return

    Archive.create(place(address)).close()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        again = writers.until_done(address, 2, count)
    finally:
        done.set()
        killer.join()
    assert writers.state(address) == alone(tmp_path / "one", count)
    figure("connections ended", articles=count, ended=len(killed), run_again=again)
    assert killed


@heavy
def test_a_server_process_that_is_killed_loses_nothing(address, tmp_path):
    """SIGKILL of a backend: PostgreSQL ends all others too, and recovers."""
    import psycopg

    count = size(16, 300, 2000)
    for turn in range(times(1, 2, 5)):
        chance = random.Random(SEED + turn)
        target = f"{address}{turn}"
        Archive.create(place(target)).close()
        told: list[int] = []

        def kill(target=target, chance=chance, told=told):
            end = time.monotonic() + 300
            aim = int(count * chance.uniform(0.3, 0.7))
            while not told and time.monotonic() < end:
                with psycopg.connect(target, autocommit=True) as db:
                    held = db.execute("SELECT count(*) FROM article").fetchone()[0]
                    found = db.execute(
                        "SELECT pid FROM pg_stat_activity WHERE application_name = 'dateline' "
                        "AND query LIKE '%words%' OR query = 'BEGIN'"
                    ).fetchall()
                if held >= aim and found:
                    os.kill(found[0][0], signal.SIGKILL)
                    told.append(held)
                time.sleep(0.02)

        killer = threading.Thread(target=kill)
        killer.start()
        again = writers.until_done(target, 2, count)
        killer.join()
        assert told, "nobody was killed"
        assert writers.state(target) == alone(tmp_path / f"one{turn}", count)
        figure("backend killed", articles=count, at=told[0], run_again=again)


@heavy
def test_a_chroma_server_that_is_killed_loses_nothing(address, tmp_path, monkeypatch):
    """SIGKILL between 30 and 70 % of the articles, some of them just being carried over."""
    count = size(40, 300, 2000)
    together = count // 20
    for turn in range(times(1, 2, 5)):
        chance = random.Random(SEED + turn)
        at, port = place(f"{address}{turn}"), free_port()
        monkeypatch.setenv("DATELINE_INDEX__ENGINE", "chroma-server")
        monkeypatch.setenv("DATELINE_INDEX__URL", f"http://127.0.0.1:{port}")
        aim, wait = int(count * chance.uniform(0.3, 0.7)), chance.uniform(0, 1)
        folder, killed, done = tmp_path / f"chroma{turn}", [], threading.Event()
        with ExitStack() as running:
            process = running.enter_context(chroma(folder, port))
            Archive.create(at).close()

            def kill(at=at, aim=aim, wait=wait, process=process, killed=killed, done=done):
                with Archive.open(at) as archive:
                    while not done.wait(0.05):
                        if (held := archive.tally().embedded) >= aim:
                            time.sleep(wait)
                            process.kill()
                            process.wait()
                            killed.append(held)
                            return

            killer = threading.Thread(target=kill)
            killer.start()
            try:
                for first in range(0, count, together):
                    some = [writers.record(n) for n in range(first, min(first + together, count))]
                    assert not add(at, Numbers(), some, Settings()).failed
                    if killed and process.returncode is not None:
                        process = running.enter_context(chroma(folder, port))
            finally:
                done.set()
                killer.join()
            assert killed, "it was not killed"
            if process.returncode is not None:
                running.enter_context(chroma(folder, port))
            with Archive.create(at) as archive:  # to write: what is not carried over yet is
                index = open_index(archive)
                index.sync()
                assert index.check() == archive.tally().embedded
                assert index.state == "chroma"
                index.close()
        monkeypatch.delenv("DATELINE_INDEX__ENGINE")
        monkeypatch.delenv("DATELINE_INDEX__URL")
        assert writers.state(at) == alone(tmp_path / f"one{turn}", count)
        figure("Chroma server killed", articles=count, at=killed[0], indexed="all")


def test_while_the_server_is_down_that_is_said_and_then_it_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("rag.archive.schema.PATIENCE", 0.5)
    server = servers.Server(servers.programs(STORE) or pytest.skip(f"{STORE} is not here"))
    try:
        at = place(server.address("public"))
        add(at, Numbers(), [writers.record(1)], Settings())
        with Archive.open(at) as archive:
            before = archive.search(["report"], 9, Filter())
            server.stop()
            for door in (archive.coverage, lambda: Archive.open(at), lambda: Archive.create(at)):
                with pytest.raises(ArchiveUnreachable, match="does not answer"):
                    door()
            server.start()
            assert archive.coverage().articles == 1
            assert archive.search(["report"], 9, Filter()) == before
    finally:
        server.close()
