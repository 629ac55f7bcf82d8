"""A langchain chat model over any OpenAI-compatible endpoint, streamed, and light to import.

`langchain_openai.ChatOpenAI` does the same and takes 2 seconds to import, which is most of what a
question on the command line has to spare; this one takes 0.2. It also keeps what the others drop:
how many prompt tokens came from the endpoint's cache.
"""

from __future__ import annotations

import asyncio
import queue
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from rag.errors import ModelUnreachable
from rag.models.pump import Finished, Pump
from rag.models.wire import Endpoint, Refused, choice_of, events, finish_of

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
    _refuses: set[str] = PrivateAttr(default_factory=set)

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
        async for event in self._events(endpoint, body):
            empty = False
            yield _chunk(event, endpoint)
        if empty:
            raise ModelUnreachable(f"{endpoint.url} answered without a word")

    async def _events(
        self, endpoint: Endpoint, body: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        """Send a request; where the endpoint refuses a part of it that can be spared, without."""
        while True:
            asked = {_RENAMED.get(k, k) if k in self._refuses else k: v for k, v in body.items()}
            asked = {k: v for k, v in asked.items() if k not in self._refuses}
            try:
                async for event in events(endpoint, asked):
                    yield event
            except Refused as error:  # before the first event, always
                spared = [name for name in spared_by(str(error)) if name in asked]
                if not spared:
                    raise
                self._refuses.update(spared)
            else:
                return

    def refuses(self, name: str) -> bool:
        """Return True when the endpoint is known to refuse a parameter."""
        return name in self._refuses

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


_SPARED = {
    "logprobs": ("logprobs", "top_logprobs"),
    "temperature": ("temperature",),
    "stream_options": ("stream_options",),
    "max_tokens": ("max_tokens",),
    "prompt_cache_key": ("prompt_cache_key",),
    "response_format": ("response_format", "json_schema", "json_object"),
    "json_schema": ("json_schema", "grammar"),
    "tools": ("tools", "tool_choice", "tool call", "tool use", "function call"),
}
"""What a request can do without, and the words by which a refusal names it."""
_RENAMED = {"max_tokens": "max_completion_tokens"}
"""What may have another name: reasoning models want it so."""


def spared_by(words: str) -> list[str]:
    """Return the parameters that a refusal speaks of, and that a request can do without."""
    low = words.lower()
    return [
        part
        for part, signs in _SPARED.items()
        if any(re.search(rf"(?<![a-z_]){sign}", low) for sign in signs)
        and not (part == "max_tokens" and "max_completion_tokens" not in low)
    ] + (["top_logprobs"] if "logprobs" in low else [])


def _chunk(event: dict[str, Any], endpoint: Endpoint) -> ChatGenerationChunk:
    choice = choice_of(event)
    delta = choice.get("delta")
    delta = delta if isinstance(delta, dict) else {}
    text = delta.get("content")
    thought = next((t for name in _THOUGHTS if isinstance(t := delta.get(name), str) and t), "")
    said: dict[str, Any] = {"model_name": endpoint.model} if finish_of(event) else {}
    if reason := finish_of(event):
        said["finish_reason"] = reason
    if logprobs := choice.get("logprobs"):
        said["logprobs"] = logprobs
    message = AIMessageChunk(
        content=text if isinstance(text, str) else "",
        additional_kwargs={"reasoning_content": thought} if thought else {},
        tool_call_chunks=list(_calls(delta.get("tool_calls"))),
        response_metadata=said,
        usage_metadata=_usage(event.get("usage")),
    )
    return ChatGenerationChunk(message=message, generation_info=said or None)


_THOUGHTS = ("reasoning_content", "reasoning")
"""Where endpoints put what a model thinks."""


def _calls(given: object) -> Iterator[ToolCallChunk]:
    """Yield the pieces of tool calls, out of untrusted JSON."""
    for place, call in enumerate(given if isinstance(given, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            continue
        name, words, index = function.get("name"), function.get("arguments"), call.get("index")
        yield ToolCallChunk(
            name=name if isinstance(name, str) else None,
            args=words if isinstance(words, str) else None,
            id=call["id"] if isinstance(call.get("id"), str) else None,
            index=index if isinstance(index, int) else place,
            type="tool_call_chunk",
        )


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
