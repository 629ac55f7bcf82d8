"""Tells one who asks from another, so that each gets a fair share of the line."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rag.rights import owner

if TYPE_CHECKING:
    from starlette.requests import Request


def who_asks(request: Request | None) -> str:
    """Tell one person from another, else one key, else one machine; and all of them from the pages.

    The key itself is in no name.
    """
    if request is None:
        return "api"
    if person := owner():
        return f"api {person}"
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret:
        return f"key {hashlib.sha256(secret.strip().encode()).hexdigest()[:12]}"
    return f"api {request.client.host}" if request.client else "api"
