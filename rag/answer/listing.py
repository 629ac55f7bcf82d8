"""Answers about the archive itself: counted in SQL, in no words of a source, by no model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rag.answer.topic import Topic, mentioning, topic_of
from rag.language.words import STOP
from rag.question.holdings import about_archive
from rag.question.tail import Holding, Known
from rag.types import Filter, Listing, Row

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.archive import Archive
    from rag.archive.catalogue import Card

MOST = 200
"""Rows of a listing; its total says how many there are."""
_LINKED = 20
_ABOUT = re.compile(
    r"\b(?:articles?|outlets?|publishers?|report|writ|wrote|publish|archive|stor(?:y|ies)"
    r"|authors?|journalists?|news|covered?|collection|you have)",
    re.IGNORECASE,
)
"""No question without such a word is about the archive: all others cost nothing."""
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


def listing(question: str, qa: Machine, given: Filter | None, as_of: date | None) -> Listing | None:
    """Answer a question about the archive; None for any other.

    Args:
        question: In the person's words.
        qa: Has the archive, and finds the article that somebody means.
        given: What the person lets it read.
        as_of: Nothing published after this day counts, and "last week" is seen from it.
    """
    archive, name = qa.archive, _name(question, qa.archive)
    if not name and _ABOUT.search(question) is None:
        return None
    newest = as_of or archive.coverage().latest
    known = Known(outlets=archive.publishers(), authors=archive.authors(), today=newest)
    asked = Holding(wanted="list", topic=name) if name else about_archive(question, known)
    if asked is None:
        return None
    allowed = given or Filter()
    if as_of is not None and (allowed.until is None or allowed.until > as_of):
        allowed = replace(allowed, until=as_of)
    stated = Filter(
        since=asked.since, until=asked.until, publishers=asked.outlets, authors=asked.authors
    )
    cards = archive.cards(allowed, stated)
    topic = topic_of(asked.topic) if asked.topic else None
    if topic is not None:
        numbers = mentioning(archive, topic, cards)
        cards = [card for card in cards if card.n in numbers]
    if name and not cards:
        return None  # declined like all that the archive does not have, with what may be meant
    counting = Counting(
        asked=asked, cards=cards, counted=_counted(asked, topic), qa=qa, allowed=allowed
    )
    return _LISTS[asked.wanted](counting)


_NAME = re.compile(
    r"[\"“]?(?P<name>[A-Z0-9][\w.&'’-]*(?: (?:(?:of|the|and|de|van|von|al) )*"
    r"[A-Z0-9][\w.&'’-]*){0,4})[\"”]?\s*[?.!]?"
)
"""A name and nothing else: each word with a capital, or a number."""


def _name(question: str, archive: Archive) -> str:
    """Return the name that is all of a question; empty where it says anything else."""
    said = question.strip()
    if re.fullmatch(r"\w+", said) and said.islower() and said not in STOP:
        known, _ = archive.entities(like=said, limit=20)  # typed in small letters, as in a search
        names = (part for one in known for part in (one.name, one.name.split()[-1]))
        return next((part for part in names if part.casefold() == said), "")
    found = _NAME.fullmatch(said)
    opens = found and found["name"].split()[0].casefold() in STOP
    return found["name"].rstrip(".") if found and not opens else ""


def _counted(asked: Holding, topic: Topic | None) -> str:
    parts = ["articles of the archive"]
    if asked.outlets:
        parts.append(f"from {' or '.join(asked.outlets)}")
    if asked.authors:
        parts.append(f"signed by {' or '.join(asked.authors)}")
    if asked.since or asked.until:
        parts.append(f"published {_period(asked)} (those without a date are left out)")
    if topic is not None:
        parts.append(f"that have {topic.said}")
    return f"Counted: {' '.join(parts)}."


def _period(asked: Holding) -> str:
    since, until = asked.since, asked.until
    if since == until and since:
        return f"on {_day(since)}"
    if since and until:
        return f"from {_day(since)} to {_day(until)}"
    return f"since {_day(since)}" if since else f"until {_day(until)}" if until else ""


def _day(moment: date | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def _many(asked: Holding, count: int) -> str:
    """Say how many articles there are: "4 articles mention the Mora dam"."""
    said = "No article" if count == 0 else f"{count:,} article{'' if count == 1 else 's'}"
    said += f" by {' or '.join(asked.authors)}" if asked.authors else ""
    said += f" from {' or '.join(asked.outlets)}" if asked.outlets else ""
    said += f" published {_period(asked)}" if asked.since or asked.until else ""
    if asked.topic:
        return f"{said} mention{'' if count > 1 else 's'} {asked.topic}."
    narrowed = asked.authors or asked.outlets or asked.since or asked.until
    return f"{said} {'are' if count > 1 else 'is'} in the archive." if narrowed or count else (
        "The archive is empty."
    )  # fmt: skip


def _rows(cards: Iterable[Card]) -> tuple[Row, ...]:
    return tuple(
        Row(
            cells=(c.day, c.outlet, c.title or "untitled", ", ".join(c.authors)),
            articles=(c.id,),
        )
        for c in cards
    )


def _articles(c: Counting) -> Listing:
    asked, undated = c.asked, [card for card in c.cards if not card.day]
    ordered = c.dated if asked.since and not asked.topic else c.dated[::-1]
    return c.listing(_many(asked, len(c.cards)), [*ordered, *undated], len(c.cards))


def _ends(c: Counting) -> Listing:
    """Return the first or the latest articles; those without a date are neither."""
    which = c.asked.wanted
    shown = (c.dated[::-1] if which == "latest" else c.dated)[: c.asked.most or 1]
    if not shown:
        title = _many(c.asked, 0)
    elif c.asked.most > 1:
        title = f"The {len(shown)} {which} of {_many(c.asked, len(c.cards))}"
    else:
        about = f" that mentions {c.asked.topic}" if c.asked.topic else ""
        where = f"{shown[0].outlet}, {_when(shown[0])}" if shown[0].outlet else _when(shown[0])
        title = f"The {which} article{about}: {where}, “{shown[0].title or 'untitled'}”."
    return c.listing(title, shown, len(shown))


def _when(card: Card) -> str:
    return _day(date.fromisoformat(card.day)) if card.day else ""


def _by(cards: Iterable[Card], of: Callable[[Card], Sequence[str]]) -> dict[str, list[Card]]:
    found: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        for name in of(card):
            found[name].append(card)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _table(title: str, column: str, groups: dict[str, list[Card]], counted: str) -> Listing:
    rows = []
    for name, cards in groups.items():
        days = [c.day for c in cards if c.day]
        ends = (min(days, default=""), max(days, default=""))
        ids = tuple(c.id for c in cards[:_LINKED])
        rows.append(Row(cells=(name, str(len(cards)), *ends), articles=ids))
    return Listing(
        title=title,
        columns=(column, "articles", "first", "latest"),
        rows=tuple(rows[:MOST]),
        total=len(rows),
        counted=counted,
    )


def _some(groups: Sequence[str], noun: str, about: str) -> str:
    """Say how many there are, and which if they are few."""
    count = f"{len(groups):,} {noun}{'' if len(groups) == 1 else 's'}" if groups else f"No {noun}"
    said = f": {', '.join(groups)}" if 0 < len(groups) <= 5 else ""
    return f"{count}{about}{said}."


def _outlets(c: Counting) -> Listing:
    groups = _by(c.cards, lambda card: (card.outlet or "outlet unknown",))
    about = f" with articles that mention {c.asked.topic}" if c.asked.topic else " in the archive"
    return _table(_some(list(groups), "outlet", about), "outlet", groups, c.counted)


def _authors(c: Counting) -> Listing:
    if c.asked.most == 1:
        return _writer(c)
    groups = _by(c.cards, lambda card: card.authors)
    about = f" of articles that mention {c.asked.topic}" if c.asked.topic else " in the archive"
    return _table(_some(list(groups), "author", about), "author", groups, c.counted)


def _writer(c: Counting) -> Listing:
    """Say who wrote the article that somebody means: with all of the words, else the closest."""
    cards = c.cards
    if not cards:
        closest = f"{c.counted} There is none, so this is the one that comes closest."
        c = replace(c, counted=closest)
        best = c.qa.retrieve(c.qa.read(c.asked.topic, filters=c.allowed))[:1]
        ids = {str(passage.metadata["article_id"]) for passage in best}
        cards = [card for card in c.qa.archive.cards(c.allowed) if card.id in ids]
    elif len(cards) > 1:
        cards = _best_first(c)
    if not cards:
        return c.listing(_many(c.asked, 0), (), 0)
    one = cards[0]
    who = " and ".join(one.authors) or "No author is named: it"
    where = ", ".join(filter(None, (one.outlet, _when(one))))
    verb = "wrote" if one.authors else "is the article"
    title = f"{who} {verb} “{one.title or 'untitled'}”{f' ({where})' if where else ''}."
    return c.listing(title, cards, len(cards))


def _best_first(c: Counting) -> list[Card]:
    topic = topic_of(c.asked.topic)
    archive = c.qa.archive
    found = archive.search([*topic.names, *topic.words], MOST, Filter())
    passages = archive.passages([name for name, _ in found])
    order = {str(p.metadata["article_id"]): -i for i, p in enumerate(reversed(passages))}
    return sorted(c.cards, key=lambda card: order.get(card.id, 1))


def _covered(c: Counting) -> Listing:
    count = f"{len(c.cards):,} article{'' if len(c.cards) == 1 else 's'}"
    undated = len(c.cards) - len(c.dated)
    title = f"The archive holds {count}."
    if c.dated:
        without = f", and {undated:,} without a date" if undated else ""
        title = f"The archive covers {_when(c.dated[0])} to {_when(c.dated[-1])}: {count}{without}."
    groups = _by(c.cards, lambda card: (card.outlet or "outlet unknown",))
    return _table(title, "outlet", groups, c.counted)


_LISTS: dict[str, Callable[[Counting], Listing]] = {
    "count": _articles,
    "list": _articles,
    "first": _ends,
    "latest": _ends,
    "outlets": _outlets,
    "authors": _authors,
    "covered": _covered,
}
