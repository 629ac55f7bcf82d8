"""Makes a question ready before it is asked, and gives way at once to whoever asks.

What is thrown away unused must cost nobody anything: a model that is not on this machine is not
asked at all, and everything else stops within moments of being told to.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rag.answer.prepare import Asked, Prepared
from rag.errors import ModelError
from rag.models.generate import Generation

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from rag.answer.pipeline import NewsQA
    from rag.models.chat import Chat
    from rag.models.encoder import Encoder, Matrix
    from rag.models.ledger import Ledger


class GaveWay(Exception):
    """It was told to stop, or would need a model that failed or is not ours to ask."""


def prepare(qa: NewsQA, asked: Asked, stop: threading.Event) -> Prepared:
    """Make a question ready as asking would.

    Raises:
        GaveWay: `stop` was set, a model elsewhere would have to be asked, or the model failed.
        DatelineError: as `NewsQA.prepare` does.
    """
    machine = replace(
        qa,
        encoder=_Encoder(qa.encoder, stop),
        chat=_Chat(qa.chat, stop) if qa.chat else None,  # type: ignore[arg-type] # what is used of it
    )
    prepared = machine.prepare(asked, stop=stop)
    _look(stop)
    return prepared


def read(chat: Chat | None, prepared: Prepared, stop: threading.Event) -> None:
    """Let a model on this machine read the prompt, so that it need not when the question is asked.

    Raises:
        GaveWay: `stop` was set.
        ModelError: the model failed.
    """
    messages = prepared.ready.messages
    if chat is None or not messages or not gives_way(chat, messages):
        return
    _look(stop)
    settings = chat.settings.model_copy(update={"max_tokens": 1})
    for _ in Generation(chat, messages, settings, stop=stop):
        pass
    _look(stop)


def gives_way(chat: Chat, messages: Sequence[BaseMessage]) -> bool:
    """Say whether a model may be asked for what may be thrown away.

    The quick engine stops in the middle of a batch; llama.cpp reads it to its end first, which
    takes it seconds, and one elsewhere is paid for or used by others. A beginning that is not yet
    on disk is read whole and written there before anything else is done.
    """
    return chat.engine == "ik" and chat.knows(messages)


def _look(stop: threading.Event) -> None:
    if stop.is_set():
        raise GaveWay


class _Encoder:
    """An encoder that looks whether it should stop, every tenth of a second where it may.

    It looks only where texts can be cut without a change in any digit of their vectors.
    """

    def __init__(self, encoder: Encoder, stop: threading.Event) -> None:
        self._encoder = encoder
        self._stop = stop

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Matrix:
        few_at_once = getattr(self._encoder, "together", None)
        if few_at_once is None:
            _look(self._stop)
            return self._encoder.encode(texts)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))  # as the encoder has it
        rows: dict[int, Matrix] = {}
        for start in range(0, len(order), few_at_once):
            _look(self._stop)
            few = order[start : start + few_at_once]
            rows |= zip(few, self._encoder.encode([texts[i] for i in few]), strict=True)
        return np.stack([rows[i] for i in range(len(texts))]) if rows else self._encoder.encode([])


class _Chat:
    """A chat model for what comes before an answer: rewriting a follow-up, judging a claim.

    Asking goes on without a model that fails; what is made ready must not, since it is still used
    when the model is back.
    """

    def __init__(self, chat: Chat, stop: threading.Event) -> None:
        self._chat = chat
        self._stop = stop
        self.name = chat.name
        self.service = chat.service
        self.billions, self.window, self.count = chat.billions, chat.window, chat.count

    def complete(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        ledger: Ledger | None = None,
        **_: object,
    ) -> str:
        """Return a whole short reply; what stops it is the stop of this model, not the caller's."""
        with self._asked(messages):
            return self._chat.complete(
                messages, max_tokens=max_tokens, stop=self._stop, ledger=ledger
            )

    def yes_probability(self, messages: Sequence[BaseMessage]) -> float | None:
        with self._asked(messages):
            return self._chat.yes_probability(messages, stop=self._stop)

    @contextmanager
    def _asked(self, messages: Sequence[BaseMessage]) -> Iterator[None]:
        _look(self._stop)
        if not gives_way(self._chat, messages):
            raise GaveWay
        try:
            yield
        except ModelError as error:
            raise GaveWay from error
        _look(self._stop)  # the reply may have been cut short
