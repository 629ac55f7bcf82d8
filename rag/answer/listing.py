"""Answers about the archive itself: counted in SQL, in no words of a source, by no model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answer.counting import MOST, Counting, counted_words, many, mention, when
from rag.answer.groups import GROUPINGS, grouped, named, table, tabled
from rag.answer.topic import Topic, alternatives, in_title, mentioning
from rag.language.words import STOP
from rag.models.vocabulary import common
from rag.question.cut import Known
from rag.question.holding import Holding
from rag.question.holdings import about_archive
from rag.question.spelt import mended
from rag.types import Filter, Listing, Row

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.archive import Archive
    from rag.archive.catalogue import Card

GAPS = 5
"""Gaps that are shown, where the question does not say."""
ABOUT = re.compile(
    r"\b(?:articles?|outlets?|publish|(?:news)?papers?|sources?|media|sites?|report|wr[io]t|archiv"
    r"|stor(?:y|ies)|pieces?|authors?|journalist|correspondent|columnist|news|cover|collection|print"
    r"|library|database|mention|(?:any|some|every)thing|items?|texts?|documents?|posts?|dispatch"
    r"|columns?|languages?|newest|latest|last|first|compare|than|versus|vs|carr|appear|c[ao]me"
    r"|arriv|byline|holdings?|dated?"
    r"|(?:you|we|there|gaps?|longest|shortest|named|most)\b)",
    re.IGNORECASE,
)
"""No question without such a word is about the archive: all others cost nothing."""


def listing(question: str, qa: Machine, given: Filter | None, as_of: date | None) -> Listing | None:
    """Answer a question about the archive; None for any other.

    Args:
        question: In the person's words.
        qa: Has the archive, and finds the article that somebody means.
        given: What the person lets it read.
        as_of: Nothing published after this day counts, and "last week" is seen from it.
    """
    asked = recognised(question, qa, as_of)
    name = "" if asked else _name(question, qa.archive)
    asked = Holding(wanted="list", topic=name) if name else asked
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
    if asked.besides:
        others = set[int]().union(
            *(_having(asked, qa, topic, cards) for topic in alternatives(asked.besides))
        )
        cards = [card for card in cards if card.n not in others]
    if asked.missing:
        cards = [card for card in cards if not _KNOWN[asked.missing](card)]
    if (name or asked.learned) and not cards:
        return None  # declined like all that the archive does not have, with what may be meant
    counting = Counting(
        asked=asked, cards=cards, counted=counted_words(asked, topics), qa=qa, allowed=allowed
    )
    return _LISTS[asked.wanted](counting)


_KNOWN: dict[str, Callable[[Card], object]] = {
    "date": lambda card: card.day,
    "author": lambda card: card.authors,
    "outlet": lambda card: card.outlet,
    "title": lambda card: card.title,
}

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


def recognised(question: str, qa: Machine, as_of: date | None) -> Holding | None:
    """Return what a question asks of the archive; None where it is about the world."""
    said = (question, *mended(question, common, ()))
    if not any(map(ABOUT.search, said)):
        return None
    archive = qa.archive
    newest = as_of or archive.coverage().latest
    known = Known(
        outlets=archive.publishers(), authors=archive.authors(), today=newest, common=common
    )
    asked = about_archive(question, known)
    if asked is None and qa.intent is not None and qa.on("intent"):
        asked = qa.intent.read(question, known)
    empty = asked is not None and asked.topic and not alternatives(asked.topic)
    return None if empty else asked


def _having(asked: Holding, qa: Machine, topic: Topic, cards: Sequence[Card]) -> set[int]:
    """Return the numbers of the articles that have a topic, or have it in the title."""
    if asked.titled:
        return {card.n for card in cards if in_title(topic, card.title)}
    return mentioning(qa.archive, topic, cards)


def _articles(c: Counting) -> Listing:
    asked, undated = c.asked, [card for card in c.cards if not card.day]
    ordered = c.dated if asked.since and not asked.topic else c.dated[::-1]
    shown = [*ordered, *undated][: asked.most or None]
    return c.listing(many(asked, len(c.cards)), shown, len(c.cards))


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
        title = many(c.asked, 0)
    elif c.asked.most > 1:
        title = f"The {len(shown)} {which} of {many(c.asked, len(c.cards))}"
    else:
        about = f" that {mention(c.asked, many=False)}" if c.asked.topic else ""
        where = ", ".join(filter(None, (shown[0].outlet, when(shown[0])))) or "outlet unknown"
        title = f"The {which} article{about}: {where}, “{shown[0].title or 'untitled'}”."
    return c.listing(title, shown, len(shown))


def _authors(c: Counting) -> Listing:
    return _writer(c) if c.asked.most == 1 else tabled(c)


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
        return c.listing(many(c.asked, 0), (), 0)
    one = cards[0]
    who = " and ".join(one.authors) or "No author is named: it"
    where = ", ".join(filter(None, (one.outlet, when(one))))
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
        about = f" that {mention(c.asked, many=len(c.cards) != 1)}" if c.asked.topic else ""
        days = f"{when(c.dated[0])} to {when(c.dated[-1])}"
        title = f"The archive covers {days}: {count}{about}{without}."
    return table(title, "outlet", grouped(c, GROUPINGS["outlets"]), c.counted)


def _gaps(c: Counting) -> Listing:
    """Return the longest times between one article and the next."""
    pairs = [
        ((date.fromisoformat(later.day) - date.fromisoformat(card.day)).days, card, later)
        for card, later in pairwise(c.dated)
    ]
    ranked = sorted(pairs, key=lambda pair: -pair[0])[: c.asked.most or GAPS]
    if not ranked:
        return c.listing(f"{many(c.asked, len(c.cards))} There is no gap to tell.", c.dated, 0)
    days, card, later = ranked[0]
    about = f" that {mention(c.asked, many=True)}" if c.asked.topic else ""
    return Listing(
        title=f"The longest gap between articles{about}: {days:,} days, "
        f"from {when(card)} to {when(later)}.",
        columns=("days", "from", "to", "before", "after"),
        rows=tuple(
            Row(
                cells=(str(days), a.day, b.day, a.title or "untitled", b.title or "untitled"),
                articles=(a.id, b.id),
            )
            for days, a, b in ranked
        ),
        total=len(ranked),
        counted=c.counted,
    )


_LISTS: dict[str, Callable[[Counting], Listing]] = {
    "count": _articles,
    "list": _articles,
    "first": _ends,
    "latest": _ends,
    **dict.fromkeys(("people", "places", "organisations"), named),
    "longest": _lengths,
    "shortest": _lengths,
    **dict.fromkeys(GROUPINGS, tabled),
    "authors": _authors,
    "covered": _covered,
    "gaps": _gaps,
}
