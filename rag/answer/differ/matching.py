"""Are two values one? "Joe Burrow" and "Burrow", "Dec. 1, 2017" and "1 December 2017"."""

from __future__ import annotations

from rag.answer.differ.disagree import equal
from rag.answer.differ.figures import values
from rag.language.words import tokens


def one_value(one: str, other: str) -> bool:
    """Say whether two values are the same, as far as their words and numbers show."""
    first, second = tokens(one), tokens(other)
    if first == second:
        return True
    left, right = list(values(one)), list(values(other))
    if left or right:
        return any(
            (a.kind, a.unit) == (b.kind, b.unit) and equal(a, b) for a in left for b in right
        )
    short, long = sorted((first, second), key=len)
    return bool(short) and set(short) <= set(long)


def gives(sentence: str, value: str) -> bool:
    """Say whether a sentence holds a value: its words in a row, or an equal number or day."""
    run, wanted = tokens(sentence), tokens(value)
    if any(run[i : i + len(wanted)] == wanted for i in range(len(run) - len(wanted) + 1)):
        return True
    wanted_values = [(v.kind, v.unit, v) for v in values(value)]
    return any(
        (v.kind, v.unit) == (kind, unit) and equal(v, w)
        for kind, unit, w in wanted_values
        for v in values(sentence)
    )
