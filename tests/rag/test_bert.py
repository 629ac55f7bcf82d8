"""The light encoder: the vectors of the library, from its files, and only where it can run them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from rag.errors import ModelDamaged
from rag.models.bert import Bert, fits
from rag.models.embed import load
from rag.settings import EmbedSettings
from tests.test_layers import loaded_by

SAMPLE = Path(__file__).parents[2] / "eval" / "sample"
FOLDER = load(EmbedSettings()).folder


@pytest.fixture(scope="module")
def texts():
    articles = [path.read_text(encoding="utf-8") for path in sorted(SAMPLE.rglob("*.txt"))]
    assert articles
    pieces = [text[start : start + 700] for text in articles for start in range(0, len(text), 700)]
    odd = ["", " ", "?", "Naïve café ﬁnance 北京 😀", "word " * 600]
    return pieces[:60] + odd


def test_vectors_are_those_of_the_library(texts):
    library = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)
    expected = library.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    got = load(EmbedSettings()).encode(texts)
    assert np.abs(got - expected).max() < 1e-5


def test_a_text_has_the_same_vector_in_every_company(texts):
    model = Bert(FOLDER)
    together = model.encode(texts[:9])
    alone = np.concatenate([model.encode([text]) for text in texts[:9]])
    assert np.allclose(together, alone, atol=1e-4)


def test_a_question_is_embedded_without_torch_and_the_library():
    code = "from rag.models.embed import load\nfrom rag.settings import EmbedSettings\n"
    loaded = loaded_by(f"{code}assert load(EmbedSettings()).encode(['Who?']).shape == (1, 384)")
    assert "onnxruntime" in loaded
    assert loaded & {"torch", "sentence_transformers", "transformers", "chromadb"} == set()


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"model_type": "roberta"}),
        ("config.json", {"hidden_act": "relu"}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("1_Pooling/config.json", {"pooling_mode": "cls"}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}),
    ],
)
def test_other_kinds_of_model_are_left_to_the_library(tmp_path, file, change):
    folder = copied(tmp_path)
    assert fits(folder)
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert not fits(folder)


def test_a_folder_that_lacks_a_file_is_left_to_the_library(tmp_path):
    folder = copied(tmp_path)
    (folder / "tokenizer.json").unlink()
    assert not fits(folder)
    assert not fits(tmp_path / "nowhere")


@pytest.mark.parametrize("size", [10, 100_000])
def test_weights_that_are_cut_short_are_an_error_that_names_the_model(tmp_path, size):
    folder = copied(tmp_path)
    weights = folder / "model.safetensors"
    weights.write_bytes((FOLDER / "model.safetensors").read_bytes()[:size])
    with pytest.raises(ModelDamaged, match=folder.name):
        load(EmbedSettings(model=str(folder))).warm()


def test_weights_of_another_size_than_said_are_an_error_that_names_the_model(tmp_path):
    folder = copied(tmp_path)
    weights = folder / "model.safetensors"
    weights.unlink()
    weights.symlink_to(FOLDER / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 7}))
    with pytest.raises(ModelDamaged, match=folder.name):
        load(EmbedSettings(model=str(folder))).warm()


def copied(place: Path) -> Path:
    """Copy the small files of the default model, with an empty one for the weights."""
    folder = place / "model-of-a-test"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").touch()
    return folder
