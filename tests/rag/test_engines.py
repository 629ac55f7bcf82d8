"""The contract of every index of vectors: files beside the archive, a Chroma server, pgvector."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag.archive.archive import Archive
from rag.archive.editions import Damaged
from rag.archive.erase import erase
from rag.archive.indexes import open_index
from rag.archive.remote import RemoteIndex
from rag.archive.scan import Scan
from rag.errors import ArchiveError, SettingsError
from rag.settings import Address, IndexSettings
from rag.settings import place as read_place
from rag.types import Filter
from tests import servers
from tests.rag.making import Numbers, bulk, embed, fill, put

ENGINES = ("chroma", "chroma-server", "pgvector")


@contextmanager
def chroma(folder: Path, port: int):
    """The real server, on the loopback."""
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder)]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            end = time.monotonic() + 90
            while time.monotonic() < end:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                pytest.fail("the Chroma server did not start")
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def chroma_port(tmp_path_factory):
    port = free_port()
    with chroma(tmp_path_factory.mktemp("chroma"), port):
        yield port


@pytest.fixture(params=ENGINES)
def how(request, monkeypatch, tmp_path):
    """Where the archive is, and which index it has."""
    monkeypatch.setattr("rag.archive.index.SCANNED", 0)
    if request.param == "pgvector":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        server, schema = servers.server("postgres-18"), f"i{time.monotonic_ns()}"
        prepared(server)
        address = server.address(schema).replace(schema, f"{schema},public")
        yield read_place(address), IndexSettings(engine="pgvector")
        server.drop(schema)
        return
    port = request.getfixturevalue("chroma_port") if request.param == "chroma-server" else 0
    url = f"http://127.0.0.1:{port}" if port else None
    yield tmp_path / "archive", IndexSettings(engine=request.param, url=url)


def prepared(server):
    """The extension belongs to the database, not to an archive's schema."""
    import psycopg

    with psycopg.connect(server.address("public"), autocommit=True) as db:
        db.execute("SET client_min_messages = error")
        db.execute("CREATE EXTENSION IF NOT EXISTS vector")


@pytest.fixture
def archive(how):
    with Archive.create(how[0]) as archive:
        fill(archive, range(40))
        bulk(archive, 300)
        yield archive


def asked(text: str):
    return Numbers().encode([text])[0]


def agree(archive, index, least=0.95, within=None, limit=10):
    """What it finds is what a scan of all vectors finds, and it says what is near how near."""
    within = within or Filter()
    hits = wanted = 0
    for number in range(25):
        vector = asked(f"question {number}")
        exact = Scan(0, *archive.vectors()).nearest(vector, limit, archive.allowed(within))
        found = index.search(vector, limit, within)
        hits += len({i for i, _ in exact} & {i for i, _ in found})
        wanted += len(exact)
        assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
        exactly = dict(exact)
        for name, score in found:
            assert score == pytest.approx(exactly.get(name, score), abs=1e-4)
    assert hits >= least * wanted, f"{hits} of {wanted}"


def test_it_finds_what_a_scan_finds(archive, how):
    index = open_index(archive, how=how[1])
    assert index.state == how[1].engine
    agree(archive, index)
    [(name, score), *_] = index.search(np.array(archive.vectors()[1][7]), 3, Filter())
    assert (name, round(score, 3)) == (archive.vectors()[0][7], 1.0)
    assert index.search(asked("x"), 0, Filter()) == []
    index.close()


def test_a_filter_is_exact_and_fills_the_limit(archive, how):
    index = open_index(archive, how=how[1])
    agree(archive, index, least=1.0, within=Filter(publishers=("BBC",)), limit=15)
    index.close()


def test_what_came_or_went_since_is_right_for_who_reads(archive, how):
    open_index(archive, how=how[1]).close()
    with Archive.open(how[0]) as reader:
        index = open_index(reader, how=how[1])
        agree(reader, index)
        put(archive, "late", "A late report came in from the harbour.")
        put(archive, "n:3", "Report 3 was written anew, in other words.")
        put(archive, "n:4", archive.article("n:4").text, title="A title that it did not have")
        embed(archive)
        archive.delete(["n:5", "n:6"])
        agree(reader, index)
        vector = dict(zip(*archive.vectors(), strict=True))
        for name in ("late", "n:3", "n:4"):
            [passage] = [i for i in vector if i.rsplit(":", 2)[0] == name]
            assert index.search(vector[passage], 1, Filter())[0][0] == passage
        index.close()
    index = open_index(archive, how=how[1])
    agree(archive, index)
    if isinstance(index, RemoteIndex):
        assert index.check() == archive.tally().embedded
    index.close()


