"""Remembers, between questions and runs, what the local model made of a prompt's fixed beginning.

Prompts for one purpose begin with the same words, and reading them costs the model seconds: on two
cores 27 ms a token. llama.cpp can write the state of its slot to a file and read it back in
milliseconds. The file is bound to model, runtime and wording by its name. It is read by native code
that aborts on a damaged one, so it is given back only with the hash that it was written with. It
never holds more than the beginning: no question and no article.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from rag.models.wire import Endpoint, client_options

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

KEPT = 8
"""State files that are kept, those used last; each has about 28 kB a token by default."""
SECONDS = 120.0
REPLY = 1
"""Tokens that the model is made to write, after it has read the beginning."""


class PromptStates:
    """The state files of one model, and which beginning its only slot holds now."""

    def __init__(
        self,
        folder: Path,
        model: Path,
        prefix: Sequence[BaseMessage] = (),
        *,
        shared: bool = False,
    ) -> None:
        """Prepare the folder.

        Args:
            folder: for the state files.
            model: the file that the states belong to.
            prefix: the messages with which most prompts begin: read while the model starts.
            shared: whether others ask the same model, so that its slot may hold anything.
        """
        with contextlib.suppress(OSError):  # without a place to remember, it works all the same
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder if os.access(folder, os.W_OK) else None
        self._model = model
        self._prefix = list(prefix)
        self._version = ""
        self._shared = shared
        self._held: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def begin(self, endpoint: Endpoint, version: str) -> None:
        """Let a server that has just started know the most frequent beginning."""
        self._version, self._held = version, []
        self.recall(endpoint, self._prefix)

    def recall(self, endpoint: Endpoint, messages: Sequence[BaseMessage]) -> None:
        """Let the model know how `messages` begin, from disk, or else by reading it once.

        Only ever saves time, so that a failure is nobody's concern: the request itself will tell.
        """
        beginning = self._beginning(messages)
        with self._lock, contextlib.suppress(httpx.HTTPError, OSError, ValueError, KeyError):
            if beginning and not self._holds(beginning) and self.folder is not None:
                self._held = beginning
                self._load(endpoint, self.folder / f"{self._key(beginning)}.state", beginning)

    def knows(self, messages: Sequence[BaseMessage]) -> bool:
        """Say whether `recall` takes milliseconds; else the model reads, and nothing stops that."""
        beginning = self._beginning(messages)
        if self._lock.locked():
            return False
        if not beginning or self._holds(beginning) or self.folder is None:
            return True
        with contextlib.suppress(OSError):
            return _intact(self.folder / f"{self._key(beginning)}.state")
        return False

    def _holds(self, beginning: list[dict[str, str]]) -> bool:
        return beginning == self._held and not self._shared

    @property
    def version(self) -> str:
        """That of the runtime which the states are for."""
        return self._version

    def _beginning(self, messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
        length = len(self._prefix)
        if not length or list(messages[:length]) != self._prefix:
            length = 1 if messages and messages[0].type == "system" else 0
        return [{"role": _role(m), "content": str(m.content)} for m in messages[:length]]

    def _load(self, endpoint: Endpoint, state: Path, beginning: list[dict[str, str]]) -> None:
        with httpx.Client(**client_options(endpoint), timeout=SECONDS) as client:
            if _intact(state) and _slot(client, endpoint, "restore", state.name) is not None:
                state.touch()
                return
            tokens = _read(client, endpoint, beginning)
            fresh = state.with_suffix(".new")
            saved = _slot(client, endpoint, "save", fresh.name)
            if saved is None or saved["n_saved"] > tokens + REPLY:
                # Another request came in between, and what was saved is that one's.
                fresh.unlink(missing_ok=True)
                return
            _digest_file(state).write_text(_digest(fresh), encoding="ascii")
            fresh.replace(state)
        self._tidy(state.parent)

    def _key(self, beginning: list[dict[str, str]]) -> str:
        stat = self._model.stat()
        bound = [str(self._model), stat.st_size, stat.st_mtime_ns, self._version, beginning]
        return hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:32]

    def _tidy(self, folder: Path) -> None:
        files = sorted(folder.glob("*.state"), key=lambda f: f.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)
            _digest_file(old).unlink(missing_ok=True)


def _role(message: BaseMessage) -> str:
    return {"human": "user", "ai": "assistant"}.get(message.type, message.type)


def _read(client: httpx.Client, endpoint: Endpoint, beginning: list[dict[str, str]]) -> int:
    """Let the model read a beginning; return how many tokens it has."""
    body = {"model": endpoint.model, "messages": beginning, "max_tokens": REPLY}
    answer = client.post(f"{endpoint.url}/chat/completions", json=body)
    return int(answer.raise_for_status().json()["usage"]["prompt_tokens"])


def _slot(
    client: httpx.Client, endpoint: Endpoint, action: str, file: str
) -> dict[str, int] | None:
    url = f"{endpoint.url.removesuffix('/v1')}/slots/0"
    answer = client.post(url, params={"action": action}, json={"filename": file})
    return dict(answer.json()) if answer.status_code == httpx.codes.OK else None


def _intact(state: Path) -> bool:
    try:
        return _digest_file(state).read_text(encoding="ascii") == _digest(state)
    except OSError:
        return False


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _digest_file(state: Path) -> Path:
    return state.with_suffix(".sha256")
