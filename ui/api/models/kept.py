"""Kept conversations, and whether their answers still hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.api.models.answers import AnswerOut
from ui.api.models.shared import Given


class ConversationOut(Given):
    """The label of a kept conversation."""

    id: str
    title: str
    created: str
    updated: str
    questions: int
    changed: int = Field(description="answers that quote words which stand no more")


class ConversationsOut(Given):
    """Kept conversations, the latest first."""

    items: list[ConversationOut]


class StoodOut(Given):
    """Words that an answer quotes and that stand no more."""

    article_id: str
    title: str
    quote: str
    state: Literal["changed", "withdrawn"]
    now: str = Field(description="the words in their place; empty where there are none")
    why: str
    verdict: str = Field(description="what the new words make of the sentence that cites them")


class QuotesOut(Given):
    """What became of the words that a kept answer quotes, since articles were changed."""

    state: Literal["stands", "changed", "withdrawn"]
    checked: str | None
    quotes: list[StoodOut] = Field(description="those that stand no more")


class ExchangeOut(Given):
    """A question of a conversation and what came of it."""

    id: str
    conversation: str
    asked: str
    question: str
    state: Literal["open", "answered", "stopped", "failed", "erased"]
    message: str
    answer: AnswerOut | None
    digests: dict[str, str]
    standing: QuotesOut


class ConversationFull(ConversationOut):
    """A conversation with its questions, oldest first."""

    exchanges: list[ExchangeOut]


class ReplayChange(Given):
    """One thing that is not as it was when the question was asked."""

    kind: str
    text: str


class ReplayOut(Given):
    """Whether a kept answer could be given again today, and what changed."""

    id: str
    holds: bool
    changes: list[ReplayChange]
