"""A ledger of claims: every value that reports give on a topic, with who says it and for when.

No model is asked: the values, days and speakers are read by the same readers as answers are checked
with. Each stands with the exact sentence that it is taken from.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from rag.answer.days import written
from rag.answer.differ.window import counted, ranges, window
from rag.language.eventday import told
from rag.language.numbers import Quantity, bounded, numbers
from rag.language.predicates import predicates
from rag.language.terms import asked_terms
from rag.language.thesaurus import same
from rag.language.voice import voice
from rag.language.when import dates
from rag.language.words import STOP, Word, lexicon, stem, words
from rag.question.asked import sense
from rag.record import iso
from rag.search.candidates import Candidate, score
from rag.types import Article, Filter, Source, Span, day

if TYPE_CHECKING:
    from rag.answer.machine import Machine

NEAR = 0.5
"""Least score of a sentence, as a share of the best one's."""
_BESIDE = re.compile(r"-|[\s-]*old\b", re.IGNORECASE)
"""Behind a number that only describes: "two-pronged", "18 years old"."""
_TIMES = re.compile(r"\b(?:last|past|next|first|every|each|another)\s+$", re.IGNORECASE)
"""Ahead of a time that measures nothing: "every three years"."""
_CLOCK = re.compile(r"\d:\d\d")
_ARTICLE = re.compile(r"\b(?:the|an?|its|his|her|their)\s+$", re.IGNORECASE)
"""Ahead of a number that belongs to the words behind it: "the $44 billion deal"."""
_DETERMINERS = frozenset({"the", "a", "an"})
_CLIMBS = lexicon("to at by of is was were are be")
"""Small words ahead of a number that is measured by what stands before them: "rose to 300"."""
_HEAD = re.compile(
    r"\b(?:(?:death )?toll|numbers?|count|total|magnitude|population|attendance|turnout)\b",
    re.IGNORECASE,
)
"""What names a number as such."""
_MOST_OF_A_YEAR = 360
MOST_WORDS = 5
"""Most words that say what is measured."""
_UNTOLD = frozenset({"vague", "ordinal"})
"""Kinds of values that say too little by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One value as one sentence gives it."""

    who: str
    """Who says so: the speaker whom the sentence names, else the outlet."""
    what: str
    """What is counted or measured, in the sentence's words."""
    value: str
    """As it is written, with the words that bound it: "above 20,000"."""
    number: float
    """As it counts; the middle where it is a range."""
    unit: str
    bound: str
    """`exact`, `about`, `least` or `most`."""
    said: date | None
    """The day of the report."""
    since: date | None
    until: date | None
    """The days of which the sentence tells it; unknown where it names none."""
    source: Source
    digest: str
    span: Span
    """Of the sentence."""
    quote: str
    story: str
    """Shared by copies of one report: they are one source."""


def claims(
    topic: str, qa: Machine, *, filters: Filter | None = None, as_of: date | None = None
) -> list[Claim]:
    """Return what reports say of a topic in figures, by the day of the report.

    Args:
        topic: Such as "death toll earthquake".
        qa: Finds the sentences.
        filters: What may be read.
        as_of: Nothing published after this day.
    """
    query = qa.read(topic, filters=filters, as_of=as_of)
    return read(topic, qa.survey(query))


def read(topic: str, ranked: Sequence[Candidate]) -> list[Claim]:
    """Return the claims of sentences that were found for a topic, best first."""
    best = max(map(score, ranked), default=0.0)
    near = [c for c in ranked if score(c) >= NEAR * best and c.around]
    wanted = {sense(stem(term)) for term in asked_terms(topic)}
    found = [(claim, held) for c in near for claim, held in _of(c, wanted)]
    close = max((held for _, held in found), default=0)
    kept = [claim for claim, held in found if held >= min(1, close)]
    distinct = {(c.source.article_id, c.span, c.value): c for c in kept}
    return sorted(
        distinct.values(), key=lambda c: (c.said or date.min, c.source.article_id, c.span)
    )


def _of(candidate: Candidate, wanted: set[str]) -> Iterable[tuple[Claim, int]]:
    """Yield the claims of a sentence, each with how many of the topic's words stand by it."""
    text, article = candidate.text, candidate.article
    published = day(article.published)
    found = numbers(text)
    days = [t.when for t in told(text, published) if not t.said]
    timed = [d.span for d in dates(text, published)]
    when = days[0] if len(days) == 1 else None
    who = _who(voice(article, candidate.span)) or article.publisher or ""
    for low, high, place in ranges(text, found):
        if low.kind in _UNTOLD or _tells_nothing(text, place, low.kind, timed):
            continue
        what = _as_before(text, low, found) or _what(text, place, high.unit)
        if not what:
            continue
        near = window(text, place, [q.span for q in found if not q.span.overlaps(place)])
        held = wanted & {sense(w.stem) for w in words(near)}
        claim = Claim(
            who=who,
            what=what,
            value=" ".join(bounded(text, place).of(text).split()),
            number=(low.value + high.value) / 2,
            unit=high.unit,
            bound=low.bound,
            said=published,
            since=when.first if when else None,
            until=when.last if when else None,
            source=_source(article),
            digest=article.digest,
            span=candidate.span,
            quote=text,
            story=candidate.cluster,
        )
        yield claim, len(held)


def _source(article: Article) -> Source:
    return Source(
        article_id=article.id,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
    )


