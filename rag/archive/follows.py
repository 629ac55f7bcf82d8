"""What is read again and again: feeds, sitemaps and folders, with what is known of their pages.

    with Follows.open(folder) as follows:
        follows.add("https://delta.example/rss", every=900)
        for follow in follows.due(datetime.now(UTC)):
            ...

A run is stored when all that it brought is stored, so that one that was killed is run again: what
came of it already is recognised as unchanged.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from rag.archive.beside import Beside
from rag.archive.database import Database, Row
from rag.errors import NotFound

KEPT_RUNS = 50
"""So many runs of each are kept, the newest ones."""

PageState = Literal["waiting", "list", "read", "given up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A feed, a sitemap or a folder that is read again and again."""

    place: str
    """Its address, or the absolute path of a folder or file."""
    every: int
    """Seconds between two looks at it."""
    due: datetime
    """When it is looked at next."""
    paused: str = ""
    """Why it is not looked at; empty when it is."""
    etag: str | None = None
    modified: str | None = None
    failures: int = 0
    """Runs that failed since one last went well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that a feed names, or a file of a folder."""

    url: str
    stamp: str
    """Names its version: when it was last changed, as far as that is known."""
    state: PageState
    """`waiting` to be read; a `list` names further pages; `read`; `given up` after many tries."""
    tries: int = 0
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRun:
    """What one look at it brought."""

    place: str
    begun: datetime
    ended: datetime
    outcome: Literal["read", "unchanged", "failed"]
    message: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many articles had each outcome; `waiting` are left for the next run."""


class Follows(Beside):
    """The follows of one archive."""

    def add(self, place: str, every: int, now: datetime) -> bool:
        """Follow a place from now on; False where it is followed already, which sets `every`."""
        with self._writing() as db:
            known = db.execute("SELECT 1 FROM follow WHERE place = ?", (place,)).fetchone()
            db.execute(
                "INSERT INTO follow (place, every, added, due) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (place) DO UPDATE SET every = excluded.every, paused = ''",
                (place, every, stamp(now), stamp(now)),
            )
            return known is None

    def listed(self) -> tuple[Follow, ...]:
        """Return all that is followed, in the order in which it was added."""
        return tuple(map(_follow, self._all("SELECT * FROM follow ORDER BY added, place")))

    def follow(self, place: str) -> Follow:
        """Return one; raises `NotFound`."""
        found = self._one("SELECT * FROM follow WHERE place = ?", (place,))
        if found is None:
            raise NotFound(f"{place!r} is not followed; what is: dateline follow")
        return _follow(found)

    def pause(self, place: str, why: str) -> None:
        """Look at it no more, or again where `why` is empty; raises `NotFound`."""
        self.follow(place)
        with self._writing() as db:
            db.execute("UPDATE follow SET paused = ? WHERE place = ?", (why, place))

    def remove(self, place: str) -> None:
        """Forget it; the articles that it brought stay. Raises `NotFound`."""
        self.follow(place)
        with self._writing() as db:
            db.execute("DELETE FROM follow WHERE place = ?", (place,))

    def due(self, now: datetime) -> tuple[Follow, ...]:
        """Return what is to be looked at by now, longest overdue first."""
        found = self._all(
            "SELECT * FROM follow WHERE paused = '' AND due <= ? ORDER BY due, place",
            (stamp(now),),
        )
        return tuple(map(_follow, found))

    def claim(self, follow: Follow, until: datetime) -> bool:
        """Take one for a run, which moves its next look; False when another process has it."""
        with self._writing() as db:
            taken = db.execute(
                "UPDATE follow SET due = ? WHERE place = ? AND due = ?",
                (stamp(until), follow.place, stamp(follow.due)),
            )
            return taken.rowcount == 1

    def finish(
        self,
        run: FollowRun,
        due: datetime,
        pages: Sequence[Page] = (),
        validators: tuple[str | None, str | None] | None = None,
    ) -> None:
        """Store in one transaction what a run brought.

        Args:
            run: The run.
            due: When the place is looked at next.
            pages: What became of pages.
            validators: ETag and date of the list itself; None keeps those that were stored.
        """
        failed = run.outcome == "failed"
        with self._writing() as db:
            found = db.execute("SELECT 1 FROM follow WHERE place = ?", (run.place,)).fetchone()
            if found is None:  # removed meanwhile
                return
            db.execute(
                "UPDATE follow SET due = ?, failures = CASE WHEN ? THEN failures + 1 ELSE 0 END "
                "WHERE place = ?",
                (stamp(due), failed, run.place),
            )
            if validators is not None:
                db.execute(
                    "UPDATE follow SET etag = ?, modified = ? WHERE place = ?",
                    (*validators, run.place),
                )
            db.executemany(
                "INSERT INTO followed (follow, url, stamp, state, tries, etag, modified) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (follow, url) DO UPDATE SET "
                "stamp = excluded.stamp, state = excluded.state, tries = excluded.tries, "
                "etag = excluded.etag, modified = excluded.modified",
                [(run.place, p.url, p.stamp, p.state, p.tries, p.etag, p.modified) for p in pages],
            )
            _keep(db, run)

    def pages(self, place: str) -> dict[str, Page]:
        """Return what is known of the pages that a place names, by their address."""
        query = """
            SELECT url, stamp, state, tries, etag, modified FROM followed WHERE follow = ?
            ORDER BY url
        """
        return {row["url"]: Page(**dict(row)) for row in self._all(query, (place,))}

    def forget(self, place: str, urls: Collection[str]) -> None:
        """Forget files that are gone."""
        with self._writing() as db:
            db.executemany(
                "DELETE FROM followed WHERE follow = ? AND url = ?", [(place, u) for u in urls]
            )

    def runs(self, place: str, limit: int = 10) -> tuple[FollowRun, ...]:
        """Return the last runs of a place, the newest first."""
        found = self._all(
            "SELECT * FROM follow_run WHERE follow = ? ORDER BY begun DESC, id LIMIT ?",
            (place, limit),
        )
        return tuple(
            FollowRun(
                place=row["follow"],
                begun=datetime.fromisoformat(row["begun"]),
                ended=datetime.fromisoformat(row["ended"]),
                outcome=row["outcome"],
                message=row["message"],
                counts=json.loads(row["counts"]),
            )
            for row in found
        )

    def robots(self, host: str, since: datetime) -> tuple[bool, str | None]:
        """Return whether a host's rules are known from after `since`, and the rules.

        None in place of rules means that they could not be had, so that nothing may be fetched.
        """
        query = "SELECT rules FROM robots WHERE host = ? AND fetched > ?"
        found = self._one(query, (host, stamp(since)))
        return (False, None) if found is None else (True, found["rules"])

    def keep_robots(self, host: str, rules: str | None, now: datetime) -> None:
        """Keep the rules of a host."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO robots (host, fetched, rules) VALUES (?, ?, ?) ON CONFLICT (host) "
                "DO UPDATE SET fetched = excluded.fetched, rules = excluded.rules",
                (host, stamp(now), rules),
            )


