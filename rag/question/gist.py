"""What a long, polite request asks: "I am writing on dams and would like to know who ..." asks who.

News is not about the person who asks: what stands around "I", "you" or "our" is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.language.names import names
from rag.language.sentences import split
from rag.language.terms import asked_terms

_QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]")
_PERSON = re.compile(
    r"^(?:My|We|Our|You|Your)\b|\b(?:I|me|my|mine|we|our|ours|you|your|yours)\b(?!\.)"
)
"""Who asks and who is asked; with a capital elsewhere it is of a title, and "US" is no "us"."""
_NUMBERED = re.compile(r"\s[A-Z]\w* $")
"""What stands before the "I" of "in World War I"."""
_ASKS = re.compile(
    r"(?P<before>\b(?:in|on|at|by|for|to|from|of|with) )?"
    r"\b(?:who|whom|whose|what|when|where|which|why|how|whether)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[,;:—–]\s+")
_GOES_ON = re.compile(r"(?:and|or|but)\b|" + _ASKS.pattern, re.IGNORECASE)
_BE = re.compile(r"^(\w+) (.+) (is|are|was|were)$", re.IGNORECASE)
"""The order of words in a question that hangs on another: "who Ann Lee is"."""


def gist(text: str, leans: Callable[[str], bool]) -> str:
    """Return what a request asks, without what is said of the people who ask.

    Args:
        text: As typed.
        leans: Says whether a question is understood only with what stands before it.
    """
    said = [" ".join(s.of(text).split()) for s in split(text)]
    if not any(_personal(sentence) for sentence in said):
        return text
    whole = [asked for s in said if (asked := _asked(s)) and not leans(asked)]
    return max(whole, key=lambda asked: (_names(asked), whole.index(asked)), default=text)


def _asked(sentence: str) -> str:
    """Return the part of a sentence that asks; empty where none does."""
    begun = [m for m in _ASKS.finditer(_bare(sentence)) if not _relative(sentence, m)]
    if not begun:
        return ""
    if begun[0].start() == 0 or not _personal(sentence):
        return sentence
    parts = [_clauses(sentence, m.start()) for m in begun]
    told = [p for p in parts if len(asked_terms(p)) >= 2 and not _personal(p)]
    best = max(told, key=lambda p: (_names(p), len(p)), default="")
    best = _BE.sub(r"\1 \3 \2", best)
    return f"{best[0].upper()}{best[1:]}?" if best else ""


def _clauses(sentence: str, start: int) -> str:
    """Return what is asked from a place on: its clause, and those that go on with it."""
    bare = _bare(sentence)
    end = len(bare.rstrip(" .?!"))
    cuts = list(_BREAK.finditer(bare, start, end))
    for n, cut in enumerate(cuts):
        stop = cuts[n + 1].start() if n + 1 < len(cuts) else end
        clause = bare[cut.end() : stop]
        if _personal(clause) or not (_GOES_ON.match(clause) or names(f"x {clause}")):
            return sentence[start : cut.start()]
    return sentence[start:end]


def _personal(text: str) -> bool:
    """Say whether a text speaks of who asks or is asked; what somebody is quoted with does not."""
    bare = _bare(text)
    found = _PERSON.finditer(bare)
    return any(m[0] != "I" or not _NUMBERED.search(bare[: m.start()]) for m in found)


def _bare(text: str) -> str:
    """Return a text of the same length without the words of its quotes."""
    return _QUOTED.sub(lambda m: "“" + "x" * (len(m[0]) - 2) + "”", text)


def _relative(sentence: str, found: re.Match[str]) -> bool:
    """Return True in "the day on which it began": a preposition, but not where a clause begins."""
    return bool(found["before"]) and sentence[: found.start()].rstrip()[-1:].isalnum()


def _names(text: str) -> int:
    return sum(name.sure for name in names(text))
