"""Connects the settings to the chat model that they name.

    local            the default local model          local:NAME, local:/path/to/file.gguf   another
    openai:MODEL     any OpenAI-compatible endpoint   ollama:MODEL   Ollama on this machine
    none             no model: the sources' own sentences

Each is an endpoint behind one langchain chat model; only where it answers differs.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rag.errors import ModelMissing, SettingsError
from rag.models import catalogue as models
from rag.models import generate
from rag.models.generate import Generation
from rag.models.local.local import LocalServer, wait
from rag.models.local.states import PromptStates
from rag.models.wire import Endpoint, named
from rag.settings import ChatSettings, Engine

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

OPENAI = "https://api.openai.com/v1"
OLLAMA = "http://127.0.0.1:11434/v1"


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
    ) -> None:
        self.name = name
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
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            **options,
        )

    def stream(
        self, messages: Sequence[BaseMessage], *, stop: threading.Event | None = None
    ) -> Generation:
        """Return the reply to `messages`, which is written while it is iterated."""
        return generate.stream(self, messages, self.settings, stop=stop)

    def complete(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        stop: threading.Event | None = None,
    ) -> str:
        """Return a whole short reply, or what there is of it when it is stopped.

        Raises:
            ModelError: the model failed.
        """
        limited = self.settings.model_copy(update={"max_tokens": max_tokens})
        return "".join(generate.stream(self, messages, limited, stop=stop))

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

    def close(self) -> None:
        """End a local model's process; a no-op for an endpoint elsewhere."""
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
    states = PromptStates(models.cache_folder().parent / "states", path, prefix)
    # The child starts before langchain is imported, so that both load at the same time.
    server = LocalServer(
        path,
        name,
        engine=settings.engine,
        threads=settings.threads,
        states=states.folder,
        on_ready=states.begin,
    )
    try:
        return _chat(f"local:{name}", server.poll, settings, server, states)
    except BaseException:
        server.close()
        raise


def _remote(settings: ChatSettings, kind: str, model: str) -> Chat:
    url = settings.base_url or (OLLAMA if kind == "ollama" else OPENAI)
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"base_url {url!r} does not begin with http:// or https://")
    if url == OPENAI and not settings.api_key:
        raise SettingsError(
            "openai: needs an API key (DATELINE_CHAT__API_KEY) for the public service, or "
            "--base-url for an endpoint of your own"
        )
    endpoint = Endpoint(url=url.rstrip("/"), model=model, key=settings.api_key)
    return _chat(f"{kind}:{model}", partial(_always, endpoint), settings)


def _always(endpoint: Endpoint) -> Endpoint:
    return endpoint


def _chat(
    name: str,
    poll: Callable[[], Endpoint | None],
    settings: ChatSettings,
    server: LocalServer | None = None,
    states: PromptStates | None = None,
) -> Chat:
    from rag.models.endpoint import EndpointChat

    model = EndpointChat(
        where=poll,
        before=states.recall if states else None,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )
    return Chat(name, model, settings, poll=poll, server=server, states=states)
