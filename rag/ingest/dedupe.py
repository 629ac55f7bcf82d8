"""Copies of one story: MinHash finds candidates, the words themselves decide.

A wire story runs in many papers with another byline, a new first line, a paragraph cut. Such copies
share a cluster, so that they count as one source. Two reports of one event in different words never
do: that they agree is worth knowing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from rag.language.shingles import is_copy, shingles
from rag.types import Article

REVISED = 0.3
"""Texts that share less than this are not two states of one article."""

_PERMUTATIONS = 126
_ROWS = (
    3  # 42 bands of 3: a pair at .5 becomes a candidate with .996, at .36 with .87, at .1 with .04
)
_SEED = 1


def bands(text: str) -> tuple[int, ...]:
    """Return the MinHash bands of a text as signed 64-bit numbers; near copies share some.

    They are stored, so they must not change with the library's version: scheme and seed are fixed.
    """
    from datasketch import MinHash

    sequences = shingles(text)
    if not sequences:
        return ()
    sketch = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme="affine32")
    sketch.update_batch([sequence.encode() for sequence in sorted(sequences)])
    values = sketch.hashvalues.astype("<u4").reshape(-1, _ROWS)
    return tuple(_fold(number, row.tobytes()) for number, row in enumerate(values))


def resemble(one: str, other: str) -> bool:
    """Say whether two texts may be two states of one article."""
    first, second = shingles(one), shingles(other)
    return len(first & second) >= REVISED * len(first | second)


def cluster_of(article: Article, near: Iterable[tuple[Article, str]]) -> str | None:
    """Return the cluster of the nearest copy among the candidates; None when none is a copy."""
    own = shingles(article.text)
    best: tuple[int, str] | None = None
    for candidate, cluster in near:
        if candidate.id == article.id:
            continue
        other = shingles(candidate.text)
        if is_copy(own, other):
            best = max(best or (0, ""), (len(own & other), cluster))
    return best[1] if best else None


def _fold(number: int, values: bytes) -> int:
    """Fold a band into one number that SQLite can store, and that no other band shares."""
    digest = hashlib.blake2b(values, digest_size=8, key=str(number).encode()).digest()
    return int.from_bytes(digest, "little", signed=True)
