"""Stems are the same however many threads ask for them at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.language.stems import stemmed

WORDS = {
    "english": "nationalization relational hopefulness generously ministers agreed skies at",
    "german": "aufeinanderfolgenden regierungen haus gesetzgebung kategorischen ab",
    "french": "continuellement majestueusement nation parlementaires au",
}


@pytest.fixture
def often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("language", WORDS)
def test_threads_do_not_disturb_each_other(language: str) -> None:
    words = WORDS[language].split()
    alone = [stemmed(word, language) for word in words]

    def work(turn: int) -> list[str]:
        # Each begins with another word, so that they are never at the same one.
        order = words[turn % len(words) :] + words[: turn % len(words)]
        told = {word: stemmed(word, language) for _ in range(100) for word in order}
        return [told[word] for word in words]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(16))) == [alone] * 16
