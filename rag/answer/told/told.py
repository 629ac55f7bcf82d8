"""Answers that need no wording: a timeline, an order of two days, reports side by side.

Code puts them together from the sources' own sentences, each of which is cited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.answer.told import beside, chronology, lasting, namesakes
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
    line: str = ""
    """What comes of the question in one line, where code computed it."""
    known: bool = True
    """False where that line says that the articles do not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a strategy has to go by."""

    query: Query
    rankings: Sequence[Sequence[Candidate]]
    """For each part of the question the sentences that may answer it, best first."""
    qa: Machine
    """Finds more sentences, and has the model that judges a claim."""


Strategy = Callable[[Asking], Told | None]
"""Answers a question without the model's words; None when it is not of its kind."""


def tell(query: Query, rankings: Sequence[Sequence[Candidate]], qa: Machine) -> Told | None:
    """Answer without the model's words; None when the question needs them.

    Args:
        query: The question.
        rankings: For each of its parts the sentences that may answer it, best first.
        qa: Finds more sentences, and has the model that judges a claim.
    """
    asking = Asking(query=query, rankings=rankings, qa=qa)
    left_out = qa.settings.answer.without
    for name, strategy in STRATEGIES.items():
        # A timeline that was asked for is that or the model's: nothing else tells a course.
        fits = (query.kind == "timeline") == (name == "timeline")
        if fits and name not in left_out and (told := strategy(asking)) is not None:
            return told
    return None


def _timeline(asking: Asking) -> Told | None:
    evidence, events, statements = timeline(asking.query, asking.qa.survey(asking.query))
    return Told(evidence=evidence, events=events, statements=statements) if events else None


def _beside(asking: Asking) -> Told | None:
    qa, query = asking.qa, asking.query
    find, judge = partial(qa.find, query), partial(_judge, qa)
    style = qa.settings.answer.style
    return _told(beside.compare(query.text, qa.archive.publishers(), find, judge, style))


def _chronology(asking: Asking) -> Told | None:
    style = asking.qa.settings.answer.style
    return _computed(chronology.compute(asking.query, asking.rankings, style))


def _lasting(asking: Asking) -> Told | None:
    if len(asking.rankings) != 1:
        return None
    style = asking.qa.settings.answer.style
    judge = asking.qa.judge
    reranker = judge.reranker if judge is not None else None
    return _computed(lasting.measure(asking.query, asking.rankings[0], style, reranker))


def _computed(order: chronology.Order | None) -> Told | None:
    if order is None:
        return None
    return Told(
        evidence=order.evidence,
        statements=order.statements,
        line=order.line,
        known=order.known,
    )


def _namesakes(asking: Asking) -> Told | None:
    found = [c for ranking in asking.rankings for c in ranking]
    return _told(namesakes.tell(asking.query.text, found, asking.qa.settings.answer.style))


STRATEGIES: Mapping[str, Strategy] = {
    "timeline": _timeline,
    "chronology": _chronology,
    "lasting": _lasting,
    "beside": _beside,
    "namesakes": _namesakes,
}
"""Every strategy by its name, in their order; `AnswerSettings.without` leaves some out."""


def _told(found: tuple[tuple[Evidence, ...], tuple[Statement, ...]] | None) -> Told | None:
    return None if found is None else Told(evidence=found[0], statements=found[1])


def _judge(qa: Machine, claim: str, evidence: Sequence[Evidence]) -> float | None:
    """Let the model say how likely evidence says something; None without one."""
    if qa.chat is not None:
        with suppress(ModelError):
            return qa.chat.yes_probability(prompts.claim(claim, evidence, qa.settings.answer.style))
    return None
