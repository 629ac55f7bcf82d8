"""Answers about the archive itself: counted in SQL, in no words of a source, by no model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rag.answer.topic import Topic, alternatives, in_title, mentioning
from rag.question.cut import Known
from rag.question.holding import Holding
from rag.question.holdings import about_archive
from rag.question.phrases import LANGUAGES
from rag.types import Filter, Listing, Row

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.catalogue import Card

MOST = 200
"""Rows of a listing; its total says how many there are."""
_LINKED = 20
_ABOUT = re.compile(
    r"\b(?:articles?|outlets?|publish|(?:news)?papers?|sources?|media|sites?|report|wr[io]t|archiv"
    r"|stor(?:y|ies)|pieces?|authors?|journalist|correspondent|columnist|news|cover|collection|print"
    r"|library|database|mention|(?:any|some|every)thing|items?|texts?|documents?|posts?|dispatch"
    r"|columns?|languages?|newest|latest|last|first|compare|than|versus|vs|carr|appear|came out"
    r"|(?:you|we|there|longest|shortest|named|most)\b)",
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
    asked = recognised(question, qa, as_of)
    if asked is None:
        return None
    archive, topics = qa.archive, alternatives(asked.topic)
    allowed = given or Filter()
    if as_of is not None and (allowed.until is None or allowed.until > as_of):
        allowed = replace(allowed, until=as_of)
    stated = Filter(
        since=asked.since,
        until=asked.until,
        publishers=asked.outlets,
        authors=asked.authors,
        languages=asked.languages,
    )
    cards = archive.cards(allowed, stated)
    if topics:
        numbers = set[int]().union(*(_having(asked, qa, topic, cards) for topic in topics))
        cards = [card for card in cards if (card.n in numbers) != asked.lacking]
    counting = Counting(
        asked=asked, cards=cards, counted=_counted(asked, topics), qa=qa, allowed=allowed
    )
    return _LISTS[asked.wanted](counting)


def recognised(question: str, qa: Machine, as_of: date | None) -> Holding | None:
    """Return what a question asks of the archive; None where it is about the world."""
    if _ABOUT.search(question) is None:
        return None
    archive = qa.archive
    newest = as_of or archive.coverage().latest
    known = Known(outlets=archive.publishers(), authors=archive.authors(), today=newest)
    asked = about_archive(question, known)
    empty = asked is not None and asked.topic and not alternatives(asked.topic)
    return None if empty else asked


def _having(asked: Holding, qa: Machine, topic: Topic, cards: Sequence[Card]) -> set[int]:
    """Return the numbers of the articles that have a topic, in the title alone where that is asked."""
    if asked.titled:
        return {card.n for card in cards if in_title(topic, card.title)}
    return mentioning(qa.archive, topic, cards)


def _counted(asked: Holding, topics: Sequence[Topic]) -> str:
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
    return f"Counted: {' '.join(parts)}."


_SPOKEN = {code: name.capitalize() for name, code in LANGUAGES.items()}


def _tongues(asked: Holding) -> str:
    return " or ".join(_SPOKEN.get(code, code) for code in asked.languages)


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
    said += f" in {_tongues(asked)}" if asked.languages else ""
    said += f" published {_period(asked)}" if asked.since or asked.until else ""
    if asked.topic:
        return f"{said} {_mention(asked, many=count > 1)}."
    narrowed = asked.authors or asked.outlets or asked.since or asked.until or asked.languages
    return f"{said} {'are' if count > 1 else 'is'} in the archive." if narrowed or count else (
        "The archive is empty."
    )  # fmt: skip


def _mention(asked: Holding, *, many: bool) -> str:
    """Say in words that articles, or one, mention the topic."""
    if asked.titled:
        return f"{'have' if many else 'has'} {asked.topic} in the title"
    if asked.lacking:
        return f"{'do' if many else 'does'} not mention {asked.topic}"
    return f"mention{'' if many else 's'} {asked.topic}"


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
    shown = [*ordered, *undated][: asked.most or None]
    return c.listing(_many(asked, len(c.cards)), shown, len(c.cards))


def _ends(c: Counting) -> Listing:
    """Return the first or the latest articles; those without a date are neither."""
    dated = c.dated[::-1] if c.asked.wanted == "latest" else c.dated
    return _picked(c, dated[: c.asked.most or 1])


def _lengths(c: Counting) -> Listing:
    """Return the longest or the shortest articles."""
    sizes = c.qa.archive.sizes([card.n for card in c.cards])
    ranked = sorted(c.cards, key=lambda card: sizes[card.n], reverse=c.asked.wanted == "longest")
    return _picked(c, ranked[: c.asked.most or 1])


def _picked(c: Counting, shown: Sequence[Card]) -> Listing:
    which = c.asked.wanted
    if not shown:
        title = _many(c.asked, 0)
    elif c.asked.most > 1:
        title = f"The {len(shown)} {which} of {_many(c.asked, len(c.cards))}"
    else:
        about = f" that {_mention(c.asked, many=False)}" if c.asked.topic else ""
        where = ", ".join(filter(None, (shown[0].outlet, _when(shown[0])))) or "outlet unknown"
        title = f"The {which} article{about}: {where}, “{shown[0].title or 'untitled'}”."
    return c.listing(title, shown, len(shown))


def _when(card: Card) -> str:
    return _day(date.fromisoformat(card.day)) if card.day else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What articles are put together by."""

    noun: str
    of: Callable[[Card], Iterable[str]]
    """The groups that an article is in."""
    timed: bool = False
    """True where the groups stand in the order of time, not of size."""


