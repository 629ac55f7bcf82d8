"""Watches, notices, and what became of stored answers, kept with the archive.

A watch's new state and the notice of it are one transaction, and a state is taken only from the one
that it was made of: so there is one notice for each watch and generation, whoever is killed when,
and however many processes look.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from rag import rights
from rag.archive.beside import Beside
from rag.archive.database import Database
from rag.archive.follows import stamp
from rag.archive.notices import (
    Delivery,
    Notice,
    Watch,
    changes_json,
    read_delivery,
    read_notice,
    read_watch,
)
from rag.errors import NotFound
from rag.language.characters import encodable
from rag.record import filter_to_json, to_json
from rag.types import Answer


class Watches(Beside):
    """The watches of one archive and their notices."""

    def add(self, watch: Watch) -> None:
        """Keep a new watch."""
        given = None if watch.filters is None else json.dumps(filter_to_json(watch.filters))
        with self._writing() as db:
            db.execute(
                "INSERT INTO watch (id, owner, question, given, every, channel, target, secret, "
                "made, asked, answer, generation, passage, floors) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(
                        watch.id,
                        watch.owner or rights.owner(),
                        encodable(watch.question),
                        given,
                        watch.every,
                    ),
                    *(watch.channel, watch.target, watch.secret, stamp(watch.made)),
                    stamp(watch.asked) if watch.asked else None,
                    _stored(watch.answer),
                    *(watch.generation, watch.passage, json.dumps(asdict(watch.floors))),
                ),
            )
            _cites(db, watch.id, watch.digests)

    def watch(self, name: str) -> Watch:
        """Return one watch; raises `NotFound`."""
        for found in self._read("id = ?", (name,)):
            return found
        raise NotFound(f"there is no watch {name!r}; those there are: dateline watch list")

    def listed(self, owner: str | None = None) -> tuple[Watch, ...]:
        """Return all watches, or those of one person, the oldest first."""
        clause, values = ("TRUE", ()) if owner is None else ("owner = ?", (owner,))
        return tuple(self._read(clause, values))

    def due(self, generation: int, before: datetime) -> tuple[Watch, ...]:
        """Return the watches to look at: behind this generation, daily ones not since `before`."""
        clause = (
            "paused = 0 AND (generation < ? OR erased = 1) "
            "AND (every = 'commit' OR asked IS NULL OR asked <= ?)"
        )
        return tuple(self._read(clause, (generation, stamp(before))))

    def pause(self, name: str, paused: bool) -> None:
        """Look no more at what is new for a watch, or again; raises `NotFound`."""
        self.watch(name)
        with self._writing() as db:
            db.execute("UPDATE watch SET paused = ? WHERE id = ?", (int(paused), name))

    def remove(self, name: str) -> None:
        """Delete a watch with its notices; raises `NotFound`."""
        self.watch(name)
        with self._writing() as db:
            db.execute("DELETE FROM watch WHERE id = ?", (name,))

    def busy(self) -> bool:
        """Return True when there is anything to look at or to send, or a stored answer to mark."""
        query = """
            SELECT 1 FROM watch UNION ALL SELECT 1 FROM delivery WHERE state = 'waiting'
            UNION ALL SELECT 1 FROM quoted LIMIT 1
        """
        return self._one(query) is not None

    def touched(self) -> set[str]:
        """Return the watches whose last answer cites what has changed, was withdrawn or is gone."""
        query = """
            SELECT w.watch FROM watched AS w LEFT JOIN article AS a ON a.id = w.article
            WHERE a.id IS NULL OR a.digest != w.digest OR a.withdrawn IS NOT NULL
            UNION SELECT id FROM watch WHERE erased = 1
        """
        return {row[0] for row in self._all(query)}

    def pass_by(self, names: Collection[str], generation: int, passage: int, now: datetime) -> None:
        """Note that there was nothing new for these watches."""
        with self._writing() as db:
            db.executemany(
                "UPDATE watch SET generation = ?, passage = ?, asked = ? "
                "WHERE id = ? AND generation < ?",
                [(generation, passage, stamp(now), name, generation) for name in names],
            )

    def settle(self, old: Watch, new: Watch, notice: Notice | None) -> bool:
        """Store what came of asking again, with the notice; False when another did meanwhile."""
        with self._writing() as db:
            taken = db.execute(
                "UPDATE watch SET answer = ?, erased = 0, asked = ?, generation = ?, passage = ?, "
                "floors = ?, message = '' WHERE id = ? AND generation = ? AND erased = ?",
                (
                    _stored(new.answer),
                    stamp(new.asked) if new.asked else None,
                    *(new.generation, new.passage, json.dumps(asdict(new.floors))),
                    *(old.id, old.generation, int(old.erased)),
                ),
            )
            if taken.rowcount != 1:
                return False
            _cites(db, new.id, new.digests)
            if notice is not None:
                keep(db, notice, new)
            return True

    def complain(self, name: str, message: str) -> None:
        """Note why a watch could not be asked; it is tried again."""
        with self._writing() as db:
            db.execute(
                "UPDATE watch SET message = ? WHERE id = ?", (encodable(message)[:500], name)
            )

    def notices(
        self, *, owner: str | None = None, watch: str | None = None, limit: int = 50
    ) -> tuple[Notice, ...]:
        """Return the last notices, of one person or watch, the newest first."""
        clauses = {"owner": owner, "watch": watch}
        chosen = {name: value for name, value in clauses.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in chosen) or "TRUE"
        found = self._all(
            f"SELECT * FROM notice WHERE {where} ORDER BY made DESC, id LIMIT ?",  # noqa: S608
            (*chosen.values(), limit),
        )
        return tuple(map(read_notice, found))

    def notice(self, name: str) -> Notice:
        """Return one notice; raises `NotFound`."""
        found = self._one("SELECT * FROM notice WHERE id = ?", (name,))
        if found is None:
            raise NotFound(f"there is no notice {name!r}")
        return read_notice(found)

    def to_send(self, now: datetime) -> tuple[Delivery, ...]:
        """Return the notices that are to be sent by now."""
        query = """
            SELECT d.*, n.watch FROM delivery AS d JOIN notice AS n ON n.id = d.notice
            WHERE d.state = 'waiting' AND d.due <= ? ORDER BY d.due, d.notice
        """
        return tuple(read_delivery(row) for row in self._all(query, (stamp(now),)))

    def deliveries(self, watch: str) -> tuple[Delivery, ...]:
        """Return what became of the notices of a watch that were to be sent, newest first."""
        query = """
            SELECT d.*, n.watch FROM delivery AS d JOIN notice AS n ON n.id = d.notice
            WHERE n.watch = ? ORDER BY n.made DESC
        """
        return tuple(read_delivery(row) for row in self._all(query, (watch,)))

    def sent(self, delivery: Delivery) -> None:
        """Store what became of a delivery."""
        with self._writing() as db:
            db.execute(
                "UPDATE delivery SET state = ?, tries = ?, due = ?, message = ? WHERE notice = ?",
                (
                    *(delivery.state, delivery.tries, stamp(delivery.due)),
                    *(encodable(delivery.message)[:500], delivery.notice),
                ),
            )

    def token(self, owner: str) -> str:
        """Return the secret name of a person's feed, which is made when first asked for.

        Where it is nobody's, it is that of who reads; see `rag.rights`.
        """
        owner = owner or rights.owner()
        with self._writing() as db:
            db.execute(
                "INSERT INTO owner (name, token) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                (owner, secrets.token_urlsafe(32)),
            )
            found = db.execute("SELECT token FROM owner WHERE name = ?", (owner,)).fetchone()
            return str(found["token"])

    def owner(self, token: str) -> str:
        """Return whose feed a token names, whoever reads; raises `NotFound`."""
        with rights.acting(rights.SYSTEM):
            found = self._one("SELECT name FROM owner WHERE token = ?", (token,))
        if found is None:
            raise NotFound("there is no such feed")
        return str(found["name"])

    def _read(self, clause: str, values: tuple[object, ...]) -> Iterator[Watch]:
        found = self._all(f"SELECT * FROM watch WHERE {clause} ORDER BY made, id", values)  # noqa: S608
        cited: dict[str, dict[str, str]] = {}
        for row in self._all("SELECT * FROM watched"):
            cited.setdefault(row["watch"], {})[row["article"]] = row["digest"]
        for row in found:
            yield read_watch(row, cited.get(row["id"], {}))


def _stored(answer: Answer | None) -> str | None:
    if answer is None:
        return None
    return encodable(json.dumps(to_json(answer), ensure_ascii=False))


def _cites(db: Database, watch: str, digests: Mapping[str, str]) -> None:
    db.execute("DELETE FROM watched WHERE watch = ?", (watch,))
    db.executemany(
        "INSERT INTO watched (watch, article, digest) VALUES (?, ?, ?)",
        [(watch, article, digest) for article, digest in digests.items()],
    )


def keep(db: Database, notice: Notice, watch: Watch | None) -> None:
    """Keep a notice, and put it on its way where it is to be sent."""
    told = json.dumps(changes_json(notice.changes or ()), ensure_ascii=False)
    db.execute(
        "INSERT INTO notice (id, owner, watch, exchange, generation, made, question, changes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(notice.id, notice.owner, notice.watch, notice.exchange, notice.generation),
            *(stamp(notice.made), encodable(notice.question), encodable(told)),
        ),
    )
    db.executemany(
        "INSERT INTO noticed (notice, article) VALUES (?, ?)",
        [(notice.id, article) for article in sorted(notice.articles)],
    )
    if watch is not None and watch.channel != "atom":
        db.execute(
            "INSERT INTO delivery (notice, channel, target, state, due) "
            "VALUES (?, ?, ?, 'waiting', ?)",
            (notice.id, watch.channel, watch.target, stamp(notice.made)),
        )
