"""A key opens the HTTP doors of a server that asks for a password, as far as its scope goes."""

import json

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from rag.archive.archive import Archive
from rag.archive.keys import Keys
from ui.guard import Guard
from ui.server import _keys


@pytest.fixture
def door(tmp_path):
    folder = tmp_path / "archive"
    Archive.create(folder).close()

    async def inside(scope, receive, send):
        await PlainTextResponse("inside")(scope, receive, send)

    guard = Guard(inside, host="0.0.0.0", auth=("desk", "secret"), keys=_keys(folder))
    with Keys.open(folder) as keys:
        yield TestClient(guard), keys


def status(client, method, path, secret=None):
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    return client.request(method, path, headers=headers).status_code


def test_a_key_that_reads_asks_and_reads_and_changes_nothing(door):
    client, keys = door
    _, secret = keys.add("reader")
    for method, path in (
        ("GET", "/api/v1/articles"),
        ("POST", "/api/v1/ask"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/mcp"),
        ("GET", "/metrics"),
    ):
        assert status(client, method, path) == 401
        assert status(client, method, path, secret) == 200
        assert status(client, method, path, secret + "x") == 401
    for method, path in (
        ("POST", "/api/v1/jobs"),
        ("DELETE", "/api/v1/articles/a1"),
        ("PATCH", "/api/v1/articles"),
        ("POST", "/api/v1/watches"),
        ("POST", "/api/v1/ask/../jobs"),
        ("POST", "/api/v1/askew"),
    ):
        assert status(client, method, path, secret) == 403


def test_a_key_that_writes_may_do_all_at_the_doors_until_it_is_revoked(door):
    client, keys = door
    _, secret = keys.add("writer", scope="write")
    assert status(client, "POST", "/api/v1/jobs", secret) == 200
    assert status(client, "DELETE", "/api/v1/articles/a1", secret) == 200
    keys.revoke("writer")
    assert status(client, "GET", "/api/v1/articles", secret) == 401


def test_a_key_is_none_for_the_page(door):
    client, keys = door
    _, secret = keys.add("writer", scope="write")
    assert status(client, "GET", "/", secret) == 401
    assert status(client, "GET", "/upload", secret) == 401
    assert client.get("/", auth=("desk", "secret")).status_code == 200


def test_the_command_shows_a_secret_once(tmp_path):
    from tests.ui.test_cli_index import dateline

    Archive.create(tmp_path).close()
    made = dateline("keys", "add", "bot", "--json", "--archive", str(tmp_path))
    said = json.loads(made.stdout)
    with Keys.open(tmp_path) as keys:
        assert keys.known(said["secret"]).name == said["name"] == "bot"
    listed = dateline("keys", "list", "--archive", str(tmp_path)).stdout
    assert said["begins"] in listed
    assert said["secret"] not in listed
    assert dateline("keys", "revoke", "bot", "--archive", str(tmp_path)).returncode == 0
    assert "no keys" in dateline("keys", "list", "--archive", str(tmp_path)).stdout
    assert dateline("keys", "revoke", "bot", "--archive", str(tmp_path)).returncode == 4
