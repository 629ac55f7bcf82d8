"""What an endpoint says of its model: how large it is, how much it reads, how it counts tokens.

No two kinds of server say it in the same place; what none says stays unknown. Every answer is
untrusted: it is read strictly, and an endpoint that fails is one that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from rag.models.wire import Endpoint, client_options

SECONDS = 3.0
OLLAMA_CONTEXT: Final = 4_096
"""Tokens that Ollama reads where its model file sets no `num_ctx`; it drops the rest in silence."""
LETTERS = 3
"""Bytes of a token in the safe estimate: English has four, what has fewer is rarely news."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bm])$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a model; None where nothing is."""

    billions: float | None = None
    context: int | None = None
    """Tokens of prompt and answer together."""


def facts(endpoint: Endpoint, kind: str) -> Facts:
    """Ask an endpoint about its model; `kind` is what stands before its name in `chat.llm`."""
    if kind == "ollama":
        shown = _json(endpoint, "POST", "/api/show", {"model": endpoint.model})
        details = shown.get("details")
        told = details.get("parameter_size") if isinstance(details, dict) else None
        number = re.search(r"^\s*num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
        context = int(number[1][:9]) if number else OLLAMA_CONTEXT
        return Facts(billions=_billions(told), context=context)
    entry = _entry(endpoint)
    meta = entry.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    count = _whole(meta.get("n_params"))
    running = _json(endpoint, "GET", "/props").get("default_generation_settings") if meta else {}
    here = running.get("n_ctx") if isinstance(running, dict) else None
    names = ("max_model_len", "context_length", "context_window")
    contexts = (here, *(entry.get(name) for name in names), meta.get("n_ctx_train"))
    return Facts(
        billions=count / 1e9 if count else None,
        context=next((n for n in map(_whole, contexts) if n), None),
    )


def counted(endpoint: Endpoint, text: str) -> int | None:
    """Return how many tokens a text has by the endpoint's own tokenizer; None without one.

    llama.cpp and vLLM have it, under the same path.
    """
    asked = {"content": text, "prompt": text, "model": endpoint.model}
    said = _json(endpoint, "POST", "/tokenize", asked)
    tokens = said.get("tokens")
    return len(tokens) if isinstance(tokens, list) else _whole(said.get("count"))


def estimate(text: str) -> int:
    """Return how many tokens a text has at most, or nearly so: a third of its bytes."""
    return len(text.encode()) // LETTERS + 1


def _entry(endpoint: Endpoint) -> Mapping[str, Any]:
    """Return what the list of models says of this one, or of the only one."""
    listed = _json(endpoint, "GET", "/models", at=endpoint.url).get("data")
    entries = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    same = [e for e in entries if e.get("id") == endpoint.model]
    return next(iter(same or (entries if len(entries) == 1 else [])), {})


def _json(
    endpoint: Endpoint, method: str, path: str, body: object = None, *, at: str = ""
) -> dict[str, Any]:
    try:
        with httpx.Client(**client_options(endpoint), timeout=SECONDS) as client:
            answer = client.request(method, f"{at or endpoint.root}{path}", json=body)
            said = answer.json() if answer.status_code == httpx.codes.OK else {}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _billions(told: object) -> float | None:
    found = _SIZE.search(told) if isinstance(told, str) else None
    return None if found is None else float(found[1]) / (1000 if found[2] in "mM" else 1)
