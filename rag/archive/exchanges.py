"""What a conversation is made of: its label, its exchanges, and what people thought of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from rag.archive.database import Row
from rag.record import filter_from_json, from_json
from rag.types import Answer, Filter

State = Literal["open", "answered", "stopped", "failed", "erased"]
Judgement = Literal["right", "wrong", "wrong citation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a person thinks of an answer."""

    judgement: Judgement
    note: str = ""
    right: str = ""
    """The right answer in the person's words."""
    case: str = ""
    """The eval case that was made of it, if one was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of the words that an answer quotes, since articles were changed."""

    state: Literal["stands", "changed", "withdrawn"]
    """Of the answer as a whole: as bad as the worst of its quotes."""
    checked: datetime | None = None
    quotes: tuple[Mapping[str, str], ...] = ()
    """Those that stand no more: `article_id`, `quote`, `state`, `now` (the words in their place),
    `why`, and `verdict`: what these words make of the sentence that cites them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question of a conversation and what came of it."""

    id: str
    conversation: str
    asked: datetime
    question: str
    filters: Filter | None = None
    """As the person set them; None let the question's words decide."""
    as_of: date | None = None
    again: str | None = None
    """The exchange whose question was asked again."""
    state: State = "open"
    message: str = ""
    """For people: why there is no answer."""
    answer: Answer | None = None
    digests: Mapping[str, str] | None = None
    """For each article that the answer shows, the revision that it was read in."""
    opinion: Opinion | None = None
    standing: Standing | None = None
    """What became of its quotes; None as long as no article that it quotes has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The label of a conversation."""

    id: str
    title: str
    created: datetime
    updated: datetime
    questions: int
    starred: bool = False
    changed: int = 0
    """Answers of it that quote words which stand no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a conversation came to, for a list of many."""

    answer: Answer | None = None
    """To its first question, which names it."""
    further: tuple[str, ...] = ()
    """The questions after it."""


def read_exchange(row: Row, digests: Mapping[str, str]) -> Exchange:
    """Return an exchange as its row in the database has it."""
    opinion = None
    if row["judgement"]:
        opinion = Opinion(
            judgement=row["judgement"], note=row["note"], right=row["corrected"], case=row["made"]
        )
    return Exchange(
        id=row["id"],
        conversation=row["conversation"],
        asked=datetime.fromisoformat(row["asked"]),
        question=row["question"],
        filters=filter_from_json(json.loads(row["given"])) if row["given"] else None,
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        again=row["again"],
        state=row["state"],
        message=row["message"],
        answer=from_json(json.loads(row["answer"])) if row["answer"] else None,
        digests=digests,
        opinion=opinion,
        standing=read_standing(row) if row["stood"] else None,
    )


def read_standing(row: Row) -> Standing:
    """Return what became of the quotes of an answer, as its row has it."""
    return Standing(
        state=row["stood"],
        checked=datetime.fromisoformat(row["checked"]) if row["checked"] else None,
        quotes=tuple(json.loads(row["quotes"])),
    )
