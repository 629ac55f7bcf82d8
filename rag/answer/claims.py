"""A ledger of claims: every value that reports give on a topic, with who says it and for when.

No model is asked: the values, days and speakers are read by the same readers as answers are checked
with. Each stands with the exact sentence that it is taken from.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from rag.answer.differ.window import counted, ranges, window
from rag.language.eventday import told
from rag.language.numbers import numbers
from rag.language.terms import asked_terms
from rag.language.voice import voice
from rag.language.words import stem, words
from rag.question.asked import sense
from rag.record import iso
from rag.search.candidates import Candidate, score
from rag.types import Article, Filter, Source, Span, day

if TYPE_CHECKING:
    from rag.answer.machine import Machine

NEAR = 0.5
"""Least score of a sentence, as a share of the best one's."""
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
    """As it is written."""
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
    near = [c for c in ranked if score(c) >= NEAR * best]
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
    when = days[0] if len(days) == 1 else None
    who = voice(article, candidate.span) or article.publisher or ""
    for low, high, place in ranges(text, found):
        what = _what(text, place)
        if low.kind in _UNTOLD or not what:
            continue
        near = window(text, place, [q.span for q in found if not q.span.overlaps(place)])
        held = wanted & {sense(w.stem) for w in words(near)}
        claim = Claim(
            who=who,
            what=what,
            value=" ".join(place.of(text).split()),
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


def _what(text: str, place: Span) -> str:
    """Return what a number counts: the words behind it, else the one before it."""
    behind = counted(text, place)[:3]
    if behind:
        return text[behind[0].start : behind[-1].end]
    before = [w for w in words(text[: place.start]) if w.content]
    return before[-1].text if before else ""


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
