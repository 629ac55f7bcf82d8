"""Named sets of articles, which a question can be restricted to.

with Collections.open(folder) as kept:
    kept.add("Baltimore bridge", ["cl-20240326-bridge"])
"""

from __future__ import annotations

import secrets
from collections.abc import Collection as Several
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.archive.beside import Beside
from rag.archive.database import Database
from rag.errors import NotAllowed, NotFound, SettingsError, WhereUnclear
from rag.language.characters import one_line
from rag.rights import reader

LONGEST_NAME = 80
MOST_NAMED = 20
"""Most collections that an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A named set of articles, and how many it has."""

    name: str
    articles: int


class Collections(Beside):
    """The collections of one archive; an article that is deleted leaves all of them."""

    def listed(self) -> tuple[Collection, ...]:
        """Return all collections by their names."""
        found = self._all(
            "SELECT c.name, count(m.article) AS many FROM collection AS c "
            "LEFT JOIN collected AS m ON m.collection = c.id GROUP BY c.name ORDER BY c.name",
            (),
        )
        return tuple(Collection(name=row["name"], articles=row["many"]) for row in found)

    def of(self, article_id: str) -> tuple[str, ...]:
        """Return the names of the collections that an article is in."""
        query = (
            "SELECT c.name FROM collection AS c JOIN collected AS m ON m.collection = c.id "
            "WHERE m.article = ? ORDER BY c.name"
        )
        return tuple(row["name"] for row in self._all(query, (article_id,)))

    def id_of(self, name: str) -> str:
        """Return what names a collection in other tables; raises `NotFound`."""
        name = one_line(name)[:LONGEST_NAME].strip()
        self._known(name)
        return str(self._all("SELECT id FROM collection WHERE name = ?", (name,))[0]["id"])

    def where_to(self, name: str = "") -> str:
        """Return the id of the collection that what a person adds goes into; empty for none.

        Who may not read everything adds to a collection that they may read, so that they can read
        what they added. With one it is that one; with several they name it.

        Raises:
            NotAllowed: there is none that this person may add to.
            WhereUnclear: none was named and there are several, or none of this name.
        """
        who, name = reader(), one_line(name)[:LONGEST_NAME].strip()
        mine = {row["name"]: row["id"] for row in self._all("SELECT name, id FROM collection")}
        if name in mine:
            return str(mine[name])
        if name:
            raise WhereUnclear(f"There is no collection {name!r} that you may add to. {_of(mine)}")
        if who is None or who.everything:
            return ""
        if not mine:
            raise NotAllowed(f"{_of(mine)} An admin has to grant you a collection first.")
        if len(mine) > 1:
            raise WhereUnclear(f"Say into which collection this goes. {_of(mine)}")
        return str(*mine.values())

    def add(self, name: str, articles: Several[str]) -> int:
        """Put articles into a collection, which is made if need be; returns how many are new.

        Articles that are not in the archive are left out.

        Raises:
            SettingsError: the name is empty.
        """
        name = one_line(name)[:LONGEST_NAME].strip()
        if not name:
            raise SettingsError("a collection needs a name")
        articles = self._may(name, articles)
        now = datetime.now(UTC).isoformat()
        with self._writing() as db:
            db.execute(
                "INSERT INTO collection VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (secrets.token_hex(8), name, now),
            )
            added = [
                db.execute(
                    "INSERT INTO collected SELECT c.id, a.id FROM collection AS c, article AS a "
                    "WHERE c.name = ? AND a.id = ? ON CONFLICT DO NOTHING",
                    (name, article_id),
                ).rowcount
                for article_id in articles
            ]
            _changed(db)
        return sum(added)

    def remove(self, name: str, articles: Several[str]) -> int:
        """Take articles out of a collection; returns how many were in it.

        Raises:
            NotFound: there is no such collection.
        """
        self._known(name)
        articles = self._may(name, articles)
        query = (
            "DELETE FROM collected WHERE article = ? "
            "AND collection = (SELECT id FROM collection WHERE name = ?)"
        )
        with self._writing() as db:
            gone = sum(db.execute(query, (article_id, name)).rowcount for article_id in articles)
            _changed(db)
        return gone

    def delete(self, name: str) -> None:
        """Delete a collection, and none of its articles; raises `NotFound`."""
        self._known(name)
        who = reader()
        if who is not None and not who.manages:
            raise NotAllowed("Only admins may delete a collection.")
        with self._writing() as db:
            db.execute("DELETE FROM collection WHERE name = ?", (name,))
            _changed(db)

    def _may(self, name: str, articles: Several[str]) -> Several[str]:
        """Return those articles that the reader may put into a collection or take out of it.

        Being in a collection is what lets people read an article. So an editor does it with
        articles and collections that they may read, and makes none.

        Raises:
            NotAllowed: the reader may not change this collection.
        """
        who = reader()
        if who is None or who.manages:
            return articles
        if not who.edits or not self._all("SELECT 1 FROM collection WHERE name = ?", (name,)):
            raise NotAllowed(f"You may not change the collection {name!r}.")
        readable = "SELECT 1 FROM article WHERE id = ?"
        return [article for article in articles if self._all(readable, (article,))]

    def _known(self, name: str) -> None:
        if not self._all("SELECT 1 FROM collection WHERE name = ?", (name,)):
            raise NotFound(f"there is no collection {name!r}")


def _of(names: Several[str]) -> str:
    if not names:
        return "There is none that you may add to."
    named = sorted(names)
    more = f" and {len(named) - MOST_NAMED:,} more" if len(named) > MOST_NAMED else ""
    return f"You may add to: {', '.join(map(repr, named[:MOST_NAMED]))}{more}."


def _changed(db: Database) -> None:
    """Say that what a question finds may be something else now."""
    db.execute("UPDATE meta SET value = CAST(value AS BIGINT) + 1 WHERE name = 'generation'")
