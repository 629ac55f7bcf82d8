"""The model of a child process and the queue before it: one request at a time."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rag.models.local.native import GivenUp, Native, Written
from rag.models.local.request import Asked

GLANCE = 0.1
"""Seconds between two looks at whether a client that waits is still there."""


@dataclass(slots=True)
class Reply:
    """What came of one request so far."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0
    text: str = ""
    finish: str = "length"

    @property
    def usage(self) -> dict[str, Any]:
        """Return the tokens as the protocol counts them."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.generated,
            "total_tokens": self.prompt + self.generated,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }


class Desk:
    """The model and the queue before it."""

    def __init__(self, model: Native) -> None:
        self._model = model
        self._free = threading.Lock()

    @contextmanager
    def turn(self, gone: Callable[[], bool]) -> Iterator[Native]:
        """Wait for the model.

        Raises:
            GivenUp: the client went meanwhile.
        """
        while not self._free.acquire(timeout=GLANCE):
            if gone():
                raise GivenUp
        try:
            yield self._model
        finally:
            self._free.release()

    def answer(
        self, request: Asked, reply: Reply, gone: Callable[[], bool]
    ) -> Iterator[tuple[str, list[Written]]]:
        """Yield a reply's text piece by piece, each with its tokens, and keep count in `reply`.

        Raises:
            GivenUp: the client has gone.
            TooLong: the prompt does not fit.
            ModelError: the engine failed.
        """
        with self.turn(gone) as model:
            tokens = model.prompt(request.messages)
            reply.prompt = len(tokens)
            reply.cached = model.read(tokens, gone)
            characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
            waiting: list[Written] = []
            for token in model.write(
                request.most, temperature=request.temperature, likely=request.likely
            ):
                reply.generated += 1
                waiting.append(token)
                text = characters.decode(token.piece)
                if not text:
                    continue  # a part of a character
                if gone():
                    raise GivenUp
                reply.text += text
                yield text, waiting
                waiting = []
            reply.finish = "stop" if model.ended else "length"
