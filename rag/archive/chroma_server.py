"""Collections of vectors on a Chroma server (`chroma run`): one for all machines of a newsroom.

It has no login: let it listen on a private network only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from rag.archive.chroma import HNSW
from rag.archive.editions import Damaged
from rag.archive.vectors import Matrix

_TOGETHER = 1_000


class ChromaServer:
    """See `rag.archive.remote.Collections`."""

    def __init__(self, url: str, archive: str) -> None:
        """Name a server, and the archive whose collections these are; connects when asked."""
        self._url = url
        self._prefix = f"dateline-{archive}-"
        self._connected: Any = None
        self._lock = threading.Lock()

    def names(self) -> set[str]:  # noqa: D102
        with self._guarded() as client:
            found = [collection.name for collection in client.list_collections()]
        return {n.removeprefix(self._prefix) for n in found if n.startswith(self._prefix)}

    def make(self, name: str, dimensions: int) -> None:  # noqa: D102 - the first tells
        with self._guarded() as client:
            client.create_collection(
                self._prefix + name, embedding_function=None, configuration={"hnsw": HNSW}
            )

    def seal(self, name: str) -> None:
        """Nothing to do: its graph grows with it."""

    def drop(self, name: str) -> None:  # noqa: D102
        with self._guarded() as client:
            client.delete_collection(self._prefix + name)

    def put(self, name: str, numbers: Sequence[int], matrix: Matrix) -> None:  # noqa: D102
        with self._collection(name) as vectors:
            vectors.upsert(ids=[str(n) for n in numbers], embeddings=matrix)

    def remove(self, name: str, numbers: Sequence[int]) -> None:  # noqa: D102
        with self._collection(name) as vectors:
            vectors.delete(ids=[str(n) for n in numbers])

    def numbers(self, name: str) -> set[int]:  # noqa: D102
        found = set[int]()
        with self._collection(name) as vectors:
            while some := vectors.get(include=[], limit=_TOGETHER, offset=len(found))["ids"]:
                found.update(map(int, some))
        return found

    def count(self, name: str) -> int:  # noqa: D102
        with self._collection(name) as vectors:
            return int(vectors.count())

    def nearest(self, name: str, vector: Matrix, limit: int) -> list[int]:  # noqa: D102
        with self._collection(name) as vectors:
            asked = min(limit, max(1, vectors.count()))
            found = vectors.query(query_embeddings=vector[None], n_results=asked, include=[])
        return [int(name) for name in found["ids"][0]]

    def close(self) -> None:
        """Disconnect."""
        connected, self._connected = self._connected, None
        if connected is not None:
            with suppress(Exception):
                connected.close()
            # Its own close leaves the sockets of both its halves open.
            halves: tuple[Any, ...] = (connected, getattr(connected, "_admin_client", None))
            for half in halves:
                with suppress(Exception):
                    half._server._session.close()  # noqa: SLF001

    @contextmanager
    def _collection(self, name: str) -> Iterator[Any]:
        with self._guarded() as client:
            # Without a function of its own: opening a poisoned collection could run one.
            yield client.get_collection(self._prefix + name, embedding_function=None)

    @contextmanager
    def _guarded(self) -> Iterator[Any]:
        try:
            yield self._client()
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except Exception as error:
            self.close()
            raise Damaged(f"the Chroma server {self._url!r} cannot be used: {error}") from error

    def _client(self) -> Any:  # noqa: ANN401 - the library's
        import chromadb
        from chromadb.config import Settings

        with self._lock:
            if self._connected is None:
                at = urlsplit(self._url)
                self._connected = chromadb.HttpClient(
                    host=at.hostname or "localhost",
                    port=at.port or (443 if at.scheme == "https" else 8000),
                    ssl=at.scheme == "https",
                    settings=Settings(anonymized_telemetry=False),
                )
            return self._connected
