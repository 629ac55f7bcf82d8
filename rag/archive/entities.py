"""Who and what the articles name: stored mentions, counted, found and told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.archive import fulltext
from rag.archive.database import Database, Row
from rag.errors import SettingsError
from rag.language.entities import READER, Entity, form_of, key_of, keys_of
from rag.language.kinds import Kind
from rag.types import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entity of the archive, with how many articles name it."""

    kind: Kind
    key: str
    name: str
    articles: int
    mentions: int


Text = tuple[str, str, str, bytes]
"""Of an article: id, digest, text, and its sentences as they are stored."""


def unread(db: Database, limit: int) -> list[Text]:
    """Return articles whose entities are not stored yet."""
    found = db.execute(
        "SELECT a.id, a.digest, r.text, r.sentences FROM article AS a "
        "JOIN revision AS r ON r.article = a.n AND r.digest = a.digest "
        "WHERE coalesce(a.named, 0) != ? ORDER BY a.n LIMIT ?",
        (READER, limit),
    )
    # A text that was damaged on the disk may be anything; `dateline doctor` says so.
    return [(row["id"], row["digest"], str(row["text"]), row["sentences"]) for row in found]


def waiting(db: Database) -> int:
    """Count the articles whose entities are not stored yet."""
    query = "SELECT count(*) FROM article WHERE coalesce(named, 0) != ?"
    return int(db.execute(query, (READER,)).fetchone()[0])


def store(db: Database, read: Text, found: Iterable[Entity]) -> None:
    """Store the entities of an article in place of those that were stored of it.

    What a person told apart stays apart. Of an article that has another text by now nothing is
    stored.
    """
    article_id, digest, text, _ = read
    query = "SELECT n FROM article WHERE id = ? AND digest = ?"
    row = db.execute(query, (article_id, digest)).fetchone()
    if row is None:
        return
    n = row["n"]
    db.execute("DELETE FROM mention WHERE article = ?", (n,))
    db.executemany(
        'INSERT INTO mention (article, kind, key, form, name, times, start, "end") '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(n, *values) for entity in found for values in _forms(entity, text)],
    )
    for hand in db.execute("SELECT * FROM apart WHERE article = ? ORDER BY form", (n,)).fetchall():
        _move(db, n, (hand["kind"], hand["key"], hand["form"]), hand["name"])
    db.execute("UPDATE article SET named = ? WHERE n = ?", (READER, n))


def _forms(entity: Entity, text: str) -> Iterator[tuple[object, ...]]:
    """Yield each form in which an article names an entity, with its first place."""
    forms = Counter(form_of(span.of(text)) for span in entity.mentions)
    for form, times in forms.items():
        first = next(s for s in entity.mentions if form_of(s.of(text)) == form)
        yield entity.kind, entity.key, form, entity.name, times, first.start, first.end


