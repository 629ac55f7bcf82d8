"""Small archives for tests of the store: articles with passages and vectors of their own."""

import hashlib
from collections.abc import Iterable
from datetime import date

import numpy as np

from rag.archive.archive import Archive
from rag.archive.filing import Filing
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.models.embed import embedded_text
from rag.search.candidates import Candidate
from rag.settings import ChunkSettings
from rag.types import Article

CHUNKS = ChunkSettings(characters=200)
SIZE = 16


class Numbers:
    """Stands in for the embedding model: a unit vector that the text decides."""

    fingerprint = "numbers"

    def encode(self, texts):
        seeds = [int(hashlib.sha256(t.encode()).hexdigest()[:8], 16) for t in texts]
        rows = np.stack([np.random.default_rng(seed).normal(size=SIZE) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def make(article_id: str, text: str, **fields) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id=article_id, digest=digest, text=text, **fields)


def sentences_of(made: Article, cluster: str = "", **measures: float) -> list[Candidate]:
    """Every sentence of an article, as if search had found them all equally good."""
    alike = {"rank": 1.0, "words": 1.0, "around": 1.0, "form": 1.0} | measures
    return [
        Candidate(article=made, cluster=cluster or made.id, position=n, span=span, **alike)
        for n, span in enumerate(split(made.text))
    ]


def put(archive: Archive, article_id: str, text: str, **fields) -> str:
    article = make(article_id, text, **fields)
    return archive.put(article, chunk(article, CHUNKS), split(text), Filing())


def embed(archive: Archive) -> None:
    waiting = archive.passages(archive.pending(Numbers.fingerprint))
    if waiting:
        matrix = Numbers().encode([embedded_text(p) for p in waiting])
        archive.embedded([p.id for p in waiting], matrix, Numbers.fingerprint)


def bulk(archive: Archive, count: int) -> None:
    """Add about so many passages as one article: from 1,000 on Chroma writes its graph."""
    sentences = (
        f"Sentence {n} of a long report has a number of its own." for n in range(4 * count)
    )
    put(archive, "bulk", " ".join(sentences)[: count * 175])
    embed(archive)


def fill(archive: Archive, numbers: Iterable[int]) -> None:
    for number in numbers:
        text = f"Report {number} was read out. It says what happened on day {number} of the year."
        day = date(2024, 1, 1 + number % 28)
        put(archive, f"n:{number}", text, published=day, publisher="AP" if number % 2 else "BBC")
    embed(archive)
