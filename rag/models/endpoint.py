"""A langchain chat model over any OpenAI-compatible endpoint, streamed, and light to import.

`langchain_openai.ChatOpenAI` does the same and takes 2 seconds to import, which is most of what a
question on the command line has to spare; this one takes 0.2. It also keeps what the others drop:
how many prompt tokens came from the endpoint's cache.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field

from rag.errors import ModelUnreachable
from rag.models.pump import Finished, Pump
from rag.models.wire import Endpoint, choice_of, events, finish_of

SYNC_TIMEOUT = 600.0
"""Seconds between two tokens for callers of langchain's own methods, who set no limits."""


class EndpointChat(BaseChatModel):
    """A chat model behind `POST {url}/chat/completions`.

    `where` is asked before every request and gives None as long as the endpoint is starting.
    `before` may prepare the endpoint for the messages that follow.
    """

    where: Callable[[], Endpoint | None] = Field(exclude=True)
    before: Callable[[Endpoint, Sequence[BaseMessage]], None] | None = Field(None, exclude=True)
    max_tokens: int = 160
    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "dateline-endpoint"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # callers use it
        **kwargs: Any,  # noqa: ANN401  # as the base class has it
    ) -> AsyncIterator[ChatGenerationChunk]:
        while (endpoint := self.where()) is None:
            await asyncio.sleep(0.02)
        if self.before is not None:
            await asyncio.to_thread(self.before, endpoint, messages)
        body = {
            "model": endpoint.model,
            "messages": convert_to_openai_messages(messages),
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({"stop": stop} if stop else {}),
            **kwargs,
        }
        empty = True
        async for event in events(endpoint, body):
            empty = False
            yield _chunk(event, endpoint)
        if empty:
            raise ModelUnreachable(f"{endpoint.url} answered without a word")

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # callers use it
        **kwargs: Any,  # noqa: ANN401  # as the base class has it
    ) -> Iterator[ChatGenerationChunk]:
        with Pump(lambda: self._astream(messages, stop, **kwargs)) as pump:
            while True:
                try:
                    yield pump.get(SYNC_TIMEOUT)
                except Finished:
                    return
                except queue.Empty:
                    raise ModelUnreachable(f"no answer for {SYNC_TIMEOUT:g} s") from None

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401  # as the base class has it
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


def _chunk(event: dict[str, Any], endpoint: Endpoint) -> ChatGenerationChunk:
    choice = choice_of(event)
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    said: dict[str, Any] = {"model_name": endpoint.model} if finish_of(event) else {}
    if reason := finish_of(event):
        said["finish_reason"] = reason
    if logprobs := choice.get("logprobs"):
        said["logprobs"] = logprobs
    message = AIMessageChunk(
        content=text if isinstance(text, str) else "",
        response_metadata=said,
        usage_metadata=_usage(event.get("usage")),
    )
    return ChatGenerationChunk(message=message, generation_info=said or None)


def _usage(usage: object) -> UsageMetadata | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else 0
    prompt, generated = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    return UsageMetadata(
        input_tokens=prompt,
        output_tokens=generated,
        total_tokens=prompt + generated,
        input_token_details=InputTokenDetails(cache_read=cached),
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
