"""Speaks the OpenAI-compatible protocol: a request out, its server-sent events back.

Whatever an endpoint can do wrong ends here as one of our errors, with words that say which.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from rag.errors import ModelError, ModelMissing, ModelUnreachable

CONNECT_SECONDS = 10.0
LONGEST_EVENT = 1 << 20
"""Bytes; an event that is longer is not an answer to one of our questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model answers: `url` is what stands before `/chat/completions`."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request, beside the key."""

    @property
    def root(self) -> str:
        """The address without `/v1`, where servers have what is not of the protocol."""
        return self.url.removesuffix("/v1")


class Temporary(ModelUnreachable):
    """The endpoint cannot answer now but may in a moment; `after` is its own wish in seconds."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class PromptTooLong(ModelError):
    """The model cannot read a prompt of this length."""


class Refused(ModelUnreachable):
    """The endpoint refuses the request as it is: it may take one that asks for less."""


def named(endpoint: Endpoint, timeout: float = 3.0) -> tuple[str, ...]:
    """Name the models that the endpoint says it has; empty when it does not say."""
    try:
        with httpx.Client(**client_options(endpoint), timeout=timeout) as client:
            listed = client.get(f"{endpoint.url}/models").json()
        return tuple(sorted(str(entry["id"]) for entry in listed["data"]))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, RecursionError):
        return ()


async def events(endpoint: Endpoint, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Send the request and yield its events; every way in which it can fail is a ModelError."""
    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS, write=CONNECT_SECONDS)
    try:
        async with (
            httpx.AsyncClient(**client_options(endpoint), timeout=timeout) as client,
            client.stream("POST", f"{endpoint.url}/chat/completions", json=body) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise await _refusal(endpoint, response)
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                raise ModelUnreachable(
                    f"{endpoint.url} answers with something else than a stream; is it the address "
                    f"of an OpenAI-compatible endpoint? (it often ends with /v1)"
                )
            async for event in _parse(endpoint, response.aiter_bytes()):
                yield event
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Temporary(f"{endpoint.url} cannot be reached: {error or 'no answer'}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Temporary(
            f"{endpoint.url} broke off its answer: {error or type(error).__name__}"
        ) from error


async def _parse(endpoint: Endpoint, blocks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """Cut server-sent events out of the bytes and decode their JSON."""
    ended = False
    async for line in _lines(endpoint, blocks):
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        event = _decode(endpoint, data)
        ended = ended or finish_of(event) is not None
        yield event
    if not ended:
        raise Temporary(f"{endpoint.url} broke off its answer before the end")


async def _lines(endpoint: Endpoint, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_EVENT:
            raise ModelUnreachable(f"{endpoint.url} sends an event without an end")
    if rest:
        yield rest


def _decode(endpoint: Endpoint, data: bytes) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelUnreachable(f"{endpoint.url} sends invalid JSON: {data[:60]!r}") from error
    if not isinstance(event, dict):
        raise ModelUnreachable(f"{endpoint.url} sends something else than an event: {data[:60]!r}")
    if "error" in event:
        raise _reported(endpoint, event["error"])
    return event


def choice_of(event: dict[str, Any]) -> dict[str, Any]:
    """Return the first choice of an event; empty when it has none."""
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}


def finish_of(event: dict[str, Any]) -> str | None:
    """Return why the reply ended; None for an event that does not end it."""
    reason = choice_of(event).get("finish_reason")
    return reason if isinstance(reason, str) else None


async def _refusal(endpoint: Endpoint, response: httpx.Response) -> ModelError:
    """Turn an answer that is no success into the error that says what to do."""
    body = b""
    async for block in response.aiter_bytes():
        body += block
        if len(body) > LONGEST_EVENT:
            break
    try:
        said = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        said = body[:200].decode(errors="replace").strip()
    return await asyncio.to_thread(_refused, endpoint, response, said)


def _refused(endpoint: Endpoint, response: httpx.Response, said: object) -> ModelError:
    status, words = response.status_code, _words(said)
    if status == httpx.codes.NOT_FOUND:
        return _not_found(endpoint, words)
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return ModelUnreachable(f"{endpoint.url} refuses the API key ({status}): {words}")
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        after = _seconds(response.headers.get("retry-after"))
        return Temporary(f"{endpoint.url} cannot answer now ({status}): {words}", after)
    unwilling = status in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)
    return _reported(endpoint, said, Refused if unwilling else ModelUnreachable)


def _not_found(endpoint: Endpoint, words: str) -> ModelError:
    known = named(endpoint)
    if known and endpoint.model not in known:
        return ModelMissing(
            f"{endpoint.url} has no model {endpoint.model!r}; it has {', '.join(known)}"
        )
    return ModelMissing(
        f"{endpoint.url} has no model {endpoint.model!r}, or is not the address of an "
        f"OpenAI-compatible endpoint (it often ends with /v1): {words}"
    )


def _reported(
    endpoint: Endpoint, said: object, kind: type[ModelUnreachable] = ModelUnreachable
) -> ModelError:
    """Turn an `error` object into an exception."""
    words = _words(said)
    if "context" in words.lower() or "too long" in words.lower():
        return PromptTooLong(f"the prompt is too long for {endpoint.model}: {words}")
    return kind(f"{endpoint.url} reports an error: {words}")


def _words(said: object) -> str:
    words = said.get("message") if isinstance(said, dict) else said
    return str(words)[:300] or "no reason given"


def _seconds(value: str | None) -> float | None:
    """Read a Retry-After header: seconds, or the time at which to come back."""
    if value is None:
        return None
    with contextlib.suppress(ValueError):
        seconds = float(value)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError):
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    return None


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def client_options(endpoint: Endpoint) -> dict[str, Any]:
    """Return what a client for this endpoint is made with.

    Loading the certificates takes longer than the request, so it is done once, and not at all for
    plain HTTP; a proxy from the environment must not see what goes to this machine itself.
    """
    url = httpx.URL(endpoint.url)
    local = url.host in ("127.0.0.1", "localhost", "::1")
    headers = {"authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    headers |= endpoint.headers
    return {
        "verify": _trust() if url.scheme == "https" else False,
        "trust_env": not local,
        "headers": headers,
    }
