"""Do the sources agree? Different values for one thing, side by side and never silently chosen.

Rules only, and precise rather than eager: a false alarm costs trust. Values are compared when they
are of one kind and unit, count the same thing, and stand by as much of the question as the best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

from rag.answer.days import full
from rag.answer.differ.figures import LIKELY, NEAR, Figure, Value, figures
from rag.language.voice import same_voice
from rag.language.when import dates
from rag.question.asked import Asked, asked
from rag.question.query import Query
from rag.question.scope import ANYWHERE, one_place
from rag.search.candidates import Candidate
from rag.search.select import source_of
from rag.types import Citation, Conflict, Reading

Kind = Literal["changed over time", "different scope", "estimate", "conflict"]
Group = list[Figure]
"""Figures of one value, best first."""

CLOSE = 0.6
"""Share of the best value's words by it that another value needs."""
CLOSEST = 0.85
"""The same where the question names neither a thing nor what it does: "how much money"."""
FIRM = 0.45
"""Share of the question's words that must stand by the best value, else none is compared."""
DAY = 0.6
"""The same for a day that is past: there are many days in the news."""
APART = timedelta(days=90)
"""How far apart two events of one name are: news tells of its event within days or weeks."""
YEARS = timedelta(days=730)
"""How far apart reports are that tell of two events, whatever days they name."""
EVENTS = 1.0
"""How near, in logits, sentences are that tell of one event in other words."""
MOST = 6
"""Most readings of one disagreement."""


def conflicts(query: Query, candidates: Sequence[Candidate]) -> tuple[Conflict, ...]:
    """Find what the sentences disagree on, of what the question asks.

    The citations are numbered 0: `shown` gives them evidence.

    Args:
        query: The question, or a part of it.
        candidates: The sentences that may answer it, best first.
    """
    wanted = asked(query)
    if wanted is None:
        return ()
    return tuple(_judged(wanted, comparable(wanted, query, candidates)))


def comparable(wanted: Asked, query: Query, candidates: Sequence[Candidate]) -> Group:
    """Return the values that sentences give for one thing, the best first; each is judged alone.

    What speaks for a value is what its own article says, never how rare a word is elsewhere: an
    article on something else changes nothing.
    """
    return _one_each(_one_event(wanted, alike(wanted, query, candidates)))


def alike(wanted: Asked, query: Query, candidates: Sequence[Candidate]) -> Group:
    """Return the values for the same thing as the best one, of whatever event of that name."""
    found = [f for f in figures(wanted, candidates) if _in_time(f, query)]
    return _comparable(wanted, found)


def _one_each(found: Group) -> Group:
    """Keep the best value of each voice of a story: what it gives beside that is something else.

    "She spoke when the known dead numbered 2,600" is no second toll of an article that tells of
    3,000.
    """
    kept: Group = []
    for figure in sorted(found, key=_worth, reverse=True):
        rivals = [k for k in kept if k.candidate.cluster == figure.candidate.cluster]
        if all(
            equal(k.value, figure.value) or _elsewhere(k, figure) or _two_voices([k], [figure])
            for k in rivals
        ):
            kept.append(figure)
    best = found[:1]
    return [f for f in found if f in kept or f in best]


def _elsewhere(one: Figure, other: Figure) -> bool:
    return bool(one.places and other.places) and one.places != other.places


def _one_event(wanted: Asked, found: Group) -> Group:
    """Leave out the values of another event of the same name: an election 26 years before.

    Two reports that each tell of days of their own, far apart, tell of two events. The newest is
    meant, where the question names no year.
    """
    if wanted.ahead or _lasting(wanted):
        return found
    kept = _last_event(found, _own_day, APART)
    return kept if len(kept) < len(found) else _last_event(found, lambda f: f.day, YEARS)


def _last_event(found: Group, day_of: Callable[[Figure], date | None], apart: timedelta) -> Group:
    """Return the values of the last event, where their days fall apart into several.

    It is the last of those of which the question's words are told as well as of any.
    """
    best = max((f.near for f in found), default=0.0)
    sure = [f for f in found if f.near >= CLOSEST * best]
    told = sorted({d for f in sure if (d := day_of(f)) is not None})
    starts = [d for n, d in enumerate(told) if n == 0 or d - told[n - 1] > apart]
    if not starts:
        return found
    last = max(told) + apart
    first = starts[-1] - apart if len(starts) == 1 else starts[-1]
    return [f for f in found if (d := day_of(f)) is None or first <= d <= last]


def _lasting(wanted: Asked) -> bool:
    """Say whether a value is one that holds for a time, as a rate does, and not of one event."""
    return wanted.changes and not wanted.losses and "date" not in wanted.kinds


def _own_day(figure: Figure) -> date | None:
    """Return the day of an event that its article reports as news, within weeks."""
    if figure.day is None or figure.happened is None:
        return None
    first, last = figure.happened
    exact = last - first < timedelta(days=32)
    return last if exact and figure.day - last <= APART else None


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
    best = max(found, key=_worth)
    short = (wanted.ahead and not best.acts and best.near < DAY) or best.near < _least(wanted)
    if short and not best.meant:
        return []
    return [best, *(f for f in found if f is not best and _alike(wanted, f, best))]


def _worth(figure: Figure) -> float:
    """Return how well a value answers, by what stands in its article and what it means."""
    total = 1.5 * (len(figure.places) > 1 or ANYWHERE in figure.places)
    return (
        total + figure.fit + 3.0 * figure.candidate.meaning + 1.0 / (1 + figure.candidate.position)
    )


