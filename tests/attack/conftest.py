"""What the attacks share: an encoder that costs nothing, and an engine over made-up articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.answer.machine import retriever_of
from rag.answer.pipeline import NewsQA, _fill
from rag.archive.archive import Archive
from rag.settings import ChatSettings, Settings
from rag.types import Article
from rag.verify.verifier import RuleVerifier


class Hashed:
    """Words counted in 128 places: near enough to meaning where meaning is not the point."""

    fingerprint = "hashed-words"

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        rows = np.full((len(texts), 128), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[hashlib.blake2b(word.encode(), digest_size=2).digest()[0] % 128] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


Opens = Callable[[Sequence[Article], Any], NewsQA]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opens]:
    """Open an engine over articles, with a chat model that a test brings."""
    with ExitStack() as stack:

        def start(articles: Sequence[Article], chat: Any) -> NewsQA:
            archive = stack.enter_context(Archive.create(tmp_path_factory.mktemp("attacked")))
            encoder, settings = Hashed(), Settings(chat=ChatSettings(llm="none"))
            _fill(archive, articles, encoder, settings)
            return NewsQA(
                archive=archive,
                retriever=retriever_of(archive, encoder, settings),
                encoder=encoder,
                verifier=RuleVerifier(encoder.encode),
                chat=chat,
                settings=settings,
            )

        yield start


def article(name: str, text: str, **known: Any) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id=name, digest=digest, text=text, **known)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")
