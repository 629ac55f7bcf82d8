"""Connects the settings to the chat model that they name.

    local            the default local model          local:NAME, local:/path/to/file.gguf   another
    openai:MODEL     any OpenAI-compatible endpoint   ollama:MODEL   Ollama on this machine
    none             no model: the sources' own sentences

Each is an endpoint behind one langchain chat model; only where it answers differs.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rag.errors import ModelMissing, SettingsError
from rag.models import catalogue as models
from rag.models import facts, generate
from rag.models.facts import Facts
from rag.models.generate import Generation
from rag.models.ledger import Ledger
from rag.models.local.lent import Borrowed
from rag.models.local.local import LocalServer, wait
from rag.models.local.states import PromptStates
from rag.models.profile import hosted, room
from rag.models.thoughts import without
from rag.models.wire import Endpoint, named
from rag.settings import ChatSettings, Engine
from rag.types import Profile

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

OPENAI = "https://api.openai.com/v1"
OLLAMA = "http://127.0.0.1:11434/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one reply may take."""

    max_tokens: int
    thinking: int = 0
    """Tokens that it may think beside these, unless the settings say how many."""
    temperature: float | None = None
    """None for that of the settings."""
    seconds: float | None = None
    """None for as long as any reply."""

    def within(self, settings: ChatSettings) -> dict[str, float]:
        """Return what changes of the settings for this reply."""
        usual = settings.total_timeout
        return {
            "max_tokens": self.max_tokens,
            "thinking": settings.thinking or self.thinking,
            "temperature": settings.temperature if self.temperature is None else self.temperature,
            "total_timeout": min(usual, self.seconds or usual),
        }


