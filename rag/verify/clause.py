"""Does a number, day or place go with the same deed there?

"The blast killed 14 people and injured 52" has every word of "14 people were injured". What tells
them apart is the clause: there the value stands with another verb or subject, and another value
stands with the statement's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.language.names import names
from rag.language.numbers import Quantity, numbers
from rag.language.predicates import Clause, predicates
from rag.language.when import When, dates
from rag.verify.ground import Finding, Ground, bare, sense
from rag.verify.values import equal

_AT = re.compile(
    r"\b(?:in|at|near|from|to|outside|off)\s+(?:the\s+)?(?:\w+\s+of\s+)?$", re.IGNORECASE
)
"""Before the name of a place."""
_SINCE = re.compile(
    r"\b(?:since|until|till|than|from|as of)\s+(?:early |late |mid-?)?$", re.IGNORECASE
)
"""Before a day that is no day of the deed: "on Wednesday, its first cut since March 2020"."""
_FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.IGNORECASE)


def value_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check that each number, day and place goes with the verb, or the subject, that it has there.

    It is objected to only where the source gives another value of the kind with that verb, so
    that a verb of the statement's own choice does no harm.
    """
    for text in ground.close(sense(statement)):
        for mine, theirs in _values(statement, text):
            reason = _elsewhere(statement, mine, text, theirs)
            if reason:
                yield Finding("clause", "unsupported", reason)
                return
        for place, other in _origins(statement, text):
            yield Finding(
                "clause", "unsupported", f"the source says this of {other}, not of {place}"
            )
            return


_Value = tuple[int, str]
"""Where a value stands, and its words."""


def _values(statement: str, text: str) -> Iterator[tuple[_Value, list[tuple[_Value, bool]]]]:
    """Yield each value of a statement with those of its kind in a source: is each the same?"""
    for n in numbers(statement):
        yield (
            (n.span.start, n.text),
            [((q.span.start, q.text), equal(n, q)) for q in numbers(text) if _one_kind(n, q)],
        )
    for d in dates(statement):
        yield (
            (d.span.start, d.text),
            [
                ((w.span.start, w.text), _one_day(d, w))
                for w in dates(text)
                if _one_day(d, w) or not _SINCE.search(text[: w.span.start])
            ],
        )
    for place in _places(statement):
        there = [(n.span.start, n.text) for n in names(text) if n.text == place[1]]
        others = [p for p in _places(text) if p[1] != place[1]]
        yield place, [*((p, True) for p in there), *((p, False) for p in others)]


def _places(text: str) -> list[_Value]:
    return [
        (n.span.start, n.text) for n in names(text) if n.sure and _AT.search(text[: n.span.start])
    ]


def _origins(statement: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield each place of a statement that a source only has as where somebody comes from.

    With it goes the place that the same clause has instead: "Divers from Malta found it off Crete".
    """
    theirs = [(p, bool(_FROM.search(text[: p[0]]))) for p in _places(text)]
    for start, place in _places(statement):
        come = [p for p, from_ in theirs if p[1] == place and from_]
        if _FROM.search(statement[:start]) or len(come) != text.count(place):
            continue
        clauses = [_at(text, p[0]) for p in come]
        there = [p for p, from_ in theirs if not from_ and _at(text, p[0]) in clauses]
        if come and there:
            yield place, there[0][1]


def _one_kind(a: Quantity, b: Quantity) -> bool:
    return a.kind == b.kind and (a.unit == b.unit or not a.unit or not b.unit)


def _one_day(a: When, b: When) -> bool:
    """Say whether all that two dates both tell is the same."""
    pairs = [(a.year, b.year), (a.month, b.month), (a.day, b.day), (a.weekday, b.weekday)]
    told = [(x, y) for x, y in pairs if x is not None and y is not None]
    return a.text.lower() == b.text.lower() or (bool(told) and all(x == y for x, y in told))


def _elsewhere(
    statement: str, mine: _Value, text: str, theirs: Sequence[tuple[_Value, bool]]
) -> str:
    """Return why a value is bound wrongly; nothing when any of its places in the source fits."""
    said = _at(statement, mine[0])
    own = [_at(text, value[0]) for value, equal_ in theirs if equal_]
    others = [value for value, equal_ in theirs if not equal_ and value[1] not in statement]
    rivals = [(value, _at(text, value[0])) for value in others]
    for value, rival in rivals:
        if own and all(_better(said, c, rival) for c in own):
            return f"the source says this of {value[1]}, not of {mine[1]}"
    return ""


def _at(text: str, place: int) -> Clause:
    return next(c for c in reversed(predicates(bare(text))) if c.start <= place)


def _better(said: Clause, own: Clause, rival: Clause) -> bool:
    """Say whether another clause has the verb or the subject that the value's own clause lacks."""
    if own == rival:
        return False
    shared = said.verbs & own.verbs
    if own.verbs and not shared and said.verbs & rival.verbs:
        return True
    if shared:  # "Sales rose by eight percent and costs rose by three"
        both = (
            (not rival.verbs or bool(shared & rival.verbs))
            and own.own
            and not own.refers
            and bool(own.subject)
        )
        return both and not said.subject & own.content and bool(said.subject & rival.content)
    return (
        (own.own or bool(own.subject and not own.verbs))
        and not said.content & own.content
        and bool(said.subject & rival.content)
    )
