"""The server of the quick engine: the protocol over a model that counts, and the model itself."""

from __future__ import annotations

import fcntl
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rag import settings
from rag.errors import ModelError
from rag.models import catalogue as models
from rag.models.local import quick
from rag.models.local.native import GivenUp, TooLong, Written
from rag.models.local.quick import closed, serve

if TYPE_CHECKING:
    from rag.models.local.native import Native

ASKED = [{"role": "user", "content": "How many?"}]


class Counting:
    """Stands in for `Native`: a token is a word, and the reply counts up to six."""

    def __init__(self) -> None:
        self.reading = threading.Event()
        self.slow = False
        self.given_up = 0
        self.held = 0
        self.room = 100
        self.ended = False
        self.inside = 0
        self.most_inside = 0

    def prompt(self, messages: Sequence[dict[str, str]]) -> list[int]:
        text = messages[-1]["content"]
        if "endless" in text:
            raise TooLong("the prompt of 9 tokens exceeds the context of 8 tokens")
        return list(range(len(text.split())))

    def read(self, tokens: Sequence[int], gone: Callable[[], bool]) -> int:
        self.inside += 1
        self.most_inside = max(self.inside, self.most_inside)
        self.reading.set()
        try:
            time.sleep(0.05)
            while self.slow:
                if gone():
                    self.given_up += 1
                    raise GivenUp
                time.sleep(0.01)
        finally:
            self.inside -= 1
        known, self.held = min(self.held, len(tokens) - 1), len(tokens)
        return known

    def write(self, most: int, *, temperature: float, likely: int) -> Iterator[Written]:
        del temperature
        self.ended = False
        named = ((b"one", -0.5), (b"no", -1.5))[:likely]
        for piece in [b"one ", b"two ", b"\xc3", b"\xa9", b" 4"][: min(most, self.room)]:
            yield Written(piece=piece, logprob=-0.5, likely=named)  # two of them make an accent
        self.ended = most > 5 and self.room > 5

    def save(self, file: Path) -> int:
        file.write_text(str(self.held), encoding="ascii")
        return self.held

    def restore(self, file: Path) -> int:
        if not file.is_file():
            raise ModelError(f"{file.name} could not be read")
        self.held = int(file.read_text(encoding="ascii"))
        return self.held


@pytest.fixture
def model() -> Counting:
    return Counting()


@pytest.fixture
def client(model: Counting, tmp_path: Path) -> Iterator[httpx.Client]:
    server, key = serve(model, "toy", tmp_path)  # type: ignore[arg-type]
    address = f"http://127.0.0.1:{server.server_port}"
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}) as found:
        yield found
    server.shutdown()
    server.server_close()


def ask(client: httpx.Client, **more: object) -> httpx.Response:
    return client.post("/v1/chat/completions", json={"messages": ASKED, **more})


