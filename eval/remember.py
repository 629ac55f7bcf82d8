"""A chat model that is asked each thing once: at temperature 0 it would say the same again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from langchain_core.messages import BaseMessage

from rag.models.chat import Chat
from rag.models.generate import Generation
from rag.types import Tokens

Asked = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Told:
    """A reply that was given before: iterate for its text."""

    text: str
    tokens: Tokens
    certainty: float | None

    def __iter__(self) -> Iterator[str]:
        """Yield the whole reply."""
        if self.text:
            yield self.text


class Remembering(Chat):
    """Another chat model, of which every whole reply is kept while this lasts.

    Times and counts of tokens of what was remembered are those of the first time.
    """

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat.name, chat.model, chat.settings)
        self._chat = chat
        self._replies: dict[Asked, Told] = {}
        self._chances: dict[Asked, float | None] = {}

    def stream(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> Generation:
        """Return the reply to `messages`, from memory where it is there."""
        key = _key(messages)
        if key not in self._replies:
            generation = self._chat.stream(messages, stop=stop)
            text = "".join(generation)
            self._replies[key] = Told(text, generation.tokens, generation.certainty)
        return cast("Generation", self._replies[key])

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Return how sure the model is that the answer is yes, from memory where it is there."""
        key = _key(messages)
        if key not in self._chances:
            self._chances[key] = self._chat.yes_probability(messages, stop=stop)
        return self._chances[key]


def _key(messages: Sequence[BaseMessage]) -> Asked:
    return tuple((message.type, str(message.content)) for message in messages)
