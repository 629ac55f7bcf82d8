"""Before or after, and how long between: two events, each with the days in which it happened.

Asked for the order of two events, a small model says "before" whatever the dates are. So it is not
asked: code finds the sentence that dates each event, reads the date against the day of its article,
and computes. The day of a report only bounds its event: "reported on 3 May as having happened"
proves "not later than 3 May". Where that does not decide, what is known of each is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.answer.days import written
from rag.answer.differ.disagree import comparable
from rag.answer.prompts import Style
from rag.answer.told.lead import TAKEN, on_its_day
from rag.language.names import Known, names
from rag.language.words import words
from rag.question.asked import asked, sense
from rag.question.comparison import Comparison, compared
from rag.question.deed import deed
from rag.question.query import Query, read
from rag.search.candidates import Candidate, score
from rag.search.select import alone, whole
from rag.types import Citation, Evidence, Span, Statement, Verdict, day

_UNITS = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}
_SURE = Verdict(support="supported", score=1.0)
_OPEN = Verdict(support="partly", score=0.75, reasons=("the articles do not say when it happened",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An event with the days between which it happened, and the sentence that tells it."""

    event: str
    candidate: Candidate
    first: date | None = None
    """The first day on which it can have happened; None where nothing bounds it."""
    last: date
    """The last day on which it can have happened: that of its report, where no other is known."""

    @property
    def exact(self) -> bool:
        """Say whether its day is known."""
        return self.first == self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The answer: its evidence, its statements, and the line that says what comes of it."""

    evidence: tuple[Evidence, ...]
    statements: tuple[Statement, ...]
    line: str
    known: bool
    """False where the articles do not say enough to compare."""


def compute(query: Query, rankings: Sequence[Sequence[Candidate]], style: Style) -> Order | None:
    """Answer a question about two events; None when it is none, or an event has no day.

    Args:
        query: The question; its parts are the events.
        rankings: For each event the sentences that may tell it, best first.
        style: The short style gives the result alone.
    """
    wanted = compared(query.text)
    if wanted is None or len(rankings) != 2 or not all(rankings):
        return None
    first, second = dated(wanted.first, rankings[0]), dated(wanted.second, rankings[1])
    if first is not None and second is not None and _both(first, second):
        first, second = _parted(wanted, rankings, first, second)
    if first is None or second is None:
        return None
    return tell(wanted, first, second, style)


def _parted(
    wanted: Comparison, rankings: Sequence[Sequence[Candidate]], first: Dated, second: Dated
) -> tuple[Dated | None, Dated | None]:
    """Look anew for the event that a sentence tells less surely, where both have the same one."""
    told = _sentence(first)
    rest = [[c for c in ranked if (c.article.id, c.span) != told] for ranked in rankings]
    if (first.candidate.logit or 0.0) < (second.candidate.logit or 0.0):
        return dated(wanted.first, rest[0]), second
    return first, dated(wanted.second, rest[1])


def _both(first: Dated, second: Dated) -> bool:
    """Return True when one sentence gives both events one day, as the cross-encoder has it."""
    apart = first.first is not None and second.last < first.first
    apart = apart or (second.first is not None and first.last < second.first)
    same = _sentence(first) == _sentence(second)
    return first.candidate.logit is not None and same and not apart


def _sentence(event: Dated) -> tuple[str, Span]:
    return event.candidate.article.id, event.candidate.span


def dated(event: str, ranked: Sequence[Candidate]) -> Dated | None:
    """Find when an event happened, as one would who is asked when it did.

    Its words say which sentence tells of it, else the cross-encoder does. Where no sentence
    says, the first report of it says by when it had happened.
    """
    query = read(f"When did {event}?")
    wanted = asked(query)
    found = comparable(wanted, query, ranked) if wanted is not None else []
    if found:
        best = found[0]
        return Dated(
            event=event,
            candidate=best.candidate,
            first=date.fromordinal(int(best.value.low)),
            last=date.fromordinal(int(best.value.high)),
        )
    verb = deed(query.text)
    done = (verb.stem,) if verb else ()
    if (told_on := on_its_day(ranked, TAKEN, 0.0, done)) is not None:
        candidate, first, last = told_on
        return Dated(event=event, candidate=candidate, first=first, last=last)
    told = [c for c in ranked if _tells(event, c) and day(c.article.published)]
    if not told:
        return None
    near = [c for c in told if score(c) >= 0.6 * score(told[0])]
    soonest = min(near, key=lambda c: day(c.article.published) or date.max)
    return Dated(event=event, candidate=soonest, last=day(soonest.article.published) or date.max)


_MEANT = re.compile(r"\b(?:to|will|would|may|might|could|should|not|never)\s+$", re.IGNORECASE)
"""What stands ahead of a deed that is only meant, or denied: "asked to join"."""


def _tells(event: str, candidate: Candidate) -> bool:
    """Say whether a sentence tells of an event: it has its names, and most of its other words."""
    named = [n for n in names(event) if n.sure]
    known = Known([f"{candidate.article.title or ''}\n{candidate.text}"])
    if any(known.licence(n) != "same" for n in named):
        return False
    inside = {w.stem for n in named for w in words(n.text)}
    wanted = {sense(w.stem) for w in words(event) if w.content and w.stem not in inside}
    text = candidate.text
    held = {sense(w.stem) for w in words(text) if not _MEANT.search(text[: w.start])}
    return 2 * len(wanted & held) > len(wanted)


def tell(wanted: Comparison, first: Dated, second: Dated, style: Style) -> Order:
    """Return the result, which comes first, and each event's sentence with its day."""
    evidence = tuple(alone(n, d.candidate) for n, d in enumerate((first, second), 1))
    cited = tuple(whole(piece) for piece in evidence)
    gap = _gap(wanted, first, second)
    line = _line(wanted, first, second, gap)
    if style == "short":
        line = _short(wanted, first, second, gap) or line
    result = Statement(text=line, citations=cited, verdict=_SURE if gap is not None else _OPEN)
    quoted = tuple(_quoted(d, c) for d, c in zip((first, second), cited, strict=True))
    statements = (result,) if style == "short" else (result, *quoted)
    return Order(evidence=evidence, statements=statements, line=line, known=gap is not None)


