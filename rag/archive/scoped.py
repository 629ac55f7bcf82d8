# ruff: noqa: S608 - all that is put into a statement is our own, or hexadecimal
"""A connection that shows one person what this person may read, whatever it is asked.

Before each query stand common table expressions (WITH) that bear the names of the archive's own
tables and hold the person's rows alone. So `SELECT count(*) FROM article` counts what may be read,
and who writes a query need not think of rights. It works alike in SQLite and PostgreSQL, keeps
nothing in the connection, and cannot write.

    articles    those in a collection that was granted, with their texts, passages, vectors, names
    history     conversations, answers, watches, notices: the person's own, and of what they show
                nothing that quotes an article that may no longer be read
    the rest    keys, people, follows: nothing
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from rag.archive.database import Database, Dialect, Rows, Words
from rag.errors import ArchiveError
from rag.rights import Reader

_IN = "SELECT 1 FROM {at}collected AS g WHERE g.article = {id} AND g.collection IN ({granted})"
_MAY = f"EXISTS ({_IN.replace('{id}', 'o.id')})"
_OF_ARTICLE = f"""SELECT {{rowid}}t.* FROM {{at}}{{table}} AS t WHERE EXISTS (
    SELECT 1 FROM {{at}}article AS o WHERE o.n = t.{{column}} AND {_MAY})"""
_OF_PASSAGE = f"""SELECT t.* FROM {{at}}{{table}} AS t WHERE EXISTS (
    SELECT 1 FROM {{at}}passage AS q JOIN {{at}}article AS o ON o.n = q.article
    WHERE q.n = t.passage AND {_MAY})"""
_NONE = "SELECT t.* FROM {at}{table} AS t WHERE 1 = 0"

_ARTICLES = {
    "article": f"SELECT o.* FROM {{at}}article AS o WHERE {_MAY}",
    "revision": _OF_ARTICLE.replace("{column}", "article"),
    **dict.fromkeys(
        ("passage", "band", "mention", "apart", "original"),
        _OF_ARTICLE.replace("{column}", "article").replace("{rowid}", ""),
    ),
    "embedding": _OF_PASSAGE,
    "words": _OF_PASSAGE,
    "collection": "SELECT t.* FROM {at}collection AS t WHERE t.id IN ({granted})",
    "collected": "SELECT t.* FROM {at}collected AS t WHERE t.collection IN ({granted})",
    "meta": (
        "SELECT t.* FROM {at}meta AS t WHERE t.name IN ('generation', 'vectors', 'fingerprint')"
    ),
    **dict.fromkeys(
        ("withdrawal", "words_sum", "article_marks", "passage_text", "follow", "followed"), _NONE
    ),
    **dict.fromkeys(("follow_run", "robots"), _NONE),
}
"""What of the articles is seen by who may not read everything."""

_OWN_ANSWER = """
    SELECT 1 FROM {at}exchange AS x JOIN {at}conversation AS c ON c.id = x.conversation
    WHERE x.id = t.exchange AND c.owner = {owner}"""
_OWN_WATCH = "SELECT 1 FROM {at}watch AS x WHERE x.id = t.watch AND x.owner = {owner}"
_OWN_NOTICE = "SELECT 1 FROM {at}notice AS x WHERE x.id = t.notice AND x.owner = {owner}"
_OF_ANSWER = f"SELECT t.* FROM {{at}}{{table}} AS t WHERE EXISTS ({_OWN_ANSWER})"

_HISTORY = {
    "conversation": "SELECT t.* FROM {at}conversation AS t WHERE t.owner = {owner}",
    "exchange": """
        SELECT t.n, t.id, t.conversation, t.asked, t.question, t.given, t.as_of, t.again,
               CASE WHEN {lost} THEN 'erased' ELSE t.state END AS state, t.message,
               CASE WHEN {lost} THEN NULL ELSE t.answer END AS answer,
               CASE WHEN {lost} THEN lower(t.question) ELSE t.words END AS words
        FROM {at}exchange AS t WHERE EXISTS (
            SELECT 1 FROM {at}conversation AS c WHERE c.id = t.conversation
            AND c.owner = {owner})""",
    "quoted": f"{_OF_ANSWER} AND {{kept}}",
    "clip": "SELECT t.* FROM {at}clip AS t WHERE t.owner = {owner} AND {kept}",
    "opinion": _OF_ANSWER,
    "standing": f"{_OF_ANSWER} AND NOT {{lost}}",
    "watch": """
        SELECT t.id, t.owner, t.question, t.given, t.every, t.channel, t.target, t.secret, t.made,
               t.paused, t.asked, CASE WHEN {lost} THEN NULL ELSE t.answer END AS answer,
               CASE WHEN {lost} THEN 1 ELSE t.erased END AS erased, t.generation, t.passage,
               t.floors, t.message
        FROM {at}watch AS t WHERE t.owner = {owner}""",
    "watched": f"SELECT t.* FROM {{at}}watched AS t WHERE EXISTS ({_OWN_WATCH}) AND {{kept}}",
    "notice": """
        SELECT t.id, t.owner, t.watch, t.exchange, t.generation, t.made, t.question,
               CASE WHEN {lost} THEN NULL ELSE t.changes END AS changes
        FROM {at}notice AS t WHERE t.owner = {owner}""",
    "noticed": f"SELECT t.* FROM {{at}}noticed AS t WHERE EXISTS ({_OWN_NOTICE}) AND {{kept}}",
    "delivery": f"SELECT t.* FROM {{at}}delivery AS t WHERE EXISTS ({_OWN_NOTICE})",
    "owner": "SELECT t.* FROM {at}owner AS t WHERE t.name = {owner}",
    **dict.fromkeys(("api_key", "person", "granted", "signed_in", "attempt"), _NONE),
}
"""What is seen by everybody who is not the server: no history but one's own."""

