"""Lets the chat model write, within limits, and says exactly how it ended.

Every limit is ours, not the endpoint's: how long until the first token, between two tokens, in all,
and how many tokens. A request is repeated only as long as not one token of it has been shown.
"""

from __future__ import annotations

import contextlib
import math
import queue
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from rag.errors import ModelError, ModelUnreachable
from rag.language.characters import encodable
from rag.models.pump import Finished, Pump
from rag.models.thoughts import Sieve
from rag.models.wire import Temporary
from rag.settings import ChatSettings
from rag.types import Tokens

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage

Finish = Literal["stop", "length", "stopped"]

TRIES = 3
BACKOFF = 0.5
"""Seconds before the second try, doubled for each further one, with jitter."""
LONGEST_WAIT = 20.0
"""Seconds; an endpoint that wants us to wait longer is taken as down."""
GLANCE = 0.05
"""Seconds between two looks at whether we were told to stop."""
SLACK = 16
"""Events without text that an endpoint may send beside its tokens (role, end, usage)."""
CHARACTERS_PER_TOKEN = 16
"""No tokenizer packs more into its average token; a reply that does is not counting tokens."""
THOUGHTS = 8_192
"""Pieces of thought that a reasoning model may send before we give up; `chat.thinking` says how
many tokens the endpoint is asked to let it have."""
LONGEST_CALL = 4_000
"""Characters of the arguments of one tool call."""
LAST_WORDS = 1.0
"""Seconds that we wait for the count of tokens after the last of them."""