class Chat:
    """A chat model that is there, or will be in a moment.

    Example:
        >>> with connect(ChatSettings(llm="openai:m", base_url="http://127.0.0.1:9/v1")) as chat:
        ...     chat.name
        'openai:m'
    """

    def __init__(
        self,
        name: str,
        model: BaseChatModel,
        settings: ChatSettings,
        *,
        poll: Callable[[], Endpoint | None] | None = None,
        server: LocalServer | None = None,
        states: PromptStates | None = None,
        kind: str = "",
    ) -> None:
        self.name = name
        self.service = False
        """Whether a service runs it, which does not say how large it is."""
        self._kind = kind
        self.model = model
        self.settings = settings
        self._poll = poll
        self._server = server
        self._states = states

    @property
    def pid(self) -> int | None:
        """The process that runs a local model; None for an endpoint elsewhere."""
        return self._server.pid if self._server else None

    @property
    def engine(self) -> Engine | None:
        """What runs a local model now; None for an endpoint elsewhere."""
        return self._server.engine if self._server else None

    def chunks(
        self, messages: Sequence[BaseMessage], settings: ChatSettings, options: Mapping[str, Any]
    ) -> AsyncIterator[AIMessageChunk]:
        """Yield the reply as it comes, written within the limits of `settings`."""
        return self.model.astream(
            list(messages),
            max_tokens=settings.max_tokens + settings.thinking,
            temperature=settings.temperature,
            **options,
        )

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: threading.Event | None = None,
        profile: Profile | None = None,
    ) -> Generation:
        """Return the reply to `messages`, which is written while it is iterated."""
        limits = {} if profile is None else _limits(profile)
        settings = self.settings.model_copy(update=limits)
        return generate.stream(self, messages, settings, stop=stop, options=self.kept(messages))

    def complete(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
        ledger: Ledger | None = None,
    ) -> str:
        """Return a whole short reply, or what there is of it when it is stopped.

        Raises:
            ModelError: the model failed.
        """
        reply = self.reply(messages, Limits(max_tokens=max_tokens), stop=stop, ledger=ledger)
        return without(reply.text)

    def reply(
        self,
        messages: Sequence[BaseMessage],
        limits: Limits,
        *,
        stop: threading.Event | None = None,
        ledger: Ledger | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Generation:
        """Return a whole reply, with the tools that it calls.

        Args:
            messages: What is said to the model.
            limits: What the reply may take.
            stop: Set it from another thread to stop it.
            ledger: Where its tokens are counted.
            options: What the endpoint is told besides.

        Raises:
            ModelError: the model failed.
        """
        limited = self.settings.model_copy(update=limits.within(self.settings))
        reply = Generation(self, messages, limited, stop=stop, options=options)
        try:
            for _ in reply:
                pass
        finally:
            if ledger is not None:
                ledger.add(reply.tokens, self.settings)
        return reply

    def kept(self, messages: Sequence[BaseMessage]) -> dict[str, Any]:
        """Return what asks a paid service to keep the beginning of a prompt for the next one."""
        if not (self.service and self.settings.caching and messages):
            return {}
        name = hashlib.sha256(str(messages[0].content).encode()).hexdigest()[:16]
        return {"prompt_cache_key": f"dateline-{name}"}

    def held_to(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return what holds the endpoint to a JSON schema; what it refuses is not said again."""
        way = self.settings.structured
        if way == "grammar":
            return {"json_schema": schema}
        if way == "object":
            return {"response_format": {"type": "json_object"}}
        named = {"name": "reply", "strict": True, "schema": schema}
        form = {"type": "json_schema", "json_schema": named}
        return {} if way == "none" else {"response_format": form}

    @cached_property
    def facts(self) -> Facts:
        """What the endpoint says of its model, asked once."""
        if self._poll is None or self._server is not None or (endpoint := self._poll()) is None:
            return Facts()
        return facts.facts(endpoint, self._kind)

    def billions(self) -> float | None:
        """Return how many billions of parameters the model has, as its endpoint says."""
        return self.facts.billions

    def window(self, usual: int) -> int:
        """Return how many tokens it reads and writes at most; `usual` where nobody says."""
        return self.settings.context or self.facts.context or usual

    def count(self, text: str) -> int:
        """Return how many tokens a text has: by its own tokenizer, else a safe estimate."""
        endpoint = None if self._poll is None else self._poll()
        known = None if endpoint is None else facts.counted(endpoint, text)
        return known if known is not None else facts.estimate(text)

    def yes_probability(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> float | None:
        """Return how sure the model is that the answer is yes; None where it cannot be known."""
        return generate.yes_probability(self, messages, self.settings, stop=stop)

    def knows(self, messages: Sequence[BaseMessage]) -> bool:
        """Say whether asking with `messages` can be given up at once, from its first moment."""
        return self._states is None or self._states.knows(messages)

    def wait_ready(self) -> None:
        """Wait until a local model is loaded, or check that an endpoint elsewhere has the model.

        Raises:
            ModelUnreachable: it does not become ready.
            ModelMissing: the endpoint lists its models, and this one is not among them.
        """
        if self._poll is None:
            return
        endpoint = wait(self._poll)
        known = named(endpoint)
        if known and endpoint.model not in known:
            raise ModelMissing(
                f"{endpoint.url} has no model {endpoint.model!r}; it has {', '.join(known)}"
            )

    def endpoint(self) -> Endpoint | None:
        """Return where it answers now; None while it loads."""
        return self._poll() if self._poll is not None else None

    def runtime(self) -> str:
        """Return the version of what runs a local model; empty while it is not known."""
        return self._states.version if self._states is not None else ""

    def close(self) -> None:
        """End a local model's process; a no-op for an endpoint elsewhere."""
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(settings: ChatSettings, prefix: Sequence[BaseMessage] = ()) -> Chat | None:
    """Return the chat model that the settings name, at once: a local one loads in the background.

    Args:
        settings: `llm`, `base_url`, `api_key`, `threads` say which and where.
        prefix: the messages with which every prompt begins. A local model reads them while it
            starts and remembers them on disk, so that a question does not have to wait for it;
            other beginnings (a system message) it remembers from their first use on.

    Returns:
        None for `llm = none`.

    Raises:
        SettingsError: `llm` names no known kind of model, or lacks its part.
        ModelMissing: the local model is not on this machine.
        ModelDamaged: its file is not what it should be.
    """
    kind, _, name = settings.llm.partition(":")
    if kind == "none" and not name:
        return None
    if kind == "local":
        return _local(settings, name, prefix)
    if kind in ("openai", "ollama") and name:
        return _remote(settings, kind, name)
    raise SettingsError(
        f"llm {settings.llm!r} is none of: local, local:NAME (one of "
        f"{', '.join(models.MODELS)}), local:FILE.gguf, openai:MODEL, ollama:MODEL, none"
    )


def _local(settings: ChatSettings, name_or_path: str, prefix: Sequence[BaseMessage]) -> Chat:
    name, path = models.resolve(name_or_path)
    if settings.shared is not None:
        return _borrowed(settings, name, path, settings.shared, prefix)
    states = PromptStates(models.cache_folder().parent / "states", path, prefix)
    # The child starts before langchain is imported, so that both load at the same time.
    server = LocalServer(
        path,
        name,
        engine=settings.engine,
        threads=settings.threads,
        context=settings.context or room(name, settings),
        states=states.folder,
        on_ready=states.begin,
    )
    try:
        return _chat(f"local:{name}", server.poll, settings, server, states)
    except BaseException:
        server.close()
        raise


def _borrowed(
    settings: ChatSettings, name: str, path: Path, at: Path, prefix: Sequence[BaseMessage]
) -> Chat:
    """Return the local model that another process runs; it looks after it, and ends it."""
    folder = models.cache_folder().parent / "states"
    states = PromptStates(folder, path, prefix, shared=True)
    return _chat(f"local:{name}", Borrowed(at, name, states.begin).poll, settings, None, states)


def _remote(settings: ChatSettings, kind: str, model: str) -> Chat:
    url = settings.base_url or (OLLAMA if kind == "ollama" else OPENAI)
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"base_url {url!r} does not begin with http:// or https://")
    if url == OPENAI and not settings.api_key:
        raise SettingsError(
            "openai: needs an API key (DATELINE_CHAT__API_KEY) for the public service, or "
            "--base-url for an endpoint of your own"
        )
    endpoint = Endpoint(
        url=url.rstrip("/"), model=model, key=settings.api_key, headers=settings.headers
    )
    chat = _chat(f"{kind}:{model}", partial(_always, endpoint), settings, kind=kind)
    chat.service = kind == "openai" and hosted(url)
    return chat


def _always(endpoint: Endpoint) -> Endpoint:
    return endpoint


def _chat(
    name: str,
    poll: Callable[[], Endpoint | None],
    settings: ChatSettings,
    server: LocalServer | None = None,
    states: PromptStates | None = None,
    kind: str = "",
) -> Chat:
    from rag.models.endpoint import EndpointChat

    model = EndpointChat(
        where=poll,
        before=states.recall if states else None,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )
    return Chat(name, model, settings, poll=poll, server=server, states=states, kind=kind)


def _limits(profile: Profile) -> dict[str, int]:
    """Return how much a model with a profile may write."""
    return {"max_tokens": profile.max_tokens, "thinking": profile.thinking}