def _least(wanted: Asked) -> float:
    if wanted.ahead and wanted.names:
        return 0.0  # a plan is put in many words, and its name must stand by the day
    return DAY if "date" in wanted.kinds else FIRM


def _alike(wanted: Asked, figure: Figure, best: Figure) -> bool:
    """Say whether a value is for the same thing as the best one."""
    value, other = figure.value, best.value
    each = figure.each == best.each or figure.candidate is best.candidate
    if (value.kind, value.unit) != (other.kind, other.unit) or not each:
        return False
    if figure.meant:
        return True
    if value.kind == "date" and (_far(wanted, figure, best) or _only_near(wanted, figure, best)):
        return False
    if best.acts and not figure.acts:
        return False
    if best.named and not figure.named:
        return False
    close = CLOSE if wanted.head or wanted.action else CLOSEST
    return bool(wanted.ahead and wanted.names) or figure.near >= close * best.near


def _only_near(wanted: Asked, figure: Figure, best: Figure) -> bool:
    """Return True for a day of the past beside which nothing says that the deed was done then.

    A strike has many days: that it began on one of them is no other end of it.
    """
    if wanted.ahead or figure.acts:
        return False
    one, other = figure.candidate.logit, best.candidate.logit
    return one is None or other is None or one < LIKELY or other - one > EVENTS


def _far(wanted: Asked, figure: Figure, best: Figure) -> bool:
    """Return True where the cross-encoder finds a sentence much less about it than the best one.

    The newest plan may be told in fewer of the question's words than the first was.
    """
    one, other = figure.candidate.logit, best.candidate.logit
    return (
        one is not None
        and other is not None
        and other - one > NEAR
        and not (wanted.ahead and one >= LIKELY)
    )


def _judged(wanted: Asked, found: Sequence[Figure]) -> list[Conflict]:
    """Group the values and say in which ways they differ."""
    if not found:
        return []
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
            made.append(conflict_of("different scope", groups))
    return made


def _within(wanted: Asked, inside: Sequence[Figure]) -> list[Conflict]:
    """Judge values of one scope: over the days first, then those of one day."""
    groups = _grouped(inside)
    if not _independent(groups):
        return []
    days = {min(map(_when, g)) for g in groups}
    if len(days - {date.min}) > 1 and (wanted.changes or _revised(groups)):
        made = [conflict_of("changed over time", groups)]
        last = max(map(_when, inside))
        newest = _grouped([f for f in inside if _when(f) == last])
        return made + ([conflict_of(_unsettled(newest), newest)] if _independent(newest) else [])
    return [conflict_of(_unsettled(groups), groups)]


_NEW = re.compile(
    r"\b(?:and not|not \d|rather than|instead of|in all|so far|in total|in the end|final(?:ly)?|now"
    r"|revised|corrected|updated|ris(?:es|en)|rose to|up (?:from|to)|down (?:from|to)|by then)\b",
    re.IGNORECASE,
)
"""Words of a later value that say that it takes the place of an earlier one."""


_OPEN = re.compile(
    r"\b(?:so far|to date|until now|will|would|is to|are to|planned|expected|estimated?)\b",
    re.IGNORECASE,
)
"""Words by an earlier value that leave it open what comes of it."""


def _revised(groups: Sequence[Group]) -> bool:
    """Say whether the newest value takes the place of older ones, by its words or its voice.

    Who gave one value and gives another later has thought again; another voice only differs.
    """
    newest = max(groups, key=lambda g: min(map(_when, g)))
    since = min(map(_when, newest))
    older = [f for g in groups if g is not newest for f in g if _when(f) < since]
    return any(
        _NEW.search(f.candidate.text) or _OPEN.search(o.window) or _same_source(f, o)
        for f in newest
        for o in older
    )


def _same_source(one: Figure, other: Figure) -> bool:
    """Say whether one voice gives two values: a speaker, or an outlet that names none."""
    if one.voice or other.voice:
        return same_voice(one.voice, other.voice)
    outlet = one.candidate.article.publisher
    return outlet is not None and outlet == other.candidate.article.publisher


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


def newest(wanted: Asked, found: Group) -> Figure:
    """Return the figure that answers: the best one, or the last that takes its place."""
    groups = _grouped(found)
    best = found[0]
    if len(groups) < 2 or not (wanted.changes or _revised(groups)):
        return best
    last = max(map(_when, found))
    return max((f for f in found if _when(f) == last), key=lambda f: (_worth(f), f.value.low))


def _independent(groups: Sequence[Group]) -> bool:
    """Say whether two values have sources of their own: copies of one story are one source.

    Within one story two speakers are two sources, each of whom it names.
    """
    return any(
        {f.candidate.cluster for f in a} != {f.candidate.cluster for f in b} or _two_voices(a, b)
        for a, b in combinations(groups, 2)
    )


def _two_voices(one: Group, other: Group) -> bool:
    return all(a.voice and b.voice and not same_voice(a.voice, b.voice) for a in one for b in other)


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


def conflict_of(kind: Kind, groups: Sequence[Group]) -> Conflict:
    """Return groups of equal values as what sources differ on."""
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
    first = group[0]
    value = _SAID[first.value.bound] + " ".join(first.value.text.split())
    if first.value.kind == "date" and not any(c.isdigit() for c in value):
        value = full(first.value.text, first.candidate.article.published) or value
    return Reading(value=value, citations=tuple(cited.values()), voice=_voice(group))


def _voice(group: Group) -> str:
    """Return who gives a value: the first speaker that is named, by the longest form of it."""
    named = [f.voice for f in group if f.voice]
    alike = [v for v in named if same_voice(v, named[0])]
    return max(alike, key=len, default="")
