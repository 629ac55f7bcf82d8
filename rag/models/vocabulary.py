"""The common words of English, as the default embedding model learned them.

Its vocabulary has a token of their own for words that are often written; misspelt ones fall apart.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def common(word: str) -> bool:
    """Return True for a word, in small letters, that is often written: "shoot", not "shoott"."""
    return _tokenizer().token_to_id(word) is not None


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    from rag.models.embed import package_folder

    return Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
