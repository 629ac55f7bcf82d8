"""A chat model that a program brings along: any `BaseChatModel` of langchain.

It is asked with nothing but the messages, since what an endpoint may be told (a limit on tokens,
probabilities) has another name with each maker. Our own limits on time and length hold all the
same; how sure such a model is of its words stays unknown.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rag.errors import DatelineError, ModelUnreachable
from rag.models.chat import Chat
from rag.models.facts import Facts
from rag.models.profile import hosted
from rag.settings import ChatSettings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_core.runnables import Runnable


class OutsideChat(Chat):
    """A chat model from outside, as the steps of an answer ask it."""

    def __init__(self, model: BaseChatModel, settings: ChatSettings) -> None:
        super().__init__(_name(model), model, settings)
        self.service = _served(model)

    @cached_property
    def facts(self) -> Facts:
        """What its maker says of the model."""
        told = getattr(self.model, "profile", None)
        most = told.get("max_input_tokens") if isinstance(told, dict) else None
        return Facts(context=most if isinstance(most, int) and most > 0 else None)

    def kept(self, messages: Sequence[BaseMessage]) -> dict[str, Any]:
        """Return nothing: how a beginning is kept is said in the messages."""
        return {}

    def held_to(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing: how a model is held to JSON has another name with each maker."""
        return {}

    async def chunks(
        self,
        messages: Sequence[BaseMessage],
        settings: ChatSettings,
        options: Mapping[str, Any],
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield the reply as it comes; of the options, only tools can be said to any model.

        Raises:
            ModelUnreachable: the model failed, in whatever way.
        """
        try:
            writer: Runnable[Any, Any] = self.model
            if tools := options.get("tools"):
                with suppress(NotImplementedError):
                    writer = self.model.bind_tools(tools)
            async for chunk in writer.astream(self._marked(messages)):
                yield chunk
        except DatelineError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ModelUnreachable(f"{self.name} failed with {reason}") from error

    def _marked(self, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
        """Return the messages, with a mark where Anthropic's interface is to keep the beginning."""
        kind = type(self.model).__name__
        if not (messages and self.settings.caching and kind == "ChatAnthropic"):
            return list(messages)
        mark = {"type": "text", "text": str(messages[0].content)}
        marked = [mark | {"cache_control": {"type": "ephemeral"}}]
        return [messages[0].model_copy(update={"content": marked}), *messages[1:]]

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Return None: how sure it is cannot be known."""
        return None


_HERE = frozenset({"ollama", "community", "core", "huggingface", "llamacpp"})
"""Packages of langchain whose models run anywhere, most of them on machines of one's own."""


def _served(model: BaseChatModel) -> bool:
    """Return True when a service runs the model: a maker's own package, and no address here."""
    package = type(model).__module__.partition(".")[0]
    base = getattr(model, "openai_api_base", None)
    partner = package.startswith("langchain_") and package.removeprefix("langchain_") not in _HERE
    return partner and (not isinstance(base, str) or hosted(base))


def _name(model: BaseChatModel) -> str:
    """Name a model by its class, and by what its maker calls it where it says so."""
    called = getattr(model, "model_name", None) or getattr(model, "model", None)
    kind = type(model).__name__
    return f"{kind}:{called}" if isinstance(called, str) else kind
