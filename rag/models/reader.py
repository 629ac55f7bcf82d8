"""Which words of a sentence answer a question: an extractive reader behind one seam.

The reranker says that a sentence answers; the reader says with what. It is the reranker's own
network with low-rank adapters in its upper layers (Hu et al., "LoRA", arXiv 2106.09685) and two
numbers for each token: how likely the answer begins and ends there, against no answer in the
sentence at all, which is read off the first token (Devlin et al., "BERT", arXiv 1810.04805, for
SQuAD 2.0). The adapters are fitted by `python -m eval.reading`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import ModelDamaged
from rag.models import bert, graph
from rag.models import catalogue as models
from rag.models.encoder import Matrix
from rag.models.reranker import BATCH, tokenizer
from rag.models.weights import weights
from rag.settings import RerankSettings
from rag.types import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Question = tuple[str, str, str]
"""A question, what stands ahead of a sentence (its headline, or nothing), and the sentence."""

LONGEST = 15
"""Tokens of an answer at most."""
KEPT = 2048
"""Readings that are remembered: one answer asks for the same one several times."""
LAYERS, HEADS, EPSILON = 12, 12, 1e-12
"""Of the reranker's network."""
SCALE = 2.0
"""What an adapter's product counts for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a sentence; all scores are log odds against no answer in it."""

    tokens: tuple[Span, ...]
    """Where in the sentence each token stands."""
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    """For each token, half of the log odds of an answer that begins, or ends, with it."""

    def best(self, among: Container[Span] | None = None) -> tuple[Span, float]:
        """Return the words that answer best, and their log odds; minus infinity where none may.

        Args:
            among: The tokens of which an answer may be made; None for all.
        """
        best, found = float("-inf"), Span(start=0, end=0)
        for first, start in enumerate(self.tokens):
            for last in range(first, min(first + LONGEST, len(self.tokens))):
                if among is not None and self.tokens[last] not in among:
                    break
                if (odds := self.starts[first] + self.ends[last]) > best:
                    best, found = odds, Span(start=start.start, end=self.tokens[last].end)
        return found, best


class Reader:
    """The reader, run by onnxruntime; loaded when it is first used."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        self._path = path
        self._threads = threads
        self._loaded: tuple[InferenceSession, Tokenizer, Matrix, Matrix] | None = None
        self._readings: OrderedDict[Question, Reading] = OrderedDict()
        self._turn = threading.Lock()

    def read(self, asked: Sequence[Question]) -> tuple[Reading, ...]:
        """Return what is read in each sentence.

        Raises:
            ModelDamaged: a file is not what it should be.
        """
        with self._turn:  # neither tokenizers nor a bounded dictionary bear two threads
            missing = [one for one in dict.fromkeys(asked) if one not in self._readings]
            known = dict(zip(missing, self._read(missing), strict=True))
            for one in asked:
                known.setdefault(one, self._readings.get(one, _NOTHING))
                self._readings[one] = known[one]
                self._readings.move_to_end(one)
            while len(self._readings) > KEPT:
                self._readings.popitem(last=False)
        return tuple(known[one] for one in asked)

    def _read(self, asked: Sequence[Question]) -> list[Reading]:
        if not asked:
            return []
        self._loaded = self._loaded or _load(self._path, self._threads)
        session, tokens, matrix, bias = self._loaded
        rows = tokens.encode_batch([(q, ahead + text) for q, ahead, text in asked])
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
        found = [_NOTHING] * len(rows)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            hidden = np.asarray(session.run([graph.HIDDEN], _fed([rows[i] for i in batch]))[0])
            for number, scores in zip(batch, hidden @ matrix.T + bias, strict=True):
                found[number] = _reading(rows[number], len(asked[number][1]), scores)
        return found


_NOTHING = Reading((), (), ())


def load(settings: RerankSettings) -> Reader | None:
    """Return the reader; None where the default reranker, of which it is made, is not used."""
    path = models.locate(models.RERANKER) if settings.model == models.RERANKER.name else None
    return None if path is None else Reader(path, settings.threads)


def _reading(row: Encoding, ahead: int, scores: Matrix) -> Reading:
    none = scores[0]
    held = [
        n
        for n, (kind, (start, end)) in enumerate(zip(row.type_ids, row.offsets, strict=True))
        if kind == 1 and end > start >= ahead
    ]
    spans = (row.offsets[n] for n in held)
    return Reading(
        tokens=tuple(Span(start=start - ahead, end=end - ahead) for start, end in spans),
        starts=tuple(float(scores[n, 0] - none[0]) for n in held),
        ends=tuple(float(scores[n, 1] - none[1]) for n in held),
    )


def _fed(rows: Sequence[Encoding]) -> dict[str, np.ndarray[Any, np.dtype[np.int32]]]:
    lengths = np.array([len(row.ids) for row in rows], dtype=np.int32)
    shape = len(rows), int(lengths.max())
    ids, types = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = row.ids
        types[number, : len(row.ids)] = row.type_ids
    return {graph.IDS: ids, graph.LENGTHS: lengths, graph.TYPES: types}


def _load(path: Path, threads: int) -> tuple[InferenceSession, Tokenizer, Matrix, Matrix]:
    try:
        held, fitted = weights(path), _adapters()
        for name in {key.rpartition(".")[0] for key in fitted if key.startswith("encoder.")}:
            change = fitted[f"{name}.a"] @ fitted[f"{name}.b"] * SCALE
            held[f"{name}.weight"] = held[f"{name}.weight"] + change.T
        session = bert.session(
            bert.arranged(held, LAYERS, pairs=True),
            layers=LAYERS,
            heads=HEADS,
            epsilon=EPSILON,
            threads=threads,
        )
    except (KeyError, ValueError) as error:
        raise ModelDamaged(f"the reader cannot be made of {path}: {error}") from error
    return session, tokenizer(), fitted["head.weight"], fitted["head.bias"]


def _adapters() -> dict[str, Matrix]:
    from safetensors.numpy import load_file

    with as_file(files("rag.models") / "reader.safetensors") as path:
        return {name: np.asarray(w, dtype=np.float32) for name, w in load_file(path).items()}
