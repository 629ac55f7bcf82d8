"""What a listing is made of, and the words for it: "4 articles from AP mention the Mora dam"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.answer.topic import Topic
from rag.question.holding import Holding
from rag.question.phrases import LANGUAGES
from rag.types import Filter, Listing, Row

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.catalogue import Card

MOST = 200
"""Rows of a listing; its total says how many there are."""
_COLUMNS = ("day", "outlet", "title", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What a listing is made of."""

    asked: Holding
    cards: list[Card]
    """The articles that count, oldest first and undated last."""
    counted: str
    qa: Machine
    allowed: Filter
    """What the person lets be read."""

    @property
    def dated(self) -> list[Card]:
        """Those of which the day is known."""
        return [card for card in self.cards if card.day]

    def listing(self, title: str, cards: Sequence[Card], total: int) -> Listing:
        """Return a listing of articles."""
        return Listing(
            title=title,
            columns=_COLUMNS,
            rows=_rows(cards[:MOST]),
            total=total,
            counted=self.counted,
        )


def counted_words(asked: Holding, topics: Sequence[Topic]) -> str:
    """Say exactly what was counted."""
    parts = ["articles of the archive"]
    if asked.outlets:
        parts.append(f"from {' or '.join(asked.outlets)}")
    if asked.authors:
        parts.append(f"signed by {' or '.join(asked.authors)}")
    if asked.languages:
        parts.append(f"in {_tongues(asked)}")
    if asked.since or asked.until:
        parts.append(f"published {_period(asked)} (those without a date are left out)")
    if topics:
        have = "do not have" if asked.lacking else "have"
        where = " in the title" if asked.titled else ""
        parts.append(f"that {have} {', or '.join(topic.said for topic in topics)}{where}")
    parts += [f"but not “{asked.besides}”"] if asked.besides else []
    parts += [f"without {_article(asked.missing)}"] if asked.missing else []
    unread = ", ".join(f"“{words}”" for words in asked.unread)
    return f"Counted: {' '.join(parts)}.{f' Not looked for: {unread}.' if unread else ''}"


SPOKEN = {code: name.capitalize() for name, code in LANGUAGES.items()}


def _tongues(asked: Holding) -> str:
    return " or ".join(SPOKEN.get(code, code) for code in asked.languages)


def _period(asked: Holding) -> str:
    since, until = asked.since, asked.until
    if since == until and since:
        return f"on {_day(since)}"
    if since and until:
        return f"from {_day(since)} to {_day(until)}"
    return f"since {_day(since)}" if since else f"until {_day(until)}" if until else ""


def _day(moment: date | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def many(asked: Holding, count: int) -> str:
    """Say how many articles there are: "4 articles mention the Mora dam"."""
    said = "No article" if count == 0 else f"{count:,} article{'' if count == 1 else 's'}"
    said += f" by {' or '.join(asked.authors)}" if asked.authors else ""
    said += f" from {' or '.join(asked.outlets)}" if asked.outlets else ""
    said += f" in {_tongues(asked)}" if asked.languages else ""
    said += f" published {_period(asked)}" if asked.since or asked.until else ""
    said += f" without {_article(asked.missing)}" if asked.missing else ""
    if asked.topic:
        return f"{said} {mention(asked, many=count > 1)}."
    told = (asked.authors, asked.outlets, asked.since, asked.until, asked.languages, asked.missing)
    narrowed = any(told)
    return f"{said} {'are' if count > 1 else 'is'} in the archive." if narrowed or count else (
        "The archive is empty."
    )  # fmt: skip


def mention(asked: Holding, *, many: bool) -> str:
    """Say in words that articles, or one, mention the topic."""
    but = f", but not {asked.besides}" if asked.besides else ""
    if asked.titled:
        return f"{'have' if many else 'has'} {asked.topic} in the title{but}"
    if asked.lacking:
        return f"{'do' if many else 'does'} not mention {asked.topic}"
    return f"mention{'' if many else 's'} {asked.topic}{but}"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'ao' else 'a'} {noun}"


def _rows(cards: Iterable[Card]) -> tuple[Row, ...]:
    return tuple(
        Row(
            cells=(c.day, c.outlet, c.title or "untitled", ", ".join(c.authors)),
            articles=(c.id,),
        )
        for c in cards
    )


def when(card: Card) -> str:
    """Return the day of an article in words; empty where it has none."""
    return _day(date.fromisoformat(card.day)) if card.day else ""
