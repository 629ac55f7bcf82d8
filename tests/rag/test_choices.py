"""Local choices: what fits this machine, models of the hub by address, how quick one is."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.errors import ModelDamaged, ModelMissing
from rag.models import choices
from rag.models.catalogue import DEFAULT, pulled, resolve
from rag.models.chat import connect
from rag.models.choices import Machine, Speed, clocked, expected, fitting, measured, remember
from rag.models.fetch import pull
from rag.models.hub import model_at
from rag.settings import ChatSettings
from tests.strong import Strong, serving

WHOLE = b"GGUF" + b"weights " * 4000
ADDRESS = "hf:Owner/Toy-GGUF/sub/Toy-3B-Q4.gguf"


class Hub:
    """A model hub of one file, on this machine."""

    def __init__(self) -> None:
        self.data = WHOLE
        self.headers = {
            "x-linked-size": str(len(WHOLE)),
            "x-linked-etag": f'"{hashlib.sha256(WHOLE).hexdigest()}"',
        }
        self.status = 302
        self.asked: list[str] = []


@pytest.fixture
def hub(monkeypatch) -> Iterator[Hub]:
    one = Hub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            one.asked.append(f"HEAD {self.path}")
            self.send_response(one.status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            one.asked.append(f"GET {self.path}")
            start = int(self.headers["range"].removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("content-length", str(len(one.data) - start))
            self.end_headers()
            self.wfile.write(one.data[start:])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    yield one
    server.shutdown()
    server.server_close()


def test_a_file_of_the_hub_is_fetched_checked_and_known_by_its_name(hub: Hub, tmp_path) -> None:
    model = model_at(ADDRESS)
    assert (model.size, model.sha256) == (len(WHOLE), hashlib.sha256(WHOLE).hexdigest())
    path = pull(model, tmp_path)
    assert path.read_bytes() == WHOLE
    place = "/Owner/Toy-GGUF/resolve/main/sub/Toy-3B-Q4.gguf"
    assert hub.asked == [f"HEAD {place}", f"GET {place}"]
    assert pulled(tmp_path) == (path,)
    assert resolve("toy-3b-q4", tmp_path) == ("toy-3b-q4", path)
    assert pull(model, tmp_path) == path
    assert len(hub.asked) == 2


def test_a_file_that_changed_since_is_no_longer_known(hub: Hub, tmp_path) -> None:
    path = pull(model_at(ADDRESS), tmp_path)
    path.write_bytes(WHOLE + b"!")
    assert pulled(tmp_path) == ()
    with pytest.raises(ModelMissing):
        resolve("toy-3b-q4", tmp_path)


def test_what_comes_must_be_what_the_hub_said(hub: Hub, tmp_path) -> None:
    hub.data = WHOLE[:-1] + b"X"
    with pytest.raises(ModelDamaged, match="has been removed"):
        pull(model_at(ADDRESS), tmp_path)
    assert list(tmp_path.glob("*.gguf")) == []


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (404, {}, "has no"),
        (401, {}, "has no"),
        (302, {"x-linked-etag": '"abc"', "x-linked-size": "5"}, "does not say"),
        (302, {"x-linked-etag": f'"{"a" * 64}"'}, "does not say"),
        (302, {"x-linked-etag": f'"{"a" * 64}"', "x-linked-size": "-5"}, "does not say"),
    ],
)
def test_a_hub_that_does_not_state_size_and_hash_is_not_believed(hub, status, headers, why) -> None:
    hub.status, hub.headers = status, headers
    with pytest.raises(ModelMissing, match=why):
        model_at(ADDRESS)


@pytest.mark.parametrize(
    "address",
    [
        "hf:",
        "hf:owner/file.gguf",
        "hf:owner/repo/model.bin",
        "hf:owner/../../etc/passwd.gguf",
        "hf:owner/repo/../x.gguf",
        "hf:owner/repo/a b.gguf",
        "hf:owner/repo/model-00001-of-00004.gguf",
        "hf:https://example.com/x.gguf",
    ],
)
def test_what_is_no_address_of_one_whole_file_is_refused_before_anything_is_asked(
    hub: Hub, address: str
) -> None:
    with pytest.raises(ModelMissing):
        model_at(address)
    assert hub.asked == []


def test_only_models_that_fit_into_the_memory_are_named() -> None:
    def names(gigabytes: float) -> list[str]:
        return [c.name for c in fitting(Machine(memory=int(gigabytes * 1e9), cores=2))]

    assert names(3) == []
    assert names(8) == ["qwen3-4b-q4_k_m", "qwen3-8b-q4_k_m"]
    assert len(names(64)) == len(choices.CHOICES)
    here = choices.this_machine()
    assert here.memory > 1e8
    assert here.cores >= 1
    profiles = {c.name: c.profile for c in choices.CHOICES}
    assert profiles["qwen3-4b-q4_k_m"] == "small"
    assert profiles["qwen3-30b-a3b-q4_k_m"] == "large"


def test_how_quick_a_model_may_be_follows_from_what_was_measured(tmp_path) -> None:
    eight = next(c for c in choices.CHOICES if "8b" in c.name)
    sparse = next(c for c in choices.CHOICES if "a3b" in c.name)
    assert measured(tmp_path) == {}
    assert expected(eight, {}) is None
    remember(DEFAULT.name, Speed(read=80.0, write=14.0), tmp_path)
    speeds = measured(tmp_path)
    guess, known = expected(eight, speeds)
    assert not known
    assert guess.write == pytest.approx(14.0 * DEFAULT.size / eight.size)
    assert guess.read == pytest.approx(80.0 * 1.5 / 8)
    assert expected(sparse, speeds)[0].write > guess.write  # a tenth of it works on a token
    remember(eight.name, Speed(read=9.0, write=2.5), tmp_path)
    assert expected(eight, measured(tmp_path)) == (Speed(read=9.0, write=2.5), True)
    (tmp_path / choices.NOTE).write_text("[1]")
    assert measured(tmp_path) == {}


@pytest.fixture(scope="module")
def server() -> Iterator[Strong]:
    with serving() as one:
        yield one


def test_a_model_is_clocked_with_a_prompt_that_nothing_has_read_before(server: Strong) -> None:
    server.does(lambda reply: reply.say("1\n2\n3\n"))
    chat = connect(ChatSettings(llm="openai:m", base_url=server.url))
    speeds = [clocked(chat), clocked(chat)]
    assert all(s.read > 0 and s.write > 0 for s in speeds)
    first, second = server.prompts("answer")
    assert first[:8] != second[:8]
