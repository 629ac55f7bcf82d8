"""How long something lasted that no article gives a length for: from its begin to its end.

"How long was the tunnel shut?" is told by two reports: it was closed on 8 January, it reopened on
19 February. The cross-encoder finds the sentences that are about it; the first and the last day
that they tell of bound it, if the last one says that it is over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.answer.differ.figures import values
from rag.answer.prompts import Style
from rag.answer.told.chronology import Dated, Order, tell
from rag.answer.told.lead import of_the_time
from rag.language.eventday import began, happened
from rag.language.thesaurus import same
from rag.language.when import dates
from rag.language.words import lexicon, stem, words
from rag.models.reranker import Reranker
from rag.question.comparison import Comparison, compared
from rag.question.query import Query
from rag.search.candidates import Candidate, nearest
from rag.types import day

_ASKS = re.compile(
    r"^(?:for )?how (?:long|much time|many (?P<unit>day|week|month|year)s?)\b(?!.*\bwill\b)",
    re.IGNORECASE,
)
ABOUT = 5.5
"""How far below the best sentence, in logits, one may be that is about the same thing."""
LEAST = -3.5
"""The logit below which a sentence is about something else, however good the others are."""
BEGUN = 3.0
"""How far below the best sentence ahead of the end, in logits, that on the begin may be: an arrest
comes before the trial that is asked for, and is none of it."""
SURE = 3.0
"""The logit of a sentence that gives a length from which on it answers by itself."""
_OVER = frozenset(
    same(stem(w))
    for w in lexicon(
        "end reopen return restart resume free release rescue repair restore lift reach back again"
        " resign quit retire leave step acquit convict verdict guilty"
    )
)
"""What tells that something is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    candidate: Candidate
    first: date
    last: date
    logit: float


def measure(
    query: Query,
    ranked: Sequence[Candidate],
    style: Style,
    reranker: Reranker | None = None,
) -> Order | None:
    """Return how long something lasted; None where that is not asked, or cannot be told.

    Args:
        query: The question.
        ranked: The sentences that may answer it, with their logits.
        style: The short style gives the result alone.
        reranker: Says which sentence tells of the begin.
    """
    asks = _ASKS.search(query.text)
    if asks is None or not ranked or compared(query.text) is not None:
        return None
    about = nearest(of_the_time(query, ranked), ABOUT, LEAST)
    if any((c.logit or 0.0) > SURE and _gives(c) for c in about):
        return None
    told = [t for c in about if (t := _told(c)) is not None]
    ends = [t for t in told if _over(t.candidate)]
    if not ends:
        return None
    end = max(ends, key=lambda t: (t.last, t.logit))
    ahead = [t for t in told if t.last < end.first]
    if not ahead:
        return None
    begin = _begin(query.text, ahead, reranker)
    if begin.candidate.cluster == end.candidate.cluster or begin.last >= end.first:
        return None
    unit = (asks["unit"] or "").lower() or None
    wanted = Comparison(form="between", first="it began", second="it ended", unit=unit)
    return tell(wanted, _dated(wanted.first, begin), _dated(wanted.second, end), style)


_STATE = re.compile(
    r"^(?:for )?how (?:long|much time|many \w+) (?P<be>\w+) (?P<what>.+?)\W*$", re.IGNORECASE
)
_LASTS = re.compile(r" (?:last|take|go on|continue|run|stay)$", re.IGNORECASE)


def begun(question: str) -> str:
    """Return the question for when what a question asks the length of began.

    "How long did the strike last?" - "When did the strike begin?"
    "How long was the tunnel shut?" - "When was the tunnel shut?"
    """
    found = _STATE.match(question)
    if found is None:
        return question
    what = _LASTS.sub(" begin", found["what"])
    return f"When {found['be'].lower()} {what}?"


def _begin(question: str, ahead: Sequence[_Told], reranker: Reranker | None) -> _Told:
    """Return the earliest of the sentences that tell of the begin as well as any."""
    logits = [t.logit for t in ahead]
    if reranker is not None:
        asked = begun(question)
        # Without its headline: that tells of the begin, whatever the sentence below it tells of.
        logits = list(reranker.score([(asked, t.candidate.text) for t in ahead]))
    least = max(logits) - BEGUN
    told = [(t, logit) for t, logit in zip(ahead, logits, strict=True) if logit >= least]
    return min(told, key=lambda one: (one[0].first, -one[1]))[0]


_DISTANT = re.compile(r"\s*(?:after|before|ago|earlier|later|from now)\b", re.IGNORECASE)
"""What stands behind a length that says when, not how long."""


def _gives(candidate: Candidate) -> bool:
    text = candidate.text
    lengths = (v.text for v in values(text) if v.kind == "duration")
    return any(not _DISTANT.match(text, text.find(v) + len(v)) for v in lengths)


def _told(candidate: Candidate) -> _Told | None:
    """Return a sentence with the day of which it tells; None where it names none."""
    published = day(candidate.article.published)
    when = happened(candidate.text, published)
    if when is None and (since := _since(candidate.text, published)) is not None:
        when = since, since
    if when is None or when[1] - when[0] > timedelta(days=31):
        return None
    return _Told(candidate=candidate, first=when[0], last=when[1], logit=candidate.logit or 0.0)


_FROM = re.compile(r"\b(?:from|since) $", re.IGNORECASE)


def _since(text: str, published: date | None) -> date | None:
    """Return the day from which on something was so: "closed from Tuesday", "its third day"."""
    if (first := began(text, published)) is not None:
        return first
    days = (w for w in dates(text, published) if _FROM.search(text[: w.span.start]))
    exact = (w.first for w in days if w.first is not None and w.first == w.last)
    return next((d for d in exact if published is None or d <= published), None)


def _over(candidate: Candidate) -> bool:
    return any(same(w.stem) in _OVER for w in words(candidate.text))


def _dated(event: str, told: _Told) -> Dated:
    return Dated(event=event, candidate=told.candidate, first=told.first, last=told.last)
