"""A BERT encoder run by onnxruntime, from the files that sentence-transformers would read.

Loading torch and sentence-transformers is most of what a single question costs; onnxruntime loads
in a tenth of that. The weights are the same, in float32, and so are the vectors, up to the last
digits that rounding leaves open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.models import graph
from rag.models.encoder import Matrix
from rag.types import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_LAYER = "encoder.layer.{}.{}.{}"
_NORMS = {"norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}
_DENSE = {
    "out": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}
TOGETHER = 4
"""Texts computed at once. Of real passages sorted 64 at a time, a twentieth of what is computed is
then padding; with 32 it is more than a quarter."""
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


def fits(folder: Path) -> bool:
    """Say whether the folder holds a model of this kind: BERT, and the mean of its tokens."""
    try:
        config = _json(folder / "config.json")
        modules = [str(m["type"]).rpartition(".")[2] for m in _json(folder / "modules.json")]
        pooling = _json(folder / "1_Pooling" / "config.json")
        reading = _json(folder / "sentence_bert_config.json")
        own = folder / "config_sentence_transformers.json"
        extras = _json(own) if own.exists() else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    means = {name for name, on in pooling.items() if name.startswith("pooling_mode") and on}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and modules in _MODULES
        and means in ({"pooling_mode_mean_tokens"}, {"pooling_mode"})
        and pooling.get("pooling_mode", "mean") == "mean"
        and not reading.get("do_lower_case")
        and not extras.get("default_prompt_name")
        and all((folder / name).is_file() for name in ("tokenizer.json", "model.safetensors"))
    )


class Bert:
    """Encodes one batch of texts at a time; not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        """Load it from a folder that `fits`.

        Raises:
            ValueError: a file does not hold what the others promise.
        """
        config = _json(folder / "config.json")
        weights = _weights(folder / "model.safetensors", int(config["num_hidden_layers"]))
        self._session = session(
            weights,
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            epsilon=float(config["layer_norm_eps"]),
        )
        self._tokenizer = _tokenizer(folder)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return the mean of each text's token vectors, float32 of shape (n, dimensions).

        Texts should come sorted by length: a few at a time are padded to the longest of them.
        """
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        parts = [rows[start : start + TOGETHER] for start in range(0, len(rows), TOGETHER)]
        return np.concatenate([self._means(part) for part in parts])

    def states(self, text: str) -> tuple[list[Span], Matrix]:
        """Return where the tokens of a text stand, and a vector for each."""
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int32)
        fed = {graph.IDS: ids, graph.LENGTHS: np.array([ids.shape[1]], dtype=np.int32)}
        hidden = np.asarray(self._session.run([graph.HIDDEN], fed)[0], dtype=np.float32)[0]
        tokens = [Span(start=start, end=end) for start, end in encoding.offsets[1:-1]]
        return tokens, hidden[1:-1]

    def _means(self, rows: Sequence[Sequence[int]]) -> Matrix:
        lengths = np.array([len(row) for row in rows], dtype=np.int32)
        ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int32)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
        fed = {graph.IDS: ids, graph.LENGTHS: lengths}
        hidden = np.asarray(self._session.run([graph.HIDDEN], fed)[0], dtype=np.float32)
        real = np.arange(ids.shape[1]) < lengths[:, None]
        total = (hidden * real[:, :, None]).sum(axis=1)
        return np.asarray(total / lengths[:, None], dtype=np.float32)


def _weights(path: Path, layers: int) -> dict[str, Matrix]:
    """Read the weights, under the names and in the shapes that the graph wants."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return arranged(held, layers)


def arranged(held: dict[str, Matrix], layers: int, *, pairs: bool = False) -> dict[str, Matrix]:
    """Return weights under the names and in the shapes that the graph wants.

    Args:
        held: The weights under their names in the library for such models.
        layers: How many.
        pairs: Texts are pairs; otherwise what marks the first of two is the same for each token.
    """
    first = "embeddings.LayerNorm."
    position = held["embeddings.position_embeddings.weight"]
    segment = held["embeddings.token_type_embeddings.weight"]
    weights = {
        "word": held["embeddings.word_embeddings.weight"],
        "position": position if pairs else position + segment[0],
        "norm.g": held[first + "weight"],
        "norm.b": held[first + "bias"],
    }
    weights |= {"segment": segment} if pairs else {}
    for n in range(layers):
        weights |= _layer(held, n)
    return {name: np.ascontiguousarray(w, dtype=np.float32) for name, w in weights.items()}


def _layer(held: dict[str, Matrix], n: int) -> dict[str, Matrix]:
    def of(block: str, what: str) -> Matrix:
        return held[_LAYER.format(n, block, what)]

    three = [f"attention.self.{name}" for name in ("query", "key", "value")]
    found = {
        f"{n}.qkv.w": np.concatenate([of(block, "weight").T for block in three], axis=1),
        f"{n}.qkv.b": np.concatenate([of(block, "bias") for block in three]),
    }
    for name, block in _DENSE.items():
        found |= {f"{n}.{name}.w": of(block, "weight").T, f"{n}.{name}.b": of(block, "bias")}
    for name, block in _NORMS.items():
        found |= {f"{n}.{name}.g": of(block, "weight"), f"{n}.{name}.b": of(block, "bias")}
    return found


def session(
    weights: dict[str, Matrix], *, layers: int, heads: int, epsilon: float, threads: int = 0
) -> InferenceSession:
    """Return what computes the hidden states; threads: 0 for as many as there are cores.

    Raises:
        ValueError: the weights do not fit together.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # A thread that waits busily takes the core from the chat model.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weight) for weight in weights.values()]
    options.add_external_initializers(list(weights), values)
    shapes = {name: weight.shape for name, weight in weights.items()}
    written = graph.bert(shapes, layers=layers, heads=heads, epsilon=epsilon)
    try:
        return onnxruntime.InferenceSession(written, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base of their own
        raise ValueError(f"the weights do not fit together: {error}") from error


def _tokenizer(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    longest = int(_json(folder / "sentence_bert_config.json")["max_seq_length"])
    tokenizer.enable_truncation(max_length=longest)
    tokenizer.no_padding()
    return tokenizer


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    return json.loads(path.read_text(encoding="utf-8"))
