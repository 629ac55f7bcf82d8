"""People who may use a server: their role, what they may read, how they sign in.

    with People.open(folder) as people:
        ada = people.add("ada", role="editor", password="correct horse battery")
        people.grant("ada", "Town hall")
        token = people.sign_in("ada", "correct horse battery", at="192.0.2.7")
        people.holding(token)  # the `Reader` that she is

A browser holds 256 random bits of which only the digest is stored, so that signing out, a new
password and a locked account end what was begun. No answer tells whether a name is somebody's.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rag.archive import passwords
from rag.archive.beside import Beside
from rag.archive.database import Database, Row
from rag.errors import DatelineError, NotFound, SettingsError
from rag.language.characters import one_line
from rag.rights import NOBODY, ROLES, SYSTEM, Reader, Role, acting, people
from rag.settings import Place

FREE = 5
"""Times that a name may fail before it has to wait, twice as long with each further time."""
FREE_HERE = 30
"""The same for an address, behind which there may be many people."""
LONGEST_WAIT = 300.0
"""Seconds."""
_FORGET = timedelta(hours=1)
_MOST_ATTEMPTS = 10_000
LONGEST_NAME = 120


class SignInRefused(DatelineError):
    """The name or the password is wrong; which one is not said."""

    def __init__(self, wait: float = 0.0) -> None:
        """Refuse.

        Args:
            wait: Seconds for which nothing is looked at any more; 0: it was wrong.
        """
        super().__init__(
            f"Too many attempts. Please wait {max(1, round(wait))} seconds."
            if wait
            else "The name or the password is wrong."
        )
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who may use a server."""

    id: str
    name: str
    role: Role
    everything: bool
    """Whether all articles may be read; admins always may."""
    collections: tuple[str, ...]
    """The names of the collections that may be read."""
    password: bool
    """Whether there is one to sign in with."""
    locked: bool


