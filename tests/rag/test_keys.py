"""Keys for programs: shown once, stored as digests, revoked at once."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from rag.archive.archive import Archive
from rag.archive.keys import Keys
from rag.errors import NotFound, SettingsError
from tests.rag.conftest import placed


@pytest.fixture
def keys(place):
    Archive.create(place).close()
    with Keys.open(place) as opened:
        yield opened


def test_a_key_is_known_by_its_secret_and_by_nothing_else(keys):
    key, secret = keys.add("newsletter")
    other, another = keys.add("archive desk", scope="write")
    assert keys.known(secret).name == key.name
    assert keys.known(another).scope == other.scope == "write"
    for wrong in ("", "dl_", secret[:-1], secret + "x", secret.upper(), "dl_\x00", "dl_\ud800"):
        assert keys.known(wrong) is None
    assert keys.known(hashlib.sha256(secret.encode()).hexdigest()) is None


def test_the_secret_is_not_stored(keys):
    _, secret = keys.add("newsletter")
    row = keys._one("SELECT * FROM api_key")
    assert secret not in [str(value) for value in row]
    assert secret.startswith(row["begins"])
    assert len(secret) > 40


def test_a_revoked_or_expired_key_opens_nothing(keys):
    _, first = keys.add("first")
    _, second = keys.add("second", days=1)
    assert keys.known(second)
    keys.revoke("first")
    assert keys.known(first) is None
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    with keys._writing() as db:
        db.execute("UPDATE api_key SET expires = ?", (past,))
    assert keys.known(second) is None
    with pytest.raises(NotFound, match="'first'"):
        keys.revoke("first")


def test_they_are_listed_with_their_last_use(keys):
    _, secret = keys.add("newsletter")
    assert keys.listed()[0].used is None
    keys.known(secret)
    used = keys.listed()[0].used
    keys.known(secret)
    assert keys.listed()[0].used == used is not None


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "x\ny", "<b>", "\x00"])
def test_what_is_no_name_is_refused(keys, name):
    with pytest.raises(SettingsError, match="no name"):
        keys.add(name)


def test_a_name_is_given_once(keys):
    keys.add("newsletter")
    with pytest.raises(SettingsError, match="already"):
        keys.add("newsletter")
    for days in (0, -1, 1e9):
        with pytest.raises(SettingsError, match="days"):
            keys.add("other", days=days)


@pytest.fixture
def on_a_server(tmp_path, monkeypatch):
    yield from placed("postgres-15", tmp_path, monkeypatch)


def test_a_connection_that_ended_while_it_rested_costs_nobody_anything(on_a_server):
    """A server that was started again has ended all connections; nobody gets an error for that."""
    import psycopg

    Archive.create(on_a_server).close()
    with Keys.open(on_a_server) as keys, psycopg.connect(on_a_server, autocommit=True) as db:

        def ended():
            pid = keys._db._connection.info.backend_pid
            db.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

        ended()
        _, secret = keys.add("newsletter")
        ended()
        assert keys.known(secret).name == "newsletter"
