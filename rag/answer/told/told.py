"""Answers that need no wording: a timeline, a change, an order of two days, reports side by side.

Code puts them together from the sources' own sentences, each of which is cited.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.answer.told import beside, change, chronology, namesakes
from rag.answer.told.timeline import timeline
from rag.errors import ModelError
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.types import Event, Evidence, Statement

if TYPE_CHECKING:
    from rag.answer.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told, with the evidence that it is cited from."""

    evidence: tuple[Evidence, ...]
    statements: tuple[Statement, ...]
    events: tuple[Event, ...] = ()


def tell(query: Query, rankings: Sequence[Sequence[Candidate]], qa: Machine) -> Told | None:
    """Answer without the model's words; None when the question needs them.

    Args:
        query: The question.
        rankings: For each of its parts the sentences that may answer it, best first.
        qa: Finds more sentences, and has the model that judges a claim.
    """
    if query.kind == "timeline":
        evidence, events, statements = timeline(query, qa.survey(query))
        told = Told(evidence=evidence, events=events, statements=statements)
        return told if events else None
    style = qa.settings.answer.style
    find, judge = partial(qa.find, query), partial(_judge, qa)
    found = (
        beside.compare(query.text, qa.archive.publishers(), find, judge, style)
        or change.compare(query.text, rankings[0])
        or chronology.compute(query, rankings, style)
        or namesakes.tell(query.text, [c for ranking in rankings for c in ranking], style)
    )
    return None if found is None else Told(evidence=found[0], statements=found[1])


def _judge(qa: Machine, claim: str, evidence: Sequence[Evidence]) -> float | None:
    """Let the model say how likely evidence says something; None without one."""
    if qa.chat is not None:
        with suppress(ModelError):
            return qa.chat.yes_probability(prompts.claim(claim, evidence, qa.settings.answer.style))
    return None