class People(Beside):
    """The people of one archive."""

    def add(self, name: str, *, role: Role = "reader", password: str | None = None) -> Person:
        """Add a person.

        What was asked before there were people is given to the first admin.

        Raises:
            SettingsError: the name is somebody's, or it, the role or the password will not do.
        """
        name = _named(name)
        if role not in ROLES:
            raise SettingsError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
        stored = _stored(password)
        with self._writing() as db:
            who = secrets.token_hex(8)
            made = db.execute(
                "INSERT INTO person (id, name, role, password, made) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (name) DO NOTHING",
                (who, name, role, stored, _now().isoformat()),
            ).rowcount
            if not made:
                raise SettingsError(f"there is a person {name!r} already")
            if role == "admin":
                _inherit(db, who)
        return self.person(name)

    def any(self) -> bool:
        """Return True when there is somebody."""
        return self._one("SELECT 1 FROM person LIMIT 1") is not None

    def person(self, name: str) -> Person:
        """Return a person; raises `NotFound`."""
        for found in self._people("WHERE p.name = ?", (_folded(name),)):
            return found
        raise NotFound(f"there is no person {name!r}; those there are: dateline users list")

    def listed(self) -> tuple[Person, ...]:
        """Return all people by their names."""
        return self._people("", ())

    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        password: str | None = None,
        locked: bool | None = None,
        everything: bool | None = None,
    ) -> None:
        """Change what is given; all browsers are signed out. Raises `NotFound`."""
        who = self.person(name)
        if role is not None and role not in ROLES:
            raise SettingsError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
        values = {
            "role": role,
            "password": _stored(password),
            "everything": None if everything is None else int(everything),
        }
        if locked is not None:
            values["locked"] = _now().isoformat() if locked else ""
        with self._writing() as db:
            for column, value in values.items():
                if value is not None:
                    query = f"UPDATE person SET {column} = ? WHERE id = ?"  # noqa: S608 - ours
                    db.execute(query, (value or None if column == "locked" else value, who.id))
            db.execute("DELETE FROM signed_in WHERE person = ?", (who.id,))

    def remove(self, name: str) -> None:
        """Remove a person with their keys, history, watches and feeds; raises `NotFound`."""
        who = self.person(name)
        with self._writing() as db:
            db.execute("DELETE FROM conversation WHERE owner = ?", (who.id,))
            db.execute("DELETE FROM watch WHERE owner = ?", (who.id,))
            db.execute("DELETE FROM clip WHERE owner = ?", (who.id,))
            db.execute("DELETE FROM notice WHERE owner = ?", (who.id,))
            db.execute("DELETE FROM owner WHERE name = ?", (who.id,))
            db.execute("DELETE FROM person WHERE id = ?", (who.id,))

    def grant(self, name: str, collection: str) -> None:
        """Let a person read a collection; raises `NotFound`."""
        self._granted("INSERT INTO granted VALUES (?, ?) ON CONFLICT DO NOTHING", name, collection)

    def revoke(self, name: str, collection: str) -> None:
        """Let a person read a collection no more; raises `NotFound`."""
        self._granted("DELETE FROM granted WHERE person = ? AND collection = ?", name, collection)

    def _granted(self, query: str, name: str, collection: str) -> None:
        who = self.person(name)
        found = self._one("SELECT id FROM collection WHERE name = ?", (collection,))
        if found is None:
            raise NotFound(
                f"there is no collection {collection!r}; those there are: dateline collection list"
            )
        with self._writing() as db:
            db.execute(query, (who.id, found["id"]))

    def sign_in(self, name: str, password: str, *, at: str, days: float = 7.0) -> str:
        """Return what a browser is to hold from now on.

        Args:
            name: As given.
            password: As given.
            at: The address that it comes from.
            days: How long it is good for.

        Raises:
            SignInRefused: name or password are wrong, or it was tried too often.
        """
        name = _folded(name)
        tried = (_digest(f"name {name}"), _digest(f"at {at}"))
        self._count(tried)  # before looking, so that many at once are counted too
        row = self._one("SELECT id, password, locked FROM person WHERE name = ?", (name,))
        right = passwords.fits(password, row["password"] if row else None)
        if not right or row is None or row["locked"] is not None:
            raise SignInRefused
        token, now = secrets.token_urlsafe(32), _now()
        with self._writing() as db:
            db.execute("DELETE FROM attempt WHERE name = ?", tried[:1])
            db.execute("UPDATE attempt SET failures = failures - 1 WHERE name = ?", tried[1:])
            db.execute("DELETE FROM signed_in WHERE expires < ?", (now.isoformat(),))
            db.execute(
                "INSERT INTO signed_in VALUES (?, ?, ?, ?)",
                (
                    _digest(token),
                    row["id"],
                    now.isoformat(),
                    (now + timedelta(days=days)).isoformat(),
                ),
            )
        return token

    def sign_out(self, token: str) -> None:
        """Let what a browser holds open nothing any more."""
        with self._writing() as db:
            db.execute("DELETE FROM signed_in WHERE digest = ?", (_digest(token),))

    def holding(self, token: str) -> Reader | None:
        """Return who holds what `sign_in` returned; None for nobody."""
        query = (
            "SELECT p.* FROM signed_in AS s JOIN person AS p ON p.id = s.person "
            "WHERE s.digest = ? AND s.expires > ? AND p.locked IS NULL"
        )
        return self._reader(self._one(query, (_digest(token), _now().isoformat())))

    def named(self, name: str) -> Reader | None:
        """Return who bears a name that somebody else vouches for; None for nobody."""
        query = "SELECT * FROM person WHERE name = ? AND locked IS NULL"
        return self._reader(self._one(query, (_folded(name),)))

    def by_id(self, who: str) -> Reader | None:
        """Return a person by the id in other tables; None for nobody."""
        query = "SELECT * FROM person WHERE id = ? AND locked IS NULL"
        return self._reader(self._one(query, (who,)))

    def _reader(self, row: Row | None) -> Reader | None:
        if row is None:
            return None
        query = "SELECT collection FROM granted WHERE person = ? ORDER BY collection"
        everything = row["role"] == "admin" or bool(row["everything"])
        found = [] if everything else self._all(query, (row["id"],))
        return Reader(
            id=row["id"],
            name=row["name"],
            role=row["role"],
            everything=everything,
            collections=tuple(each["collection"] for each in found),
        )

    def _count(self, tried: tuple[str, str]) -> None:
        """Note an attempt; raises `SignInRefused` where it comes too soon."""
        now = _now()
        forget = (now - _FORGET).isoformat()
        with self._writing() as db:
            db.execute("DELETE FROM attempt WHERE last < ?", (forget,))
            for name, free in zip(tried, (FREE, FREE_HERE), strict=True):
                row = db.execute("SELECT * FROM attempt WHERE name = ?", (name,)).fetchone()
                wait = _wait(row, free, now)
                if wait > 0:
                    raise SignInRefused(wait)
            for name in tried:
                db.execute(
                    "INSERT INTO attempt VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE "
                    "SET failures = attempt.failures + 1, last = excluded.last",
                    (name, now.isoformat()),
                )
            db.execute(
                "DELETE FROM attempt WHERE name IN "
                "(SELECT name FROM attempt ORDER BY last DESC LIMIT 1000 OFFSET ?)",
                (_MOST_ATTEMPTS,),
            )

    def _people(self, clause: str, values: tuple[str, ...]) -> tuple[Person, ...]:
        rows = self._all(f"SELECT * FROM person AS p {clause} ORDER BY p.name", values)  # noqa: S608
        return tuple(self._person(row) for row in rows)

    def _person(self, row: Row) -> Person:
        query = (
            "SELECT c.name FROM granted AS g JOIN collection AS c ON c.id = g.collection "
            "WHERE g.person = ? ORDER BY c.name"
        )
        return Person(
            id=row["id"],
            name=row["name"],
            role=row["role"],
            everything=row["role"] == "admin" or bool(row["everything"]),
            collections=tuple(each["name"] for each in self._all(query, (row["id"],))),
            password=row["password"] is not None,
            locked=row["locked"] is not None,
        )


