"""Exact search by meaning: every vector is compared with the question's."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from rag.archive.vectors import Matrix
from rag.errors import ArchiveError


class Scan:
    """Vectors in memory, as the archive had them at one generation."""

    def __init__(self, vectors: int, ids: list[str], matrix: Matrix) -> None:
        self.vectors = vectors
        """The generation."""
        self._ids = ids
        self._matrix = matrix

    def nearest(
        self, vector: Matrix, limit: int, within: set[str] | None
    ) -> list[tuple[str, float]]:
        """Return (passage id, cosine) of the nearest to a unit vector, best first.

        `within` holds the ids of the articles that may be read; None means all.

        Raises:
            ArchiveError: the question was embedded by another model.
        """
        if not self._ids or limit < 1:
            return []
        compare(self._matrix.shape[1], vector)
        if within is None:
            rows, scores = np.arange(len(self._ids)), self._matrix @ vector
        else:
            kept = [row for name in within for row in self._rows.get(name, ())]
            rows = np.array(sorted(kept), dtype=np.int64)
            scores = self._matrix[rows] @ vector
        best = highest(scores, limit)
        return [(self._ids[rows[i]], float(scores[i])) for i in best]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """The rows of each article."""
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(self._ids):
            rows.setdefault(name.rsplit(":", 2)[0], []).append(row)
        return rows


def compare(dimensions: int, vector: Matrix) -> None:
    """Raise `ArchiveError` unless a question's vector is as long as those of the archive."""
    if dimensions != len(vector):
        raise ArchiveError(
            f"the archive's vectors have {dimensions} dimensions, the question's {len(vector)}: it "
            "was made with another embedding model; use that one, or index again"
        )


def highest(scores: Matrix, limit: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return where the highest scores stand, best first and equals in stored order."""
    if limit < len(scores):
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        kept = np.flatnonzero(scores >= least)
    else:
        kept = np.arange(len(scores))
    return kept[np.argsort(-scores[kept], kind="stable")[:limit]]