def told(response: httpx.Response) -> list[dict[str, object]]:
    lines = [line[6:] for line in response.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_a_reply_comes_whole_with_its_tokens_counted(client: httpx.Client) -> None:
    said = ask(client).json()
    assert said["choices"][0]["message"] == {"role": "assistant", "content": "one two \u00e9 4"}
    assert said["choices"][0]["finish_reason"] == "stop"
    assert "logprobs" not in said["choices"][0]
    assert said["usage"]["prompt_tokens"] == 2
    assert said["usage"]["completion_tokens"] == 5
    assert ask(client).json()["usage"]["prompt_tokens_details"] == {"cached_tokens": 1}


def test_a_reply_is_streamed_in_whole_characters(client: httpx.Client) -> None:
    events = told(ask(client, stream=True, stream_options={"include_usage": True}, logprobs=True))
    pieces = [e["choices"][0]["delta"].get("content") for e in events if e["choices"]]
    assert pieces == ["one ", "two ", "\u00e9", " 4", None]
    joined = events[2]["choices"][0]["logprobs"]["content"]
    assert [t["logprob"] for t in joined] == [-0.5, -0.5]  # of two tokens, one character
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert events[-1]["usage"]["completion_tokens"] == 5


def test_a_reply_that_is_cut_says_so(client: httpx.Client, model: Counting) -> None:
    short = ask(client, max_tokens=2).json()["choices"][0]
    assert (short["message"]["content"], short["finish_reason"]) == ("one two ", "length")
    model.room = 1  # in the context
    full = ask(client).json()["choices"][0]
    assert (full["message"]["content"], full["finish_reason"]) == ("one ", "length")


def test_the_likeliest_tokens_are_named_when_asked_for(client: httpx.Client) -> None:
    said = ask(client, logprobs=True, top_logprobs=2).json()["choices"][0]["logprobs"]
    assert [t["token"] for t in said["content"][0]["top_logprobs"]] == ["one", "no"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user"}]}, "content"),
        ({"messages": ASKED, "max_tokens": 0}, "max_tokens"),
        ({"messages": ASKED, "max_tokens": True}, "max_tokens"),
        ({"messages": ASKED, "temperature": -1}, "temperature"),
        ({"messages": ASKED, "stop": ["two"]}, "stop"),
        ([], "JSON object"),
    ],
)
def test_a_request_that_is_not_one_is_refused_by_name(
    client: httpx.Client, body: object, words: str
) -> None:
    response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]


