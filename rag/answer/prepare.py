"""A question that has been read, made ready for the model: all that comes before its first word.

Asking does this and goes on; a page may have it done while a person has paused in typing
(`rag.answer.ahead`). It is the same function, so that an answer cannot depend on which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage

from rag.answer import numbered, prompts
from rag.answer.numbered import lengthy
from rag.answer.plan import Plan
from rag.answer.told.described import Described, resolve
from rag.answer.told.lead import alias, asks_state, goes_by_meaning, leading
from rag.answer.told.told import Told, tell
from rag.events import Turn
from rag.language.terms import asked_terms
from rag.models.facts import estimate
from rag.models.ledger import Ledger
from rag.models.profile import ROOM
from rag.models.profile import profile as profile_of
from rag.models.reranker import Reranker
from rag.question import publishers
from rag.question.asked import valued
from rag.question.comparison import compared
from rag.question.query import Query
from rag.search import select
from rag.search.candidates import Candidate, rated, score, sentences
from rag.search.gather import gather, trimmed
from rag.settings import Settings
from rag.telemetry.steps import step
from rag.types import Evidence, Filter, Listing, Profile, Search

if TYPE_CHECKING:
    from rag.answer.machine import Machine

RATED = 14
"""Most sentences of a part that the cross-encoder reads, which takes it some 13 ms each."""
MARGIN = 64
"""Tokens that a chat template may add to a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants to know; see `NewsQA.ask`."""

    question: str
    filters: Filter | None = None
    as_of: date | None = None
    history: tuple[Turn, ...] = ()
    verbatim: bool = False
    """Whether it is read exactly as typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is known of an answer before the model writes."""

    query: Query
    rankings: Sequence[Sequence[Candidate]]
    """For each part of the question the sentences that may answer it, that which does first."""
    led: str = ""
    """The rule that chose the first of them, of a question of one part; empty where none did."""
    described: Described | None = None
    """What the question describes, with the name that it was asked by."""
    evidence: tuple[Evidence, ...]
    messages: tuple[BaseMessage, ...] = ()
    """The prompt; empty where no model is to word the answer."""
    told: Told | None = None
    """The answer, where code tells it from the sources' own sentences."""
    missing: str = ""
    """What the archive lacks, so that the question cannot be answered."""
    listing: Listing | None = None
    """The answer, where the question is about the archive itself."""
    profile: Profile | None = None
    """How the model is asked; None where there is none."""
    searches: tuple[Search, ...] = ()
    """What the model had searched for as well."""


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
    ledger: Ledger = field(default_factory=Ledger, compare=False)
    """What it took of the model."""

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
    if query.tongue is not None:
        return query, found, ""
    state = len(found) == 1 and qa.on("short name") and asks_state(query)
    short = alias(query.text, found[0]) if state else None
    if short is not None:
        more = {(c.article.id, c.position): c for c in (*qa.find(query, short), *found[0])}
        found = [sorted(more.values(), key=score, reverse=True)]
        query = replace(query, text=short)
    if qa.judge is not None and qa.on("rated"):
        found = _rated(query, found, qa.judge.reranker)
    parts = zip(query.parts, found, strict=True)
    without = qa.settings.answer.without
    led = [leading(replace(query, text=part), ranked, without) for part, ranked in parts]
    return query, [ranked for ranked, _ in led], led[0][1] if len(led) == 1 else ""


def _rated(
    query: Query, found: Sequence[Sequence[Candidate]], reranker: Reranker
) -> list[list[Candidate]]:
    """Let the cross-encoder read what may answer, where a rule goes by what it says.

    That is a question for a value, a day, a state or a cause; of two events, when each was.
    """
    both = compared(query.text) is not None
    made: list[list[Candidate]] = []
    for part, ranked in zip(query.parts, found, strict=True):
        if both or goes_by_meaning(replace(query, text=part)):
            value, course = valued(part)
            asked = f"When was {part}?" if both else value if course else part
            made.append([*rated(asked, ranked[:RATED], reranker), *ranked[RATED:]])
        else:
            made.append([*ranked])
    return made


def _resolved(query: Query, qa: Machine) -> tuple[Query, Described | None]:
    """Return a question with the name of what it describes, where a sentence gives it."""
    if query.tongue is not None or query.kind == "timeline" or not qa.on("resolved"):
        return query, None
    described = resolve(query.text, partial(qa.find, query))
    if described is None:
        return query, None
    text = described.asked(query.text)
    return replace(query, text=text, terms=asked_terms(text)), described


