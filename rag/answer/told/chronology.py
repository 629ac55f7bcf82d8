"""Before or after, and how long between: two events, each resolved to a day, then compared.

Asked for the order of two events, a small model says "before" whatever the dates are. So it is not
asked: code finds the sentence that dates each event, reads the date against the day of its
article, and computes. Both sentences are cited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.answer.days import written
from rag.answer.prompts import Style
from rag.language.names import names
from rag.language.when import dates
from rag.question.comparison import Comparison, compared
from rag.question.query import Query
from rag.search.candidates import Candidate, score
from rag.search.select import alone, whole
from rag.types import Evidence, Statement, Verdict, day

_UNITS = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An event with its day and the sentence that tells it."""

    event: str
    when: date
    candidate: Candidate
    stated: bool = False
    """False when the sentence names no day and that of its article stands in."""
    plan: bool = False
    """True when the day lies after its article: what was planned may have come otherwise."""


def compute(
    query: Query, rankings: Sequence[Sequence[Candidate]], style: Style
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]] | None:
    """Answer a question about two events; None when it is none, or an event has no day.

    Args:
        query: The question; its parts are the events.
        rankings: For each event the sentences that may tell it, best first.
        style: The short style gives the result alone.
    """
    asked = compared(query.text)
    if asked is None or len(rankings) != 2 or not all(rankings):
        return None
    first, second = dated(asked.first, rankings[0]), dated(asked.second, rankings[1])
    if first is None or second is None:
        return None
    return tell(asked, first, second, style)


def dated(event: str, ranked: Sequence[Candidate]) -> Dated | None:
    """Find the day of an event: the best sentences are asked in turn for a day that they name.

    A sentence that lacks a name of the event, or is far less likely than the best, is not about
    it. A day that has come is preferred to a planned one. When no sentence names a day, the best
    one's article does, if it is dated.
    """
    wanted = {part for name in names(event) for part in name.parts}
    about = [c for c in ranked if wanted <= {p for name in names(c.text) for p in name.parts}]
    near = [c for c in about[:8] if score(c) >= 0.6 * score(ranked[0])]
    found = [d for c in near for d in _days(event, c)]
    reported = [d for c in near[:1] for d in _reported(event, c)]
    return next(iter([*(d for d in found if not d.plan), *found, *reported]), None)


def _days(event: str, candidate: Candidate) -> list[Dated]:
    """Return the event on each day that a sentence names."""
    published = day(candidate.article.published)
    return [
        Dated(
            event=event,
            when=found.first,
            candidate=candidate,
            stated=True,
            plan=published is not None and found.first > published,
        )
        for found in dates(candidate.text, published)
        if found.first is not None and found.first == found.last
    ]


def _reported(event: str, candidate: Candidate) -> list[Dated]:
    """Return the event on the day of its article, if the article has one."""
    published = day(candidate.article.published)
    return [] if published is None else [Dated(event=event, when=published, candidate=candidate)]


def tell(
    asked: Comparison, first: Dated, second: Dated, style: Style
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]]:
    """Return the evidence and the statements: each event's sentence, then what follows."""
    evidence = tuple(alone(n, d.candidate) for n, d in enumerate((first, second), 1))
    cited = tuple(whole(piece) for piece in evidence)
    sure = Verdict(support="supported", score=1.0)
    quoted = tuple(
        Statement(text=_dated_sentence(d), citations=(c,), verdict=sure)
        for d, c in zip((first, second), cited, strict=True)
    )
    result = Statement(text=_result(asked, first, second, style), citations=cited, verdict=sure)
    return evidence, (result,) if style == "short" else (*quoted, result)


def _dated_sentence(event: Dated) -> str:
    label = written(event.when) if event.stated else f"Reported on {written(event.when)}"
    return f"{label}: {' '.join(event.candidate.text.split())}"


def _result(asked: Comparison, first: Dated, second: Dated, style: Style) -> str:
    gap = (second.when - first.when).days
    order = "before" if gap > 0 else "after"
    if asked.form in ("between", "after", "before"):
        length = _length(abs(gap), asked.unit)
        return length if style == "short" else f"Between the two lie {length}."
    if gap == 0:
        return "on the same day" if style == "short" else "Both are dated to the same day."
    if asked.form == "first":
        return asked.first if gap > 0 else asked.second
    lead = {
        "yes_before": "Yes: " if gap > 0 else "No: ",
        "yes_after": "No: " if gap > 0 else "Yes: ",
    }
    if style == "short":
        return lead.get(asked.form, order).removesuffix(": ")
    begin = lead.get(asked.form, "")
    return f"{begin}The first came {order} the second, by {_length(abs(gap), None)}."


def _length(days: int, unit: str | None) -> str:
    """Write a number of days in a unit; in days, and months or years beside, when none is asked."""
    if unit and unit != "day":
        count = round(days / _UNITS[unit])
        return f"about {count} {unit}{'' if count == 1 else 's'} ({days} days)"
    plain = f"{days} day{'' if days == 1 else 's'}"
    return plain if unit or days < 60 else f"{plain} (about {round(days / _UNITS['month'])} months)"