def _who(said: str | None) -> str:
    """Return a speaker, unless what was taken for one is no name but a stretch of the sentence."""
    if not said:
        return ""
    first = said.split(" ", 1)[0].lower()
    counts = any(quantity.span.start == 0 for quantity in numbers(said))
    return "" if first in STOP - _DETERMINERS or counts else said


def _tells_nothing(text: str, place: Span, kind: str, timed: Sequence[Span]) -> bool:
    """Return True for a number that counts and measures nothing: an age, a time of day, "one"."""
    value = place.of(text)
    if value.lower() == "one" or _CLOCK.search(value) or _BESIDE.match(text, place.end):
        return True
    said_when = any(span.overlaps(place) for span in timed) or _TIMES.search(text[: place.start])
    return kind == "duration" and bool(said_when)


def _what(text: str, place: Span, unit: str) -> str:
    """Return what a number counts, the words behind it; of a measure what it is a measure of.

    That is what stands ahead of it, but for verbs: "key rate" of "raised its key rate to 5%".
    """
    clause = next((c for c in predicates(text) if c.holds(place.start)), None)
    verbs = clause.verbs if clause else frozenset()
    behind = list(
        takewhile(
            lambda w: same(w.stem) not in verbs or text[w.start - 1] == "-",
            counted(text, place)[:MOST_WORDS],
        )
    )
    said = text[behind[0].start : behind[-1].end] if behind else ""
    if said and (
        not unit or text.startswith(" of ", place.end) or _ARTICLE.search(text[: place.start])
    ):
        return said
    if headed := _headed(text, place, verbs):
        return headed
    run = [w for w in words(text) if w.start < bounded(text, place).start]
    if not unit and run and run[-1].low not in _CLIMBS and same(run[-1].stem) not in verbs:
        return said
    return _measured(text, run, clause.start if clause else 0, verbs) or said


def _headed(text: str, place: Span, verbs: Collection[str]) -> str:
    """Return the number, rate or price that a value is: "number of people known to have died".

    It is the last such word ahead of the value, with what stands behind an "of".
    """
    heads = [
        m
        for m in _HEAD.finditer(text, 0, place.start)
        if not any(q.span.start >= m.end() and q.span.end <= place.start for q in numbers(text))
    ]
    if not heads:
        return ""
    until = bounded(text, place).start
    run = [w for w in words(text) if heads[-1].end() <= w.start < until]
    kept = list(
        takewhile(
            lambda w: (w.content or w.low in _DETERMINERS) and same(w.stem) not in verbs, run[1:]
        )
    )[:MOST_WORDS]
    of = bool(run) and run[0].low == "of" and any(w.content for w in kept)
    return text[heads[-1].start() : kept[-1].end if of else heads[-1].end()]


def _as_before(text: str, value: Quantity, found: Sequence[Quantity]) -> str:
    """Return what the number before counts, where this one leaves it out: "12 people, then 14"."""
    before = [q for q in found if q.span.end <= value.span.start and q.kind == value.kind]
    if value.unit or counted(text, value.span) or not before:
        return ""
    return _what(text, before[-1].span, "") if counted(text, before[-1].span) else ""


def _measured(text: str, run: Sequence[Word], start: int, verbs: Collection[str]) -> str:
    """Return the last words ahead of a number, in its clause, that are no verb and no number."""
    taken = [q.span for q in numbers(text)]
    run = [w for w in run if w.start >= start]
    own = [
        w.content
        and same(w.stem) not in verbs
        and not w.low.endswith("ing")
        and not (i and run[i - 1].low == "to" and w.low == w.text)  # "to reach"
        and not any(s.start <= w.start < s.end for s in taken)
        for i, w in enumerate(run)
    ]
    last = next((i for i in reversed(range(len(run))) if own[i]), None)
    if last is None:
        return ""
    first = last
    while first and last - first < MOST_WORDS - 1:
        if own[first - 1]:
            first -= 1
        elif run[first - 1].low == "of" and first > 1 and own[first - 2]:
            first -= 2
        else:
            break
    return text[run[first].start : run[last].end]


def spoken(claim: Claim) -> str:
    """Return the days for which a value holds, in words; empty where its sentence names none."""
    if claim.since is None or claim.until is None:
        return ""
    if claim.since == claim.until:
        return written(claim.since)
    if (claim.since.year, claim.since.month) == (claim.until.year, claim.until.month):
        return f"{claim.since:%B %Y}"
    if claim.since.year == claim.until.year and (claim.until - claim.since).days > _MOST_OF_A_YEAR:
        return str(claim.since.year)
    return f"{written(claim.since)} to {written(claim.until)}"


def claim_json(claim: Claim) -> dict[str, Any]:
    """Return a claim as plain values."""
    flat = asdict(claim)
    source, span = flat.pop("source"), flat.pop("span")
    days = {name: iso(getattr(claim, name)) for name in ("said", "since", "until")}
    published = {"published": iso(claim.source.published)}
    return {**flat, **days, **span, **source, **published}


FORMATS = ("json", "jsonl", "csv")
COLUMNS = (
    "said", "who", "what", "value", "number", "unit", "bound", "since", "until",
    "publisher", "title", "article_id", "digest", "start", "end", "quote", "story", "url",
)  # fmt: skip


def as_csv(found: Iterable[Claim]) -> str:
    """Return claims as CSV with a line of names; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for claim in found:
        writer.writerow({k: _cell(v) for k, v in claim_json(claim).items()})
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value