_QUOTES = {
    "exchange": ("quoted", "exchange = t.id"),
    "standing": ("quoted", "exchange = t.exchange"),
    "watch": ("watched", "watch = t.id"),
    "notice": ("noticed", "notice = t.id"),
}
"""Where it is written which articles a row quotes."""

_LACKING: dict[Dialect, frozenset[str]] = {
    "sqlite": frozenset({"words", "words_sum"}),
    "postgres": frozenset({"passage_text"}),
}
TABLES = frozenset(_ARTICLES) | frozenset(_HISTORY)
_NAMES = re.compile(rf"\b(?:{'|'.join(sorted(TABLES, key=len, reverse=True))})\b", re.IGNORECASE)
_ALL_OF_IT = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_BEGINS_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)


class Scoped:
    """A `Database` for reading, as one person sees it."""

    def __init__(self, db: Database, reader: Reader, words: Words | None = None) -> None:
        """Show a connection to a reader.

        Args:
            db: The connection.
            reader: Who reads.
            words: Finds and weighs words among what may be read; needed for who may not read
                everything, and only where words are searched.
        """
        self._db = db
        self._reader = reader
        self._words = words

    @property
    def dialect(self) -> Dialect:
        """Which SQL it takes."""
        return self._db.dialect

    @property
    def usable(self) -> bool:
        """Whether it is connected and outside of a transaction."""
        return self._db.usable

    @property
    def restricted(self) -> bool:
        """Whether there may be articles that this person may not read."""
        return not self._reader.everything

    @property
    def words(self) -> Words:
        """How passages are found by their words."""
        if self._reader.everything:
            return self._db.words
        if self._words is None:
            raise ArchiveError("words are not searched on this connection")
        return self._words

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Rows:
        """Run one query over what may be read."""
        return self._db.execute(self._shown(query), values)

    def plain(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield rows as tuples."""
        return self._db.plain(self._shown(query), values)

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> object:
        """Refuse to write."""
        raise self._refusal()

    def begin(self, how: Literal["writing", "snapshot"]) -> None:
        """Refuse to begin a transaction: that is for who lends the connection."""
        raise self._refusal()

    def hold(self, names: Sequence[object]) -> None:
        """Refuse to hold a name."""
        raise self._refusal()

    def commit(self) -> None:
        """Refuse to write."""
        raise self._refusal()

    def rollback(self) -> None:
        """Refuse to end what was not begun here."""
        raise self._refusal()

    def close(self) -> None:
        """Disconnect."""
        self._db.close()

    def _refusal(self) -> ArchiveError:
        return ArchiveError("what a person reads through cannot be written through")

    def _shown(self, query: str) -> str:
        if not _ALL_OF_IT.match(query):
            raise self._refusal()
        named = {name.lower() for name in _NAMES.findall(query)} - _LACKING[self.dialect]
        tables = [n for n in _order(named) if n in _HISTORY or not self._reader.everything]
        if not tables:
            return query
        shown = ",\n".join(f"{t} AS NOT MATERIALIZED ({self._table(t)})" for t in tables)
        if _BEGINS_WITH.match(query):
            return f"WITH {shown},\n{_BEGINS_WITH.sub('', query, count=1)}"
        return f"WITH {shown}\n{query}"

    def _table(self, name: str) -> str:
        lite = self._db.dialect == "sqlite"
        granted = ", ".join(f"'{c}'" for c in self._reader.collections) or "NULL"
        at = "main." if lite else ""
        own = {
            "at": at,
            "table": name,
            "rowid": "t.rowid AS rowid, " if lite else "",
            "granted": granted,
            "owner": f"'{self._reader.id}'" if self._reader.id else "NULL",
            "kept": "1 = 1" if self._reader.everything else _kept(at, granted),
            "lost": self._lost(name, at, granted),
        }
        return (_HISTORY if name in _HISTORY else _ARTICLES)[name].format(**own)

    def _lost(self, name: str, at: str, granted: str) -> str:
        """Write what holds of a row that quotes an article which may not be read."""
        if self._reader.everything or name not in _QUOTES:
            return "(1 = 0)"
        table, column = _QUOTES[name]
        may = _IN.format(at=at, id="u.article", granted=granted)
        return f"EXISTS (SELECT 1 FROM {at}{table} AS u WHERE u.{column} AND NOT EXISTS ({may}))"


def _kept(at: str, granted: str) -> str:
    return f"EXISTS ({_IN.format(at=at, id='t.article', granted=granted)})"


def _order(named: Iterable[str]) -> list[str]:
    """Put those last that others are made of, so that these are made of the tables themselves.

    In PostgreSQL a name means what stands before it in the same WITH, and else the table.
    """
    inner = ("collected", "collection", "article", "passage", "quoted", "watched", "noticed")
    last = {name: n for n, name in enumerate(reversed(inner))}
    return sorted(named, key=lambda name: last.get(name, -1))