def _gap(wanted: Comparison, first: Dated, second: Dated) -> int | None:
    """Return the days from the first to the second event; None where they cannot be told.

    For the order alone, bounds that do not overlap are enough.
    """
    if first.exact and second.exact:
        return (second.last - first.last).days
    if wanted.form in {"between", "after", "before"}:
        one, other = _middle(first), _middle(second)
        return None if one is None or other is None else (other - one).days
    if second.first is not None and first.last < second.first:
        return (second.first - first.last).days
    if first.first is not None and second.last < first.first:
        return (second.last - first.first).days
    return None


def _both_exact(first: Dated, second: Dated) -> bool:
    return first.exact and second.exact


def _middle(event: Dated) -> date | None:
    """Return the middle of the month or week in which an event was; None where less is known."""
    if event.first is None or event.last - event.first > timedelta(days=31):
        return None
    return event.first + (event.last - event.first) / 2


def _quoted(event: Dated, citation: Citation) -> Statement:
    text = f"{_when(event)}: {' '.join(event.candidate.text.split())}"
    return Statement(text=text[0].upper() + text[1:], citations=(citation,), verdict=_SURE)


def _when(event: Dated) -> str:
    """Write when an event was, as far as that is known."""
    if event.exact:
        return written(event.last)
    if event.first is None:
        return f"reported {written(event.last)}"
    if event.first.month == event.last.month and event.first.year == event.last.year:
        return f"{event.first:%B %Y}"
    return f"between {written(event.first)} and {written(event.last)}"


def _line(wanted: Comparison, first: Dated, second: Dated, gap: int | None) -> str:
    one, other = (
        f"{_name(label)} ({_when(d)})"
        for label, d in zip(_labels(wanted, first, second), (first, second), strict=True)
    )
    if gap is None:
        return f"The articles do not say enough to compare: {one}; {other}."
    if wanted.form in {"between", "after", "before"}:
        length = _length(abs(gap), wanted.unit, exact=_both_exact(first, second))
        return f"{length[0].upper()}{length[1:]}: {one}; {other}."
    if gap == 0:
        return f"On the same day: {one}; {other}."
    if wanted.form == "first":
        earlier, later = (one, other) if gap > 0 else (other, one)
        return f"{earlier[0].upper()}{earlier[1:]} came first; {later} followed."
    order = "before" if gap > 0 else "after"
    lead = {"yes_before": ("Yes", "No"), "yes_after": ("No", "Yes")}.get(wanted.form)
    begin = (lead[gap < 0] + ", " if lead else "") + order
    length = f", by {_length(abs(gap), None)}" if _both_exact(first, second) else ""
    return f"{begin[0].upper()}{begin[1:]}{length}: {one}; {other}."


def _labels(wanted: Comparison, first: Dated, second: Dated) -> tuple[str, str]:
    return wanted.labels or (first.event, second.event)


def _name(event: str) -> str:
    return event.strip(" ,.?")


def _short(wanted: Comparison, first: Dated, second: Dated, gap: int | None) -> str:
    """Return the result alone, in as few words as it has; nothing where there is none."""
    if gap is None:
        return ""
    if wanted.form in {"between", "after", "before"}:
        return _length(abs(gap), wanted.unit, exact=_both_exact(first, second))
    if gap == 0:
        return "on the same day"
    if wanted.form == "first":
        return _labels(wanted, first, second)[gap < 0]
    lead = {"yes_before": ("Yes", "No"), "yes_after": ("No", "Yes")}.get(wanted.form)
    return lead[gap < 0] if lead else ("before" if gap > 0 else "after")


def _length(days: int, unit: str | None, *, exact: bool = True) -> str:
    """Write a number of days in a unit; in days, and months or years beside, when none is asked."""
    if not exact:
        unit = unit if unit and unit != "day" else ("month" if days >= 45 else "week")
        count = round(days / _UNITS[unit])
        return f"about {count} {unit}{'' if count == 1 else 's'}"
    if unit and unit != "day":
        count = round(days / _UNITS[unit])
        return f"about {count} {unit}{'' if count == 1 else 's'} ({days} days)"
    plain = f"{days} day{'' if days == 1 else 's'}"
    return plain if unit or days < 60 else f"{plain} (about {round(days / _UNITS['month'])} months)"
