"""A chat model that a program brings along: any `BaseChatModel` of langchain.

It is asked with nothing but the messages, since what an endpoint may be told (a limit on tokens,
probabilities) has another name with each maker. Our own limits on time and length hold all the
same; how sure such a model is of its words stays unknown.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import DatelineError, ModelUnreachable
from rag.models.chat import Chat
from rag.settings import ChatSettings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage


class OutsideChat(Chat):
    """A chat model from outside, as the steps of an answer ask it."""

    def __init__(self, model: BaseChatModel, settings: ChatSettings) -> None:
        super().__init__(_name(model), model, settings)

    async def chunks(
        self,
        messages: Sequence[BaseMessage],
        settings: ChatSettings,
        options: Mapping[str, Any],
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield the reply as it comes.

        Raises:
            ModelUnreachable: the model failed, in whatever way.
        """
        try:
            async for chunk in self.model.astream(list(messages)):
                yield chunk
        except DatelineError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ModelUnreachable(f"{self.name} failed with {reason}") from error

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Return None: how sure it is cannot be known."""
        return None


def _name(model: BaseChatModel) -> str:
    """Name a model by its class, and by what its maker calls it where it says so."""
    called = getattr(model, "model_name", None) or getattr(model, "model", None)
    kind = type(model).__name__
    return f"{kind}:{called}" if isinstance(called, str) else kind
