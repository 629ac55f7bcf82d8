"""What was read from texts is remembered, in a number of bytes for all such functions together.

    @MEMORY.of_texts(bytes_a_character=60)
    def words(text: str) -> tuple[Word, ...]: ...

A count of texts is no bound: eight thousand results are 60 MB for sentences and 2 GB for articles.

Results live in two generations. What is used moves into the young one; when that holds half of the
bytes, the old one is dropped and the young one takes its place. So what was used lately stays, as
in an LRU cache, but finding it is one look into a dict, without a lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

FLAT: Final = 300
"""Bytes of an entry with an empty result: its key and its places in the dicts."""
LARGEST: Final = 1 / 16
"""The share of the memory that one entry may take: no long text drives out all others."""


class Memory:
    """Remembers the results of functions of texts; `limit` is the most bytes that they take."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._young = 0
        """Bytes of the young generation, estimated; the old one has at most half of the limit."""
        self._shelves: list[_Shelf] = []
        self._turn = threading.Lock()

    def of_texts(self, bytes_a_character: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Return a decorator for a function of texts.

        Args:
            bytes_a_character: The size of a result and its key for each character of the text,
                as measured over news; `tests/rag/test_memory.py` holds it to the truth.
        """

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            shelf = _Shelf(bytes_a_character)
            self._shelves.append(shelf)

            @wraps(function)
            def remembered(*key: P.args, **named: P.kwargs) -> R:
                if named:
                    return function(*key, **named)
                found = shelf.young.get(key, shelf)
                if found is shelf:
                    found = shelf.old.get(key, shelf)
                    if found is shelf:
                        found = function(*key, **named)
                    self._keep(shelf, key, found)
                return cast("R", found)

            return remembered

        return decorate

    def forget(self) -> None:
        """Forget everything."""
        with self._turn:
            self._age()
            self._age()

    def _keep(self, shelf: _Shelf, key: tuple[object, ...], result: object) -> None:
        characters = sum(len(part) for part in key if isinstance(part, str))
        size = FLAT + shelf.bytes_a_character * characters
        if size > LARGEST * self.limit:
            return
        with self._turn:
            if self._young + size > self.limit / 2:
                self._age()
            self._young += size
            shelf.young[key] = result

    def _age(self) -> None:
        for shelf in self._shelves:
            shelf.old, shelf.young = shelf.young, {}
        self._young = 0


class _Shelf:
    """The results of one function, by what it was called with."""

    def __init__(self, bytes_a_character: int) -> None:
        self.bytes_a_character = bytes_a_character
        self.young: dict[tuple[object, ...], object] = {}
        self.old: dict[tuple[object, ...], object] = {}


MEMORY: Final = Memory(limit=48_000_000)
"""What this process remembers of sentences: two thousand with all that is read of them."""