def test_what_is_no_json_or_too_long_is_refused(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/v1/chat/completions", content=b"{").status_code == 400
    monkeypatch.setattr(quick, "LONGEST", 10)
    assert "too long" in ask(client).json()["error"]["message"]


def test_a_prompt_that_does_not_fit_says_so(client: httpx.Client) -> None:
    endless = [{"role": "user", "content": "endless"}]
    response = client.post("/v1/chat/completions", json={"messages": endless, "stream": True})
    assert response.status_code == 400
    assert "context" in response.json()["error"]["message"]


def test_without_the_key_nothing_is_told(client: httpx.Client) -> None:
    wrong = {"authorization": "Bearer x"}
    assert client.get("/v1/models", headers=wrong).status_code == 401
    posted = client.post("/v1/chat/completions", json={"messages": ASKED}, headers=wrong)
    assert posted.status_code == 401
    assert client.get("/v1/models").json()["data"][0]["id"] == "toy"
    assert client.get("/v1/models/toy").status_code == 404


def test_what_was_read_is_saved_and_restored_in_the_folder_only(
    client: httpx.Client, tmp_path: Path
) -> None:
    ask(client)
    saved = client.post("/slots/0", params={"action": "save"}, json={"filename": "a.state"})
    assert saved.json() == {"n_saved": 2}
    assert (tmp_path / "a.state").exists()
    back = client.post("/slots/0", params={"action": "restore"}, json={"filename": "a.state"})
    assert back.json() == {"n_restored": 2}
    gone = client.post("/slots/0", params={"action": "restore"}, json={"filename": "b.state"})
    assert gone.status_code == 400
    for name in ("../a.state", "/etc/passwd", "", "..", None):
        out = client.post("/slots/0", params={"action": "save"}, json={"filename": name})
        assert out.status_code == 400


def test_a_client_that_goes_frees_the_model_for_the_next(
    client: httpx.Client, model: Counting
) -> None:
    model.slow = True
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v1/chat/completions", json={"messages": ASKED}, timeout=0.3)
    deadline = time.monotonic() + 10
    while not model.given_up and time.monotonic() < deadline:
        time.sleep(0.01)
    assert model.given_up == 1
    model.slow = False
    assert ask(client).status_code == 200


def test_one_is_served_at_a_time_and_who_leaves_the_queue_is_forgotten(
    client: httpx.Client, model: Counting
) -> None:
    model.slow = True
    replies: list[int] = []
    threads = [
        threading.Thread(target=lambda: replies.append(ask(client).status_code)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    assert model.reading.wait(10)
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v1/chat/completions", json={"messages": ASKED}, timeout=0.3)
    time.sleep(0.3)
    model.slow = False
    for thread in threads:
        thread.join(10)
    assert replies == [200, 200, 200]
    assert (model.most_inside, model.given_up) == (1, 0)


def test_a_stream_whose_client_leaves_frees_the_model(
    client: httpx.Client, model: Counting
) -> None:
    body = {"messages": ASKED, "stream": True}
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        assert next(response.iter_lines())
    assert ask(client, max_tokens=1).status_code == 200
    assert model.inside == 0


def test_a_processor_without_avx2_gets_the_steady_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = tmp_path / "cpuinfo"
    monkeypatch.setattr(settings, "_PROCESSOR", processor)
    monkeypatch.setattr(settings, "find_spec", lambda _: object())
    for flags, engine in (
        ("sse avx2 fma f16c", "ik"),
        ("sse avx", "llama.cpp"),
        (None, "llama.cpp"),
    ):
        if flags is None:
            processor.unlink()
        else:
            processor.write_text(f"model name : x\nflags\t\t: {flags}\n", encoding="utf-8")
        settings.best_engine.cache_clear()
        assert settings.best_engine() == engine
    monkeypatch.setattr(settings, "find_spec", lambda _: None)
    settings.best_engine.cache_clear()
    assert settings.best_engine() == "llama.cpp"
    settings.best_engine.cache_clear()


real = models.locate(models.DEFAULT)


@pytest.mark.llm
@pytest.mark.skipif(
    real is None or settings.best_engine() != "ik", reason="no model, or no quick engine"
)
def test_the_engine_reads_only_what_is_new_and_forgets_what_is_not_asked(tmp_path: Path) -> None:
    from rag.models.local.native import Native

    assert real is not None
    model = Native(real, context=512, threads=2)
    first = model.prompt([{"role": "user", "content": "Name the capital of France in one word."}])
    assert model.read(first, lambda: False) == 0
    answer = b"".join(t.piece for t in model.write(4, temperature=0, likely=0))
    assert b"Paris" in answer
    state = tmp_path / "first.state"
    held = model.save(state)

    second = model.prompt([{"role": "user", "content": "Name the capital of Italy in one word."}])
    shared = model.read(second, lambda: False)
    assert 0 < shared < len(second) - 1
    assert b"Rome" in b"".join(t.piece for t in model.write(4, temperature=0, likely=0))

    assert model.restore(state) == held
    assert model.read(first, lambda: False) == len(first) - 1
    again = list(model.write(4, temperature=0, likely=3))
    assert b"".join(t.piece for t in again) == answer
    assert again[0].likely[0] == (again[0].piece, again[0].logprob)
    assert again[0].logprob <= 0

    read_ahead(model, second)
    with pytest.raises(GivenUp):
        model.read(second * 3, lambda: True)
    with pytest.raises(TooLong):
        model.prompt([{"role": "user", "content": "word " * 600}])
    with pytest.raises(ModelError, match="could not be read"):
        model.restore(tmp_path / "missing.state")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Native(Path(__file__), context=512, threads=2)


def read_ahead(model: Native, prompt: Sequence[int]) -> None:
    """What is read ahead is not read again, and what is given up half way is as if never begun."""
    model.read([prompt[0]], lambda: False)
    model.read(prompt, lambda: False)
    usual = list(model.write(4, temperature=0, likely=3))

    model.read([prompt[0]], lambda: False)
    looks = iter([False, True])
    with pytest.raises(GivenUp):  # the second look is in the middle of the only batch
        model.read(prompt, lambda: next(looks))
    assert model.read(prompt, lambda: False) == 1
    list(model.write(1, temperature=0, likely=0))
    assert model.read(prompt, lambda: False) == len(prompt)
    assert list(model.write(4, temperature=0, likely=3)) == usual


def test_a_closed_connection_is_seen_however_many_files_are_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    one, other = socket.socketpair()
    high = fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 1_500)
    with other, socket.socket(fileno=high) as far:
        one.close()
        assert not closed(far)
        other.sendall(b"more")
        assert not closed(far)
        far.recv(4)
        other.close()
        assert closed(far)
