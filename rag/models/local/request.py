"""Reads a request of the OpenAI-compatible protocol strictly: as much of it as Dateline uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_TOKENS = 160
LIKELY = 20
"""Most alternatives that may be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, read strictly."""

    messages: tuple[dict[str, str], ...]
    most: int
    temperature: float
    stream: bool
    counted: bool
    """Whether the stream ends with how many tokens it was."""
    chances: bool
    likely: int


class BadRequest(ValueError):
    """A request that is not what it should be."""


def asked(body: object) -> Asked:
    """Read a request.

    Raises:
        BadRequest: a field is missing or of the wrong kind; the message names it.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    if body.get("stop"):
        raise BadRequest("stop is not supported")
    wanted = body.get("stream_options")
    return Asked(
        messages=_messages(body.get("messages")),
        most=_integer(body, "max_tokens", DEFAULT_TOKENS, least=1),
        temperature=_temperature(body.get("temperature", 0.0)),
        stream=body.get("stream") is True,
        counted=isinstance(wanted, dict) and wanted.get("include_usage") is True,
        chances=body.get("logprobs") is True,
        likely=min(_integer(body, "top_logprobs", 0, least=0), LIKELY),
    )


def _messages(given: object) -> tuple[dict[str, str], ...]:
    if not isinstance(given, list) or not given:
        raise BadRequest("messages is not a list of messages")
    found = []
    for message in given:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(role, str) or not isinstance(content, str):
            raise BadRequest("a message is not an object with a role and a content of text")
        found.append({"role": role, "content": content})
    return tuple(found)


def _integer(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadRequest(f"{name} is not a whole number from {least} on")
    return value


def _temperature(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise BadRequest("temperature is not a number from 0 on")
    return float(value)
