"""What a question asks about, and which of it a text holds: stems, numbers included."""

from __future__ import annotations

import re

from rag.language.memory import MEMORY
from rag.language.words import STOP, words

_ASKING = frozenset(
    """according article articles asked describe described detail details explain following give
    given happen happened happening information know known latest list main mention mentioned
    name named news newest outlet outlets paper recent recently report reported reports source
    sources specific specifically story tell thing things this week today type types kind
    currently current""".split()  # noqa: SIM905 - a list of fifty quoted words reads worse
)
"""Words that a question uses to ask, and that the answering sentence need not hold."""


def asked_terms(question: str) -> tuple[str, ...]:
    """Return the folded words of a question that an answering text is expected to hold.

    "US" is left out: a word index cannot tell it from the pronoun, and the home press omits it.
    """
    found = (w.low for w in words(question) if w.low[0].isalnum())
    return tuple(
        dict.fromkeys(
            low
            for low in found
            if low not in STOP
            and low not in _ASKING
            and low != "usa"
            and (len(low) > 1 or low.isdigit())
        )
    )


_SPELLINGS = (
    (re.compile(r"is(e[drs]?|ing|ations?)$"), r"iz\1"),
    (re.compile(r"iz(e[drs]?|ing|ations?)$"), r"is\1"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{2})or(s|ed|ing)?$"), r"our\1"),
)


def spellings(term: str) -> tuple[str, ...]:
    """Return a term with its other spellings, British or American, as the word index has them.

    A number is written with commas between its thousands, or without.
    """
    if term.isdigit() and len(term) > 3:
        return (term, f"{int(term):,}")
    if len(term) < 6:
        return (term,)
    others = (pattern.sub(to, term) for pattern, to in _SPELLINGS if pattern.search(term))
    return tuple(dict.fromkeys((term, *others)))


@MEMORY.of_texts(bytes_a_character=8)
def held_stems(text: str) -> frozenset[str]:
    """Return the stems that a text holds: words that carry sense, and numbers."""
    return frozenset(w.stem for w in words(text) if w.low[0].isalnum() and w.low not in STOP)
