"""Who asks through Open WebUI: the token that it signs for each person (JWT, HS256)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any

HEADER = "x-openwebui-user-jwt"
_ISSUER = "open-webui"
_LONGEST = 8_192
_LEEWAY = 60
"""Seconds by which the clocks of two machines may differ."""


def vouched(token: str, secret: str, now: float | None = None) -> str | None:
    """Return the name (a mail address) of whom a token speaks; None where it is not trusted.

    Only HS256 is taken, and only with an end that is not past: a token without one is for ever.
    """
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != 3 or not token.isascii():
        return None
    signed = f"{parts[0]}.{parts[1]}".encode()
    right = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    given = _raw(parts[2])
    if given is None or not hmac.compare_digest(given, right):
        return None
    head, claims = _object(parts[0]), _object(parts[1])
    if head is None or claims is None or head.get("alg") != "HS256" or "crit" in head:
        return None
    at = time.time() if now is None else now
    ends, begins = claims.get("exp"), claims.get("iat", 0)
    if not isinstance(ends, int | float) or not isinstance(begins, int | float):
        return None
    if ends + _LEEWAY < at or begins - _LEEWAY > at or claims.get("iss") != _ISSUER:
        return None
    name = claims.get("email")
    return name if isinstance(name, str) and name.strip() else None


def _raw(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _object(part: str) -> dict[str, Any] | None:
    raw = _raw(part)
    try:
        found = json.loads(raw) if raw is not None else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
