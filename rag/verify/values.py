"""Are the statement's numbers and dates the source's? Compared by value, unit and bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from rag.language.numbers import Quantity, numbers
from rag.language.thesaurus import same as one
from rag.language.when import When, dates
from rag.language.words import lexicon, words
from rag.types import Moment, Support, day
from rag.verify.ground import TOLD_BEFORE, Finding, Ground, sense

_SCALES = (1e3, 1e6, 1e9)


def number_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check every quantity of a statement."""
    mine = sense(statement)
    before = TOLD_BEFORE.search(statement) is not None
    for found in numbers(statement):
        quantity = replace(found, earlier=True) if before else found
        finding = _vague(quantity, ground) if quantity.kind == "vague" else None
        if quantity.kind != "vague":
            finding = _number(quantity, mine, ground)
        if finding is not None:
            yield finding


def _vague(mine: Quantity, ground: Ground) -> Finding | None:
    if any(q.kind == "vague" or q.value >= 12 for q, _ in ground.numbers):
        return None
    return Finding("number", "partly", f"the source does not say {mine.text!r}")


def _number(mine: Quantity, about: frozenset[str], ground: Ground) -> Finding | None:
    same = [q for q, _ in ground.numbers if equal(mine, q) and _one_sort(mine, q)]
    if same:
        return _as_said(mine, same, ground)
    if mine.kind == "ordinal":
        return _ordinal(mine, about, ground)
    if any(_near(mine, q) for q, _ in ground.numbers) or mine.text.lower() in ground.digits:
        return None
    return _missing(mine, about, ground)


def _missing(mine: Quantity, about: frozenset[str], ground: Ground) -> Finding:
    """Say what the source has in place of a number that it lacks."""
    if mine.kind == "count" and mine.value <= 3:
        return Finding("small", "partly", f"the source does not say {mine.text!r}")
    for q, _ in ground.numbers:
        if _other_scale(mine, q):
            return _says(q, mine)
    for q, theirs in ground.numbers:
        if q.kind == mine.kind and _rivals(mine, q) and len(theirs & about) >= 3:
            return _says(q, mine)
    return Finding("number", "unsupported", f"the number {mine.text} is not in the source")


def _one_sort(mine: Quantity, theirs: Quantity) -> bool:
    """Say whether both tell a place in a row or both an amount; else they must count one thing."""
    same = (mine.kind == "ordinal") == (theirs.kind == "ordinal")
    return same or bool(set(mine.nouns) & set(theirs.nouns))


_AGAIN = lexicon("another again twice both follow further")
_NEW = lexicon("never inaugur debut initi maiden histor pioneer")


def _ordinal(mine: Quantity, about: frozenset[str], ground: Ground) -> Finding | None:
    """Check a place in a row that the source does not write as one: "another" is a second."""
    for q, theirs in ground.numbers:
        if q.kind == "ordinal" and set(q.nouns) & set(mine.nouns) and len(theirs & about) >= 3:
            return _says(q, mine)
    counted = [q for q, _ in ground.numbers if q.kind == "count" and q.value >= mine.value]
    if any(set(q.nouns) & set(mine.nouns) for q in counted):
        return None
    hints = {1: _NEW, 2: _AGAIN}.get(int(mine.value), frozenset())
    if any(w.stem in hints or w.low in hints for t in ground.texts for w in words(t)):
        return None
    return Finding("small", "partly", f"the source does not say {mine.text!r}")


def _says(theirs: Quantity, mine: Quantity) -> Finding:
    return Finding("number", "contradicted", f"the source says {theirs.text}, not {mine.text}")


def _as_said(mine: Quantity, same: list[Quantity], ground: Ground) -> Finding | None:
    """Check what goes with a number that the source has: its bound, its time, what it counts."""
    if mine.bound == "exact" and all(q.bound in {"most", "least"} for q in same):
        word = "at most" if same[0].bound == "most" else "at least"
        return Finding("bound", "partly", f"the source does not give {mine.text} as exact: {word}")
    if mine.bound in {"most", "least"} and all(q.bound == "exact" for q in same):
        reason = f"the source gives {same[0].text} as exact"
        return Finding("bound", "partly", reason)
    opposite = {"most": "least", "least": "most"}.get(mine.bound)
    if opposite and all(q.bound == opposite for q in same):
        return Finding("bound", "contradicted", f"the source bounds {mine.text} the other way")
    if not mine.earlier and all(q.earlier for q in same):
        newer = [q for q, _ in ground.numbers if q.kind == same[0].kind and not q.earlier]
        if newer:
            reason = f"the source gives {mine.text} for an earlier time, now {newer[0].text}"
            return Finding("earlier", "contradicted", reason)
    if mine.earlier and not any(q.earlier for q in same):
        older = [q for q, _ in ground.numbers if q.kind == same[0].kind and q.earlier]
        if older:
            reason = f"the source gives {older[0].text} for the time before, not {mine.text}"
            return Finding("earlier", "contradicted", reason)
    return _counted(mine, same)


def _counted(mine: Quantity, same: list[Quantity]) -> Finding | None:
    if not mine.nouns or mine.kind != "count":
        return None
    if any(not q.nouns or _one_count(mine, q) for q in same):
        return None
    other = " ".join(same[0].nouns)
    return Finding(
        "counted", "partly", f"in the source {mine.text} counts something else ({other})"
    )


