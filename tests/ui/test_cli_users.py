"""`dateline users`, `grants`, `keys --user`, `index --collection`: what an admin types."""

from __future__ import annotations

import io
import json

import pytest
from test_cli_index import dateline, records

from rag.archive import passwords
from rag.archive.archive import Archive
from rag.archive.people import People
from rag.rights import acting
from tests.rag.test_engines import chroma, free_port

PASSWORD = "correct horse battery"
TEXT = "The ferry to Kvitholm was late by nine hours on Monday, its captain said."


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(passwords, "_COST", 4)


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "ferry.txt").write_text(TEXT)
    (folder / "again.txt").write_text(TEXT)
    place = tmp_path / "archive"
    done = dateline("index", folder, "--archive", place, "--collection", "Town")
    assert done.returncode == 0, done.stderr
    return place


def test_copies_that_stand_for_themselves_are_carried_over_to_the_index_at_once(
    archive, tmp_path, monkeypatch
):
    port = free_port()
    monkeypatch.setenv("DATELINE_INDEX__ENGINE", "chroma-server")
    monkeypatch.setenv("DATELINE_INDEX__URL", f"http://127.0.0.1:{port}")
    with chroma(tmp_path / "chroma", port):
        dateline("repair", "--archive", archive)
        added = dateline("users", "add", "ada", "--archive", archive)
        assert "passages of their own from now on: 1" in added.stdout
        told = dateline("doctor", "--archive", archive, "--llm", "none", "--json")
    faults = {c["check"] for c in json.loads(told.stdout)["checks"] if c["exit_code"]}
    assert "index" not in faults, told.stdout


def test_people_are_added_granted_listed_changed_and_removed(archive, monkeypatch):
    def users(*args):
        return dateline(*args, "--archive", archive)

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    added = users("users", "add", "ada", "--password")
    assert added.returncode == 0, added.stderr
    assert "2 articles" not in added.stderr
    assert "dateline grants add ada COLLECTION" in added.stdout
    assert "ada  reader  reads nothing" in users("users", "list").stdout
    assert "ada reads Town." in users("grants", "add", "ada", "Town").stdout
    with Archive.open(archive) as store, People.open(archive) as people:
        assert people.holding(people.sign_in("ada", PASSWORD, at="x")) is not None
        with acting(people.named("ada")):  # a copy stands for itself from now on
            assert store.coverage().articles == 2
            assert store.tally().copies == 0
            assert store.tally().passages == store.tally().embedded == 2
    assert "Town" in users("grants", "list", "ada").stdout
    assert "reads nothing" in users("grants", "revoke", "ada", "Town").stdout
    assert "reads everything" in users("grants", "add", "ada", "--everything").stdout
    assert users("users", "change", "ada", "--role", "editor", "--lock").returncode == 0
    (listed,) = json.loads(users("users", "list", "--json").stdout)["users"]
    assert (listed["role"], listed["locked"], listed["everything"]) == ("editor", True, True)
    assert "id" not in listed
    assert PASSWORD not in json.dumps(listed)
    assert users("users", "remove", "ada").returncode == 0
    assert "no people yet" in users("users", "list").stdout


def test_what_is_wrong_is_said_with_what_to_do(archive, monkeypatch):
    def said(*args):
        done = dateline(*args, "--archive", archive)
        assert done.returncode in {2, 4}, done
        return done.stderr

    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "at least 10 characters" in said("users", "add", "ada", "--password")
    assert "reader, editor, admin" in said("users", "add", "ada", "--role", "owner")
    assert "users list" in said("users", "remove", "ada")
    assert "users list" in said("grants", "add", "ada", "Town")
    assert "users list" in said("keys", "add", "script", "--user", "ada")
    assert dateline("users", "add", "ada", "--archive", archive).returncode == 0
    assert "collection list" in said("grants", "add", "ada", "Nothing")
    assert "--everything" in said("grants", "add", "ada")
    assert "--role" in said("users", "change", "ada")


def test_a_key_says_whose_it_is(archive):
    dateline("users", "add", "ada", "--archive", archive)
    made = dateline("keys", "add", "bot", "--user", "ada", "--json", "--archive", archive)
    assert json.loads(made.stdout)["owner"] == "ada"
    assert "bot (ada)" in dateline("keys", "list", "--archive", archive).stdout
    found = dateline("collection", "list", "--json", "--archive", archive)
    assert records(found) == [{"name": "Town", "articles": 2}]