def test_it_is_made_anew_from_the_archive(archive, how):
    index = open_index(archive, how=how[1])
    with Archive.open(how[0]) as reader:
        before = open_index(reader, how=how[1])
        before.search(asked("x"), 3, Filter())
        index.rebuild()
        agree(reader, before)
        before.close()
    agree(archive, index)
    if isinstance(index, RemoteIndex):
        assert index.check() == archive.tally().embedded
        assert len(index._collections.names()) == 1
    index.close()


def test_another_model_makes_another_index_and_questions_do_not_stop(archive, how):
    index = open_index(archive, how=how[1])
    names = archive.pending("wide")
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(len(names), 24)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    half = len(names) // 2
    archive.embedded(names[:half], matrix[:half], "wide")
    assert len(index.search(matrix[3], 5, Filter())) == 5
    archive.embedded(names[half:], matrix[half:], "wide")
    index.sync()
    assert index.search(matrix[-1], 1, Filter())[0][0] == names[-1]
    with pytest.raises(ArchiveError, match="dimensions"):
        index.search(asked("x"), 1, Filter())
    index.close()


def test_what_is_deleted_is_gone_from_it(archive, how, monkeypatch):
    monkeypatch.setenv("DATELINE_INDEX__ENGINE", how[1].engine)
    if how[1].url:
        monkeypatch.setenv("DATELINE_INDEX__URL", how[1].url)
    open_index(archive).close()
    assert erase(archive, ["n:7"]) == 1
    index = open_index(archive)
    if isinstance(index, RemoteIndex):
        assert index.check() == archive.tally().embedded
    agree(archive, index)
    index.close()


def test_many_threads_ask_at_once(archive, how):
    index = open_index(archive, how=how[1])
    vectors = [asked(f"question {n}") for n in range(40)]
    alone = [index.search(vector, 10, Filter()) for vector in vectors]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda v: index.search(v, 10, Filter()), vectors)) == alone
    assert index.state == how[1].engine
    index.close()


def test_an_index_without_an_address_says_so(tmp_path):
    with Archive.create(tmp_path / "archive") as archive:
        for engine in ENGINES[1:]:
            with pytest.raises(SettingsError, match=r"index\.url"):
                open_index(archive, how=IndexSettings(engine=engine))


def test_while_the_chroma_server_is_down_all_vectors_are_searched(tmp_path, monkeypatch):
    """Killed with SIGKILL: what it acknowledged is there when it is back."""
    monkeypatch.setattr("rag.archive.index.SCANNED", 0)
    port, said = free_port(), []
    how = IndexSettings(engine="chroma-server", url=f"http://127.0.0.1:{port}")
    with Archive.create(tmp_path / "archive") as archive:
        fill(archive, range(30))
        with chroma(tmp_path / "server", port) as process:
            index = open_index(archive, said.append, how)
            assert index.state == "chroma-server"
            process.kill()
            process.wait()
            agree(archive, index, least=1.0)
            assert index.state == "scan"
            assert "cannot be used" in said[0]
            fill(archive, range(30, 40))
            index.sync()
            with pytest.raises(Damaged):
                index.check()
        with chroma(tmp_path / "server", port):
            agree(archive, index)
            index.sync()
            assert index.check() == archive.tally().embedded == 40
            assert index.state == "chroma-server"
        index.close()


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("postgresql://ada@db.example/news", "postgresql://ada@db.example/news"),
        ("postgres://db.example:5433/news?options=-ca", "postgresql://db.example:5433/news?options=-ca"),
        ("postgresql:///news", "postgresql:///news"),
        ("postgresql:///news?host=/run/pg", "postgresql:///news?host=/run/pg"),
        ("postgresql://ada@/news?host=%2Frun", "postgresql://ada@/news?host=%2Frun"),
    ],
)  # fmt: skip
def test_an_address_is_one_however_it_came(named, address):
    """A command line reads it as a path first, which has one slash where there were several."""
    for given in (named, Path(named)):
        found = read_place(given)
        assert isinstance(found, Address)
        assert found == address


@pytest.mark.parametrize("named", ["postgresql", "news/postgresql:x", "~/postgres", "/srv/a"])
def test_a_folder_is_a_folder(named):
    assert not isinstance(read_place(named), Address)
