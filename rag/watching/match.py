"""Which watches a new passage may concern: by their words and by their vectors, without a model.

The floor of a watch is its own: what the passages that answer its question today reach, and what
passages that have nothing to do with it do not. It is low on purpose, since a hit costs only that
the question is asked again, and a miss costs the notice.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.archive.archive import Archive
from rag.archive.notices import Floors, Watch
from rag.language.terms import held_stems
from rag.models.encoder import Encoder
from rag.types import Answer
from rag.watching.subject import subject

if TYPE_CHECKING:
    from langchain_core.documents import Document

BATCH = 2_000
"""Passages that are compared at a time."""
MOST = 20_000
"""New passages from which on every question is simply asked again: it is another archive."""
SAMPLE = 1_000
"""Passages by which is seen how near to a question those are that do not concern it."""
WORDS = (0.3, 0.45)
"""The least and the largest floor of words."""
NEAR = (0.3, 0.6)
"""The least and the largest floor of vectors."""
_NOISE = 99
"""Percentile of the sample above which a passage is nearer than chance has it."""
_SLACK = 0.8
"""Part of what the cited passages reach that is asked of new ones."""


def floors(question: str, answer: Answer, archive: Archive, encoder: Encoder) -> Floors:
    """Return from where on new passages are worth asking a question again."""
    terms = weights(question, archive)
    vector = encoder.encode([question])[0]
    cited = {c.source.article_id for c in (*answer.citations, *answer.closest)}
    ids, matrix = archive.vectors_of(sorted(cited))
    reached = _weighed(terms, (p.page_content for p in archive.passages(ids[:64])))
    near = float((matrix @ vector).max()) if len(ids) else 1.0
    return Floors(
        terms=terms,
        subject=tuple(sorted(subject(question, terms))),
        words=_between(WORDS, _SLACK * max(reached, default=1.0)),
        near=_between(NEAR, min(_noise(vector, archive), _SLACK * near)),
        vector=base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode(),
        fingerprint=encoder.fingerprint,
    )


def weights(question: str, archive: Archive) -> dict[str, float]:
    """Return what each stem of a question weighs: the rarer in the archive, the more."""
    stems = sorted(held_stems(question))
    counts = archive.frequencies(stems)
    total = archive.passage_count
    weighed = {s: math.log((total + 1) / (counts.get(s, 0) + 0.5)) for s in stems}
    kept = {stem: max(weight, 0.1) for stem, weight in weighed.items()}
    whole = sum(kept.values()) or 1.0
    return {stem: weight / whole for stem, weight in kept.items()}


def hits(watches: Sequence[Watch], archive: Archive) -> set[str]:
    """Return the watches that a passage may concern which is newer than what they have seen."""
    if not watches:
        return set()
    first = min(watch.passage for watch in watches)
    passages = archive.passages_after(first, MOST + 1)
    if len(passages) > MOST:
        return {watch.id for watch in watches}
    found = np.zeros(len(watches), dtype=bool)
    seen = np.array([watch.passage for watch in watches])
    for start in range(0, len(passages), BATCH):
        part = passages[start : start + BATCH]
        numbers = np.array([number for number, _ in part])
        new = numbers[:, None] > seen[None, :]
        near = _by_words(watches, [p for _, p in part]) | _near(watches, part, archive)
        found |= (near & new & _named(watches, [p for _, p in part])).any(axis=0)
    return {watch.id for watch, hit in zip(watches, found, strict=True) if hit}


def _by_words(watches: Sequence[Watch], passages: Sequence[Document]) -> np.ndarray:
    """Return for each passage and watch whether it holds enough of the question's words."""
    columns: dict[str, list[tuple[int, float]]] = {}
    for column, watch in enumerate(watches):
        for stem, weight in watch.floors.terms.items():
            columns.setdefault(stem, []).append((column, weight))
    by_stem = {
        stem: (np.array([c for c, _ in pairs]), np.array([w for _, w in pairs]))
        for stem, pairs in columns.items()
    }
    held = np.zeros((len(passages), len(watches)))
    for row, passage in enumerate(passages):
        for stem in _stems(passage) & by_stem.keys():
            places, weighed = by_stem[stem]
            held[row, places] += weighed
    return held >= np.array([watch.floors.words for watch in watches]) - 1e-9


def _named(watches: Sequence[Watch], passages: Sequence[Document]) -> np.ndarray:
    """Return for each passage and watch whether the article's new passages name its subject."""
    articles: dict[str, set[str]] = {}
    for passage in passages:
        articles.setdefault(passage.metadata["article_id"], set()).update(_stems(passage))
    wanted = [frozenset(watch.floors.subject) for watch in watches]
    rows = {name: [w <= stems for w in wanted] for name, stems in articles.items()}
    return np.array([rows[p.metadata["article_id"]] for p in passages], dtype=bool)


def _stems(passage: Document) -> frozenset[str]:
    return held_stems(f"{passage.metadata['title']}\n{passage.page_content}")


def _near(
    watches: Sequence[Watch], part: Sequence[tuple[int, Document]], archive: Archive
) -> np.ndarray:
    """Return for each passage and watch whether its vector is near; none without a vector."""
    near = np.zeros((len(part), len(watches)), dtype=bool)
    ids, matrix = archive.vectors([str(p.id) for _, p in part])
    model = archive.fingerprint
    told = [
        (c, w) for c, w in enumerate(watches) if w.floors.fingerprint == model and w.floors.vector
    ]
    if not ids or not told:
        return near
    asked = np.stack([np.frombuffer(base64.b64decode(w.floors.vector), "<f4") for _, w in told])
    if asked.shape[1] != matrix.shape[1]:
        return near
    rows = {str(p.id): row for row, (_, p) in enumerate(part)}
    reached = matrix @ asked.T >= np.array([w.floors.near for _, w in told])
    near[np.ix_([rows[i] for i in ids], [c for c, _ in told])] = reached
    return near


def _weighed(terms: Mapping[str, float], texts: Iterable[str]) -> list[float]:
    return [sum(terms.get(stem, 0) for stem in held_stems(text)) for text in texts]


def _noise(vector: np.ndarray, archive: Archive) -> float:
    """Return the cosine to a question that few passages of the archive reach."""
    ids = archive.vector_ids()
    step = max(1, len(ids) // SAMPLE)
    _, matrix = archive.vectors(ids[::step][:SAMPLE]) if ids else ([], None)
    if matrix is None or not len(matrix):
        return NEAR[1]
    return float(np.percentile(matrix @ vector, _NOISE))


def _between(bounds: tuple[float, float], value: float) -> float:
    return min(max(value, bounds[0]), bounds[1])
