"""Which language a text is in, where its source does not say."""

from __future__ import annotations

from functools import cache
from typing import Any

READ = 4000
"""Characters that are looked at."""
LETTERS = 80
"""A text with fewer letters says too little."""
SURE = 0.9
"""Least probability of a language that is taken."""


def language_of(text: str) -> str | None:
    """Return the primary subtag of a text's language, or None when it is not sure.

    The same text always gives the same language.

    Example:
        >>> language_of("Die Brücke über den Fluß bleibt bis Montag geschlossen, sagte am Freitag "
        ...     "ein Sprecher der Behörde in der Stadt.")
        'de'
    """
    beginning = text[:READ]
    if sum(map(str.isalpha, beginning)) < LETTERS:
        return None
    name, probability = _identifier().classify(beginning)
    return str(name) if probability >= SURE else None


@cache
def _identifier() -> Any:  # noqa: ANN401 - the library has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
