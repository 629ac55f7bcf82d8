"""A course of events: the sentences that tell its steps, in the order in which they happened.

No model is asked. The steps are the sources' own sentences, so each is cited by nature; code picks
them, dates them (by what they say, read against the day of their article) and puts them in order.
Days come first and sentences after them, as in Gholipour Ghalandari and Ifrim, "Examining the State
of the Art in News Timeline Summarization", ACL 2020: of one day the best two are told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.answer.days import dated
from rag.language.eventday import is_month, told
from rag.language.names import Known, Name, names
from rag.language.terms import held_stems
from rag.language.when import dates
from rag.language.words import words
from rag.question.query import MENTION, Period, Query
from rag.search.candidates import Candidate, score
from rag.search.select import alone, whole
from rag.types import Dating, Event, Evidence, Statement, Verdict, day

MOST = 15
"""Most steps of a timeline; it should fit on a screen."""
NEAR, PLAIN = 0.6, 0.7
"""Least strength of a step, as a share of the best sentence's score; of one that neither opens its
article nor names a day, and so is seldom a step at all."""
ABOUT = 0.4
"""Least share of the topic's words in and around a step, as a share of the most that is found."""
MEANT = 0.7
"""Least likeness of a step to the topic in meaning, as a share of the most that is found."""
BEFORE = 200
"""How many characters ahead of a step may name what it tells of."""
LEAD = 1.0
"""What it counts to open an article: the first sentence of a report tells what has happened."""
STATED = 0.5
"""What it counts to name the day."""
A_DAY, A_STORY = 2, 2
"""Most steps of one day, and from one story without a day of their own."""

SAME = timedelta(days=7)
"""How far apart the days can be that two reports give one step."""

