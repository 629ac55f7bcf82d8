"""Reading on: where an answer is in doubt, the sentences that come next are read as well.

A small model answers worse the more it reads at once, so little is read at first. Where what it
wrote of that is not likely to be right, it is asked once more, over as much again of what ranks
next, and the reading that is likelier to be right is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.chosen import holds
from rag.answer.decide import stands
from rag.answer.machine import Machine
from rag.answer.prepare import Ready, evidence_of, fit
from rag.question.query import Query
from rag.search.candidates import ENCODED, Candidate, rated
from rag.types import Evidence, Profile, Statement

WIDE = 2 * ENCODED
"""Sentences among which the next ones are chosen."""
LESS = "other sentences gave a likelier answer"
"""Why a statement of the other reading is not shown."""


def wanted(qa: Machine, ready: Ready, statements: Sequence[Statement]) -> bool:
    """Return True where the next sentences are to be read: a local model's answer is in doubt.

    An endpoint that may cost money is not asked twice.
    """
    profile, settings = ready.profile, qa.settings
    if qa.judge is None or profile is None or profile.markers or ready.query.tongue is not None:
        return False
    if not settings.answer.read_on or settings.chat.elsewhere:
        return False
    return qa.judge.unsure(likeliest(statements))


def likeliest(statements: Sequence[Statement]) -> float:
    """Return how likely the best statement that stands is to be right; 0 where none stands."""
    return max((s.verdict.score for s in statements if stands(s)), default=0.0)


def following(ready: Ready, qa: Machine) -> Ready | None:
    """Return a question with the sentences to be read next; None where none are left."""
    evidence = further(ready.query, qa, ready.evidence, ready.profile)
    return fit(replace(ready, evidence=evidence), qa) if evidence else None


def further(
    query: Query, qa: Machine, evidence: Sequence[Evidence], profile: Profile | None
) -> tuple[Evidence, ...]:
    """Return what would be read after some evidence, numbered on from it.

    It is chosen from twice as many sentences, in the order in which the cross-encoder of the judge
    finds that they answer: too slow for every question, but another order is what is wanted here.
    """
    left: list[list[Candidate]] = []
    for part in query.parts:
        found = qa.find(query, part, most=WIDE)
        left.append(
            _ordered(qa, part, [c for c in found if not any(holds(e, c) for e in evidence)])
        )
    chosen = evidence_of(query, qa, left, profile)
    return tuple(replace(e, number=e.number + len(evidence)) for e in chosen)


def _ordered(qa: Machine, text: str, found: Sequence[Candidate]) -> list[Candidate]:
    if qa.judge is None or not found:
        return list(found)
    read = rated(text, found, qa.judge.reranker)
    return sorted(read, key=lambda c: c.logit or 0.0, reverse=True)


def passed_over(
    statements: Sequence[Statement], chosen: Sequence[Statement]
) -> tuple[Statement, ...]:
    """Return what one reading said and the chosen one does not say, as what is not shown."""
    said = {s.text.casefold() for s in chosen}
    return tuple(
        replace(s, verdict=replace(s.verdict, support="unsupported", reasons=(LESS,)))
        if stands(s)
        else s
        for s in statements
        if s.text.casefold() not in said
    )
