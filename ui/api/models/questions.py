"""What is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rag.events import Turn
from ui.api.models.shared import Asked, LastDay, Taken, Within, Words
from ui.api.service import Put
from ui.wishes import Wishes


class TurnIn(Taken):
    """An earlier question of the conversation, with its answer."""

    question: Asked
    answer: Annotated[Words, Field(max_length=20_000)] = ""


class AskIn(Within):
    """A question."""

    question: Asked
    as_of: LastDay | None = Field(None, description="answer as one could have on that day")
    history: list[TurnIn] = Field([], max_length=50, description="earlier turns, oldest first")
    conversation: str | None = Field(
        None, max_length=64, description="go on with a kept conversation; its turns come first"
    )
    keep: bool = Field(False, description="keep question and answer, to be read and replayed later")
    style: Literal["short", "normal", "full"] | None = None
    wording: Literal["model", "extractive"] = Field(
        "model", description="extractive: the sources' own words, no model"
    )
    stream: bool = Field(False, description="server-sent events instead of one JSON object")

    def put(self, history: tuple[Turn, ...] = ()) -> Put:
        """Return the question as the service takes it."""
        wishes = Wishes(style=self.style, extractive=self.wording == "extractive")
        given = tuple(Turn(question=t.question, answer=t.answer) for t in self.history)
        return Put(
            question=self.question,
            filters=self.filters(),
            as_of=self.as_of,
            history=(*history, *given),
            wishes=wishes or None,
        )
