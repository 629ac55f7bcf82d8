"""The embedding model: found without a network, one vector a text, never half a model."""

import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelDamaged, ModelMissing
from rag.models.embed import load
from rag.settings import EmbedSettings

TEXTS = [
    "Ukraine may use US weapons to strike inside Russia near Kharkiv.",
    "American arms can be fired across the border close to Kharkiv.",
    "The football club signed a new goalkeeper on Friday.",
]


@pytest.fixture(scope="module")
def embedder():
    return load(EmbedSettings())


def test_vectors_are_float32_of_length_one_and_in_the_order_of_the_texts(embedder):
    matrix = embedder.encode([*TEXTS, "short", "x " * 300])
    assert matrix.shape == (5, 384)
    assert matrix.dtype == np.float32
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    assert np.allclose(matrix[1], embedder.encode([TEXTS[1]])[0], atol=1e-5)


def test_close_meaning_is_close_in_space(embedder):
    a, b, c = embedder.encode(TEXTS)
    assert a @ b > a @ c + 0.3


def test_nothing_to_embed_gives_no_vectors(embedder):
    assert len(embedder.encode([])) == 0


def test_langchain_gets_plain_lists(embedder):
    query = embedder.embed_query(TEXTS[0])
    assert query == pytest.approx(embedder.embed_documents(TEXTS)[0], abs=1e-5)
    assert isinstance(query[0], float)


def test_the_default_model_needs_no_network(monkeypatch):
    def refuse(*args):
        raise AssertionError("tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert load(EmbedSettings()).encode(["x"]).shape == (1, 384)


def test_several_threads_get_right_vectors(embedder):
    expected, got = embedder.encode(TEXTS), {}

    def work(n):
        got[n] = embedder.encode(TEXTS)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(got[n], expected, atol=1e-5) for n in range(6))


def test_a_name_that_is_nowhere_is_an_error_with_a_hint(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match=r"'no-such/model'.*needs no network"):
        load(EmbedSettings(model="no-such/model"))


@pytest.mark.parametrize("name", ["", "a b/c", "../nowhere", "x" * 300])
def test_a_name_that_can_be_no_model_is_an_error_with_a_hint(name, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match="leave the default"):
        load(EmbedSettings(model=name))


def test_a_folder_without_a_model_is_an_error_that_names_it(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelDamaged, match=tmp_path.name):
        load(EmbedSettings(model=str(tmp_path))).warm()


def test_the_fingerprint_follows_the_weights_not_the_place(tmp_path: Path):
    def made(name, weights):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(weights)
        return load(EmbedSettings(model=str(folder))).fingerprint

    weights = bytes(range(256)) * 1000
    assert made("one", weights) == made("two", weights)
    assert made("three", weights[:-1] + b"?") != made("four", weights)


def test_a_question_goes_before_the_next_batch_of_an_ingestion(monkeypatch):
    embedder = load(EmbedSettings(batch=2))
    run, order, begun = embedder._run, [], threading.Event()
    asked = threading.Thread(target=lambda: embedder.encode(["question"]))

    def slowly(texts):
        order.append(texts[0])
        if not begun.is_set():
            begun.set()
            asked.start()
            while not embedder._turns._short:  # until the question waits for its turn
                time.sleep(0.001)
        return run(texts)

    monkeypatch.setitem(embedder.__dict__, "_run", slowly)
    embedder.encode(["passage"] * 8)
    asked.join()
    assert order == ["passage", "question", "passage", "passage", "passage"]
