"""A newsroom for tests: an archive with three collections, people, and the whole server over it.

python tests/ui/people.py --serve      # prints its address; for a browser
python tests/ui/people.py --probes 10000
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import secrets
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from rag import rights
from rag.archive.archive import Archive
from rag.archive.collections import Collections
from rag.archive.keys import Keys
from rag.archive.people import People
from rag.ingest.adding import add
from rag.models.embed import load
from rag.settings import AuthSettings, Place, Settings
from ui.guard import Guard

HERE = "http://127.0.0.1:7860"
OWN = {"origin": HERE}
PASSWORD = "correct horse battery"
HELD = {"Town": 12, "Law": 12, "Secret": 24}
"""How many articles each collection has."""
PEOPLE = {
    "ada": ("reader", ["Town"]),
    "eve": ("editor", ["Town"]),
    "fay": ("editor", ["Town", "Law"]),
    "bob": ("reader", ["Secret"]),
    "root": ("admin", []),
}


def record(collection: str, n: int) -> dict[str, str]:
    days = 1 + n % 28
    return {
        "id": f"{collection.lower()}-{n:03}",
        "title": f"{collection} report {n}",
        "publisher": f"{collection} Gazette",
        "published": f"2024-03-{days:02}",
        "url": f"https://{collection.lower()}.example/report-{n}",
        "text": f"The {collection.lower()} council counted {n + 3} votes on the ferry plan. "
        f"Speaker {chr(65 + n % 26)}. Moss of {collection} said the harbour would open in May. "
        f"A crowd of {100 + n} waited outside the {collection.lower()} hall until night.",
    }


def settings_of(place: Place, **auth: Any) -> Settings:
    base = Settings(archive=place)
    return base.model_copy(
        update={
            "chat": base.chat.model_copy(update={"llm": "none"}),
            "auth": AuthSettings(**{"mode": "password", **auth}),
        }
    )


def newsroom(place: Place) -> None:
    """Make the archive and its people."""
    settings = Settings(archive=place)
    with Archive.create(place) as archive:
        archive.unfold()
    records = [record(name, n) for name, count in HELD.items() for n in range(count)]
    report = add(place, load(settings.embed), records, settings)
    assert len(report.added) == len(records), report
    with Collections.open(place) as kept, People.open(place) as people:
        for name, count in HELD.items():
            kept.add(name, [record(name, n)["id"] for n in range(count)])
        for name, (role, granted) in PEOPLE.items():
            people.add(name, role=role, password=PASSWORD)
            for collection in granted:
                people.grant(name, collection)


@contextmanager
def served(settings: Settings, client: tuple[str, int] = ("127.0.0.1", 50000)) -> Iterator[Any]:
    """Yield what makes clients of the whole server, each with cookies of its own."""
    from ui.server import Offer, _application, doorkeeper_of

    rights.required(True)
    try:
        keeper = doorkeeper_of(settings)
        with warnings.catch_warnings():  # gradio leaves event loops open while it is laid out
            warnings.simplefilter("ignore", ResourceWarning)
            app = _application(settings, Offer())
            gc.collect()
        guard = Guard(app, host="127.0.0.1", auth=None, doorkeeper=keeper)
        with TestClient(guard, base_url=HERE, client=client) as living:

            @contextmanager
            def visiting(**more: Any) -> Iterator[TestClient]:
                one = TestClient(guard, base_url=HERE, client=client, **more)
                one.portal = living.portal  # there is one server, in one loop
                yield one

            yield visiting
        keeper.close()
    finally:
        rights.required(False)


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> Any:
    form = {"name": name, "password": password}
    return client.post("/sign-in", data=form, headers=OWN, follow_redirects=False)


def key_of(place: Place, person: str, scope: str = "read") -> dict[str, str]:
    with Keys.open(place) as keys, rights.acting(rights.SYSTEM):
        _, secret = keys.add(f"{person} {secrets.token_hex(3)}", scope=scope, owner=person)
    return {"authorization": f"Bearer {secret}"}


@dataclass
class Names:
    """Names of each kind that a person may not know, and as many that there are not."""

    forbidden: Sequence[str]
    absent: Sequence[str]


def names(bob: TestClient, place: Place, key: dict[str, str]) -> dict[str, Names]:
    """What Bob has, whose collection Ada and Eve may not read."""
    chance = random.Random(3)

    def unlike(known: Sequence[str]) -> list[str]:
        return ["".join(chance.choice("abcdef0123456789") for _ in name) for name in known]

    articles = [record("Secret", n)["id"] for n in range(HELD["Secret"])]
    asked = [
        bob.post("/api/v1/ask", json={"question": q, "keep": True}, headers=key).json()
        for q in ("How many votes on the ferry plan?", "When will the harbour open?")
    ]
    watch = bob.post(
        "/api/v1/watches", json={"question": "When will the harbour open?"}, headers=key
    )
    assert watch.status_code == 201, watch.text
    kinds = {
        "article": articles,
        "answer": [a["id"] for a in asked],
        "conversation": [a["conversation"] for a in asked],
        "watch": [watch.json()["id"]],
        "collection": ["Secret", "Law"],
    }
    found = {kind: Names(known, unlike(known)) for kind, known in kinds.items()}
    found["article"] = Names(articles, [f"secret-{n:03}" for n in range(900, 900 + len(articles))])
    with Archive.open(place) as archive, rights.acting(rights.SYSTEM):
        found["digest"] = Names([archive.article(a).digest for a in articles], [])
    return found


READ = {
    "article": (
        "/api/articles/{}",
        "/api/articles/{}?digest={digest}",
        "/api/v1/articles/{}",
        "/api/v1/articles/{}?digest={digest}",
        "/api/v1/articles/{}/revisions",
        "/api/v1/articles/{}/diff",
        "/api/v1/articles/{}/diff?old={digest}&new={digest}",
        "/c/{}/{short}/0-20",
    ),
    "answer": (
        "/api/v1/answers/{}",
        "/api/v1/answers/{}/replay",
        "/api/answers/{}",
        "/api/answers/{}.md",
        "/api/answers/{}.docx",
        "/answer/{}",
        "/api/v1/ask/{}/events",
    ),
    "conversation": (
        "/api/v1/conversations/{}",
        "/api/conversations/{}.md",
        "/api/conversations/{}.json",
    ),
    "watch": ("/api/v1/watches/{}", "/api/v1/watches/{}/notices"),
    "collection": ("/v1/models/dateline%2F{}",),
}
CHANGED = {
    "article": (
        ("DELETE", "/api/v1/articles/{}", None),
        ("PATCH", "/api/v1/articles/{}", {"title": "Mine"}),
        ("PATCH", "/api/articles/{}", {"title": "Mine"}),
    ),
    "watch": (
        ("PATCH", "/api/v1/watches/{}", {"paused": True}),
        ("DELETE", "/api/v1/watches/{}", None),
    ),
    "conversation": (("POST", "/api/v1/ask", {"question": "And when?", "conversation": "{}"}),),
    "collection": (
        ("POST", "/api/v1/jobs", {"urls": ["https://x.example"], "collection": "{}"}),
        ("POST", "/v1/responses", {"model": "dateline/{}", "input": "Who counted votes?"}),
    ),
}
TOOLS = (
    ("get_article", "id"),
    ("fetch", "id"),
)


@dataclass
class Prober:
    """Asks for what may not be known and for what is not there, and compares."""

    client: TestClient
    headers: dict[str, str]
    known: dict[str, Names]
    writes: bool
    count: int = 0

    def differences(self, most: int) -> Iterator[str]:
        """Yield what is told otherwise of the two, in up to `most` probes."""
        while self.count < most:
            for kind, forbidden, absent in self._pairs():
                for method, path, body in self._ways(kind):
                    if self.count >= most:
                        return
                    one, two = (self._asked(method, path, body, n) for n in (forbidden, absent))
                    if one != two:
                        yield f"{method} {path}: {one} not {two}"

    def _pairs(self) -> Iterator[tuple[str, str, str]]:
        for kind, found in self.known.items():
            for forbidden, absent in zip(found.forbidden, found.absent, strict=False):
                yield kind, forbidden, absent

    def _ways(self, kind: str) -> Iterator[tuple[str, str, Any]]:
        yield from (("GET", path, None) for path in READ.get(kind, ()))
        yield from CHANGED.get(kind, ()) if self.writes else ()
        if kind == "article":
            yield from (("MCP", tool, argument) for tool, argument in TOOLS)

    def _asked(self, method: str, path: str, body: Any, name: str) -> tuple[int, str, str]:
        self.count += 1
        digest = self.known["digest"].forbidden[0]
        if method == "MCP":
            asked = {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": path, "arguments": {body: name}},
            }
            accept = {"accept": "application/json, text/event-stream"}
            found = self.client.post("/mcp/", json=asked, headers={**self.headers, **accept})
        else:
            address = path.format(name, digest=digest, short=digest[:12])
            sent = json.loads(json.dumps(body).replace("{}", name)) if body else None
            door = address.startswith(("/api/v1/", "/v1/", "/c/"))
            headers = self.headers if door else OWN  # elsewhere it is the browser's session
            found = self.client.request(
                method, address, json=sent, headers=headers, follow_redirects=False
            )
        text = found.text.replace(name, "NAME")
        if found.status_code == 202:  # a job; what becomes of it is told by its number
            text = self._became(found.json(), name)
        return found.status_code, text, found.headers.get("content-type", "")

    def _became(self, job: dict[str, Any], name: str) -> str:
        number = job.get("id") or job.get("job")
        told = self.client.get(f"/api/v1/jobs/{number}/events", headers=self.headers).text
        last = json.loads(told.strip().rsplit("data: ", 1)[1])
        kept = {k: last[k] for k in ("phase", "error", "lines", "totals")}
        return json.dumps(kept).replace(name, "NAME")


def probed(place: Place, most: int) -> tuple[int, list[str]]:
    """Probe as a reader and as an editor, half of it each."""
    with served(settings_of(place)) as client:
        bobs = key_of(place, "bob", "write")
        found: list[str] = []
        count = 0
        for who, scope in (("ada", "read"), ("eve", "write")):
            with client(raise_server_exceptions=False) as one:
                known = names(one, place, bobs)
                prober = Prober(one, key_of(place, who, scope), known, writes=scope == "write")
                sign_in(one, who)
                found += prober.differences(most // 2)
                count += prober.count
        return count, found


def _main() -> None:
    os.environ.setdefault("DATELINE_RERANK__MODEL", "none")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--probes", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "archive"
        newsroom(place)
        if given.serve:
            from ui.server import Offer, serve

            serve(settings_of(place), "127.0.0.1", 0, None, Offer())
            return
        count, found = probed(place, given.probes)
    sys.stdout.write("".join(f"{line[:600]}\n" for line in sorted(set(found))))
    sys.stdout.write(f"{count} probes: {len(found)} differences\n")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    _main()
