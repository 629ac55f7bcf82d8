"""Archives of any size, made from real passages: for measuring search, never answers.

The first articles are the real ones, with their real vectors. After them come made ones. Each takes
two real articles A and B and sets their sentences one after the other in turn (A1 B1 A2 B2 ...), so
that its words and lengths are those of news while its text is no copy; which two, its day (within
ten years) and its outlet are drawn with a fixed seed. A passage's vector is that of a real passage
of A, moved by noise of `NOISE` of its length and brought back to length one: its neighbours stay
near it, as reports of one story do, and no two are equal. So words become as frequent as they are
in news, while new ones come only with names (each made title ends with a serial number).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
from langchain_core.documents import Document

from rag.archive import filing, vectors
from rag.archive.archive import Archive
from rag.archive.filing import Filing
from rag.ingest.chunk import chunk
from rag.language.sentences import split
from rag.models.encoder import Matrix
from rag.settings import ChunkSettings
from rag.types import Article, Span

NOISE = 0.35
"""Length of the noise beside a vector of length one: the cosine to its origin is about 0.94."""
_FIRST_DAY, _DAYS = date(2015, 1, 1), 3653
_OUTLETS = tuple(f"Made Outlet {n}" for n in range(40))
_ARTICLES_AT_ONCE = 500
_LONGEST = 6000
"""Characters of a made article, about what a long news report has."""

Filed = tuple[Article, list[Document], Matrix]
"""An article, its passages, and their vectors in the same order."""


class Made(Archive):
    """An archive that takes many articles in one transaction."""

    def fill(self, batch: Sequence[Filed], fingerprint: str) -> None:
        """Store articles with passages, words and vectors."""
        with self._writing() as db:
            for article, passages, _ in batch:
                filing.put(db, article, passages, split(article.text), Filing())
            ids = [str(p.id) for _, passages, _ in batch for p in passages]
            vectors.write(db, ids, np.concatenate([m for _, _, m in batch]), fingerprint)
            db.execute("UPDATE meta SET value = value + 1 WHERE name IN ('generation', 'vectors')")


def make(folder: Path, real: Archive, size: int) -> None:
    """Make an archive of at least `size` passages, of which the first are those of `real`."""
    with Made.create(folder) as archive:
        batch: list[Filed] = []
        held = 0
        for one in chain(_real(real), _mixed(real)):
            batch.append(one)
            held += len(one[1])
            if len(batch) == _ARTICLES_AT_ONCE or held >= size:
                archive.fill(batch, real.fingerprint)
                batch = []
            if held >= size:
                return


def _real(real: Archive) -> Iterator[Filed]:
    for listed in real.articles():
        filed = _with_vectors(real, real.article(listed.id))
        if filed[1]:
            yield filed


def _with_vectors(real: Archive, article: Article) -> Filed:
    passages = chunk(article, ChunkSettings())
    ids, matrix = real.vectors([str(p.id) for p in passages])
    row = {name: n for n, name in enumerate(ids)}
    kept = [p for p in passages if str(p.id) in row]  # an exact copy has none
    return article, kept, matrix[[row[str(p.id)] for p in kept]]


def _mixed(real: Archive) -> Iterator[Filed]:
    names = [article.id for article in real.articles()]
    chance = np.random.default_rng(7)
    serial = 0
    while True:
        first, second = (real.article(names[n]) for n in chance.integers(len(names), size=2))
        _, _, matrix = _with_vectors(real, first)
        if len(matrix):
            serial += 1
            article = _article(first, second, serial, chance)
            passages = chunk(article, ChunkSettings())
            yield article, passages, _near(matrix, len(passages), chance)


def _article(first: Article, second: Article, serial: int, chance: np.random.Generator) -> Article:
    both = zip_longest(_sentences(first), _sentences(second), fillvalue="")
    text = " ".join(sentence for pair in both for sentence in pair if sentence)[:_LONGEST]
    text = " ".join(text.split()) + f" End of report {serial}."
    return Article(
        id=f"made:{serial}",
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        title=f"{first.title} ({serial})",
        publisher=_OUTLETS[int(chance.integers(len(_OUTLETS)))],
        published=_FIRST_DAY + timedelta(days=int(chance.integers(_DAYS))),
    )


def _sentences(article: Article) -> list[str]:
    spans: Sequence[Span] = split(article.text)
    return [span.of(article.text) for span in spans]


def _near(matrix: Matrix, count: int, chance: np.random.Generator) -> Matrix:
    """Return `count` unit vectors, each near one of the rows."""
    rows = matrix[chance.integers(len(matrix), size=count)]
    noise = chance.normal(size=rows.shape) * NOISE / np.sqrt(rows.shape[1])
    moved = (rows + noise).astype(np.float32)
    lengths: Matrix = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Matrix = moved / lengths
    return unit
