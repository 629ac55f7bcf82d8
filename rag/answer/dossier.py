"""All that the archive has of a topic on one sheet: counts, key sentences, who goes with it.

No model is asked. The key sentences are the sources' own, in the order of what happened; counts are
exact and say what was counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from rag.answer.claims import Claim, read
from rag.answer.differ.disagree import conflicts
from rag.answer.offered import offered
from rag.answer.told.timeline import asked_period, ordered, steps
from rag.answer.topic import mentioning, topic_of
from rag.language.kinds import Kind
from rag.language.units import MONEY
from rag.language.words import words
from rag.question.asked import sense
from rag.question.cut import Known
from rag.question.holdings import about_archive
from rag.record import conflict_json, event_json, iso
from rag.search.candidates import ENCODED, Candidate
from rag.types import Citation, Conflict, Event, Filter, Source, day

if TYPE_CHECKING:
    from rag.answer.machine import Machine
    from rag.archive.catalogue import Card
    from rag.archive.entities import Named
    from rag.question.query import Query

KEY = 10
"""Most key sentences."""
BESIDE = 8
"""Most people, organisations and places each."""
DIFFERING = 4
"""Most disputes and changes."""
COMPARED = 2 * ENCODED
"""Most sentences of which the meaning is compared with the topic: that is what takes time."""
ASKED = 5
"""Most open questions."""
_MONEY = frozenset(MONEY.values())
_LOST = {"kill": " were killed", "hurt": " were hurt", "miss": " are missing"}
"""What is said of people who are counted, by its sense: such a count is one that grows."""
WHOLE = 6
"""Fewest words of a key sentence: what is shorter leans on the one ahead of it."""
KINDS: tuple[Kind, ...] = ("person", "organisation", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What the archive has of a topic."""

    topic: str
    articles: int
    counted: str
    """What was counted, in words."""
    months: tuple[tuple[date, int], ...]
    outlets: tuple[tuple[str, int], ...]
    first: Source | None
    latest: Source | None
    key: tuple[Event, ...]
    """Key sentences in the order of what happened, each with its quote."""
    named: tuple[Named, ...]
    """People, organisations and places in most of these articles; not the topic itself."""
    conflicts: tuple[Conflict, ...]
    questions: tuple[str, ...]
    """Some that these articles can answer."""


def dossier(
    topic: str, qa: Machine, *, filters: Filter | None = None, as_of: date | None = None
) -> Dossier:
    """Put together what the archive has of a topic.

    Args:
        topic: A name, some words, or a question.
        qa: The archive, and what finds sentences in it.
        filters: What may be read.
        as_of: Nothing published after this day.

    Raises:
        QuestionError: The topic has no words.
    """
    asked = about_archive(topic, Known(outlets=qa.archive.publishers()))
    query = qa.read(asked.topic if asked and asked.topic else topic, filters=filters, as_of=as_of)
    about = topic_of(query.text)
    listed = qa.archive.cards(query.filters)
    numbers = mentioning(qa.archive, about, listed) if about.names or about.words else set()
    cards = [card for card in listed if card.n in numbers]
    ids = {card.id for card in cards}
    found = qa.survey(query, COMPARED) if ids else []
    ranked = [c for c in found if c.article.id in ids] or found
    whole = [c for c in ranked if len(c.text.split()) >= WHOLE]
    key = steps(query.text, whole, asked_period(query)) or steps(query.text, whole)
    dated = [card for card in cards if card.day]
    named = tuple(_named(qa, sorted(ids), query.text))
    events = ordered(key[:KEY], ranked)
    return Dossier(
        topic=query.text,
        articles=len(cards),
        counted=f"Counted: articles of the archive that have {about.said}"
        + (", of those that may be read here." if filters else "."),
        months=_months(dated),
        outlets=tuple(Counter(c.outlet or "outlet unknown" for c in cards).most_common()),
        first=_source(qa, dated[0]) if dated else None,
        latest=_source(qa, dated[-1]) if dated else None,
        key=events,
        named=named,
        conflicts=_numbered(_differing(query, ranked), events),
        questions=_questions(query, qa, ranked, named, cards),
    )


def _months(cards: Sequence[Card]) -> tuple[tuple[date, int], ...]:
    counts = Counter(card.day[:7] for card in cards)
    return tuple((date.fromisoformat(f"{m}-01"), n) for m, n in sorted(counts.items()))


def _source(qa: Machine, card: Card) -> Source:
    article = qa.archive.article(card.id)
    return Source(
        article_id=article.id,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
    )


