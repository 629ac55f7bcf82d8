"""What an answer says of values that exclude each other: all of them, and how many give each.

A value that a single source gives against several others is shown in the list of readings, not in
the running text, which says that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.cite import stripped
from rag.answer.days import written
from rag.answer.differ.matching import gives
from rag.types import Answer, Conflict, Reading, Statement, Verdict, day

OUTVOTED = "most sources say otherwise"


def lead(conflict: Conflict) -> Statement:
    """Say in one sentence what the sources say, each value with those who give it."""
    shown, left = _split(conflict)
    said = "; ".join(f"{r.value} ({_who(r)})" for r in shown)
    if left:
        text = f"Most sources say {said}; {_count(left)} differently."
    elif conflict.kind == "changed over time":
        text = f"This changed: {said}."
    else:
        text = f"Sources disagree: {said}."
    return Statement(
        text=text,
        citations=tuple(c for r in shown for c in r.citations),
        verdict=Verdict(support="supported", score=1.0),
    )


def disputed(answer: Answer, conflict: Conflict) -> Answer:
    """Put the sources' values in front of an answer, and take out what most of them deny."""
    shown, left = _split(conflict)
    denied = [
        s
        for s in answer.statements
        if any(gives(s.text, r.value) for r in left)
        and not any(gives(s.text, r.value) for r in shown)
    ]
    verdict = Verdict(support="contradicted", score=0.1, reasons=(OUTVOTED,))
    kept = tuple(s for s in answer.statements if s not in denied)
    return replace(
        answer,
        statements=(lead(conflict), *kept),
        dropped=answer.dropped + tuple(replace(s, verdict=verdict) for s in denied),
    )


def _split(conflict: Conflict) -> tuple[Sequence[Reading], Sequence[Reading]]:
    """Part the readings into those to tell and those that one source gives against several."""
    readings = conflict.readings
    most = max(len(r.citations) for r in readings)
    if conflict.kind != "conflict" or most < 2:
        return readings, ()
    return (
        [r for r in readings if len(r.citations) > 1],
        [r for r in readings if len(r.citations) == 1],
    )


def _who(reading: Reading) -> str:
    """Name the sources of a value: the first by outlet and day, the others by their number."""
    source = reading.citations[0].source
    outlet = stripped(source.publisher or "")
    known = [outlet, written(source.published) if day(source.published) else None]
    label = ", ".join(k for k in known if k)
    count = len(reading.citations)
    if not label:
        return "one source" if count == 1 else f"{count} sources"
    return label if count == 1 else f"{label} and {count - 1} more"


def _count(left: Sequence[Reading]) -> str:
    return "one says it" if len(left) == 1 else f"{len(left)} say it"
