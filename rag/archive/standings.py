"""Which stored answers quote words that have changed, and what was found of them.

A mark and the notice of it are one transaction, and a mark is written only when the articles are
others than those that it was made of: so nobody is told the same twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from rag.archive.beside import Beside
from rag.archive.follows import stamp
from rag.archive.notices import Notice
from rag.archive.watches import keep
from rag.language.characters import encodable


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of the quotes of one stored answer."""

    exchange: str
    state: Literal["stands", "changed", "withdrawn"]
    seen: str
    """Names the articles as they were looked at."""
    generation: int
    quotes: Sequence[Mapping[str, str]] = ()


class Standings(Beside):
    """The marks of the stored answers of one archive."""

    def stale(self) -> dict[str, str]:
        """Return the answers to be looked at, each with the name of its articles as they are.

        Those that quote an article which has another text now, was withdrawn or deleted, and
        those that did when they were looked at last.
        """
        query = """
            SELECT q.exchange, q.article, a.digest, a.withdrawn FROM quoted AS q
            JOIN exchange AS e ON e.id = q.exchange LEFT JOIN article AS a ON a.id = q.article
            WHERE e.state = 'answered'
            AND (a.id IS NULL OR a.digest != q.digest OR a.withdrawn IS NOT NULL)
            ORDER BY q.exchange, q.article
        """
        seen: dict[str, str] = {}
        for row in self._all(query):
            gone = "withdrawn" if row["withdrawn"] is not None else ""
            told = f"{row['article']} {row['digest'] or 'gone'} {gone};"
            seen[row["exchange"]] = seen.get(row["exchange"], "") + told
        for row in self._all("SELECT id FROM exchange WHERE state = 'erased'"):
            seen[row["id"]] = "erased"
        known = {r["exchange"]: r["seen"] for r in self._all("SELECT exchange, seen FROM standing")}
        # What was marked and quotes only what is as it was again stands again.
        again = {name: "" for name, was in known.items() if was not in ("", "erased")}
        return {
            name: now
            for name, now in (again | seen).items()
            if known.get(name) != now and (now != "erased" or name not in known)
        }

    def keep(self, mark: Mark, notice: Notice | None, now: datetime) -> bool:
        """Keep a mark with the notice of it; False where another process did so already."""
        quotes = encodable(json.dumps(list(mark.quotes), ensure_ascii=False))
        with self._writing() as db:
            whose = (
                "SELECT c.owner FROM exchange AS e JOIN conversation AS c ON c.id = e.conversation "
                "WHERE e.id = ?"
            )
            found = db.execute(whose, (mark.exchange,)).fetchone()
            if found is None:  # its conversation was deleted meanwhile
                return False
            written = db.execute(
                "INSERT INTO standing (exchange, state, generation, checked, seen, quotes) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (exchange) DO UPDATE SET "
                "state = excluded.state, generation = excluded.generation, "
                "checked = excluded.checked, seen = excluded.seen, quotes = excluded.quotes "
                "WHERE standing.seen != excluded.seen",
                (mark.exchange, mark.state, mark.generation, stamp(now), mark.seen, quotes),
            )
            if written.rowcount != 1:
                return False
            if notice is not None:
                keep(db, replace(notice, owner=found["owner"]), None)
            return True