class Writer(Protocol):
    """What writes, with the name that it is shown by."""

    name: str

    def chunks(
        self, messages: Sequence[BaseMessage], settings: ChatSettings, options: Mapping[str, Any]
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield the reply as it comes."""
        ...


@dataclass(slots=True)
class Call:
    """A tool that the model calls: its name, and its arguments as JSON that nobody has read."""

    index: int | str | None
    name: str
    words: str


class Generation:
    """One reply in the making: iterate once for its text, then ask how it went.

    Attributes:
        text: what has been written so far.
        calls: the tools that it called, as far as it has.
        tokens: as the endpoint counts them, or as many as we saw where it does not.
        first_token: seconds from the start to the first text; None before.
        finish: `stop` (the model ended), `length` (our limit on tokens) or `stopped` (told to);
            None while it runs and after an error.
    """

    def __init__(
        self,
        chat: Writer,
        messages: Sequence[BaseMessage],
        settings: ChatSettings,
        *,
        stop: threading.Event | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._chat = chat
        self._messages = list(messages)
        self._settings = settings
        self._stop = stop or threading.Event()
        self._began = 0.0
        self._options = dict(options or {})
        self._events = 0
        self._thoughts = 0
        self._thinking = 0.0
        self._sieve = Sieve()
        self._cut = False
        self.calls: list[Call] = []
        self.logprobs: Any = None
        self._chances: list[float] = []
        self.text = ""
        self.tokens = Tokens()
        self.first_token: float | None = None
        self.finish: Finish | None = None

    @property
    def certainty(self) -> float | None:
        """How likely the model found its own words: the geometric mean over its tokens, 0 to 1.

        None when the endpoint tells no probabilities.
        """
        chances = self._chances
        return math.exp(sum(chances) / len(chances)) if chances else None

    @property
    def weakest(self) -> float | None:
        """How likely the model found the least likely of its tokens, 0 to 1; None as above."""
        return math.exp(min(self._chances)) if self._chances else None

    def __iter__(self) -> Iterator[str]:
        """Yield the reply piece by piece.

        Raises:
            ModelError: it failed; what was yielded so far is incomplete.
        """
        self._began = time.monotonic()
        for attempt in range(1, TRIES + 1):
            if self.finish == "stopped":
                return
            try:
                yield from self._attempt()
            except ModelError as error:
                if self.first_token is not None or not self._pause(error, attempt):
                    raise
            else:
                return

    def _attempt(self) -> Iterator[str]:
        self._events = self._thoughts = 0
        self._sieve, self.calls = Sieve(), []
        with Pump(self._source) as pump:
            while self.finish is None:
                chunk = self._next(pump)
                if chunk is None:
                    break
                text = self._take(chunk)
                if text:
                    yield text
            self._drain(pump)
        if rest := self._sieve.end():
            self.text += rest
            yield rest
        if not self.text and not self.calls and self.finish != "stopped":
            thought = " but thoughts" if self._thoughts else ""
            raise ModelUnreachable(f"{self._chat.name} answered without a word{thought}")
        self.finish = self.finish or "stop"

    def _source(self) -> AsyncIterator[AIMessageChunk]:
        return self._chat.chunks(self._messages, self._settings, self._options)

    def _next(self, pump: Pump[AIMessageChunk]) -> AIMessageChunk | None:
        """Return the next chunk; None at the end or when told to stop."""
        deadline, limit = self._deadline()
        while True:
            left = deadline - time.monotonic()
            try:
                return pump.get(min(max(left, 0.0), GLANCE))
            except Finished:
                return None
            except queue.Empty:
                if self._stop.is_set():
                    self.finish = "stopped"
                    return None
                if left <= 0:
                    raise ModelUnreachable(f"{self._chat.name} {limit}") from None

    def _deadline(self) -> tuple[float, str]:
        """Return the time of the nearest limit, and what to say when it is reached."""
        s = self._settings
        total = self._began + s.total_timeout, f"took more than {s.total_timeout:g} s in all"
        if self.first_token is None and self._thoughts:
            return min(
                total, (self._thinking + s.idle_timeout, f"paused for over {s.idle_timeout:g} s")
            )
        if self.first_token is None:
            first = s.first_token_timeout
            return min(total, (self._began + first, f"wrote nothing for {first:g} s"))
        idle = s.idle_timeout
        return min(total, (time.monotonic() + idle, f"paused for more than {idle:g} s"))

    def _take(self, chunk: AIMessageChunk) -> str:
        """Account for a chunk and return its text."""
        most = self._settings.max_tokens
        said = self._sieve.feed(encodable(str(chunk.text)))
        text = said[: most * CHARACTERS_PER_TOKEN - len(self.text)]
        thought = self._sieve.last or (
            not text and bool(chunk.additional_kwargs.get("reasoning_content"))
        )
        self._events += not thought
        self._thoughts += thought
        self._thinking = time.monotonic() if thought else self._thinking
        self._called(chunk)
        self.text += text
        if text and self.first_token is None:
            self.first_token = time.monotonic() - self._began
        self._count(chunk, bool(text))
        logprobs = chunk.response_metadata.get("logprobs")
        self.logprobs = self.logprobs or logprobs
        self._chances.extend([] if thought else _chosen(logprobs))
        reason = chunk.response_metadata.get("finish_reason")
        if self._stop.is_set():
            self.finish = "stopped"
        elif (
            self._thoughts > THOUGHTS
            or self._events > most + SLACK
            or len(self.text) >= most * CHARACTERS_PER_TOKEN
        ):
            self.finish, self._cut = "length", True
        elif reason:
            self.finish = "length" if reason == "length" else "stop"
        return text

    def _called(self, chunk: AIMessageChunk) -> None:
        """Gather the pieces of tool calls, by their index."""
        for piece in chunk.tool_call_chunks:
            place = piece.get("index")
            known = next((c for c in self.calls if c.index == place and place is not None), None)
            if known is None:
                self.calls.append(Call(index=place, name=piece["name"] or "", words=""))
                known = self.calls[-1]
            known.words = (known.words + (piece["args"] or ""))[:LONGEST_CALL]

    def _count(self, chunk: AIMessageChunk, wrote: bool) -> None:
        usage = chunk.usage_metadata
        if usage and usage["input_tokens"]:
            cached = usage.get("input_token_details", {}).get("cache_read", 0)
            self.tokens = Tokens(
                prompt=usage["input_tokens"], cached=cached, generated=usage["output_tokens"]
            )
        elif wrote:
            self.tokens = replace(self.tokens, generated=self.tokens.generated + 1)

    def _drain(self, pump: Pump[AIMessageChunk]) -> None:
        """Read on after the end, where the endpoint says how many tokens it was."""
        if self._cut or self.finish == "stopped":
            return
        end = time.monotonic() + LAST_WORDS
        with contextlib.suppress(Finished, queue.Empty, ModelError):
            for _ in range(SLACK):
                self._count(pump.get(end - time.monotonic()), wrote=False)

    def _pause(self, error: ModelError, attempt: int) -> bool:
        """Wait before another try; False when there should be none."""
        if not isinstance(error, Temporary) or attempt == TRIES:
            return False
        wait = BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
        wait = max(wait, error.after or 0.0)
        if wait > LONGEST_WAIT or time.monotonic() + wait > self._deadline()[0]:
            return False
        if self._stop.wait(wait):
            self.finish = "stopped"
        return True


def stream(
    chat: Writer,
    messages: Sequence[BaseMessage],
    settings: ChatSettings,
    *,
    stop: threading.Event | None = None,
    options: Mapping[str, Any] | None = None,
) -> Generation:
    """Return the reply to `messages`, which is written while it is iterated.

    Args:
        chat: who writes.
        messages: the conversation so far.
        settings: its limits on time and tokens, and the temperature.
        stop: set it, from any thread, to end the reply within a tenth of a second; the connection
            is closed, so that the endpoint stops working on it too.
        options: what the endpoint is told besides.
    """
    wanted = {"logprobs": True} if settings.probabilities else {}
    return Generation(chat, messages, settings, stop=stop, options={**wanted, **(options or {})})


def yes_probability(
    chat: Writer,
    messages: Sequence[BaseMessage],
    settings: ChatSettings,
    stop: threading.Event | None = None,
) -> float | None:
    """Return how much of the model's weight is on yes, against no, for its first word.

    None when the endpoint tells no probabilities, or neither word is among the likely ones, or
    `stop` was set before the model said one.

    Raises:
        ModelError: the endpoint failed.
    """
    asked = settings.model_copy(update={"max_tokens": 1, "temperature": 0.0})
    options = {"logprobs": True, "top_logprobs": 10}
    judge = Generation(chat, messages, asked, stop=stop, options=options)
    for _ in judge:
        pass
    weights = {"yes": 0.0, "no": 0.0}
    for token, logprob in _likely(judge.logprobs):
        word = token.strip().strip(".,!").lower()
        if word in weights:
            weights[word] += math.exp(logprob)
    mass = sum(weights.values())
    return weights["yes"] / mass if mass > 0 else None


def _chosen(logprobs: Any) -> Iterator[float]:  # noqa: ANN401
    """Yield the log probabilities of the tokens written, out of untrusted JSON."""
    try:
        for token in logprobs["content"]:
            yield min(float(token["logprob"]), 0.0)
    except (KeyError, TypeError, ValueError):
        return


def _likely(logprobs: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401
    """Yield the likely first tokens with their log probabilities, out of untrusted JSON."""
    try:
        tops = logprobs["content"][0]["top_logprobs"]
        for top in tops:
            yield str(top["token"]), min(float(top["logprob"]), 0.0)
    except (KeyError, IndexError, TypeError, ValueError):
        return
