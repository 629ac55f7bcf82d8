"""A chat model that is asked each thing once: at temperature 0 it would say the same again.

With a file, its replies outlive the process: what is judged can then be judged anew in seconds,
without the model. A reply is found by the digest of its prompt, so the file holds no question and
no article, only what the model wrote.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from langchain_core.messages import BaseMessage

from eval.corpus import cache
from rag.errors import DatelineError
from rag.models.catalogue import DEFAULT
from rag.models.chat import Chat
from rag.models.generate import Generation
from rag.settings import ChatSettings
from rag.types import Profile, Tokens

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


@dataclass(slots=True)
class Told:
    """A reply that was given before: iterate for its text."""

    text: str
    tokens: Tokens
    certainty: float | None
    weakest: float | None = None

    def __iter__(self) -> Iterator[str]:
        """Yield the whole reply."""
        if self.text:
            yield self.text


def replies(suite: str) -> Path:
    """Return the file of the model's replies to a suite."""
    return cache() / "replies" / f"{suite}.jsonl"


class NotRemembered(DatelineError):
    """The model was never asked this, and is not to be asked now."""

    exit_code = 2


class Silent(Chat):
    """A chat model that is not there: only what was remembered of it can be had."""

    def __init__(self, settings: ChatSettings) -> None:
        kind, _, name = settings.llm.partition(":")
        super().__init__(f"{kind}:{name or DEFAULT.name}", cast("BaseChatModel", None), settings)

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: threading.Event | None = None,
        profile: Profile | None = None,
    ) -> Generation:
        """Raise `NotRemembered`."""
        raise NotRemembered(f"what {self.name} replies to this is not remembered")

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Raise `NotRemembered`."""
        raise NotRemembered(f"what {self.name} replies to this is not remembered")


class Remembering(Chat):
    """Another chat model, of which every whole reply is kept while this lasts, or in a file.

    Times and counts of tokens of what was remembered are those of the first time.
    """

    def __init__(self, chat: Chat, file: Path | None = None) -> None:
        """Wrap a chat model.

        Args:
            chat: Who is asked what is not remembered.
            file: JSON lines to which each reply is added as soon as it is there, and from which
                those of earlier processes are read.
        """
        super().__init__(chat.name, chat.model, chat.settings)
        self._chat = chat
        self._file = file
        self._replies: dict[str, Told] = {}
        self._chances: dict[str, float | None] = {}
        if file is not None and file.exists():
            self._read(file)

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: threading.Event | None = None,
        profile: Profile | None = None,
    ) -> Generation:
        """Return the reply to `messages`, from memory where it is there."""
        key = _key(self._chat, messages, profile)
        if key not in self._replies:
            limits = {} if profile is None else {"profile": profile}
            generation = self._chat.stream(messages, stop=stop, **limits)
            text = "".join(generation)
            self._replies[key] = Told(
                text, generation.tokens, generation.certainty, generation.weakest
            )
            self._keep({"prompt": key} | asdict(self._replies[key]))
        return cast("Generation", self._replies[key])

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Return how sure the model is that the answer is yes, from memory where it is there."""
        key = _key(self._chat, messages)
        if key not in self._chances:
            self._chances[key] = self._chat.yes_probability(messages, stop=stop)
            self._keep({"prompt": key, "yes": self._chances[key]})
        return self._chances[key]

    def _keep(self, record: dict[str, object]) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, path: Path) -> None:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if not line.endswith("\n"):
                    continue  # its writer was killed: the model is asked again
                record = json.loads(line)
                if "yes" in record:
                    self._chances[record["prompt"]] = record["yes"]
                else:
                    tokens = Tokens(**record["tokens"])
                    told = Told(record["text"], tokens, record["certainty"], record.get("weakest"))
                    self._replies[record["prompt"]] = told


def _key(chat: Chat, messages: Sequence[BaseMessage], profile: Profile | None = None) -> str:
    """Name a prompt to a model, with the length that the reply may have, in 32 hex digits."""
    said = [[message.type, str(message.content)] for message in messages]
    most = profile.max_tokens if profile is not None else chat.settings.max_tokens
    whole = json.dumps([chat.name, most, said], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