def split(db: Database, name: str, articles: Sequence[str], apart: str, form: str = "") -> int:
    """Tell the mentions of an entity in some articles apart, and return how many were moved.

    Args:
        db: Within a transaction.
        name: As the entity is known.
        articles: The ids of the articles that mean somebody else.
        apart: What that one is called from now on.
        form: Only where it is named so, such as by the surname alone.

    Raises:
        SettingsError: that is only another spelling of the same name.
    """
    moved = 0
    for article_id in articles:
        row = db.execute("SELECT n FROM article WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            continue
        marks = ", ".join("?" * len(keys_of(name)))
        kinds = db.execute(
            f"SELECT DISTINCT kind, key FROM mention WHERE article = ? AND key IN ({marks})",  # noqa: S608
            (row["n"], *keys_of(name)),
        ).fetchall()
        for found in kinds:
            which = (found["kind"], found["key"], form_of(form) if form else "")
            if key_of(apart, found["kind"]) == found["key"]:
                raise SettingsError(
                    f"{apart!r} is only another spelling of {name!r}: "
                    f"add what tells them apart, as in '{name} (sailor)'"
                )
            _remember(db, row["n"], which, apart)
            moved += _move(db, row["n"], which, apart)
    return moved


def _remember(db: Database, n: int, which: tuple[Kind, str, str], apart: str) -> None:
    """Keep what a person told apart in an article, for when that is read again.

    Whoever was told apart before and now is given a third name, or the first one back, was never
    written as the second: the text has the first name, and what is kept speaks of that.
    """
    kind, key, form = which
    query = "SELECT key, form, name FROM apart WHERE article = ? AND kind = ? AND form = ?"
    undone = False
    for hand in db.execute(query, (n, kind, form)).fetchall():
        if key_of(hand["name"], kind) != key:
            continue
        where = (n, kind, hand["key"], form)
        if key_of(apart, kind) == hand["key"]:
            undone = True
            db.execute(
                "DELETE FROM apart WHERE article = ? AND kind = ? AND key = ? AND form = ?", where
            )
        else:
            db.execute(
                "UPDATE apart SET name = ? WHERE article = ? AND kind = ? AND key = ? AND form = ?",
                (apart, *where),
            )
    if not undone:
        db.execute(
            "INSERT INTO apart (article, kind, key, form, name) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (article, kind, key, form) DO UPDATE SET name = excluded.name",
            (n, *which, apart),
        )


def _move(db: Database, n: int, which: tuple[Kind, str, str], apart: str) -> int:
    kind, key, form = which
    target = key_of(apart, kind)
    if target == key:
        return 0
    clause = "article = ? AND kind = ? AND key = ? AND (? = '' OR form = ?)"
    db.execute(  # where the article names the other one in the same form, they become one
        f"DELETE FROM mention WHERE article = ? AND kind = ? AND key = ? AND form IN "  # noqa: S608
        f"(SELECT form FROM mention WHERE {clause})",
        (n, kind, target, n, kind, key, form, form),
    )
    return db.execute(
        f"UPDATE mention SET key = ?, name = ? WHERE {clause}",  # noqa: S608
        (target, apart, n, kind, key, form, form),
    ).rowcount


def find(
    db: Database,
    *,
    like: str = "",
    kind: Kind | None = None,
    within: Filter | None = None,
    among: Sequence[str] | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Named], int]:
    """Return entities, those in most articles first, and how many there are.

    Args:
        db: The archive.
        like: Words of a name; all of them must begin words of the key or be a form of it.
        kind: Only people, organisations or places.
        within: Only as named in these articles.
        among: Only as named in articles of these ids.
        limit: At most so many.
        offset: Leave out so many.
    """
    clause, values = fulltext.where(within or Filter())
    clauses, more = [f"WHERE a.withdrawn IS NULL {clause}"], list[object](values)
    if kind is not None:
        clauses.append("m.kind = ?")
        more.append(kind)
    for word in form_of(like).split() if like.strip() else ():
        clauses.append("(' ' || m.key LIKE ? ESCAPE '!' OR ' ' || m.form LIKE ? ESCAPE '!')")
        escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        more += [f"% {escaped}%"] * 2
    if among is not None:
        clauses.append(f"a.id IN ({', '.join('?' * len(among))})")
        more += among
    joined = f"FROM mention AS m JOIN article AS a ON a.n = m.article {' AND '.join(clauses)}"
    total = db.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT m.kind, m.key {joined}) AS each",  # noqa: S608
        more,
    ).fetchone()[0]
    found = db.execute(
        f"SELECT m.kind, m.key, min(m.name) AS name, count(DISTINCT m.article) AS articles, "
        f"sum(m.times) AS mentions {joined} GROUP BY m.kind, m.key "
        "ORDER BY articles DESC, mentions DESC, m.key, m.kind LIMIT ? OFFSET ?",
        (*more, limit, offset),
    ).fetchall()
    return [_named(db, row) for row in found], int(total)


def _named(db: Database, row: Row) -> Named:
    best = db.execute(
        "SELECT name FROM mention WHERE kind = ? AND key = ? "
        "GROUP BY name ORDER BY count(*) DESC, name LIMIT 1",
        (row["kind"], row["key"]),
    ).fetchone()
    return Named(
        kind=row["kind"],
        key=row["key"],
        name=best["name"] if best else row["name"],
        articles=row["articles"],
        mentions=int(row["mentions"]),
    )
