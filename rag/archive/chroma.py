"""One Chroma collection in one folder: opened, compared, changed, asked.

Importing chromadb takes a second, so it is done late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rag.archive.editions import Damaged, Unsound
from rag.archive.vectors import Matrix

Hits = list[tuple[str, float]]

_NAME = "passages"
_EXACT = 1e-3
_READ_AT_ONCE = 1000
_MOST_LOST = 0.1
HNSW = {"space": "cosine", "ef_search": 600, "max_neighbors": 32, "ef_construction": 200}
"""Of a new collection; one that is there keeps its own. With the library's own 16 neighbours and
construction at 100 the graph of a million vectors did not find 9 of 32 by themselves."""


class Collection:
    """The vectors of all passages, by id; no texts and no metadata, which the archive has.

    Every way in which the library fails is `Damaged`.
    """

    def __init__(self, folder: Path) -> None:
        """Open the collection in `folder`; an empty folder gets a new one."""
        import chromadb
        from chromadb.config import Settings

        self._folder = folder
        with self._guarded():
            settings = Settings(anonymized_telemetry=False, is_persistent=True)
            client: Any = chromadb.PersistentClient(str(folder), settings=settings)
            self._client = client
            # Without a function of its own: opening a poisoned collection could run one.
            self._vectors: Any = client.get_or_create_collection(
                _NAME, embedding_function=None, configuration={"hnsw": HNSW}
            )

    def close(self) -> None:
        """Let go of the files; everything has been written by then."""
        with self._guarded():
            self._client.close()

    def ids(self) -> set[str]:
        """Return the ids of all vectors."""
        with self._guarded():
            return set(self._vectors.get(include=[])["ids"])

    def differing(self, ids: Sequence[str], vectors: Matrix) -> list[str]:
        """Return the ids whose vector here is not this one, reading every one of them."""
        wrong = []
        with self._guarded():
            for start in range(0, len(ids), _READ_AT_ONCE):
                part = list(ids[start : start + _READ_AT_ONCE])
                got = self._vectors.get(ids=part, include=["embeddings"])
                held = dict(zip(got["ids"], got["embeddings"], strict=True))
                wrong += [
                    name
                    for name, vector in zip(part, vectors[start:], strict=False)
                    if name not in held or not np.allclose(held[name], vector, atol=_EXACT)
                ]
        return wrong

    def search(self, vectors: Matrix, limit: int) -> list[Hits]:
        """Return for each vector (id, cosine) of the nearest ones, best first."""
        with self._guarded():
            found = self._vectors.query(
                query_embeddings=np.ascontiguousarray(vectors),
                n_results=limit,
                include=["distances"],
            )
        return [
            [(i, 1.0 - float(distance)) for i, distance in zip(ids, row, strict=True)]
            for ids, row in zip(found["ids"], found["distances"], strict=True)
        ]

    def change(self, gone: Sequence[str], ids: Sequence[str], matrix: Matrix) -> None:
        """Take vectors out and put new ones in; what stays is not touched."""
        with self._guarded():
            size = self._client.get_max_batch_size()
            for start in range(0, len(gone), size):
                self._vectors.delete(ids=list(gone[start : start + size]))
            for start in range(0, len(ids), size):
                batch = matrix[start : start + size]
                self._vectors.add(ids=list(ids[start : start + size]), embeddings=batch)

    def check(self, ids: set[str], sample: Sequence[str], vectors: Matrix) -> None:
        """Raise `Damaged` unless the ids are exactly these and the sample finds itself."""
        held = self.ids()
        if held != ids:
            missing, extra = len(ids - held), len(held - ids)
            raise Damaged(f"Chroma lacks {missing} vectors and has {extra} too many")
        # Its equal may stand under another id, since the same words can occur twice; and a graph
        # may miss a vector now and then, but not every tenth.
        found = self.search(vectors, 1) if sample else []
        lost = sum(not hits or hits[0][1] < 1 - _EXACT for hits in found)
        if len(found) != len(sample) or lost > _MOST_LOST * len(sample):
            raise Unsound(f"Chroma does not find {lost} of {len(sample)} vectors by themselves")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # the library's Rust part panics with one of its own
            reason = f"{type(error).__name__}: {error}"
            raise Damaged(f"Chroma cannot use {str(self._folder)!r}: {reason}") from error
