"""What a watch is, and what a notice says: the values, and how they are stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from rag.archive.database import Row
from rag.record import filter_from_json, from_json, iso
from rag.types import Answer, Filter, Source

Every = Literal["commit", "day"]
Channel = Literal["atom", "mail", "webhook"]
Kind = Literal["outcome", "verdict", "value", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Some words of an article, with their label."""

    article_id: str
    quote: str
    title: str | None = None
    publisher: str | None = None
    published: str | None = None
    """ISO 8601."""
    url: str | None = None

    @classmethod
    def of(cls, source: Source, quote: str) -> Quoted:
        """Return words of a source with its label."""
        return cls(
            article_id=source.article_id,
            quote=quote,
            title=source.title,
            publisher=source.publisher,
            published=iso(source.published),
            url=source.url,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was, with the words behind it, old and new."""

    kind: Kind
    old: str
    """In words for people; empty where there was nothing, or nothing may be told any more."""
    new: str
    was: tuple[Quoted, ...] = ()
    now: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """From where on a new passage is worth asking a watch's question again."""

    terms: Mapping[str, float] = field(default_factory=dict)
    """What each stem of the question weighs; the weights add up to 1."""
    words: float = 0.5
    """The weight of the stems that a passage must hold."""
    near: float = 1.0
    """The cosine that it must have to the question."""
    subject: tuple[str, ...] = ()
    """Stems of the names in the question, which an article must hold."""
    vector: str = ""
    """The question's vector, float32, in base 64."""
    fingerprint: str = ""
    """The model that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to be told of."""

    question: str
    filters: Filter | None = None
    owner: str = ""
    every: Every = "commit"
    channel: Channel = "atom"
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A question whose answer is asked for again when the archive has something new on it."""

    id: str
    question: str
    filters: Filter | None = None
    owner: str = ""
    every: Every = "commit"
    channel: Channel = "atom"
    target: str = ""
    """Where to: a mail address or an address of the web; empty for the feed."""
    secret: str = ""
    """With which what is sent to an address is signed."""
    made: datetime
    paused: bool = False
    asked: datetime | None = None
    """When the archive was last looked at for it."""
    answer: Answer | None = None
    """The last one; None where an article that it quoted was deleted for good."""
    erased: bool = False
    """That was so since it was last asked."""
    generation: int = 0
    """The archive's generation up to which it was looked at."""
    passage: int = 0
    """The last passage that was compared with it."""
    floors: Floors = field(default_factory=Floors)
    message: str = ""
    """Why it could not be asked; empty when it could."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """For each article that the answer cites, the revision that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That an answer is not as it was: of a watch, or of a stored answer."""

    id: str
    generation: int
    made: datetime
    question: str
    changes: tuple[Difference, ...] | None
    """None where an article that they quote was deleted for good."""
    watch: str | None = None
    exchange: str | None = None
    owner: str = ""

    @property
    def articles(self) -> set[str]:
        """The articles whose words it shows."""
        return {q.article_id for c in self.changes or () for q in (*c.was, *c.now)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice on its way."""

    notice: str
    watch: str
    channel: Channel
    target: str
    state: Literal["waiting", "sent", "given up"]
    tries: int
    due: datetime
    message: str = ""
    """Why it could not be sent last time."""


def read_delivery(row: Row) -> Delivery:
    """Return a delivery as its row has it."""
    same = ("notice", "watch", "channel", "target", "state", "tries", "message")
    return Delivery(**{n: row[n] for n in same}, due=datetime.fromisoformat(row["due"]))


def read_watch(row: Row, digests: Mapping[str, str]) -> Watch:
    """Return a watch as its row has it."""
    same = ("id", "question", "owner", "every", "channel", "target", "secret", "message")
    return Watch(
        **{name: row[name] for name in (*same, "generation", "passage")},
        filters=filter_from_json(json.loads(row["given"])) if row["given"] else None,
        made=datetime.fromisoformat(row["made"]),
        paused=bool(row["paused"]),
        asked=datetime.fromisoformat(row["asked"]) if row["asked"] else None,
        answer=from_json(json.loads(row["answer"])) if row["answer"] else None,
        erased=bool(row["erased"]),
        floors=_floors(json.loads(row["floors"])),
        digests=digests,
    )


def _floors(record: Mapping[str, Any]) -> Floors:
    return Floors(**{**record, "subject": tuple(record.get("subject", ()))})


def read_notice(row: Row) -> Notice:
    """Return a notice as its row has it."""
    same = ("id", "generation", "question", "watch", "exchange", "owner")
    changes = None if row["changes"] is None else _differences(json.loads(row["changes"]))
    return Notice(
        **{name: row[name] for name in same},
        made=datetime.fromisoformat(row["made"]),
        changes=changes,
    )


def _differences(records: Iterable[Mapping[str, Any]]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            kind=record["kind"],
            old=record["old"],
            new=record["new"],
            was=tuple(Quoted(**q) for q in record["was"]),
            now=tuple(Quoted(**q) for q in record["now"]),
        )
        for record in records
    )


def changes_json(changes: Iterable[Difference]) -> list[dict[str, Any]]:
    """Return differences as plain values."""
    return [asdict(change) for change in changes]
