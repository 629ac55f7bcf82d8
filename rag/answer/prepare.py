"""A question that has been read, made ready for the model: all that comes before its first word.

Asking does this and goes on; a page may have it done while a person has paused in typing
(`rag.answer.ahead`). It is the same function, so that an answer cannot depend on which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage

from rag.answer import prompts
from rag.answer.told.described import Described, resolve
from rag.answer.told.lead import alias, asks_state, leading
from rag.answer.told.told import Told, tell
from rag.events import Turn
from rag.language.terms import asked_terms
from rag.question import publishers
from rag.question.query import Query
from rag.search import select
from rag.search.candidates import Candidate, score, sentences
from rag.settings import Settings
from rag.types import Evidence, Filter

if TYPE_CHECKING:
    from rag.answer.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants to know; see `NewsQA.ask`."""

    question: str
    filters: Filter | None = None
    as_of: date | None = None
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is known of an answer before the model writes."""

    query: Query
    rankings: Sequence[Sequence[Candidate]]
    """For each part of the question the sentences that may answer it, that which does first."""
    led: str
    """The rule that chose the first of them, of a question of one part; empty where none did."""
    evidence: tuple[Evidence, ...]
    messages: tuple[BaseMessage, ...] = ()
    """The prompt; empty where no model is to word the answer."""
    told: Told | None = None
    """The answer, where code tells it from the sources' own sentences."""
    missing: str = ""
    """What the archive lacks, so that the question cannot be answered."""
    described: Described | None = None
    """What the question describes, with the name that it was asked by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was made ready, and all that it depends on: it holds as long as that is the same."""

    asked: Asked
    full: str
    """The question, into which a follow-up was rewritten."""
    ready: Ready
    settings: Settings
    model: str
    state: tuple[int, int]
    """Of the archive: its generation and that of its vectors."""

    def understands(self, asked: Asked, qa: Machine) -> bool:
        """Say whether it is of this question, put in the same way to the same machine."""
        return (self.asked, self.settings, self.model) == (asked, qa.settings, model_of(qa))

    def holds(self, qa: Machine) -> bool:
        """Say whether the archive is still as it was; ask within a snapshot."""
        return self.state == state_of(qa)


def model_of(qa: Machine) -> str:
    """Name what words the answers."""
    return qa.chat.name if qa.chat else "none"


def state_of(qa: Machine) -> tuple[int, int]:
    """Return the numbers that change with the archive."""
    return qa.archive.generation, qa.archive.vectors_generation


def _ranked(query: Query, qa: Machine) -> tuple[Query, list[list[Candidate]], str]:
    """Return for each part of a question the sentences that may answer it, that which does first.

    Where the newest report is asked for, it may have only the short form of a name ("the ODL"),
    so the question is asked with that as well, and read with it from there on.
    """
    found = qa.rank(query)
    state = len(found) == 1 and qa.on("short name") and asks_state(query)
    short = alias(query.text, found[0]) if state else None
    if short is not None:
        more = {(c.article.id, c.position): c for c in (*qa.find(query, short), *found[0])}
        found = [sorted(more.values(), key=score, reverse=True)]
        query = replace(query, text=short)
    parts = zip(query.parts, found, strict=True)
    without = qa.settings.answer.without
    led = [leading(replace(query, text=part), ranked, without) for part, ranked in parts]
    return query, [ranked for ranked, _ in led], led[0][1] if len(led) == 1 else ""


def prepare(query: Query, qa: Machine) -> Ready:
    """Find what an answer is made of: the evidence and the prompt, or what code tells instead."""
    described = None
    if qa.on("resolved") and query.kind != "timeline":
        described = resolve(query.text, partial(qa.find, query))
    if described is not None:
        query = replace(query, text=described.asked(query.text))
        query = replace(query, terms=asked_terms(query.text))
    query, rankings, led = _ranked(query, qa)
    outlets = qa.archive.publishers()
    missing = publishers.missing(query.text, outlets, lambda: sentences(rankings, qa.archive))
    if not missing and (told := tell(query, rankings, qa)):
        return Ready(
            query=query,
            rankings=rankings,
            led=led,
            evidence=told.evidence,
            told=told,
            described=described,
        )
    evidence = select.select(rankings, qa.archive, qa.settings.select)
    messages: list[BaseMessage] = []
    if evidence and qa.chat is not None and not missing:
        style = qa.settings.answer.style
        messages = prompts.ask(query.text, evidence, style, len(query.parts), query.asked_on)
    return Ready(
        query=query,
        rankings=rankings,
        led=led,
        evidence=evidence,
        messages=tuple(messages),
        missing=missing or "",
        described=described,
    )
