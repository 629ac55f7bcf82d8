"""Articles put together by outlet, author, language or time, as a table with counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answer.counting import MOST, SPOKEN, Counting, mention
from rag.language.kinds import Kind
from rag.question.holding import Holding
from rag.types import Listing, Row

if TYPE_CHECKING:
    from rag.archive.catalogue import Card

_LINKED = 20
UNKNOWN = "outlet unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What articles are put together by."""

    noun: str
    of: Callable[[Card], Iterable[str]]
    """The groups that an article is in."""
    timed: bool = False
    """True where the groups stand in the order of time, not of size."""


GROUPINGS: dict[str, Grouping] = {
    "outlets": Grouping(noun="outlet", of=lambda card: (card.outlet or UNKNOWN,)),
    "authors": Grouping(noun="author", of=lambda card: card.authors),
    "languages": Grouping(
        noun="language",
        of=lambda card: (SPOKEN.get(card.language, card.language) or "language unknown",),
    ),
    "days": Grouping(noun="day", of=lambda card: filter(None, (card.day,)), timed=True),
    "months": Grouping(noun="month", of=lambda card: filter(None, (card.day[:7],)), timed=True),
    "years": Grouping(noun="year", of=lambda card: filter(None, (card.day[:4],)), timed=True),
}


def grouped(c: Counting, grouping: Grouping) -> dict[str, list[Card]]:
    """Put articles into groups, the largest first, or in the order of time."""
    found: dict[str, list[Card]] = defaultdict(list)
    if grouping.noun == "outlet":
        found |= {name: [] for name in c.asked.outlets}
    for card in c.cards:
        for name in grouping.of(card):
            found[name].append(card)
    if grouping.timed and not c.asked.ranked:
        return dict(sorted(found.items()))
    sign = 1 if c.asked.ranked == "least" else -1
    return dict(sorted(found.items(), key=lambda item: (sign * len(item[1]), item[0])))


def table(title: str, column: str, groups: dict[str, list[Card]], counted: str) -> Listing:
    """Return groups as a table, each with its count, its first and its latest day."""
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


def tabled(c: Counting) -> Listing:
    """Return outlets, authors, languages, days, months or years with their articles."""
    grouping = GROUPINGS[c.asked.wanted]
    groups = grouped(c, grouping)
    if c.asked.ranked and groups:
        groups = dict(list(groups.items())[: c.asked.most or None])
        title = _foremost(c.asked, groups)
    else:
        which = " of" if grouping.noun == "author" else " with"
        told = f"{which} articles that {mention(c.asked, many=True)}"
        told = told if c.asked.topic else " in the archive"
        unknown = len(groups.get(UNKNOWN, ()))
        known = [name for name in groups if name != UNKNOWN]
        title = _some(known, grouping.noun, told).removesuffix(".")
        title += f"; {unknown:,} more without one." if unknown else "."
    return table(title, grouping.noun, groups, c.counted)


def _foremost(asked: Holding, groups: dict[str, list[Card]]) -> str:
    """Say which group has most, or fewest, articles: "Valley Courier has most: 3 articles"."""
    best = len(next(iter(groups.values())))
    names = [name for name, cards in groups.items() if len(cards) == best]
    have = "has" if len(names) == 1 else "have"
    each = "" if len(names) == 1 else " each"
    about = f" that {mention(asked, many=best != 1)}" if asked.topic else ""
    which = "most" if asked.ranked == "most" else "fewest"
    said = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{said} {have} {which}: {best:,} article{'' if best == 1 else 's'}{each}{about}."


def named(c: Counting) -> Listing:
    """Return the people, places or organisations that most articles name."""
    noun = _NAMED[c.asked.wanted]
    ids = [card.id for card in c.cards]
    found, total = c.qa.archive.entities(kind=noun, among=ids, limit=MOST)
    said = ", ".join(e.name for e in found[:5])
    title = f"Named in most articles: {said}." if found else f"No {noun} is named."
    rows = tuple(Row(cells=(e.name, str(e.articles), str(e.mentions))) for e in found)
    return Listing(
        title=title,
        columns=(noun, "articles", "mentions"),
        rows=rows[: c.asked.most or None],
        total=total,
        counted=f"{c.counted} Names are those that were found when the articles were read.",
    )


_NAMED: dict[str, Kind] = {
    "people": "person",
    "places": "place",
    "organisations": "organisation",
}