_GROUPINGS: dict[str, Grouping] = {
    "outlets": Grouping(noun="outlet", of=lambda card: (card.outlet or "outlet unknown",)),
    "authors": Grouping(noun="author", of=lambda card: card.authors),
    "languages": Grouping(
        noun="language",
        of=lambda card: (_SPOKEN.get(card.language, card.language) or "language unknown",),
    ),
    "days": Grouping(noun="day", of=lambda card: filter(None, (card.day,)), timed=True),
    "months": Grouping(noun="month", of=lambda card: filter(None, (card.day[:7],)), timed=True),
    "years": Grouping(noun="year", of=lambda card: filter(None, (card.day[:4],)), timed=True),
}


def _by(c: Counting, grouping: Grouping) -> dict[str, list[Card]]:
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


def _groups(c: Counting) -> Listing:
    """Return outlets, authors, languages, days, months or years with their articles."""
    grouping = _GROUPINGS[c.asked.wanted]
    groups = _by(c, grouping)
    if c.asked.ranked and groups:
        title = _foremost(c.asked, groups)
    else:
        which = " of" if grouping.noun == "author" else " with"
        told = f"{which} articles that {_mention(c.asked, many=True)}"
        title = _some(list(groups), grouping.noun, told if c.asked.topic else " in the archive")
    return _table(title, grouping.noun, groups, c.counted)


def _foremost(asked: Holding, groups: dict[str, list[Card]]) -> str:
    """Say which group has most, or fewest, articles: "Valley Courier has most: 3 articles"."""
    best = len(next(iter(groups.values())))
    names = [name for name, cards in groups.items() if len(cards) == best]
    have = "has" if len(names) == 1 else "have"
    each = "" if len(names) == 1 else " each"
    about = f" that {_mention(asked, many=best != 1)}" if asked.topic else ""
    which = "most" if asked.ranked == "most" else "fewest"
    said = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{said} {have} {which}: {best:,} article{'' if best == 1 else 's'}{each}{about}."


def _authors(c: Counting) -> Listing:
    return _writer(c) if c.asked.most == 1 else _groups(c)


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
    topic = alternatives(c.asked.topic)[0]
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
    return _table(title, "outlet", _by(c, _GROUPINGS["outlets"]), c.counted)


_LISTS: dict[str, Callable[[Counting], Listing]] = {
    "count": _articles,
    "list": _articles,
    "first": _ends,
    "latest": _ends,
    "longest": _lengths,
    "shortest": _lengths,
    **dict.fromkeys(_GROUPINGS, _groups),
    "authors": _authors,
    "covered": _covered,
}