def prepare(query: Query, qa: Machine, more: Plan | None = None) -> Ready:
    """Find what an answer is made of: the evidence and the prompt, or what code tells instead.

    Args:
        query: The question.
        qa: What is asked.
        more: What further searches have found.
    """
    query, described = _resolved(query, qa)
    query, rankings, led = _ranked(query, qa)
    profile = None if qa.chat is None else fitted(qa.chat, profile_of(qa.chat, qa.settings))
    missing, told = None, None
    if query.tongue is None or query.kind == "timeline":
        outlets = qa.archive.publishers()
        missing = publishers.missing(query.text, outlets, lambda: sentences(rankings, qa.archive))
        told = None if missing else tell(query, rankings, qa)
    if told and (profile is None or not _in_own_words(query, profile)):
        return Ready(
            query=query,
            rankings=rankings,
            described=described,
            evidence=told.evidence,
            told=told,
        )
    evidence = evidence_of(query, qa, rankings, profile, more)
    ready = Ready(
        query=query,
        rankings=rankings,
        led=led,
        described=described,
        evidence=evidence,
        told=told,
        missing=missing or "",
        profile=profile,
        searches=tuple(more.searches) if more else (),
    )
    if profile is None or not evidence or missing:
        return ready
    return fit(ready, qa)


def _in_own_words(query: Query, profile: Profile) -> bool:
    """Return True where a model is to write what code could tell in single sentences."""
    long = profile.length == "paragraphs" and profile.markers
    return long and (query.kind == "timeline" or lengthy(query.text))


def evidence_of(
    query: Query,
    qa: Machine,
    rankings: Sequence[Sequence[Candidate]],
    profile: Profile | None,
    more: Plan | None = None,
) -> tuple[Evidence, ...]:
    """Return what is read: chosen sentences, or whole passages by a model that makes more of it."""
    with step("select"):
        return _evidence_of(query, qa, rankings, profile, more)


def _evidence_of(
    query: Query,
    qa: Machine,
    rankings: Sequence[Sequence[Candidate]],
    profile: Profile | None,
    more: Plan | None,
) -> tuple[Evidence, ...]:
    rankings = [*rankings, *(more.rankings if more else ())]
    if profile is None or not profile.markers:
        budget = qa.settings.select
        if profile is not None and profile.characters != budget.characters:
            budget = budget.model_copy(update={"characters": profile.characters})
        return select.select(rankings, qa.archive, budget)
    termed = query.tongue.terms if query.tongue else asked_terms
    parts = [replace(query, text=part, terms=termed(part)) for part in query.parts]
    found = [qa.passages(part, profile.passages) for part in parts]
    return gather(
        [*found, *(more.found if more else ())],
        rankings,
        qa.archive,
        characters=profile.characters,
        articles=profile.articles,
    )


def fitted(chat: object, profile: Profile) -> Profile:
    """Return a profile that leaves at least half of what a model can read to its prompt."""
    window = _window(chat, profile)
    most = window // 4
    return replace(
        profile,
        thinking=min(profile.thinking, most),
        max_tokens=min(profile.max_tokens, most) if profile.markers else profile.max_tokens,
    )


def fit(ready: Ready, qa: Machine, share: float = 1.0) -> Ready:
    """Return what is ready with its prompt, short enough for the model to read.

    Numbers of evidence stay as they are: what the model does not read is only left out.

    Args:
        ready: With evidence, and a profile.
        qa: Whose model is asked.
        share: How much of it is used: less where the model said that it was too much.
    """
    profile, evidence = ready.profile, ready.evidence
    assert profile is not None  # noqa: S101  # as the caller has it
    room = _window(qa.chat, profile) - profile.max_tokens - profile.thinking - MARGIN
    if ready.messages:
        room = int(share * min(room, sum(estimate(str(m.content)) for m in ready.messages)))
    while True:
        messages = _messages(ready.query, evidence, qa, profile)
        text = "\n".join(str(m.content) for m in messages)
        size = estimate(text)
        count = getattr(qa.chat, "count", estimate)
        fits = not profile.markers or size <= room or (size <= 2 * room and count(text) <= room)
        if fits or len(evidence) == 1:
            return replace(ready, messages=tuple(messages))
        held = sum(len(e.text) for e in evidence)
        fewer = trimmed(evidence, int(0.9 * held * room / size))
        evidence = fewer if len(fewer) < len(evidence) else evidence[:-1]


def _window(chat: object, profile: Profile) -> int:
    ask = getattr(chat, "window", None)
    return ROOM[profile.name] if ask is None or not profile.markers else ask(ROOM[profile.name])


def _messages(
    query: Query, evidence: Sequence[Evidence], qa: Machine, profile: Profile
) -> list[BaseMessage]:
    style, parts = qa.settings.answer.style, len(query.parts)
    if not profile.markers:
        spoken = query.tongue.name if query.tongue else ""
        return prompts.ask(query.text, evidence, style, parts, query.asked_on, spoken)
    return numbered.ask(
        query.text,
        evidence,
        style,
        profile,
        parts=parts,
        asked_on=query.asked_on,
        language=query.tongue.name if query.tongue else "",
    )
