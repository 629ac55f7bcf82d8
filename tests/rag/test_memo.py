from collections.abc import Sequence

import numpy as np

from rag.models import memo
from rag.models.memo import Memo


class Counting:
    """Encodes a text as its length, and counts the texts."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.seen.extend(texts)
        return np.array([[len(t)] for t in texts], dtype=np.float32)


def test_a_text_is_encoded_once_and_rows_keep_their_order() -> None:
    inner = Counting()
    encoder = Memo(inner)
    assert encoder.encode(["aa", "b", "aa"]).tolist() == [[2], [1], [2]]
    assert encoder.encode(["b", "ccc"]).tolist() == [[1], [3]]
    assert inner.seen == ["aa", "b", "ccc"]


def test_what_was_asked_for_long_ago_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(memo, "KEPT", 2)
    inner = Counting()
    encoder = Memo(inner)
    for text in ("a", "bb", "ccc", "a"):
        encoder.encode([text])
    assert inner.seen == ["a", "bb", "ccc", "a"]


def test_what_is_forgotten_is_encoded_again() -> None:
    inner = Counting()
    encoder = Memo(inner)
    encoder.encode(["aa"])
    encoder.forget()
    assert encoder.encode(["aa"]).tolist() == [[2]]
    assert inner.seen == ["aa", "aa"]
