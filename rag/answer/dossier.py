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
from rag.answer.told.timeline import asked_period, ordered, steps
from rag.answer.topic import mentioning, topic_of
from rag.language.kinds import Kind
from rag.language.speech import speeches
from rag.record import conflict_json, event_json, iso
from rag.search.candidates import Candidate
from rag.types import Conflict, Event, Filter, Source, day

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
ASKED = 5
"""Most open questions."""
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
    query = qa.read(topic, filters=filters, as_of=as_of)
    about = topic_of(query.text)
    listed = qa.archive.cards(query.filters)
    numbers = mentioning(qa.archive, about, listed) if about.names or about.words else set()
    cards = [card for card in listed if card.n in numbers]
    ids = {card.id for card in cards}
    found = qa.survey(query) if ids else []
    ranked = [c for c in found if c.article.id in ids] or found
    key = steps(query.text, ranked, asked_period(query)) or steps(query.text, ranked)
    dated = [card for card in cards if card.day]
    named = tuple(_named(qa, sorted(ids), query.text))
    return Dossier(
        topic=query.text,
        articles=len(cards),
        counted=f"Counted: articles of the archive that have {about.said}.",
        months=_months(dated),
        outlets=tuple(Counter(c.outlet or "outlet unknown" for c in cards).most_common()),
        first=_source(qa, dated[0]) if dated else None,
        latest=_source(qa, dated[-1]) if dated else None,
        key=ordered(key[:KEY], ranked),
        named=named,
        conflicts=_differing(query, ranked),
        questions=_questions(query.text, ranked, named, cards),
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


def _asked(topic: str, ranked: Sequence[Candidate]) -> dict[str, list[Claim]]:
    """Return the questions that the figures of the sentences answer, each with its claims."""
    found: dict[str, list[Claim]] = {}
    for claim in read(topic, ranked):
        words = claim.what.split()
        if claim.unit and len(words) == 1:
            found.setdefault(f"What is the {claim.what} of {topic}?", []).append(claim)
        elif not claim.unit and claim.number > 3 and len(words) <= 2:
            found.setdefault(f"How many {claim.what}: {topic}?", []).append(claim)
    return found


def _questions(
    topic: str, ranked: Sequence[Candidate], named: Sequence[Named], cards: Sequence[Card]
) -> tuple[str, ...]:
    """Return questions whose answers stand in the sentences: of those who speak, of the course."""
    people = {e.name.split()[-1]: e.name for e in reversed(named) if e.kind == "person"}
    spoke: Counter[str] = Counter()
    for candidate in ranked:
        for speech in speeches(candidate.text):
            if speech.name is not None and (who := people.get(speech.name.text.split()[-1])):
                spoke[who] += 1
    said = [f"What did {who} say about {topic}?" for who, _ in spoke.most_common(2)]
    figures = [question for question in _asked(topic, ranked) if question.startswith("What")][:1]
    course = [f"What is the course of events of {topic}?"] if len(cards) > 1 else []
    several = len({card.outlet for card in cards}) > 1
    first = [f"Which outlet reported on {topic} first?"] if several else []
    return tuple([*said, *figures, *course, *first][:ASKED])


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
