"""The stemmers of Snowball, one of each language for every thread.

A stemmer keeps the word that it works on in itself. Shared by two questions at once it gave one the
stem of the other's word, which is then remembered, or failed.
"""

from __future__ import annotations

import threading
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]


class _Own(threading.local):
    """What one thread has."""

    def __init__(self) -> None:
        self.stemmers: dict[str, Any] = {}


_OWN = _Own()


def stemmed(word: str, language: str) -> str:
    """Return the stem of a word in lower case, by the rules of a language as Snowball names it."""
    stemmer = _OWN.stemmers.get(language)
    if stemmer is None:
        stemmer = _OWN.stemmers[language] = snowballstemmer.stemmer(language)
    return str(stemmer.stemWord(word))