def _named(qa: Machine, ids: Sequence[str], topic: str) -> list[Named]:
    """Return who and what these articles name most, without the topic itself."""
    found: list[Named] = []
    for kind in KINDS:
        some, _ = qa.archive.entities(kind=kind, among=ids[:500], limit=BESIDE + 2)
        others = [e for e in some if e.name.lower() not in topic.lower()]
        found += others[:BESIDE]
    return found


def _differing(query: Query, ranked: Sequence[Candidate]) -> tuple[Conflict, ...]:
    """Return what the sentences disagree on, of all that they count and measure."""
    found: dict[tuple[str, ...], Conflict] = {}
    for asked, some in _asked(query.text, ranked).items():
        if len({claim.story for claim in some}) < 2:
            continue
        places = {(claim.source.article_id, claim.span) for claim in some}
        telling = [c for c in ranked if (c.article.id, c.span) in places]
        for conflict in conflicts(replace(query, text=asked, kind="fact"), telling):
            found.setdefault(tuple(r.value for r in conflict.readings), conflict)
    return tuple(found.values())[:DIFFERING]


def _numbered(found: Sequence[Conflict], key: Sequence[Event]) -> tuple[Conflict, ...]:
    """Return what differs with its citations numbered on from those of the key sentences."""
    known = {(e.citation.source.article_id, e.citation.span): e.citation.number for e in key}

    def one(citation: Citation) -> Citation:
        place = citation.source.article_id, citation.span
        number = known.setdefault(place, max(known.values(), default=0) + 1)
        return replace(citation, number=number)

    return tuple(
        replace(
            conflict,
            readings=tuple(
                replace(r, citations=tuple(map(one, r.citations))) for r in conflict.readings
            ),
        )
        for conflict in found
    )


def _asked(topic: str, ranked: Sequence[Candidate]) -> dict[str, list[Claim]]:
    """Return the questions that the figures of the sentences answer, each with its claims."""
    found: dict[str, list[Claim]] = {}
    for claim in read(topic, ranked):
        what = claim.what.split()
        if claim.unit:
            measure = "cost" if claim.unit in _MONEY else what[-1]
            found.setdefault(f"What is the {measure} of {topic}?", []).append(claim)
        elif not claim.unit and claim.number > 3 and len(what) <= 2:
            said = {sense(w.stem) for w in words(claim.quote)}
            done = next((how for loss, how in _LOST.items() if loss in said), "")
            found.setdefault(f"How many {claim.what}{done}: {topic}?", []).append(claim)
    return found


def _questions(
    query: Query,
    qa: Machine,
    ranked: Sequence[Candidate],
    named: Sequence[Named],
    cards: Sequence[Card],
) -> tuple[str, ...]:
    """Return questions that these articles answer: of the course of events, of facts, of them."""
    about = named_topic(query.text)
    course = [f"Summarise what happened with {about}."] if len(cards) > 1 else []
    several = len({card.outlet for card in cards}) > 1
    first = [f"Which outlet reported on {about} first?"] if several else []
    facts = (
        offered(replace(query, text=about), qa, ranked, named, {card.id for card in cards})
        if cards
        else []
    )
    return tuple([*course, *facts, *first][:ASKED])


def named_topic(topic: str) -> str:
    """Return a topic as it stands within a question: "the earthquake in Turkey"."""
    first, _, rest = topic.partition(" ")
    bare = first[:1].islower() and bool(rest) and first not in ("the", "a", "an")
    return f"the {topic}" if bare else topic


def dossier_json(sheet: Dossier) -> dict[str, Any]:
    """Return a dossier as plain values."""
    return {
        "topic": sheet.topic,
        "articles": sheet.articles,
        "counted": sheet.counted,
        "months": [{"month": f"{m:%Y-%m}", "articles": n} for m, n in sheet.months],
        "outlets": [{"outlet": name, "articles": n} for name, n in sheet.outlets],
        "first": _label(sheet.first),
        "latest": _label(sheet.latest),
        "key": [event_json(event) for event in sheet.key],
        "named": [
            {"kind": e.kind, "key": e.key, "name": e.name, "articles": e.articles,
             "mentions": e.mentions}
            for e in sheet.named
        ],
        "conflicts": [conflict_json(conflict) for conflict in sheet.conflicts],
        "questions": list(sheet.questions),
    }  # fmt: skip


def _label(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    names = {name: getattr(source, name) for name in ("article_id", "title", "publisher", "url")}
    return names | {"published": iso(day(source.published))}