@contextmanager
def on_behalf(place: Place, owner: str) -> Iterator[None]:
    """Read as the person does who has this id in a table; nobody's is read as before."""
    if not owner:
        yield
        return
    with People.open(place) as known, acting(SYSTEM):
        who = known.by_id(owner)
    if who is None and not people():
        yield
        return
    with acting(who or NOBODY):
        yield


def _inherit(db: Database, who: str) -> None:
    """Give to the first admin what is nobody's."""
    [(admins,)] = db.execute("SELECT count(*) FROM person WHERE role = 'admin'").fetchall()
    if admins == 1:
        for table in ("conversation", "watch", "notice", "clip"):
            db.execute(f"UPDATE {table} SET owner = ? WHERE owner = ''", (who,))  # noqa: S608
        db.execute("UPDATE owner SET name = ? WHERE name = ''", (who,))


def _wait(row: Row | None, free: int, now: datetime) -> float:
    """Return for how many seconds more a name or an address has to wait."""
    if row is None or row["failures"] < free:
        return 0.0
    seconds = min(2.0 ** min(int(row["failures"]) - free, 30), LONGEST_WAIT)
    last = datetime.fromisoformat(str(row["last"]))
    return seconds - (now - last).total_seconds()


def _named(name: str) -> str:
    if "\n" in name.strip() or len(name) > LONGEST_NAME or not (folded := _folded(name)):
        raise SettingsError(f"{name!r} is no name for a person: one line, up to {LONGEST_NAME}")
    return folded


def _folded(name: str) -> str:
    """Return a name as it is stored and compared, whichever case it is typed in."""
    return one_line(unicodedata.normalize("NFKC", name[:LONGEST_NAME])).strip().casefold()


def _stored(password: str | None) -> str | None:
    if password is None:
        return None
    if len(password) < passwords.SHORTEST:
        raise SettingsError(f"a password has at least {passwords.SHORTEST} characters")
    return passwords.made(password)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
