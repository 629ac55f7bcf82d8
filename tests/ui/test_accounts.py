"""A server with people: who gets in, by which door, and what each sees and may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from people import (
    HERE,
    OWN,
    PASSWORD,
    key_of,
    newsroom,
    probed,
    record,
    served,
    settings_of,
    sign_in,
)

from rag import rights
from rag.archive.archive import Archive
from rag.archive.people import People
from rag.errors import SettingsError
from rag.settings import TelemetrySettings
from ui import signing
from ui.doorkeeper import COOKIE
from ui.tokens import vouched

SECRET = "a secret that Open WebUI shares"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("newsroom") / "archive"
    newsroom(place)
    return place


@pytest.fixture(scope="module")
def house(room: Path) -> Iterator[Any]:
    with served(settings_of(room, openwebui_secret=SECRET)) as client:
        yield client


@pytest.fixture(autouse=True)
def _patient(room: Path) -> None:
    with People.open(room) as people, rights.acting(rights.SYSTEM), people._writing() as db:
        db.execute("DELETE FROM attempt")


def test_who_comes_is_led_to_the_form_and_back(house: Any) -> None:
    with house() as client:
        led = client.get("/?c=abc", headers=HTML, follow_redirects=False)
        assert led.status_code == 303
        assert led.headers["location"] == "/sign-in?next=%2F%3Fc%3Dabc"
        form = client.get(led.headers["location"])
        assert 'name="password"' in form.text
        assert form.headers["cache-control"] == "no-store"
        done = client.post(
            led.headers["location"],
            data={"name": "Ada", "password": PASSWORD},
            headers=OWN,
            follow_redirects=False,
        )
        assert (done.status_code, done.headers["location"]) == (303, "/?c=abc")
        cookie = done.headers["set-cookie"]
        for part in (f"{COOKIE}=", "HttpOnly", "SameSite=lax", "Path=/"):
            assert part in cookie
        assert client.get("/", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:x",
        "/sign-out",
        "",
        "/\x00",
        "/a\nb",
        "\\\\evil.example",
        "/%0d%0aX: 1\r\nX: 2",
        "x" * 3000,
    ],
)
def test_the_form_leads_nowhere_else(given: str) -> None:
    assert signing.here(given) == "/"
    assert "evil" not in signing.form(given)


def test_a_name_is_shown_as_what_was_typed(house: Any) -> None:
    with house() as client:
        said = sign_in(client, '"><script>alert(1)</script>', "wrong")
        assert said.status_code == 403
        assert "<script>" not in said.text
        assert COOKIE not in said.headers.get("set-cookie", "")


def test_a_wrong_name_and_a_wrong_password_look_alike_and_wait(house: Any) -> None:
    with house() as client:
        told = [sign_in(client, name, "wrong").text for name in ("ada", "xyz")]
        assert told[0].replace("ada", "N") == told[1].replace("xyz", "N")
        for _ in range(12):  # on a slow machine a wait of one second is over when it comes
            late = sign_in(client, "ada", "wrong")
            if late.status_code == 429:
                break
        assert sign_in(client, "ada").status_code == late.status_code == 429
        assert int(late.headers["retry-after"]) >= 1
        assert "wait" in late.text


def test_signing_in_gives_another_name_to_the_browser(house: Any, room: Path) -> None:
    with house() as client:
        client.cookies.set(COOKIE, "planted-by-somebody", domain="127.0.0.1")
        first = sign_in(client, "ada").cookies[COOKIE]
        assert first != "planted-by-somebody"
        second = sign_in(client, "ada").cookies[COOKIE]
        assert first != second
        with People.open(room) as people, rights.acting(rights.SYSTEM):
            assert people.holding(first) is None  # nobody is left signed in behind it
            assert people.holding(second) is not None


def test_signing_out_ends_it_also_for_who_kept_the_cookie(house: Any) -> None:
    with house() as client:
        kept = sign_in(client, "ada").cookies[COOKIE]
        assert client.get("/api/v1/articles").status_code == 200
        assert client.get("/sign-out", headers=HTML).text.count("ada") == 1
        gone = client.post("/sign-out", headers=OWN, follow_redirects=False)
        assert gone.headers["location"] == "/sign-in"
        client.cookies.clear()
        client.cookies.set(COOKIE, kept, domain="127.0.0.1")
        assert client.get("/api/v1/articles").status_code == 401
        ready = client.get("/api/v1/ready")  # whoever looks after the server has no login
        assert ready.status_code in (200, 503)
        assert set(ready.json()) == {"ready", "state"}
        assert client.get("/api/v1/health").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:7861"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
    ids=str,
)
def test_no_other_site_does_anything_in_a_persons_name(house: Any, headers: Any) -> None:
    with house() as client:
        sign_in(client, "eve")
        article = record("Town", 0)["id"]
        for method, path, body in (
            ("POST", "/api/v1/ask", {"question": "When will the harbour open?", "keep": True}),
            ("DELETE", f"/api/v1/articles/{article}", None),
            ("POST", "/api/v1/watches", {"question": "When?"}),
            ("PATCH", f"/api/articles/{article}", {"title": "x"}),
            ("POST", "/api/uploads", None),
            ("POST", "/gradio_api/queue/join", {"fn_index": 0, "data": []}),
            ("POST", "/sign-out", None),
        ):
            assert client.request(method, path, json=body, headers=headers).status_code == 403
        form = {"name": "ada", "password": PASSWORD}
        assert client.post("/sign-in", data=form, headers=headers).status_code == 403
        assert client.get("/api/v1/articles").status_code == 200


def test_each_sees_their_own_part_of_the_archive(house: Any, room: Path) -> None:
    with house() as client:
        seen = {}
        for name in ("ada", "bob", "root"):
            key = key_of(room, name)
            told = client.get("/api/v1/coverage", headers=key).json()
            listed = client.get("/api/v1/articles?limit=200", headers=key).json()["items"]
            assert told["articles"] == len(listed)
            seen[name] = {a["article_id"].split("-")[0] for a in listed}
        assert seen["ada"] == {"town"}
        assert seen["bob"] == {"secret"}
        assert seen["root"] == {"town", "law", "secret"}


def test_an_answer_rests_on_what_may_be_read_by_every_door(house: Any, room: Path) -> None:
    question = "How many votes did the council count on the ferry plan?"
    with house() as client:
        for name, part in (("ada", "town"), ("bob", "secret")):
            key = key_of(room, name)
            chat = {"messages": [{"role": "user", "content": question}], "model": "dateline"}
            call = {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "search_archive", "arguments": {"query": question}},
            }
            accept = {"accept": "application/json, text/event-stream"}
            told = [
                client.post("/api/v1/ask", json={"question": question}, headers=key).text,
                client.post("/v1/chat/completions", json=chat, headers=key).text,
                client.post(
                    "/v1/responses", json={"input": question, "model": "dateline"}, headers=key
                ).text,
                client.post("/mcp/", json=call, headers={**key, **accept}).text,
                client.get(f"/api/v1/search?q={question}", headers=key).text,
                client.get("/api/v1/timeline?q=ferry+plan", headers=key).text,
                client.get("/api/v1/dossier?q=ferry+plan", headers=key).text,
                client.get("/api/v1/claims?q=ferry+plan", headers=key).text,
                client.get("/api/v1/entities", headers=key).text,
                client.post(
                    "/api/v1/check", json={"text": "The council counted 3 votes."}, headers=key
                ).text,
            ]
            for text in told:
                for other in {"town", "law", "secret"} - {part}:
                    assert f"{other} council" not in text.lower()
                    assert f"{other}-0" not in text
            assert all(f"{part}-0" in text for text in told[:1])
            assert f"{part}" in told[3].lower()


def test_a_collection_is_a_model_for_who_may_read_it_and_no_model_for_others(
    house: Any, room: Path
) -> None:
    question = "How many votes did the council count on the ferry plan?"
    seen = {"ada": ["Town"], "fay": ["Law", "Town"], "root": ["Law", "Secret", "Town"]}

    def asked(client: Any, key: dict[str, str], name: str) -> list[tuple[int, str]]:
        body = {"model": f"dateline/{name}"}
        chat = {**body, "messages": [{"role": "user", "content": question}]}
        told = [
            client.post("/v1/chat/completions", json=chat, headers=key),
            client.post("/v1/chat/completions", json={**chat, "stream": True}, headers=key),
            client.post("/v1/responses", json={**body, "input": question}, headers=key),
            client.get(f"/v1/models/dateline%2F{name}", headers=key),
        ]
        return [(one.status_code, one.text.replace(name, "NAME")) for one in told]

    with house() as client:
        for who, names in seen.items():
            key = key_of(room, who)
            listed = [m["id"] for m in client.get("/v1/models", headers=key).json()["data"]]
            assert listed == [
                "dateline",
                "dateline-extractive",
                *(f"dateline/{name}" for name in names),
            ]
            nowhere = asked(client, key, "Nowhere")
            assert [status for status, _ in nowhere] == [404] * 4
            for name in ("Town", "Law", "Secret"):
                told = asked(client, key, name)
                if name not in names:
                    assert told == nowhere
                    continue
                assert [status for status, _ in told] == [200] * 4
                for _, text in told[:3]:
                    assert f"{name.lower()}-0" in text
                    for other in {"town", "law", "secret"} - {name.lower()}:
                        assert f"{other}-0" not in text


def test_readers_change_nothing_and_editors_what_they_may_read(house: Any, room: Path) -> None:
    with house() as client:
        reader, editor = key_of(room, "ada", "write"), key_of(room, "eve", "write")
        town, secret = record("Town", 1)["id"], record("Secret", 1)["id"]
        for key, article, status in (
            (reader, town, 403),
            (editor, secret, 404),
            (editor, town, 202),
            (key_of(room, "eve"), town, 403),
        ):
            told = client.patch(f"/api/v1/articles/{article}", json={"title": "T"}, headers=key)
            assert told.status_code == status, told.text
        assert (
            client.post("/api/v1/jobs", json={"kind": "rebuild"}, headers=editor).status_code == 403
        )
        with Archive.open(room) as archive, rights.acting(rights.SYSTEM):
            assert archive.article(secret).title == record("Secret", 1)["title"]


def test_what_an_editor_adds_meets_nothing_that_may_not_be_read(house: Any, room: Path) -> None:
    """The same key, address and text as a secret article: both stay as they are, apart."""
    secret = record("Secret", 2)
    mine = secret | {"text": secret["text"], "title": "Found by Eve"}
    with house() as client:
        key = key_of(room, "eve", "write")
        sign_in(client, "eve")
        batch = client.post("/api/uploads", headers=OWN).json()["batch"]
        client.put(f"/api/uploads/{batch}?name=mine.jsonl", content=json.dumps(mine), headers=OWN)
        number = client.post(f"/api/uploads/{batch}", headers=OWN).json()["job"]
        told = client.get(f"/api/v1/jobs/{number}/events", headers=key).text
        last = json.loads(told.strip().rsplit("data: ", 1)[1])
        assert last["phase"] == "done", last
        (line,) = last["lines"]
        assert line["outcome"] == "added"
        assert line["article_id"] != secret["id"]
        assert "secret" not in json.dumps(line["reason"])
        assert client.get(f"/api/v1/articles/{line['article_id']}", headers=key).status_code == 200
        with Archive.open(room) as archive, rights.acting(rights.SYSTEM):
            assert archive.article(secret["id"]).title == secret["title"]
        other = key_of(room, "ada", "write")
        for path in (f"/api/v1/jobs/{number}", "/api/v1/jobs/999"):
            assert client.get(path, headers=other).status_code == 404


def uploaded(client: Any, found: dict[str, str]) -> str:
    batch: str = client.post("/api/uploads", headers=OWN).json()["batch"]
    path = f"/api/uploads/{batch}?name=mine.jsonl"
    assert client.put(path, content=json.dumps(found), headers=OWN).status_code == 201
    return batch


COPIED = (
    "The harbour master of Kvitholm counted nine barges on Monday. Two of them carried gravel for "
    "the new mole, he said, and the others waited for the lock to be mended."
)


def test_an_exact_copy_is_told_as_one_to_who_may_read_the_other(house: Any, room: Path) -> None:
    """It has passages of its own where there are people, and was reported as one article more."""

    def sent(client: Any, who: str, name: str, collection: str) -> dict[str, Any]:
        key = key_of(room, who, "write")
        batch = client.post("/api/uploads", headers=key).json()["batch"]
        client.put(f"/api/uploads/{batch}?name={name}", content=COPIED, headers=key)
        asked = {"upload": batch, "collection": collection}
        number = client.post("/api/v1/jobs", json=asked, headers=key).json()["id"]
        told = client.get(f"/api/v1/jobs/{number}/events", headers=key).text
        last = json.loads(told.strip().rsplit("data: ", 1)[1])
        assert last["phase"] == "done", last
        (line,) = last["lines"]
        return dict(line)

    with house() as client:
        first = sent(client, "fay", "barges.txt", "Law")
        assert (first["outcome"], first["reason"]) == ("added", "")
        again = sent(client, "fay", "barges.txt", "Law")
        assert (again["outcome"], again["article_id"]) == ("unchanged", first["article_id"])
        copy = sent(client, "fay", "barges (1).txt", "Law")
        assert copy["outcome"] == "duplicate"
        assert copy["reason"] == f"same story as {first['article_id']}"
        # Eve may not read that collection: to her it is the first of its kind, and then no more.
        hers = sent(client, "eve", "barges.txt", "Town")
        assert (hers["outcome"], hers["reason"]) == ("added", "")
        assert hers["article_id"] not in (first["article_id"], copy["article_id"])
        copy = sent(client, "eve", "other.txt", "Town")
        assert copy["outcome"] == "duplicate"
        assert copy["reason"] == f"same story as {hers['article_id']}"


def test_who_edits_several_collections_says_into_which(house: Any, room: Path) -> None:
    """Until it is clear nothing is added, and what was sent is not lost."""
    mine = record("Town", 77) | {"id": "of-fay", "url": "https://town.example/of-fay"}
    with house() as client:
        key = key_of(room, "fay", "write")
        sign_in(client, "fay")
        batch = uploaded(client, mine)
        for name in ("", "Secret", "Nowhere"):
            asked = {"upload": batch, "collection": name}
            told = client.post("/api/v1/jobs", json=asked, headers=key)
            page = client.post(
                f"/api/uploads/{batch}", params={"collection": name} if name else {}, headers=OWN
            )
            assert told.status_code == page.status_code == 422
            assert told.json()["detail"].endswith("You may add to: 'Law', 'Town'.")
            assert page.json()["detail"] == told.json()["detail"]
        asked = {"upload": batch, "collection": "Law"}
        number = client.post("/api/v1/jobs", json=asked, headers=key).json()["id"]
        told = client.get(f"/api/v1/jobs/{number}/events", headers=key).text
        last = json.loads(told.strip().rsplit("data: ", 1)[1])
        assert last["totals"] == {"added": 1}, last
        article = last["lines"][0]["article_id"]
        for who, status in (("fay", 200), ("ada", 404), ("eve", 404)):
            seen = client.get(f"/api/v1/articles/{article}", headers=key_of(room, who))
            assert seen.status_code == status, who


def test_a_program_sends_files_with_the_key_of_an_editor(house: Any, room: Path) -> None:
    mine = record("Town", 78) | {"id": "of-a-program", "url": "https://town.example/program"}
    with house() as client:
        for key in ({}, key_of(room, "ada", "write"), key_of(room, "eve")):
            assert client.post("/api/uploads", headers=key).status_code == (403 if key else 401)
        key = key_of(room, "eve", "write")
        batch = client.post("/api/uploads", headers=key).json()["batch"]
        path = f"/api/uploads/{batch}?name=mine.jsonl"
        assert client.put(path, content=json.dumps(mine), headers=key).status_code == 201
        number = client.post("/api/v1/jobs", json={"upload": batch}, headers=key).json()["id"]
        told = client.get(f"/api/v1/jobs/{number}/events", headers=key).text
        assert json.loads(told.strip().rsplit("data: ", 1)[1])["totals"] == {"added": 1}
        assert client.get("/api/shared", headers=key).status_code == 401  # no other of the page


def test_prometheus_comes_with_the_key_of_an_admin(room: Path) -> None:
    counted = TelemetrySettings(metrics=True)
    settings = settings_of(room).model_copy(update={"telemetry": counted})
    with served(settings) as client, client() as one:
        told = one.get("/metrics", headers=key_of(room, "root"))
        assert told.status_code == 200
        assert "dateline_index_lag" in told.text
        assert one.get("/metrics", headers=key_of(room, "ada")).status_code == 404
        assert one.get("/metrics").status_code == 401


def test_while_nobody_can_be_known_a_program_hears_when_to_come_again(
    house: Any, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.archive.keys import Keys
    from rag.errors import ArchiveUnreachable

    key = key_of(room, "ada")

    def down(*_: Any) -> None:
        raise ArchiveUnreachable("the server does not answer")

    monkeypatch.setattr(Keys, "known", down)
    with house() as client:
        told = client.get("/api/v1/coverage", headers=key)
    assert told.status_code == 503
    assert int(told.headers["retry-after"]) >= 1
    assert "the server" not in told.text


def test_history_is_everybodys_own(house: Any, room: Path) -> None:
    asked = {"question": "When will the harbour open?", "keep": True}
    again = {"idempotency-key": "same"}
    with house() as client:
        ada, bob = key_of(room, "ada", "write"), key_of(room, "bob", "write")
        hers = client.post("/api/v1/ask", json=asked, headers={**ada, **again}).json()
        his = client.post("/api/v1/ask", json=asked, headers={**bob, **again}).json()
        assert hers["id"] != his["id"]
        listed = client.get("/api/v1/conversations", headers=ada).json()
        assert hers["conversation"] in json.dumps(listed)
        assert his["conversation"] not in json.dumps(listed)
        assert client.get(f"/api/v1/answers/{his['id']}", headers=ada).status_code == 404


def token(claims: dict[str, Any], secret: str = SECRET, alg: str = "HS256") -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head = part(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    body = part(json.dumps(claims).encode())
    signed = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{part(signed)}"


NOW = 1_800_000_000
GOOD = {"sub": "1", "email": "ada", "iss": "open-webui", "iat": NOW, "exp": NOW + 120}


@pytest.mark.parametrize(
    "told",
    [
        token(GOOD | {"exp": NOW - 61}),
        token(GOOD | {"iat": NOW + 61}),
        token({k: v for k, v in GOOD.items() if k != "exp"}),
        token(GOOD | {"exp": "never"}),
        token(GOOD | {"iss": "somebody"}),
        token(GOOD | {"email": ""}),
        token(GOOD | {"email": ["ada"]}),
        token(GOOD, secret="another"),
        token(GOOD, alg="none"),
        token(GOOD, alg="HS512"),
        token(GOOD).rpartition(".")[0] + ".",
        token(GOOD)[:-2],
        "a.b.c",
        "",
        "é.é.é",
        "x" * 9000,
        token([1]),  # type: ignore[arg-type]
    ],
    ids=lambda told: told[-12:],
)
def test_a_token_that_open_webui_did_not_sign_is_nobodys(told: str) -> None:
    assert vouched(token(GOOD), SECRET, NOW) == "ada"
    assert vouched(told, SECRET, NOW) is None


def test_open_webuis_token_says_who_asks_and_changes_nothing(house: Any, room: Path) -> None:
    now = int(time.time())
    fresh = {"iat": now, "exp": now + 60}
    with house() as client:
        bobs = key_of(room, "bob", "write")

        def articles(**headers: str) -> Any:
            return client.get("/api/v1/coverage", headers=headers)

        asked = {"x-openwebui-user-jwt": token(GOOD | fresh)}
        hers = articles(**key_of(room, "ada")).json()
        assert articles(**asked).json() == hers != articles(**bobs).json()
        # Behind one key of the connection stand many people: the token decides, also a wrong one.
        assert articles(**asked, **bobs).json() == hers
        forged = {"x-openwebui-user-jwt": token(GOOD | fresh, "another secret of theirs")}
        assert articles(**forged, **bobs).status_code == 401
        unknown = {"x-openwebui-user-jwt": token(GOOD | fresh | {"email": "nobody"})}
        assert articles(**unknown, **bobs).status_code == 401
        eve = {"x-openwebui-user-jwt": token(GOOD | fresh | {"email": "EVE"})}
        path = f"/api/v1/articles/{record('Town', 1)['id']}"
        assert client.patch(path, json={"title": "x"}, headers=eve).status_code == 403
        assert client.get("/", headers={**asked, **HTML}, follow_redirects=False).status_code == 303


def test_a_proxy_names_people_from_its_own_address_alone(room: Path) -> None:
    def told(at: str, **headers: Any) -> int:
        settings = settings_of(
            room, mode="proxy", proxy_networks=["10.0.0.0/24"], proxy_header="X-User"
        )
        with served(settings, client=(at, 1)) as client, client() as one:
            return int(one.get("/api/v1/coverage", **headers).status_code)

    named = {"headers": {"x-user": "Ada"}}
    assert told("10.0.0.7", **named) == 200
    assert told("::ffff:10.0.0.7", **named) == 200
    assert told("10.0.1.7", **named) == 401
    assert told("10.0.0.7", headers={"x-user": "nobody"}) == 401
    assert told("10.0.0.7") == 401
    assert told("10.0.0.7", headers=[("x-user", "ada"), ("x-user", "root")]) == 401


def test_a_server_that_nobody_could_enter_does_not_start(tmp_path: Path) -> None:
    from ui.server import Offer, serve

    Archive.create(tmp_path).close()
    with pytest.raises(SettingsError, match="dateline users add NAME --role admin --password"):
        serve(settings_of(tmp_path), "127.0.0.1", 0, None, Offer())
    with pytest.raises(SettingsError, match="PROXY_NETWORKS"):
        serve(settings_of(tmp_path, mode="proxy"), "127.0.0.1", 0, None, Offer())
    with pytest.raises(SettingsError, match="--auth"):
        serve(settings_of(tmp_path), "127.0.0.1", 0, ("a", "b"), Offer())
    rights.required(False)


def test_keys_of_nobody_open_nothing_where_there_are_people(house: Any, room: Path) -> None:
    from rag.archive.keys import Keys

    with Keys.open(room) as keys, rights.acting(rights.SYSTEM):
        _, secret = keys.add("of nobody", scope="write")
    with house() as client:
        told = client.get("/api/v1/articles", headers={"authorization": f"Bearer {secret}"})
        assert told.status_code == 401
        basic = {"authorization": "Basic " + base64.b64encode(b"ada:" + PASSWORD.encode()).decode()}
        assert client.get("/api/v1/articles", headers=basic).status_code == 401


def test_a_page_of_gradio_is_that_of_who_opened_it(house: Any) -> None:
    with house() as ada, house() as bob:
        sign_in(ada, "ada")
        sign_in(bob, "bob")
        path = "/gradio_api/heartbeat/x?session_hash=abcdefghij"
        assert ada.head("/gradio_api/app_id?session_hash=abcdefghij").status_code != 404
        assert bob.get(path).status_code == 404


def test_what_may_not_be_known_looks_as_what_is_not_there(room: Path) -> None:
    """`python tests/ui/people.py --probes 10000` asks more often."""
    count, found = probed(room, 400)
    assert count == 400
    assert found == []
    assert HERE
