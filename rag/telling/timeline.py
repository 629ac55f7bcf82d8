"""A course of events: the sentences that tell its steps, in the order in which they happened.

No model is asked. The steps are the sources' own sentences, so each is cited by nature; code picks
them, dates them (by what they say, read against the day of their article) and puts them in order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.candidates import Candidate, score
from rag.prompts import written
from rag.select import alone, whole
from rag.text.terms import held_stems
from rag.text.when import dates
from rag.types import Event, Evidence, Statement, Verdict, day

MOST = 10
"""Most steps of a timeline; it should fit on a screen."""
NEAR = 0.45
"""Least score of a step, as a share of the best one's."""
_LEANS = re.compile(
    r"[“\"‘']?(?:(?:He|She|It|They|We|I|His|Her|Its|Their|This|That|These|Those|But|And|So)\b"
    r"|(?:The other|Both|Another) )"
)
_DATELINE = re.compile(r"^[A-Z][A-Z.,’' ]{2,40}(?:\([^)]{1,20}\) )?\s?[—–-]\s+")
"""The place that opens a report: "WASHINGTON — "."""


def steps(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Choose the sentences that tell the steps, best first: one from each story.

    A story gives a second one where that names a day of its own. A sentence that begins with "He"
    tells nothing by itself.
    """
    best = score(ranked[0]) if ranked else 0.0
    chosen: list[Candidate] = []
    for candidate in ranked:
        if score(candidate) < NEAR * best or len(chosen) == MOST:
            break
        if _LEANS.match(candidate.text) or any(_alike(candidate, c) for c in chosen):
            continue
        story = [c for c in chosen if c.cluster == candidate.cluster]
        if not story or (len(story) == 1 and _own_day(candidate, story[0])):
            chosen.append(candidate)
    return chosen


def _own_day(candidate: Candidate, told: Candidate) -> bool:
    """Say whether a sentence names a day, and another one than its story's first."""
    moment = when(candidate)
    named = {d.first for d in dates(candidate.text, day(candidate.article.published))}
    return moment is not None and moment in named and moment != when(told)


def _alike(one: Candidate, other: Candidate) -> bool:
    a, b = held_stems(one.text), held_stems(other.text)
    return len(a & b) >= 0.6 * min(len(a), len(b))


def when(candidate: Candidate) -> date | None:
    """Return the day of which a sentence speaks, as near to its article's day as it says.

    News tells what just happened and then what led to it: of the days that a sentence names, the
    latest one not after its article is the one it reports. A whole year is no day.
    """
    published = day(candidate.article.published)
    named = [
        d.first
        for d in dates(candidate.text, published)
        if d.first is not None and d.last is not None and (d.last - d.first).days <= 31
    ]
    past = [d for d in named if published is None or d <= published]
    return max(past) if past else published


def timeline(
    ranked: Sequence[Candidate],
) -> tuple[tuple[Evidence, ...], tuple[Event, ...], tuple[Statement, ...]]:
    """Return the events in order with the evidence behind them, and as statements of an answer."""
    dated = [(when(c), c) for c in steps(ranked)]
    dated.sort(key=lambda pair: (pair[0] is None, pair[0] or date.max, pair[1].position))
    made = [
        _event(number, moment, candidate) for number, (moment, candidate) in enumerate(dated, 1)
    ]
    return (
        tuple(evidence for evidence, _ in made),
        tuple(event for _, event in made),
        tuple(_statement(event) for _, event in made),
    )


def _event(number: int, moment: date | None, candidate: Candidate) -> tuple[Evidence, Event]:
    evidence = alone(number, candidate)
    text = _DATELINE.sub("", " ".join(candidate.text.split()))
    return evidence, Event(when=moment, text=text, citation=whole(evidence))


def _statement(event: Event) -> Statement:
    text = f"{written(event.when)}: {event.text}" if event.when else event.text
    verdict = Verdict(support="supported", score=1.0)
    return Statement(text=text, citations=(event.citation,), verdict=verdict)
