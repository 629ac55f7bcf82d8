"""Passwords as they are stored: scrypt, with a salt of their own and their cost beside them."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import unicodedata

SHORTEST = 10
"""Characters of a password, at least."""
LONGEST = 1_000
"""Characters that are looked at, so that nobody keeps the machine busy with a long one."""
_COST, _BLOCKS, _LANES = 15, 8, 1  # 32 MB and about a tenth of a second
_TURN = threading.Lock()
"""One at a time: many who try together must not take all memory."""


def made(password: str) -> str:
    """Return what is stored of a password."""
    salt, cost = secrets.token_bytes(16), (_COST, _BLOCKS, _LANES)
    return _stored(cost, salt, _hash(password, salt, cost))


def fits(password: str, stored: str | None) -> bool:
    """Return True when it is the password; what is stored as none takes as long and never fits."""
    known = stored or _stored((_COST, _BLOCKS, _LANES), bytes(16), bytes(64))
    kind, cost, salt, kept = known.split("$")
    given = _hash(password, base64.b64decode(salt), tuple(map(int, cost.split("."))))
    same = secrets.compare_digest(given, base64.b64decode(kept))
    return same and kind == "scrypt" and stored is not None


def _hash(password: str, salt: bytes, cost: tuple[int, ...]) -> bytes:
    power, blocks, lanes = cost
    plain = unicodedata.normalize("NFKC", password[:LONGEST]).encode("utf-8", "replace")
    room = 2 * 128 * blocks * 2**power
    with _TURN:
        return hashlib.scrypt(plain, salt=salt, n=2**power, r=blocks, p=lanes, maxmem=room)


def _stored(cost: tuple[int, ...], salt: bytes, digest: bytes) -> str:
    raw = (base64.b64encode(each).decode() for each in (salt, digest))
    return "$".join(("scrypt", ".".join(map(str, cost)), *raw))
