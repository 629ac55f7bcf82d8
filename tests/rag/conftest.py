"""Where an archive of a test is: what is asked of one holds for each kind."""

import contextlib
import secrets
from pathlib import Path

import pytest

from rag.answer.pipeline import open_qa
from rag.archive import engine as engines
from rag.models.catalogue import RERANKER, locate
from rag.settings import ChatSettings, RerankSettings, Settings
from rag.settings import place as read_place
from tests import servers

STORES = ("sqlite", "postgres-15", "postgres-18")


_TWICE = (
    "test_clips",
    "test_conversations",
    "test_edit",
    "test_entities",
    "test_keys",
    "test_originals",
    "test_people",
    "test_rights",
    "test_watch_rights",
    "test_ripple",
    "test_standing",
    "test_watches",
)
"""Modules of tests for which one server is enough."""


def pytest_generate_tests(metafunc):
    if "place" in metafunc.fixturenames:
        stores = STORES[:2] if metafunc.module.__name__.rpartition(".")[2] in _TWICE else STORES
        metafunc.parametrize("place", stores, indirect=True)


@pytest.fixture(scope="module")
def judged(sample_archive):
    """The engine over the sample archive with the real judge, without a chat model."""
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    settings = Settings(
        archive=sample_archive,
        chat=ChatSettings(llm="none"),
        rerank=RerankSettings(model=RERANKER.name),
    )
    with open_qa(settings) as qa:
        yield qa


@pytest.fixture
def place(request, tmp_path, monkeypatch):
    """A folder, or the address of tables of their own on a server, for an archive to be made."""
    yield from placed(request.param, tmp_path, monkeypatch)


def placed(store, tmp_path, monkeypatch):
    if store == "sqlite":
        yield tmp_path / "archive"
        return
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server, schema = servers.server(store), f"t{secrets.token_hex(6)}"
    yield read_place(server.address(schema))
    server.drop(schema)


def stored(place) -> bytes:
    """Return all that an archive's database holds: its files, or each row of each table."""
    if isinstance(place, Path):
        return b"".join(p.read_bytes() for p in place.glob("archive.db*"))
    with contextlib.closing(engines.of(place).connect(writing=False)) as db:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        names = [row[0] for row in db.execute(tables).fetchall()]
        rows = [r for n in names for r in db.execute(f'SELECT t::text FROM "{n}" AS t').fetchall()]
        assert names
        return "\n".join(row[0] for row in rows).encode()
