"""Conversations kept with the archive: questions, their answers, what people thought of them.

    with Conversations.open(folder) as kept:
        exchange = kept.begin("Who won?")
        kept.finish(exchange.id, answer, digests)

They are tables of the archive's own database (see beside.py). An answer quotes articles; when one
of them is deleted, the answer goes with it and the question stays, marked "erased". They are not
part of the JSON lines export of articles.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from rag.archive.beside import Beside
from rag.archive.database import Row
from rag.archive.exchanges import Conversation, Exchange, Gist, Opinion, read_exchange
from rag.errors import NotFound
from rag.language.characters import encodable
from rag.record import filter_to_json, from_json, to_json
from rag.rights import SYSTEM, acting, owner
from rag.types import Answer, Filter

LONGEST_TITLE = 120
"""Most characters of a conversation's name."""


class Conversations(Beside):
    """The conversations of one archive."""

    def begin(
        self,
        question: str,
        *,
        conversation: str | None = None,
        filters: Filter | None = None,
        as_of: date | None = None,
        again: str | None = None,
    ) -> Exchange:
        """Keep a question that is being asked; without a conversation it begins one.

        So it does where the conversation is somebody else's.
        """
        if conversation is not None and self._anybodys(conversation):
            conversation = conversation if self._own(conversation) else None
        now = datetime.now(UTC)
        asked = Exchange(
            id=secrets.token_hex(8),
            conversation=conversation or secrets.token_hex(8),
            asked=now,
            question=question,
            filters=filters,
            as_of=as_of,
            again=again,
        )
        with self._writing() as db:
            db.execute(
                "INSERT INTO conversation (id, title, created, updated, owner) "
                "VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated",
                (asked.conversation, _title(question), now.isoformat(), now.isoformat(), owner()),
            )
            db.execute(
                "INSERT INTO exchange (id, conversation, asked, question, given, as_of, again, "
                "state, words) VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?)",
                (
                    asked.id,
                    asked.conversation,
                    now.isoformat(),
                    encodable(question),
                    None if filters is None else json.dumps(filter_to_json(filters)),
                    as_of.isoformat() if as_of else None,
                    again,
                    encodable(question).casefold(),
                ),
            )
        return asked

    def finish(self, exchange: str, answer: Answer, digests: Mapping[str, str]) -> None:
        """Keep an answer, with the revision of each article that it shows."""
        found = f"{answer.question}\n{answer.asked_as or ''}\n{answer.text}".casefold()
        with self._writing() as db:
            db.execute(
                "UPDATE exchange SET state = 'answered', answer = ?, words = ? WHERE id = ?",
                (_stored(answer), encodable(found), exchange),
            )
            db.executemany(
                "INSERT INTO quoted SELECT id, ?, ? FROM exchange WHERE id = ? "
                "ON CONFLICT (exchange, article) DO UPDATE SET digest = excluded.digest",
                [(article, digest, exchange) for article, digest in digests.items()],
            )

    def end(self, exchange: str, state: Literal["stopped", "failed"], message: str = "") -> None:
        """Keep that there is no answer, and why."""
        if not self._all("SELECT 1 FROM exchange WHERE id = ?", (exchange,)):
            return
        with self._writing() as db:
            db.execute(
                "UPDATE exchange SET state = ?, message = ? WHERE id = ?",
                (state, encodable(message), exchange),
            )

    def exchange(self, exchange: str) -> Exchange:
        """Return one exchange; raises `NotFound`."""
        for found in self._exchanges("e.id", exchange):
            return found
        raise NotFound(f"there is no answer {exchange!r} in this archive's conversations")

    def exchanges(self, conversation: str) -> tuple[Exchange, ...]:
        """Return the exchanges of a conversation, oldest first; raises `NotFound`."""
        found = self._exchanges("e.conversation", conversation)
        if not found:
            raise NotFound(f"there is no conversation {conversation!r}")
        return found

    def conversation(self, conversation: str) -> Conversation:
        """Return the label of one conversation; raises `NotFound`."""
        for found in self._conversations("c.id = ?", (conversation,), 1):
            return found
        raise NotFound(f"there is no conversation {conversation!r}")

    def listed(self, text: str = "", *, limit: int = 200) -> tuple[Conversation, ...]:
        """Return the conversations with all words of a text: those with a star, then the latest."""
        words = encodable(text).casefold().split()
        holds = (
            "(instr(dl_fold(c.title), ?) > 0 OR EXISTS (SELECT 1 FROM exchange AS s "
            "WHERE s.conversation = c.id AND instr(s.words, ?) > 0))"
        )
        clause = " AND ".join([holds] * len(words)) or "TRUE"
        return self._conversations(clause, [w for word in words for w in (word, word)], limit)

    def gists(self, conversations: Sequence[str]) -> dict[str, Gist]:
        """Return what conversations came to."""
        if not conversations:
            return {}
        marks = ", ".join("?" * len(conversations))
        rows = self._all(
            "SELECT e.conversation, e.question, CASE WHEN e.n = (SELECT MIN(f.n) "  # noqa: S608
            "FROM exchange AS f WHERE f.conversation = e.conversation) THEN e.answer END AS answer "
            f"FROM exchange AS e WHERE e.conversation IN ({marks}) ORDER BY e.conversation, e.n",
            tuple(conversations),
        )
        asked: dict[str, list[Row]] = {}
        for row in rows:
            asked.setdefault(row["conversation"], []).append(row)
        return {
            name: Gist(
                answer=from_json(json.loads(first["answer"])) if first["answer"] else None,
                further=tuple(row["question"] for row in later),
            )
            for name, (first, *later) in asked.items()
        }

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another name; an empty one changes nothing."""
        if (title := _title(title)) and self._own(conversation):
            with self._writing() as db:
                db.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, conversation))

    def star(self, conversation: str, *, starred: bool) -> None:
        """Mark a conversation as one to come back to, or take the mark away."""
        mark = datetime.now(UTC).isoformat() if starred else None
        if not self._own(conversation):
            return
        with self._writing() as db:
            db.execute("UPDATE conversation SET starred = ? WHERE id = ?", (mark, conversation))

    def delete(self, conversation: str) -> None:
        """Delete a conversation for good, with its answers and what was thought of them."""
        if not self._own(conversation):
            return
        with self._writing() as db:
            db.execute("DELETE FROM conversation WHERE id = ?", (conversation,))

    def judge(self, exchange: str, opinion: Opinion) -> None:
        """Keep what a person thinks of an answer; a later opinion replaces it."""
        if not self._all("SELECT 1 FROM exchange WHERE id = ?", (exchange,)):
            return
        now = datetime.now(UTC).isoformat()
        with self._writing() as db:
            db.execute(
                "INSERT INTO opinion VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (exchange) DO UPDATE "
                "SET judgement = excluded.judgement, note = excluded.note, "
                "answer = excluded.answer, made = excluded.made, updated = excluded.updated",
                (
                    exchange,
                    opinion.judgement,
                    encodable(opinion.note),
                    encodable(opinion.right),
                    opinion.case,
                    now,
                ),
            )

    def _own(self, conversation: str) -> bool:
        """Return True when it is one of the reader's; see `rag.rights`."""
        return self._one("SELECT 1 FROM conversation WHERE id = ?", (conversation,)) is not None

    def _anybodys(self, conversation: str) -> bool:
        with acting(SYSTEM):
            return self._own(conversation)

    def _exchanges(self, column: str, value: str) -> tuple[Exchange, ...]:
        found = self._all(
            "SELECT e.*, o.judgement, o.note, o.answer AS corrected, o.made, "  # noqa: S608 - our own column names
            "s.state AS stood, s.checked, s.quotes FROM exchange AS e "
            "LEFT JOIN opinion AS o ON o.exchange = e.id "
            f"LEFT JOIN standing AS s ON s.exchange = e.id WHERE {column} = ? ORDER BY e.n",
            (value,),
        )
        return tuple(read_exchange(row, self._digests(row["id"])) for row in found)

    def _digests(self, exchange: str) -> dict[str, str]:
        query = "SELECT article, digest FROM quoted WHERE exchange = ?"
        return {row["article"]: row["digest"] for row in self._all(query, (exchange,))}

    def _conversations(
        self, clause: str, values: Sequence[Any], limit: int
    ) -> tuple[Conversation, ...]:
        found = self._all(
            "SELECT c.*, (SELECT count(*) FROM exchange AS e WHERE e.conversation = c.id) AS many, "  # noqa: S608 - our own clauses
            "(SELECT count(*) FROM exchange AS e JOIN standing AS s ON s.exchange = e.id "
            "WHERE e.conversation = c.id AND s.state != 'stands') AS changed "
            f"FROM conversation AS c WHERE {clause} "
            "ORDER BY c.starred IS NULL, c.updated DESC, c.id LIMIT ?",
            (*values, limit),
        )
        return tuple(
            Conversation(
                id=row["id"],
                title=row["title"],
                created=datetime.fromisoformat(row["created"]),
                updated=datetime.fromisoformat(row["updated"]),
                questions=row["many"],
                starred=row["starred"] is not None,
                changed=row["changed"],
            )
            for row in found
        )


def _stored(answer: Answer) -> str:
    """Return an answer as JSON that can be sent again as it is."""
    return encodable(json.dumps(to_json(answer), ensure_ascii=False))


def _title(text: str) -> str:
    """Return a name for a conversation: one line, not too long."""
    line = " ".join(encodable(text).split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"
