"""What clients of OpenAI's API send: read strictly, and told in its own form what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rag.events import Turn
from rag.language.entities import tagged
from rag.types import Filter
from ui.api.models.shared import MOST_CHARACTERS, Given, LastDay, Within, Words
from ui.api.offered import EXTRACTIVE
from ui.api.problems import Refused
from ui.api.service import Put
from ui.wishes import Wishes

_LISTS = ("publishers", "authors", "entities", "without", "collections")


class Lenient(BaseModel):
    """A body whose other fields are ignored: clients send many that only concern a bare model."""

    model_config = ConfigDict(extra="allow")


class Message(Lenient):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Words | list[dict[str, Any]] | None = None


class Limited(Within):
    """Our own wishes in a request: `extra_body={"dateline": {...}}`."""

    as_of: LastDay | None = None
    style: Literal["short", "normal", "full"] | None = None


class StreamOptions(Lenient):
    """How a stream ends."""

    include_usage: bool = False


class Common(Lenient):
    """What chat completions and responses have in common."""

    model: Annotated[Words, Field(max_length=200)]
    stream: bool | None = False
    tools: list[Any] | None = None
    metadata: dict[str, Any] | None = None
    dateline: Limited | None = None

    def unserved(self) -> Iterable[tuple[str, object]]:
        """Yield what is asked for and cannot be done, by the name of its field."""
        yield "tools", self.tools

    def put(self, messages: Sequence[Message], collection: str) -> Put:
        """Return the question that a conversation ends with.

        Args:
            messages: The conversation.
            collection: What its model reads, from `offered.within`; empty for all.

        Raises:
            Refused: It asks for what is not there.
        """
        for name, wanted in self.unserved():
            if wanted:
                raise Refused(
                    400,
                    f"{name} is not supported: answers come from the archive alone.",
                    code="unsupported_parameter",
                    param=name,
                )
        limits = self.dateline or _from_metadata(self.metadata or {})
        question, history = _turns(messages)
        wishes = Wishes(style=limits.style, extractive=self.model == EXTRACTIVE)
        put = Put(
            question=question,
            filters=limits.filters(),
            as_of=limits.as_of,
            history=history,
            wishes=wishes or None,
        )
        return _confined(put, collection) if collection else put


class ChatIn(Common):
    """What `POST /v1/chat/completions` takes."""

    messages: list[Message] = Field(min_length=1, max_length=500)
    stream_options: StreamOptions | None = None
    n: int | None = None
    functions: list[Any] | None = None
    logprobs: bool | None = None
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None

    def unserved(self) -> Iterable[tuple[str, object]]:
        """Yield what is asked for and cannot be done, by the name of its field."""
        yield from super().unserved()
        yield "functions", self.functions
        yield "n", self.n is not None and self.n != 1
        yield "logprobs", self.logprobs
        yield "response_format", (self.response_format or {}).get("type", "text") != "text"
        yield "modalities", set(self.modalities or ()) - {"text"}


def _confined(put: Put, collection: str) -> Put:
    """Return a question that is answered from one collection.

    Raises:
        Refused: It names another one, as a filter or in its words.
    """
    filters = put.filters or Filter()
    if _beyond(put.question, collection) or set(filters.collections) - {collection}:
        raise Refused(
            400,
            f"This model reads the collection {collection!r} alone: ask dateline about another.",
            code="invalid_value",
            param="model",
        )
    # What this conversation asked another model about another collection is no part of it.
    history = tuple(t for t in put.history if not _beyond(t.question, collection))
    return replace(put, filters=replace(filters, collections=(collection,)), history=history)


def _beyond(question: str, collection: str) -> bool:
    """Return True when the words of a question name another collection: `collection:"Law"`."""
    return bool(set(tagged(question, "collection")[1]) - {collection})


def _as_items(value: object) -> object:
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class ResponseIn(Common):
    """What `POST /v1/responses` takes."""

    input: Annotated[
        list[dict[str, Any]], Field(min_length=1, max_length=500), BeforeValidator(_as_items)
    ]
    text: dict[str, Any] | None = None
    background: bool | None = None
    previous_response_id: str | None = None
    conversation: Any = None

    def unserved(self) -> Iterable[tuple[str, object]]:
        """Yield what is asked for and cannot be done, by the name of its field."""
        yield from super().unserved()
        form = (self.text or {}).get("format")
        yield "text.format", isinstance(form, Mapping) and form.get("type", "text") != "text"
        yield "background", self.background
        yield "previous_response_id", self.previous_response_id
        yield "conversation", self.conversation

    def messages(self) -> list[Message]:
        """Return the messages of the input; other items are refused."""
        found = []
        for at, item in enumerate(self.input):
            kind = item.get("type", "message")
            if kind == "reasoning":
                continue
            if kind != "message":
                raise _bad(f"input[{at}] has type {str(kind)[:50]!r}; only messages are read")
            try:
                found.append(Message.model_validate(item))
            except ValidationError as error:
                raise _bad(f"input[{at}]: {error.errors()[0]['msg']}") from None
        return found


class ModelOut(Given):
    """A model that can be named."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "dateline"


class ModelsOut(Given):
    """The models that can be named."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


def _bad(message: str) -> Refused:
    return Refused(400, message, code="invalid_value", param="messages")


def _turns(messages: Sequence[Message]) -> tuple[str, tuple[Turn, ...]]:
    """Return the last question, and the turns before it; instructions of a system are not read."""
    said = [(m.role, _text(m.content)) for m in messages if m.role in ("user", "assistant")]
    if not said or said[-1][0] != "user":
        raise _bad("the last message is not one of the user")
    question = said[-1][1].strip()
    if not question:
        raise _bad("the question is empty")
    history, waiting = [], ""
    for role, text in said[:-1]:
        if role == "user":
            waiting = text
        elif waiting:
            history.append(Turn(question=waiting, answer=text))
            waiting = ""
    return question, tuple(history)


def check_length(question: str) -> None:
    """Refuse what is longer than a question."""
    if len(question) > MOST_CHARACTERS:
        raise Refused(
            400,
            f"The question has {len(question):,} characters, more than {MOST_CHARACTERS:,}; "
            "check a text of your own with /api/v1/check.",
            code="string_above_max_length",
            param="messages",
        )


def _text(content: str | Sequence[Mapping[str, Any]] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    parts = []
    for part in content:
        kind, text = part.get("type"), part.get("text")
        if kind not in ("text", "input_text", "output_text") or not isinstance(text, str):
            raise Refused(
                400,
                f"Parts of type {str(kind)[:50]!r} are not supported: only text is read.",
                code="unsupported_content",
                param="messages",
            )
        parts.append(text)
    return "\n".join(parts)


def _from_metadata(metadata: Mapping[str, Any]) -> Limited:
    """Return the filters that `metadata` carries, whose values OpenAI's API makes strings."""
    known: dict[str, Any] = {
        name: value for name, value in metadata.items() if name in Limited.model_fields and value
    }
    for name in _LISTS:
        if isinstance(known.get(name), str):
            known[name] = _listed(known[name])
    try:
        return Limited.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise Refused(
            400, f"metadata.{at}: {first['msg']}", code="invalid_value", param="metadata"
        ) from None


def _listed(raw: str) -> list[Any]:
    try:
        given = json.loads(raw)
    except ValueError:
        given = raw
    return given if isinstance(given, list) else [raw]
