"""Asks a chat model for JSON of one shape, and takes nothing else.

The endpoint is held to the schema where it can be. Whatever it says is parsed strictly all the
same; what does not fit is sent back once, with the reason.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.errors import ModelError
from rag.models.chat import Limits
from rag.models.thoughts import without

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from rag.models.chat import Chat
    from rag.models.ledger import Ledger

THINKING = 2_048
"""Tokens that a reasoning model may think first; others write none of them."""
_FENCED = re.compile(r"^```(?:json)?\s*\n(.*?)\n?```$", re.DOTALL | re.IGNORECASE)


class Shape(BaseModel):
    """A shape of JSON: no other fields, no other types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


ShapeT = TypeVar("ShapeT", bound=Shape)


class Unreadable(ModelError):
    """The model did not write what it was asked for, twice."""


def ask_json(
    chat: Chat,
    messages: Sequence[BaseMessage],
    shape: type[ShapeT],
    *,
    max_tokens: int,
    ledger: Ledger | None = None,
    stop: threading.Event | None = None,
) -> ShapeT:
    """Return what a model says in one shape of JSON.

    Args:
        chat: The model.
        messages: They say what is wanted, the shape in words as well.
        shape: Of the JSON object.
        max_tokens: Most that it may write, for each of two tries.
        ledger: Where the tokens are counted.
        stop: Set it from another thread to stop.

    Raises:
        Unreadable: it wrote something else, and again when it was told so.
        ModelError: it failed.
    """
    from langchain_core.messages import AIMessage, HumanMessage

    options = chat.held_to(shape.model_json_schema())
    limits = Limits(max_tokens=max_tokens, thinking=THINKING, temperature=0.0)
    asked = list(messages)
    for again in (True, False):
        reply = chat.reply(asked, limits, ledger=ledger, stop=stop, options=options)
        try:
            return parse(reply.text, shape)
        except ValidationError as error:
            if not again:
                raise Unreadable(f"{chat.name} does not write the JSON asked for") from error
            told = f"That is not the JSON asked for: {_first(error)}. Reply with the JSON only."
            asked += [AIMessage(content=reply.text or "(nothing)"), HumanMessage(content=told)]
    raise AssertionError  # the second try returns or raises


def parse(text: str, shape: type[ShapeT]) -> ShapeT:
    """Return the JSON object that a text is, with or without a fence around it.

    Raises:
        ValidationError: it is something else.
    """
    said = without(text).strip()
    fenced = _FENCED.match(said)
    return shape.model_validate_json(fenced[1] if fenced else said)


def _first(error: ValidationError) -> str:
    """Say in a few words what is wrong first; nothing of the text is repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, found["loc"]))
    return f"{place}: {found['msg']}" if place else found["msg"]
