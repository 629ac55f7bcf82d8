"""What a chat model is given to read and asked to write, by what it can do.

    profile(chat, settings).characters

A model of a few billion parameters gets lost in what it does not need; a large one makes more of
more. The size is read from the model's name, else asked of its endpoint; a paid service does not
say, and counts as large unless its name says mini. What nobody says counts as small: that costs
least, and is what was measured.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from rag.settings import ChatSettings, Settings
from rag.types import Profile

Size = Literal["small", "medium", "large"]
MEDIUM, LARGE = 6.0, 24.0
"""Billions of parameters from which on a model is called medium, and large."""

_BILLIONS = re.compile(
    r"(?<![a-z\d.])(?:(?P<times>\d{1,2})x)?e?(?P<n>\d{1,4}(?:\.\d{1,3})?)"
    r" ?(?P<unit>[bm])(?![a-z\d])"
)
_LESSER = re.compile(r"(?<![a-z])(?:mini|nano|lite|flash|haiku|small|tiny|micro)(?![a-z])")
"""What makers put in the names of the smaller models of their services."""

NAMES: tuple[Size, ...] = get_args(Size)
_TOLD = tomllib.loads(files("rag.models").joinpath("profiles.toml").read_text("utf-8"))
_PROFILES: Mapping[Size, Profile] = {
    size: Profile(name=size, why="", **_TOLD[size]) for size in NAMES
}
ROOM: Mapping[Size, int] = {"small": 4_096, "medium": 8_192, "large": 16_384}
"""Tokens of prompt and answer, where nobody says how many a model can read."""


def billions(name: str) -> float | None:
    """Return how many billions of parameters a model has by its name; None where it is silent.

    Of several sizes the largest counts: in "30b-a3b" three billion work on a word, of thirty.

    Example:
        >>> billions("qwen2.5-coder-1.5b-instruct"), billions("mixtral-8x7b"), billions("gpt-4o")
        (1.5, 56.0, None)
    """
    sizes = [
        int(found["times"] or 1) * float(found["n"]) / (1000 if found["unit"] == "m" else 1)
        for found in _BILLIONS.finditer(name.lower())
    ]
    return max(sizes, default=None)


def hosted(url: str) -> bool:
    """Return True for the address of a service: neither this machine nor one of its network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and "." in host and not re.fullmatch(r"[\d.:]+", host)


def size_of(name: str, *, service: bool, told: float | None = None) -> tuple[Size, str]:
    """Return how large a model counts as, and why.

    Args:
        name: As its maker has it.
        service: True when a service runs it that does not say how large it is.
        told: Billions of parameters, as its endpoint says.
    """
    count, where = billions(name), "its name"
    if count is None:
        count, where = told, "its endpoint"
    if count is not None:
        size: Size = "large" if count >= LARGE else "medium" if count >= MEDIUM else "small"
        return size, f"{where} says {count:g} billion parameters"
    if service and _LESSER.search(name.lower()):
        return "medium", "a service runs it, and its name says that it is one of the smaller"
    if service:
        return "large", "a service runs it"
    return "small", "nothing says how large it is; chat.profile can"


def room(name: str, settings: ChatSettings) -> int:
    """Return how many tokens a local model is to read; 0 for as many as a small one does."""
    chosen = settings.profile
    size = size_of(name, service=False)[0] if chosen == "auto" else chosen
    return 0 if size == "small" else ROOM[size]


def profile(chat: object, settings: Settings) -> Profile:
    """Return the profile of a chat model: chosen in the settings, or by what the model is.

    A setting that was given (`profile.characters`, else `select.characters`, `chat.max_tokens`)
    counts more than the profile.

    Args:
        chat: A `Chat`; whatever stands in for one is asked no more than its name.
        settings: `chat.profile`, and the group `profile`.
    """
    chosen = settings.chat.profile
    size: Size
    if chosen == "auto":
        name = str(getattr(chat, "name", ""))
        ask = getattr(chat, "billions", None)
        told = ask() if ask is not None and billions(name) is None else None
        size, why = size_of(name, service=bool(getattr(chat, "service", False)), told=told)
    else:
        size, why = chosen, "chat.profile says so"
    return replace(_PROFILES[size], why=why, **_given(size, settings))


def _given(size: Size, settings: Settings) -> dict[str, Any]:
    """Return what the settings say in place of a profile."""
    older = {
        "characters": (settings.select, "characters"),
        "passages": (settings.retrieve, "passages"),
        "max_tokens": (settings.chat, "max_tokens"),
        "thinking": (settings.chat, "thinking"),
    }
    given: dict[str, Any] = {
        name: getattr(group, field)
        for name, (group, field) in older.items()
        if field in group.model_fields_set or (size == "small" and name != "thinking")
    }
    method = settings.verify.method
    given |= {} if method == "auto" else {"verify": method}
    return given | settings.profile.model_dump(exclude_none=True)
