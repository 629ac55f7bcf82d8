"""Keys for programs that use the HTTP doors: stored as digests, shown once, revoked by name.

    with Keys.open(folder) as keys:
        key, secret = keys.add("newsletter", scope="read")
        assert keys.known(secret) == key

A secret is 256 random bits, so a plain digest of it gives nothing away.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from rag.archive.beside import Beside
from rag.archive.database import Row
from rag.errors import NotFound, SettingsError

Scope = Literal["read", "write"]
MARK = "dl_"
"""Begins every secret, so that one that is left lying about is known for what it is."""
_NAME = re.compile(r"[\w .@-]{1,80}")
_KEYS = "SELECT k.*, p.name AS owner FROM api_key AS k LEFT JOIN person AS p ON p.id = k.person"
_SEEN = timedelta(minutes=1)
"""How exactly the last use of a key is known: not every request is written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key; not its secret."""

    name: str
    scope: Scope
    begins: str
    """The first characters of the secret, by which its holder knows it again."""
    made: datetime
    expires: datetime | None
    used: datetime | None
    """About when it was last used."""
    person: str = ""
    """The id of the person whose rights it has; empty where there are no people."""
    owner: str = ""
    """How this person is called."""


class Keys(Beside):
    """The keys of one archive."""

    def add(
        self, name: str, *, scope: Scope = "read", days: float | None = None, owner: str = ""
    ) -> tuple[Key, str]:
        """Make a key and return it with its secret, which is stored nowhere.

        Args:
            name: Who or what uses it.
            scope: `read` asks and reads; `write` also adds, changes and deletes.
            days: How long it is good for; None for ever.
            owner: The name of the person whose rights it has.

        Raises:
            NotFound: there is no such person.
            SettingsError: there is a key of that name, or the name or the days are none.
        """
        if not _NAME.fullmatch(name) or not name.strip():
            raise SettingsError(f"{name!r} is no name for a key: letters, digits, up to 80")
        if days is not None and not 0 < days < 36_500:
            raise SettingsError("a key is good for a number of days that is above 0")
        found = self._one("SELECT id FROM person WHERE name = ?", (owner.casefold(),))
        if owner and found is None:
            raise NotFound(f"there is no person {owner!r}; those there are: dateline users list")
        person = str(found["id"]) if found else ""
        now, secret = datetime.now(UTC), MARK + secrets.token_urlsafe(32)
        key = Key(
            name=name,
            scope=scope,
            begins=secret[:9],
            made=now,
            expires=now + timedelta(days=days) if days else None,
            used=None,
            person=person,
            owner=owner,
        )
        with self._writing() as db:
            made = db.execute(
                "INSERT INTO api_key (name, scope, begins, digest, made, expires, person) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (
                    *(name, scope, key.begins, _digest(secret), _text(now), _text(key.expires)),
                    person or None,
                ),
            ).rowcount
        if not made:
            raise SettingsError(f"there is a key {name!r} already; revoke it, or use another name")
        return key, secret

    def listed(self) -> tuple[Key, ...]:
        """Return all keys, the oldest first."""
        return tuple(map(_key, self._all(f"{_KEYS} ORDER BY k.made, k.name")))

    def revoke(self, name: str) -> None:
        """Let a key open nothing from now on; raises `NotFound`."""
        with self._writing() as db:
            if not db.execute("DELETE FROM api_key WHERE name = ?", (name,)).rowcount:
                raise NotFound(f"there is no key {name!r}")

    def known(self, secret: str) -> Key | None:
        """Return the key of a secret, unless it is none or has expired."""
        if not secret.startswith(MARK):
            return None
        row = self._one(f"{_KEYS} WHERE k.digest = ?", (_digest(secret),))
        now = datetime.now(UTC)
        key = None if row is None else _key(row)
        if key is None or (key.expires is not None and key.expires <= now):
            return None
        if key.used is None or now - key.used > _SEEN:
            with self._writing() as db:
                db.execute("UPDATE api_key SET used = ? WHERE name = ?", (_text(now), key.name))
        return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _key(row: Row) -> Key:
    return Key(
        name=row["name"],
        scope=row["scope"],
        begins=row["begins"],
        made=datetime.fromisoformat(row["made"]),
        expires=datetime.fromisoformat(row["expires"]) if row["expires"] else None,
        used=datetime.fromisoformat(row["used"]) if row["used"] else None,
        person=row["person"] or "",
        owner=row["owner"] or "",
    )
