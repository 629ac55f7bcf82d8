"""Do the sources agree? Different values for one thing, side by side and never silently chosen.

Rules only, and precise rather than eager: a false alarm costs trust. Values are compared when they
are of one kind and unit, count the same thing, and stand by as much of the question as the best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

from rag.answer.differ.figures import Figure, Value, figures
from rag.language.when import dates
from rag.question.asked import Asked, asked
from rag.question.query import Query
from rag.question.scope import one_place
from rag.search.candidates import Candidate, score
from rag.search.select import source_of
from rag.types import Citation, Conflict, Reading

Kind = Literal["changed over time", "different scope", "estimate", "conflict"]
Group = list[Figure]
"""Figures of one value, best first."""

CLOSE = 0.6
"""Share of the best value's words near by that another value needs."""
CLOSER = 0.68
"""The same where the other value does not name what is counted or measured."""
CLOSEST = 0.85
"""The same where the question names neither a thing nor what it does: "how much money"."""
FIRM = 0.45
"""Share of the question's words that must stand by the best value, else none is compared."""
DAY = 0.6
"""The same for a day that is past: there are many days in the news."""
MOST = 6
"""Most readings of one disagreement."""


def conflicts(
    query: Query, candidates: Sequence[Candidate], weights: Mapping[str, float]
) -> tuple[Conflict, ...]:
    """Find what the sentences disagree on, of what the question asks.

    The citations are numbered 0: `shown` gives them evidence.

    Args:
        query: The question, or a part of it.
        candidates: The sentences that may answer it, best first.
        weights: The rarity of the question's words, by stem.
    """
    wanted = asked(query, weights)
    if wanted is None:
        return ()
    found = [f for f in figures(wanted, candidates) if _in_time(f, query)]
    found = _comparable(wanted, found)
    if len({f.candidate.cluster for f in found}) < 2:
        return ()
    return tuple(_judged(wanted, found))


def _in_time(figure: Figure, query: Query) -> bool:
    """Say whether a value is of the period that the question names, if it names one."""
    if not query.mentions or figure.value.kind == "date":
        return True
    first = min(p[0] for p in query.mentions)
    last = max(p[1] for p in query.mentions)
    told = dates(figure.window, figure.day)
    if any(d.first and d.last and first <= d.first and d.last <= last for d in told):
        return True
    slack = max(timedelta(days=2), last - first)
    return figure.day is not None and first <= figure.day <= last + slack


def _comparable(wanted: Asked, found: Sequence[Figure]) -> Group:
    """Return the values of the same thing as the best one, that one first."""
    if not found:
        return []
    best = max(found, key=lambda f: f.fit + score(f.candidate))
    if (wanted.ahead and not best.acts) or best.near < _least(wanted) * sum(
        wanted.weights.values()
    ):
        return []
    return [best, *(f for f in found if f is not best and _alike(wanted, f, best))]


def _least(wanted: Asked) -> float:
    if wanted.ahead and wanted.names:
        return 0.0  # a plan is put in many words, and its name must stand by the day
    return DAY if "date" in wanted.kinds else FIRM


def _alike(wanted: Asked, figure: Figure, best: Figure) -> bool:
    """Say whether a value is for the same thing as the best one."""
    if (figure.value.kind, figure.value.unit) != (best.value.kind, best.value.unit):
        return False
    if (best.acts and not figure.acts) or figure.each != best.each:
        return False
    close = CLOSE if figure.named or not best.named else CLOSER
    if not wanted.head and not wanted.action:
        close = CLOSEST
    return bool(wanted.ahead and wanted.names) or figure.near >= close * best.near


def _judged(wanted: Asked, found: Sequence[Figure]) -> list[Conflict]:
    """Group the values and say in which ways they differ."""
    best = found[0]
    inside = [
        f for f in found if not f.places or not best.places or one_place(f.places, best.places)
    ]
    made = _within(wanted, inside)
    others = [f for f in found if f not in inside]
    if others and not wanted.home:
        newest = [f for f in others if f.day == max(others, key=_when).day]
        groups = [_grouped(inside)[-1 if made else 0], *_grouped(newest)]
        if _independent(groups):
            made.append(_conflict("different scope", groups))
    return made


def _within(wanted: Asked, inside: Sequence[Figure]) -> list[Conflict]:
    """Judge values of one scope: over the days first, then those of one day."""
    groups = _grouped(inside)
    if not _independent(groups):
        return []
    days = {min(map(_when, g)) for g in groups}
    if wanted.changes and len(days - {date.min}) > 1:
        made = [_conflict("changed over time", groups)]
        last = max(map(_when, inside))
        newest = _grouped([f for f in inside if _when(f) == last])
        return made + ([_conflict(_unsettled(newest), newest)] if _independent(newest) else [])
    return [_conflict(_unsettled(groups), groups)]


def _when(figure: Figure) -> date:
    return figure.day or date.min


def _grouped(found: Sequence[Figure]) -> list[Group]:
    """Put equal values together; the groups are in the order of their first report."""
    groups: list[Group] = []
    for figure in found:
        home = next((g for g in groups if equal(g[0].value, figure.value)), None)
        if home is None:
            groups.append([figure])
        else:
            home.append(figure)
    return sorted(groups, key=lambda g: (min(map(_when, g)), g[0].value.low))


def _independent(groups: Sequence[Group]) -> bool:
    """Say whether two groups have sources of their own: copies of one story are one source."""
    return any(
        {f.candidate.cluster for f in a} != {f.candidate.cluster for f in b}
        for a, b in combinations(groups, 2)
    )


def equal(a: Value, b: Value) -> bool:
    """Say whether two values are one: the same, rounded, or a day inside a named month."""
    if a.kind == "date":
        return a.low <= b.high + 1 and b.low <= a.high + 1
    if "most" in {a.bound, b.bound} and a.bound != b.bound:
        return False
    loose = 0.03 if {a.bound, b.bound} & {"about", "least"} else 1e-6
    return all(_ratio(x, y) >= 1 - loose for x, y in ((a.low, b.low), (a.high, b.high)))


def _ratio(x: float, y: float) -> float:
    low, high = sorted((abs(x), abs(y)))
    return low / high if high else 1.0


def _unsettled(groups: Sequence[Group]) -> Kind:
    """Say whether values of one time differ because one of them is no exact one."""
    pairs = combinations([g[0].value for g in groups], 2)
    return "estimate" if all(_covers(a, b) or _covers(b, a) for a, b in pairs) else "conflict"


def _covers(a: Value, b: Value) -> bool:
    """Say whether the bound of the first leaves room for the second."""
    if a.bound == "least":
        return b.low >= a.low
    if a.bound == "most":
        return b.high <= a.high
    return a.bound == "about" and _ratio(a.low, b.low) >= 0.85


def _conflict(kind: Kind, groups: Sequence[Group]) -> Conflict:
    chosen = groups[-MOST:]
    return Conflict(kind=kind, readings=tuple(map(_reading, chosen)))


_SAID = {"exact": "", "about": "about ", "least": "at least ", "most": "up to "}


def _reading(group: Group) -> Reading:
    cited: dict[str, Citation] = {}
    for figure in group:
        candidate = figure.candidate
        cited.setdefault(
            candidate.article.id,
            Citation(
                number=0,
                source=source_of(candidate.article),
                span=candidate.span,
                quote=candidate.text,
            ),
        )
    value = _SAID[group[0].value.bound] + " ".join(group[0].value.text.split())
    return Reading(value=value, citations=tuple(cited.values()))
