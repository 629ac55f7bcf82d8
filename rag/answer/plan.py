"""Lets a model ask for more searches, for questions that one search does not answer.

It reads the question and how many articles were found, and no word of any article: so no article
can have it search for anything. It calls the tool `search`, or writes the same as JSON, one object
a line, where its endpoint has no tools.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import Field, ValidationError

from rag.answer.days import written
from rag.answer.numbered import lengthy
from rag.errors import ModelError, QuestionError
from rag.events import Progress, Searched
from rag.language.characters import one_line
from rag.language.terms import asked_terms
from rag.models.chat import Limits
from rag.models.structured import Shape
from rag.models.thoughts import without
from rag.question.query import Query
from rag.types import Profile, Search

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from rag.answer.machine import Machine
    from rag.models.generate import Generation
    from rag.models.ledger import Ledger
    from rag.search.candidates import Candidate

ROUNDS = 2
"""How often the model is asked; the second time it knows how much its searches found."""
LONGEST = 200
"""Characters of a search."""

SYSTEM = (
    "You plan searches in an archive of news articles. You get a question that one search does not"
    " answer well: it has several parts, compares things, or asks for a course of events. Ask for"
    " the searches that find what is still missing: one for each part, side or period, each in a"
    " few words that name who and what. Call the tool search for each. Without tools, write one"
    ' JSON object a line instead: {"search": "words"}; "since" and "until" (YYYY-MM-DD) may say'
    " when it was reported. When nothing is missing, write DONE. Write nothing else."
)
TOOL: Mapping[str, Any] = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Search the archive of news articles.",
        "parameters": {
            "type": "object",
            "properties": {
                "search": {"type": "string", "description": "a few words: who and what"},
                "since": {"type": "string", "description": "reported on or after it: YYYY-MM-DD"},
                "until": {"type": "string", "description": "reported on or before it: YYYY-MM-DD"},
            },
            "required": ["search"],
        },
    },
}


class Wanted(Shape):
    """A search as a model asks for it."""

    search: str = Field(min_length=3, max_length=LONGEST)
    since: str | None = None
    until: str | None = None


@dataclass(slots=True)
class Plan:
    """What further searches have found."""

    searches: list[Search] = field(default_factory=list)
    found: list[list[Document]] = field(default_factory=list)
    rankings: list[list[Candidate]] = field(default_factory=list)


def needed(query: Query, profile: Profile) -> bool:
    """Return True for a question that more searches may help, by a model that may ask for them."""
    several = len(query.parts) > 1 or query.kind == "timeline"
    return profile.searches > 0 and (several or lengthy(query.text))


def plan(
    query: Query,
    qa: Machine,
    profile: Profile,
    *,
    tell: Callable[[Progress], None],
    ledger: Ledger | None = None,
    stop: threading.Event | None = None,
) -> Plan:
    """Let the model ask for searches, do them, and return what they found.

    It ends with what it has when the model fails, or takes more tokens or seconds than it may.
    """
    made = Plan()
    chat, allowed = qa.chat, qa.settings.plan
    if chat is None:
        return made
    first = qa.passages(query, profile.passages)
    seen = {p.metadata["article_id"] for p in first}
    said = _opened(query, qa, profile, len(seen))
    end, left = time.monotonic() + allowed.seconds, allowed.tokens
    tried = {_folded(query.text)}
    with suppress(ModelError):
        for _ in range(ROUNDS):
            seconds = end - time.monotonic()
            if left < 20 or seconds <= 0 or len(made.searches) >= profile.searches:
                break
            limits = Limits(max_tokens=left, thinking=profile.thinking, seconds=seconds)
            reply = chat.reply(said, limits, stop=stop, ledger=ledger, options={"tools": [TOOL]})
            left -= max(reply.tokens.generated, len(reply.text) // 4)
            new = [w for w in wanted(reply) if _folded(w.search) not in tried]
            done = [
                _searched(w, query, qa, profile, made, seen)
                for w in new[: profile.searches - len(made.searches)]
            ]
            tried |= {_folded(w.search) for w in new}
            for search in filter(None, done):
                tell(Searched(search))
            if not any(done):
                break
            said = [*said, *_told(made.searches, profile)]
    return made


def wanted(reply: Generation) -> Iterator[Wanted]:
    """Yield the searches of a reply, out of its tool calls or its lines; all else is dropped."""
    lines = without(reply.text).splitlines()
    given = [call.words for call in reply.calls if call.name == "search"] or lines
    for words in dict.fromkeys(given):
        with suppress(ValidationError):
            yield Wanted.model_validate_json(words.strip().strip("`,"))


def _opened(query: Query, qa: Machine, profile: Profile, found: int) -> list[BaseMessage]:
    """Return the first messages: nothing in them comes out of an article."""
    when = f" ({written(query.asked_on)})" if query.asked_on else ""
    held = qa.archive.coverage()
    span = f", {written(held.earliest)} to {written(held.latest)}" if held.latest else ""
    about = (
        f"The archive has {held.articles} articles{span}. The question itself found {found} of"
        f" them. You may ask for {profile.searches} searches."
    )
    return [
        SystemMessage(content=SYSTEM),
        HumanMessage(content=f"Question{when}: {query.text}\n{about}"),
    ]


def _told(searches: Sequence[Search], profile: Profile) -> list[BaseMessage]:
    """Return what the model is told of its searches: how much they found, and not what."""
    asked = "\n".join(json.dumps({"search": s.query}) for s in searches)
    results = "\n".join(f"{s.query}: {s.articles} articles, {s.new} new" for s in searches)
    left = profile.searches - len(searches)
    more = f"You may ask for {left} more, if anything is missing; else write DONE."
    return [AIMessage(content=asked), HumanMessage(content=f"{results}\n{more}")]


def _searched(
    one: Wanted, query: Query, qa: Machine, profile: Profile, made: Plan, seen: set[str]
) -> Search | None:
    """Do a search within the question's own filters; None where its words find nothing by."""
    text = " ".join(one_line(one.search).split())
    terms = asked_terms(text)
    if not terms:
        return None
    since = max(filter(None, (_day(one.since), query.filters.since)), default=None)
    until = min(filter(None, (_day(one.until), query.filters.until)), default=None)
    filters = replace(query.filters, since=since, until=until)
    asked = replace(query, text=text, terms=terms, filters=filters)
    with suppress(QuestionError):
        passages = qa.passages(asked, profile.passages)
        articles = {p.metadata["article_id"] for p in passages}
        made.found.append(passages)
        made.rankings.append(qa.rated(asked, passages))
        made.searches.append(Search(query=text, articles=len(articles), new=len(articles - seen)))
        seen |= articles
        return made.searches[-1]
    return None


def _day(given: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(given) if given else None
    return None


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