_LEANS = re.compile(
    r"[“\"‘']?(?:(?:He|She|It|They|We|I|His|Her|Its|Their|This|That|These|Those|But|And|So)\b"
    r"|(?:The other|Both|Another) )"
)
_AGENCY = r"(?:CNN(?: Business)?|AP|AFP|Reuters|UPI|BBC|NPR)"
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Z.’' ]{2,30}(?:, [A-Z][\w.]+(?: [A-Z][\w.]+)?)? ?(?:\([^)]{1,30}\) ?)?[—–−-]\s+"
    rf"|(?:(?!Associated|Agence|United)[A-Z][\w.’'/]*,? ){{0,4}}"
    rf"(?:{_AGENCY} ?[—–−-]\s+|\({_AGENCY}\)(?: ?[—–−-])?\s+))(?=[\"“‘'A-Z\d])"
)
"""The place and agency that open a report: "WASHINGTON — ", "New York CNN — ", "(CNN) "."""
_CALLED = re.compile(
    r"^\W*(?:\w+ ){0,4}?(?:timeline|chronology|course|sequence|order) of ", re.IGNORECASE
)
"""What is asked to be told, ahead of the topic."""
_RANGE = re.compile(r"\b(?:from|between)\b.+\b(?:to|until|and|till)\b", re.IGNORECASE)
_WITHIN = re.compile(
    r"(?<!end )(?<!start )(?<!beginning )\b(?:in|of|during|throughout)\s+\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence that tells a step, with its day and how that is known."""

    candidate: Candidate
    when: date | None
    dating: Dating
    strength: float
    place: date | None = None
    """Where it stands in order, when its own day is unknown."""

    @property
    def least(self) -> float:
        """How strong it must be, as a share of the best sentence's score."""
        plain = self.dating == "reported" and self.candidate.position > 0
        return PLAIN if plain else NEAR


def steps(topic: str, ranked: Sequence[Candidate], within: Period | None = None) -> list[Step]:
    """Choose the sentences that tell the steps, best first: the best ones of each day.

    A sentence that begins with "He" tells nothing by itself.

    Args:
        topic: What is asked, in words.
        ranked: Sentences that may tell of it, best first.
        within: The days that are asked for; None for all.
    """
    near = _on_topic(topic, ranked)
    best = max(map(score, near), default=0.0)
    told = [_step(c) for c in near if not _LEANS.match(_words(c))]
    found = [s for s in told if s.strength >= s.least * best]
    found = [s for s in found if within is None or _inside(s, within)]
    found.sort(key=lambda s: -s.strength)
    chosen: list[Step] = []
    of_day: Counter[date | None] = Counter()
    of_story: Counter[str] = Counter()
    for step in found:
        if len(chosen) == MOST:
            break
        plain = step.dating == "reported"
        full = (step.when is not None and of_day[step.when] == A_DAY) or (
            plain and of_story[step.candidate.cluster] == A_STORY
        )
        if not full and not any(_alike(step, c) for c in chosen):
            chosen.append(step)
            of_day[step.when] += 1
            of_story[step.candidate.cluster] += plain
    return chosen


def _on_topic(topic: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Keep the sentences that tell of the topic.

    Those that hold all its names, with the title and what stands right before them: an article on
    the neighbours names them too, further down. Where none holds all, half of them will do; a topic
    without names is known by its words. None may be far less like the topic than the best.
    """
    wanted = [n for n in names(_CALLED.sub("", topic)) if n.sure]
    if wanted:
        held = [_held(c, wanted) for c in ranked]
        most = max(held, default=0)
        near = [c for c, n in zip(ranked, held, strict=True) if n == most]
        near = near if 2 * most >= len(wanted) else []
    else:
        about = ABOUT * max((c.around for c in ranked), default=0.0)
        near = [c for c in ranked if c.around and c.around >= about]
    meant = MEANT * max((c.meaning for c in near), default=0.0)
    return [c for c in near if c.meaning >= meant]


def _held(candidate: Candidate, wanted: Sequence[Name]) -> int:
    """Count the names in a sentence, right before it and in the title of its article."""
    text, start = candidate.article.text, candidate.span.start
    before = text[max(0, start - BEFORE) : start]
    known = Known([f"{candidate.article.title or ''}\n{before}{candidate.text}"])
    return sum(known.licence(n) == "same" for n in wanted)


def _step(candidate: Candidate) -> Step:
    moment, dating = when(candidate)
    strength = score(candidate) + LEAD * (candidate.position == 0) + STATED * (dating != "reported")
    return Step(candidate, moment, dating, strength)


def _words(candidate: Candidate) -> str:
    """Return a sentence without the place and agency that open a report."""
    return _DATELINE.sub("", " ".join(candidate.text.split()))


def _inside(step: Step, within: Period) -> bool:
    return step.when is None or within[0] <= step.when <= within[1]


def _alike(one: Step, other: Step) -> bool:
    """Say whether two sentences tell one step; a series, month after month, reads alike too."""
    if one.when and other.when and abs(one.when - other.when) > SAME:
        return False
    a, b = held_stems(one.candidate.text), held_stems(other.candidate.text)
    return len(a & b) >= 0.6 * min(len(a), len(b))


def when(candidate: Candidate) -> tuple[date | None, Dating]:
    """Return the day of which a sentence speaks, and how it is known.

    It is the first one named that is not after its article and is no mere bound or aside ("its
    first cut since March 2020"); a week is no day. The day on which something was only said bounds
    it, as that of the article does.
    """
    published = day(candidate.article.published)
    said = None
    for one in told(_words(candidate), published):
        first, last = one.when.first, one.when.last
        if first is None or last is None or (published is not None and first > published):
            continue
        if one.said:
            said = said or (last if first == last else None)
        elif dating := _dating(first, last):
            return first, dating
    return said or published, "reported"


def _dating(first: date, last: date) -> Dating | None:
    if first == last:
        return "day"
    if is_month(first, last):
        return "month"
    whole = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    return "year" if whole and first.year == last.year else None


LIKE = 2
"""Fewest words, beside the names of the topic, that two sentences on one event share."""


def _placed(steps: Sequence[Step], ranked: Sequence[Candidate]) -> list[Step]:
    """Give the steps of articles without a date a day, or a bound, by the reports that have one.

    "Contact was lost on Sunday" in such an article is the Sunday of a dated report on the same
    loss. Where none names the day, the first dated report that speaks of it proves by when it was.
    """
    return [s if s.when is not None else _by_others(s, ranked) for s in steps]


def _by_others(step: Step, ranked: Sequence[Candidate]) -> Step:
    others = [c for c in ranked if day(c.article.published) and _shared(step.candidate, c) >= LIKE]
    named = {d.weekday for d in dates(step.candidate.text) if d.weekday is not None}
    for other in others:
        for one in told(other.text, day(other.article.published)):
            if one.when.weekday in named and not one.said and one.when.first is not None:
                return replace(step, when=one.when.first, dating="day")
    place = _named_last(step.candidate, ranked)
    known = [d for c in others if (d := day(c.article.published))]
    if known and (place is None or place <= min(known)):
        return replace(step, when=min(known), dating="before")
    return replace(step, place=place)  # its article is later than the report, which was of a plan


def _named_last(candidate: Candidate, ranked: Sequence[Candidate]) -> date | None:
    """Return the last day that an article without a date names, in the year of the dated ones.

    It was written no earlier, so what it tells without a day stands behind that.
    """
    known = [d for c in ranked if (d := day(c.article.published))]
    if not known:
        return None
    named = [d.first for d in dates(candidate.article.text, max(known)) if d.day and d.first]
    return max(named, default=None)


def _shared(one: Candidate, other: Candidate) -> int:
    """Count the words of sense that two sentences share, without names and numbers."""
    named = {w.stem for c in (one, other) for n in names(c.text) for w in words(n.text)}
    shared = held_stems(one.text) & held_stems(other.text)
    timed = {w.stem for c in (one, other) for d in dates(c.text) for w in words(d.text)}
    return sum(t[0].isalpha() for t in shared - named - timed)


def asked_period(query: Query) -> Period | None:
    """Return the days that a question limits its course of events to, if it does.

    One day alone is a part of the topic: "the inquiry into the crash of 3 March 2021".
    """
    if len(query.mentions) == 2 and _RANGE.search(query.text):
        (first, _), (_, last) = sorted(query.mentions)
        return first, last
    named = MENTION.search(query.text)
    if len(query.mentions) != 1 or named is None or not _WITHIN.search(query.text[: named.start()]):
        return None
    first, last = query.mentions[0]
    return (first, last) if first < last else None


def timeline(
    query: Query, ranked: Sequence[Candidate]
) -> tuple[tuple[Evidence, ...], tuple[Event, ...], tuple[Statement, ...]]:
    """Return the events in order with the evidence behind them, and as statements of an answer."""
    chosen = steps(query.text, ranked, asked_period(query)) or steps(query.text, ranked)
    made = _made(chosen, ranked)
    return (
        tuple(evidence for evidence, _ in made),
        tuple(event for _, event in made),
        tuple(_statement(event) for _, event in made),
    )


def ordered(chosen: Sequence[Step], ranked: Sequence[Candidate]) -> tuple[Event, ...]:
    """Return steps as events, in the order in which they happened."""
    return tuple(event for _, event in _made(chosen, ranked))


def _made(chosen: Sequence[Step], ranked: Sequence[Candidate]) -> list[tuple[Evidence, Event]]:
    placed = sorted(_placed(chosen, ranked), key=_order)
    return [_event(number, step) for number, step in enumerate(placed, 1)]


_ROUGH: tuple[Dating, ...] = ("year", "month", "before", "day", "reported")
"""Of one day: what began earlier, or may have, comes first."""


def _order(step: Step) -> tuple[bool, date, int, int]:
    """Order steps by their day; one whose day nothing tells comes first: it is background."""
    place = _ROUGH.index(step.dating)
    at = step.when or step.place
    return (at is not None, at or date.min, place, step.candidate.position)


def _event(number: int, step: Step) -> tuple[Evidence, Event]:
    evidence = alone(number, step.candidate)
    text = _words(step.candidate)
    event = Event(
        when=step.when,
        dating=step.dating,
        reported=step.candidate.article.published,
        text=text,
        citation=whole(evidence),
    )
    return evidence, event


def _statement(event: Event) -> Statement:
    verdict = Verdict(support="supported", score=1.0)
    text = f"{dated(event)}: {event.text}" if event.when else event.text
    return Statement(text=text, citations=(event.citation,), verdict=verdict)
