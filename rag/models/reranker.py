"""How well a text answers a question, read together: a cross-encoder behind one seam.

An encoder puts each text into a vector of its own, so it can tell what two texts are about, not
whether one answers the other. A cross-encoder reads both at once (Nogueira and Cho, "Passage
Re-ranking with BERT", arXiv 1901.04085). The default is ms-marco-MiniLM-L-12-v2 with weights in
eight bits, run by onnxruntime; any other cross-encoder is run by sentence-transformers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from rag.errors import ModelDamaged, ModelMissing
from rag.models import catalogue as models
from rag.models.embed import package_folder
from rag.settings import RerankSettings

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Pair = tuple[str, str]
"""A question or a claim, and the text that may answer or support it."""

LONGEST = 256
"""Tokens of a pair at most: a question, a title and a few sentences."""
BATCH = 8
"""Pairs computed at once; sorted by length, so that little of it is padding."""
KEPT = 4096
"""Pairs whose score is remembered: one answer asks for the same pair several times."""


@runtime_checkable
class Reranker(Protocol):
    """Says how well texts answer a question, or support a claim."""

    @property
    def name(self) -> str:
        """Name the model: scores of two models must never be compared."""
        ...

    def score(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """Return a logit for each pair: above 0 means rather yes; often between -11 and 11."""
        ...


def load(settings: RerankSettings) -> Reranker | None:
    """Return the reranker that the settings name; None for `none` or when it is not here.

    The default is fetched by `dateline models pull`. Without it answers are judged by rules alone.

    Raises:
        ModelDamaged: its file is not what it should be.
        ModelMissing: a model named by the person cannot be had.
    """
    if settings.model == "none":
        return None
    if settings.model == models.RERANKER.name:
        path = models.locate(models.RERANKER)
        return None if path is None else Remembered(Runtime(path, settings.threads))
    return Remembered(Library(settings.model))


class Remembered:
    """A reranker that scores each pair once, as long as it is among the last that were asked."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._scores: OrderedDict[Pair, float] = OrderedDict()
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """Name the model."""
        return self._reranker.name

    def score(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """Return a logit for each pair; see `Reranker.score`."""
        with self._turn:  # neither tokenizers nor a bounded dictionary bear two threads
            missing = [pair for pair in dict.fromkeys(pairs) if pair not in self._scores]
            known = dict(zip(missing, self._reranker.score(missing), strict=True))
            for pair in pairs:
                known.setdefault(pair, self._scores.get(pair, 0.0))
                self._scores[pair] = known[pair]
                self._scores.move_to_end(pair)
            while len(self._scores) > KEPT:
                self._scores.popitem(last=False)
        return tuple(known[pair] for pair in pairs)


class Runtime:
    """The default model, run by onnxruntime; loaded when it is first used.

    Its vocabulary is that of BERT, which the default embedding model brings along: so the model is
    one file.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        self.name = path.stem
        self._path = path
        self._threads = threads
        self._loaded: tuple[InferenceSession, Tokenizer] | None = None

    def score(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """Return a logit for each pair; see `Reranker.score`."""
        if not pairs:
            return ()
        self._loaded = self._loaded or (_session(self._path, self._threads), tokenizer())
        session, tokens = self._loaded
        rows = tokens.encode_batch(list(pairs))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
        scores = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            fed = _padded([rows[i] for i in batch])
            scores[batch] = np.asarray(session.run(None, fed)[0], dtype=np.float32)[:, 0]
        return tuple(float(score) for score in scores)


class Library:
    """Any other cross-encoder, by name or path, run by sentence-transformers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None

    def score(self, pairs: Sequence[Pair]) -> tuple[float, ...]:
        """Return a logit for each pair; see `Reranker.score`.

        Raises:
            ModelMissing: the model is not on this machine and could not be fetched.
        """
        if not pairs:
            return ()
        self._model = self._model or self._load()
        found = self._model.predict(list(pairs), show_progress_bar=False)
        return tuple(float(score) for score in np.asarray(found).reshape(len(pairs), -1)[:, 0])

    def _load(self) -> Any:  # noqa: ANN401 - the library's own type, imported late
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        try:
            return CrossEncoder(self.name, device="cpu", activation_fn=Identity())
        except Exception as error:  # it fails in very many ways
            raise ModelMissing(
                f"the reranker {self.name!r} is not on this machine and could not be fetched "
                f"({type(error).__name__}); give the name or the folder of a cross-encoder, leave "
                f"the default, {models.RERANKER.name!r}, or set rerank.model to none"
            ) from error


def _session(path: Path, threads: int) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # A thread that waits busily takes the core from the chat model.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no base of their own
        raise ModelDamaged(f"the reranker in {path} cannot be loaded: {error}") from error


def tokenizer() -> Tokenizer:
    """Return what cuts a pair into the tokens of the default model."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=LONGEST)
    tokenizer.no_padding()
    return tokenizer


def _padded(rows: Sequence[Encoding]) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
    """Return the inputs of one batch: ids, mask and segment of each token, shape (n, longest)."""
    shape = len(rows), max(len(row.ids) for row in rows)
    fed = {
        name: np.zeros(shape, dtype=np.int64)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    for number, row in enumerate(rows):
        size = len(row.ids)
        fed["input_ids"][number, :size] = row.ids
        fed["attention_mask"][number, :size] = 1
        fed["token_type_ids"][number, :size] = row.type_ids
    return fed
