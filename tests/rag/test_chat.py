"""From settings to a chat model; the child process that runs a local one, with a fake runtime."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag.errors import ModelError, ModelMissing, ModelUnreachable, SettingsError
from rag.models import catalogue as models
from rag.models.chat import Chat, connect
from rag.models.local import local, states
from rag.settings import ChatSettings, Engine, best_engine

PREFIX = [SystemMessage("You answer from excerpts.")]
ASKED = [*PREFIX, HumanMessage("Who resigned?")]

RUNTIME = '''
"""Stands in for xllamacpp: the same three names, and a server that says what was asked of it."""
import json, os, sys, threading, types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit, parse_qs

__version__ = "0.fake"

class CommonParams:
    def __init__(self):
        self.model = types.SimpleNamespace(path="")
        self.cpuparams = types.SimpleNamespace()
        self.cpuparams_batch = types.SimpleNamespace()
        self.slot_save_path = ""

class Server:
    def __init__(self, params):
        model = open(params.model.path).read()
        print("chatter on standard output", flush=True)
        if "broken" in model:
            raise RuntimeError("cannot read the tensors")
        if "fatal" in model:
            sys.stderr.write("assertion failed")
            sys.stderr.flush()
            os._exit(134)
        journal = os.environ["JOURNAL"]

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                url = urlsplit(self.path)
                if self.headers["authorization"] != "Bearer " + params.api_keys[0]:
                    return self.answer(401, "application/json", b"{}")
                if url.path == "/slots/0":
                    return self.slot(parse_qs(url.query)["action"][0], body["filename"])
                self.write("read " + body["messages"][-1]["content"])
                Handler.slot_holds = " ".join(m["content"] for m in body["messages"])
                if body["messages"][-1]["content"] == "crash":
                    os._exit(9)
                if not body.get("stream"):
                    return self.answer(200, "application/json", b'{"usage": {"prompt_tokens": 6}}')
                delta = {"choices": [{"delta": {"content": "pid " + str(os.getpid())},
                                      "finish_reason": "stop"}]}
                text = "data: " + json.dumps(delta) + "\\n\\ndata: [DONE]\\n\\n"
                self.answer(200, "text/event-stream", text.encode())

            def slot(self, action, name):
                file = params.slot_save_path + name
                self.write(action)
                if action == "save":
                    open(file, "w").write(Handler.slot_holds)
                    saved = 700 if "busy" in model else 7
                    return self.answer(200, "application/json", b'{"n_saved": %d}' % saved)
                elif not os.path.exists(file):
                    return self.answer(400, "application/json", b"{}")
                self.answer(200, "application/json", b"{}")

            def write(self, line):
                with open(journal, "a") as file:
                    file.write(line + "\\n")

            def answer(self, code, kind, data):
                self.send_response(code)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = "http://127.0.0.1:%d" % server.server_address[1]
'''


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the child process find the fake runtime, and give it a model file and a cache."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "xllamacpp.py").write_text(RUNTIME, encoding="utf-8")
    (tmp_path / "toy.gguf").write_text("weights", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(library))
    monkeypatch.setenv("DATELINE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JOURNAL", str(tmp_path / "journal"))
    return tmp_path


@pytest.fixture
def open_chat(place: Path) -> Iterator[Callable[[], Chat]]:
    chats: list[Chat] = []

    def start() -> Chat:
        settings = ChatSettings(llm=f"local:{place / 'toy.gguf'}", engine="llama.cpp")
        chat = connect(settings, PREFIX)
        assert chat is not None
        chats.append(chat)
        return chat

    yield start
    for chat in chats:
        chat.close()


def journal(place: Path) -> list[str]:
    return (place / "journal").read_text(encoding="utf-8").splitlines()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_none_is_no_model() -> None:
    assert connect(ChatSettings(llm="none")) is None


@pytest.mark.parametrize("llm", ["gpt", "openai", "openai:", "ollama:", "none:x", "", "vllm:m"])
def test_an_unknown_kind_of_model_is_an_error_that_lists_the_kinds(llm: str) -> None:
    with pytest.raises(SettingsError, match=r"openai:MODEL, ollama:MODEL, none"):
        connect(ChatSettings(llm=llm))


def test_the_public_service_needs_a_key() -> None:
    with pytest.raises(SettingsError, match="needs an API key"):
        connect(ChatSettings(llm="openai:m"))


def test_an_address_without_a_scheme_is_an_error() -> None:
    with pytest.raises(SettingsError, match="does not begin with http"):
        connect(ChatSettings(llm="openai:m", base_url="localhost:8000/v1"))


def test_a_model_elsewhere_has_its_kind_in_its_name() -> None:
    chat = connect(ChatSettings(llm="ollama:qwen3:4b"))
    assert chat is not None
    assert chat.name == "ollama:qwen3:4b"
    assert chat.pid is None
    chat.close()


def test_ollama_is_looked_for_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.generate.BACKOFF", 0.01)
    monkeypatch.setattr("rag.models.chat.OLLAMA", "http://127.0.0.1:9/v1")
    chat = connect(ChatSettings(llm="ollama:m"))
    assert chat is not None
    with pytest.raises(ModelUnreachable, match=r"127\.0\.0\.1:9/v1 cannot be reached"):
        chat.complete(ASKED, max_tokens=5)


def test_an_unknown_local_model_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ModelMissing, match=r"'qwen'.*qwen2\.5-coder-1\.5b-instruct, smollm2"):
        connect(ChatSettings(llm="local:qwen"))


def test_a_model_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no model file .*away\.gguf"):
        connect(ChatSettings(llm=f"local:{tmp_path / 'away.gguf'}"))


def test_a_model_that_was_not_fetched_says_how_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_CACHE", str(tmp_path))
    with pytest.raises(ModelMissing, match=r"dateline models pull qwen.*--llm none"):
        connect(ChatSettings())


def test_a_local_model_answers_from_a_process_of_its_own(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    chat = open_chat()
    assert chat.name == "local:toy"
    assert chat.complete(ASKED, max_tokens=5) == f"pid {chat.pid}"
    assert chat.pid != os.getpid()


def test_connecting_does_not_wait_for_the_model(open_chat: Callable[[], Chat]) -> None:
    open_chat().close()  # imports are paid for
    began = time.monotonic()
    chat = open_chat()
    connected = time.monotonic()
    chat.wait_ready()
    assert connected - began < time.monotonic() - connected


def test_closing_ends_the_process(open_chat: Callable[[], Chat]) -> None:
    chat = open_chat()
    chat.wait_ready()
    assert chat.pid is not None
    chat.close()
    assert not alive(chat.pid)
    with pytest.raises(ModelUnreachable, match="was closed"):
        chat.complete(ASKED, max_tokens=5)


def test_closing_while_it_loads_ends_the_process(open_chat: Callable[[], Chat]) -> None:
    chat = open_chat()
    chat.close()
    assert chat.pid is not None
    assert not alive(chat.pid)


def test_a_process_that_was_killed_is_started_again_by_the_next_question(
    open_chat: Callable[[], Chat],
) -> None:
    chat = open_chat()
    chat.wait_ready()
    first = chat.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: chat.complete(ASKED, max_tokens=5) != f"pid {first}")


def test_a_request_that_kills_the_process_every_time_ends_in_an_error(
    open_chat: Callable[[], Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.models.generate.BACKOFF", 0.01)
    chat = open_chat()
    with pytest.raises(ModelUnreachable, match="broke off"):
        chat.complete([HumanMessage("crash")], max_tokens=5)
    assert chat.complete(ASKED, max_tokens=5).startswith("pid")


def test_a_model_that_cannot_be_loaded_is_not_tried_again(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    (place / "toy.gguf").write_text("broken", encoding="utf-8")
    with pytest.raises(ModelError, match=r"toy cannot be loaded; .*cannot read the tensors"):
        open_chat().wait_ready()


def test_a_server_that_keeps_dying_is_explained_by_the_end_of_its_log(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    (place / "toy.gguf").write_text("fatal", encoding="utf-8")
    with pytest.raises(ModelUnreachable, match=r"ended 4 times; .*assertion failed"):
        open_chat().wait_ready()


@pytest.mark.parametrize("fault", ["raise ImportError", "import os; os._exit(132)"])
def test_a_quick_engine_that_dies_makes_room_for_the_steady_one(place: Path, fault: str) -> None:
    marked = f"open({str(place / 'begun')!r}, 'w').close()\n{fault}"
    (place / "library" / "ik_llama_cpp.py").write_text(marked, encoding="utf-8")
    settings = ChatSettings(llm=f"local:{place / 'toy.gguf'}", engine="ik")
    with connect(settings, PREFIX) or pytest.fail("no model") as chat:
        assert chat.complete(ASKED, max_tokens=5).startswith("pid")
        assert chat.engine == "llama.cpp"
    assert (place / "begun").exists()


def test_a_server_that_never_gets_ready_is_given_up(
    open_chat: Callable[[], Chat], monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setattr(local, "START_SECONDS", 0.2)
    monkeypatch.setattr(local, "STARTS", 1)
    (place / "library" / "xllamacpp.py").write_text("import time\ntime.sleep(60)")
    chat = open_chat()
    with pytest.raises(ModelUnreachable, match="ended 1 times"):
        chat.wait_ready()


def test_the_process_does_not_outlive_a_parent_that_was_killed(place: Path) -> None:
    parent = (
        "import sys, time\n"
        "from rag.models.chat import connect\n"
        "from rag.settings import ChatSettings\n"
        f"llm = {'local:' + str(place / 'toy.gguf')!r}\n"
        "chat = connect(ChatSettings(llm=llm, engine='llama.cpp'))\n"
        "chat.wait_ready()\n"
        "print(chat.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert alive(child)
        process.kill()
        process.wait()
    assert wait_until(lambda: not alive(child))


def test_the_beginning_of_the_prompt_is_read_once_and_remembered(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    open_chat().wait_ready()
    assert journal(place) == ["read You answer from excerpts.", "save"]
    (place / "journal").unlink()
    open_chat().wait_ready()
    assert journal(place) == ["restore"]


def test_a_damaged_memory_of_the_prompt_is_never_given_back(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    open_chat().wait_ready()
    (state,) = (place / "cache" / "states").glob("*.state")
    state.write_text("damaged")
    (place / "journal").unlink()
    open_chat().wait_ready()
    assert journal(place) == ["read You answer from excerpts.", "save"]


def test_a_state_that_another_request_got_into_is_not_kept(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    (place / "toy.gguf").write_text("busy", encoding="utf-8")
    open_chat().wait_ready()
    assert journal(place) == ["read You answer from excerpts.", "save"]
    assert list((place / "cache" / "states").iterdir()) == []


def test_a_prompt_for_another_purpose_does_not_make_the_model_forget(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    chat = open_chat()
    chat.complete(ASKED, max_tokens=5)
    (place / "journal").unlink()
    chat.complete(ASKED, max_tokens=5)
    chat.complete([SystemMessage("You rewrite."), HumanMessage("And then?")], max_tokens=5)
    chat.complete(ASKED, max_tokens=5)
    assert journal(place) == [
        "read Who resigned?",
        "read You rewrite.",
        "save",
        "read And then?",
        "restore",
        "read Who resigned?",
    ]


def test_no_word_of_a_conversation_is_kept_for_the_next(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    chat = open_chat()
    for words in ("the secret merger", "another secret"):
        chat.complete([*PREFIX, HumanMessage(words)], max_tokens=5)
        chat.complete([SystemMessage("You rewrite."), HumanMessage(words)], max_tokens=5)
    kept = [state.read_text() for state in (place / "cache" / "states").glob("*.state")]
    assert sorted(kept) == ["You answer from excerpts.", "You rewrite."]


def test_a_cache_that_cannot_be_written_only_costs_time(
    place: Path, monkeypatch: pytest.MonkeyPatch, open_chat: Callable[[], Chat]
) -> None:
    (place / "file").write_text("")
    monkeypatch.setenv("DATELINE_CACHE", str(place / "file"))
    assert open_chat().complete(ASKED, max_tokens=5).startswith("pid")


def test_another_model_file_has_a_memory_of_its_own(
    place: Path, open_chat: Callable[[], Chat]
) -> None:
    open_chat().wait_ready()
    (place / "toy.gguf").write_text("other weights", encoding="utf-8")
    open_chat().wait_ready()
    assert len(list((place / "cache" / "states").glob("*.state"))) == 2


def test_only_the_newest_memories_are_kept(place: Path, open_chat: Callable[[], Chat]) -> None:
    folder = place / "cache" / "states"
    folder.mkdir(parents=True)
    for n in range(10):
        (folder / f"{n}.state").write_text("old")
        os.utime(folder / f"{n}.state", (n, n))
    open_chat().wait_ready()
    names = {file.name for file in folder.glob("*.state")}
    assert {"9.state", "8.state", "3.state"} < names
    assert len(names) == states.KEPT


real = models.locate(models.DEFAULT)


@pytest.mark.llm
@pytest.mark.skipif(real is None, reason=f"{models.DEFAULT.name} is not in the cache")
@pytest.mark.parametrize("engine", sorted({best_engine(), "llama.cpp"}))
def test_the_real_model_answers_from_the_excerpt_and_from_its_cache(engine: Engine) -> None:
    excerpt = (
        "[1] Finance minister Ada Brandt resigned on 5 May 2024.\n\nQuestion: Who resigned?"
        " Answer in one short sentence."
    )
    settings = ChatSettings(max_tokens=40, engine=engine)
    with connect(settings, PREFIX) or pytest.fail("no model") as chat:
        for _ in range(2):
            generation = chat.stream([*PREFIX, HumanMessage(excerpt)])
            assert "Brandt" in "".join(generation)
            assert generation.tokens.cached > 0
            assert 0 < generation.tokens.cached < generation.tokens.prompt
        sure = chat.yes_probability([HumanMessage("Is Paris in France? Reply yes or no.")])
        unsure = chat.yes_probability([HumanMessage("Is Paris in Japan? Reply yes or no.")])
        assert sure is not None
        assert unsure is not None
        assert sure > 0.5 > unsure