_STAFF = frozenset({"job", "person", "peopl", "worker", "employe", "staff"})
"""What is counted when staff is: who cuts 500 jobs lays off 500 people; "post" is more."""


def _one_count(mine: Quantity, theirs: Quantity) -> bool:
    """Say whether two quantities count one thing."""
    ours, others = set(mine.nouns), set(theirs.nouns)
    jobs = "job" in ours | others and bool(ours & _STAFF and others & _STAFF)
    return jobs or not set(map(one, ours)).isdisjoint(map(one, others))


def equal(a: Quantity, b: Quantity) -> bool:
    """Say whether two quantities are the same value in units that agree."""
    if abs(a.value - b.value) > 1e-6 * max(abs(a.value), 1.0):
        return False
    if {a.unit, b.unit} == {"point", "%"}:
        return True  # "by half a percent" is how many write a half-point
    return a.unit == b.unit or not a.unit or not b.unit or {a.kind, b.kind} == {"count", "money"}


def _near(mine: Quantity, theirs: Quantity) -> bool:
    """Say whether a rounded number of the statement fits a number of the source."""
    if theirs.kind == "vague" or (mine.unit != theirs.unit and mine.unit and theirs.unit):
        return False
    low, high = sorted((abs(mine.value), abs(theirs.value)))
    ratio = low / high if high else 1.0
    if mine.bound == "about":
        return ratio >= 0.9
    if mine.bound == "least":
        return theirs.value >= mine.value and ratio >= 0.75 and theirs.bound != "most"
    if mine.bound == "most":
        return theirs.value <= mine.value and ratio >= 0.75 and theirs.bound != "least"
    return mine.kind == theirs.kind in {"duration", "percent", "money"} and ratio >= 0.995


def _other_scale(mine: Quantity, theirs: Quantity) -> bool:
    if not mine.value or not theirs.value:
        return False
    low, high = sorted((mine.value, theirs.value))
    return low >= 1 and any(abs(high / low - s) < 1e-6 for s in _SCALES)


def _rivals(mine: Quantity, theirs: Quantity) -> bool:
    if mine.kind == "count":
        return bool(set(mine.nouns) & set(theirs.nouns))
    return mine.unit == theirs.unit


def date_findings(statement: str, ground: Ground) -> Iterator[Finding]:
    """Check every date of a statement against the dates of the premises."""
    published = [p.published for p in ground.premises]
    for when in dates(statement):
        finding = _date(when, ground.dates, published)
        if finding is not None:
            yield finding


def _date(mine: When, theirs: list[When], published: list[Moment | None]) -> Finding | None:
    if any(_same_day(mine, d) for d in theirs) or _relative(mine):
        return None
    days = [d for d in map(day, published) if d is not None]
    if mine.year and not mine.day and any(_within(mine, d) for d in days):
        return None  # news rarely writes out the month in which it is published
    if any(_in(mine, d, d) for d in days):
        check = "date" if theirs else "published"  # a source with days of its own may mean those
        return Finding(check, "partly", f"only the article's own date fits {mine.text!r}")
    if any(_same_day(mine, d, ignore_year=True) for d in theirs):
        support: Support = "contradicted" if any(d.known for d in theirs) else "partly"
        return Finding("date", support, f"the source does not give this year: {mine.text!r}")
    rivals = [d for d in theirs if _rank(d) == _rank(mine)]
    if rivals:
        said = f"the source says {rivals[0].text!r}, not {mine.text!r}"
        return Finding("date", "contradicted", said)
    return Finding("date", "unsupported", f"the date {mine.text!r} is not in the source")


def _within(mine: When, written: date) -> bool:
    """Say whether a stated year or month is the one in which the article was published."""
    return mine.year == written.year and mine.month in (None, written.month)


def _relative(when: When) -> bool:
    """Say whether only its words could be compared ("this week"): too loose to fail on."""
    return not when.known and when.month is None and when.weekday is None


def _rank(when: When) -> tuple[bool, bool, bool]:
    return when.year is not None, when.month is not None, when.day is not None


def _in(mine: When, first: date, last: date) -> bool:
    """Say whether the days `first` to `last` lie inside what the statement says."""
    if mine.stated and mine.first is not None and mine.last is not None:
        return mine.first <= first and last <= mine.last
    if mine.weekday is not None:
        return first == last and first.weekday() == mine.weekday
    return (
        mine.month == first.month
        and first.month == last.month
        and (mine.day is None or (first == last and mine.day == first.day))
    )


def _same_day(mine: When, theirs: When, *, ignore_year: bool = False) -> bool:
    if mine.text.lower() == theirs.text.lower():
        return True
    if theirs.first is not None and theirs.last is not None and not ignore_year:
        return _in(mine, theirs.first, theirs.last)
    if mine.year is not None and not ignore_year and mine.year != theirs.year:
        return False
    if mine.weekday is not None:
        return mine.weekday == theirs.weekday
    return (
        mine.month is not None
        and (mine.month, mine.day) in {(theirs.month, theirs.day), (theirs.month, None)}
        and (mine.day is None or theirs.day == mine.day)
    )