def stamp(moment: datetime) -> str:
    """Return a moment as it is stored and compared: UTC, to the microsecond."""
    return moment.isoformat(timespec="microseconds")


def backed_off(every: int, failures: int, asked: float | None = None) -> timedelta:
    """Return after which time to look again: twice as long with each failure, a day at most."""
    longest = max(every, 86_400)
    seconds = min(every * 2 ** min(failures, 16), longest)
    return timedelta(seconds=min(max(seconds, asked or 0), longest))


def _follow(row: Row) -> Follow:
    names = ("place", "every", "paused", "etag", "modified", "failures")
    return Follow(**{n: row[n] for n in names}, due=datetime.fromisoformat(row["due"]))


def _keep(db: Database, run: FollowRun) -> None:
    db.execute(
        "INSERT INTO follow_run (id, follow, begun, ended, outcome, message, counts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            secrets.token_hex(8),
            *(run.place, stamp(run.begun), stamp(run.ended)),
            *(run.outcome, run.message, json.dumps(dict(run.counts))),
        ),
    )
    db.execute(
        "DELETE FROM follow_run WHERE follow = ? AND id NOT IN (SELECT id FROM follow_run "
        "WHERE follow = ? ORDER BY begun DESC, id LIMIT ?)",
        (run.place, run.place, KEPT_RUNS),
    )
