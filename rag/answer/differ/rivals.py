"""Values of any kind that exclude each other: names and things too, not only numbers and days.

From single pairs ("Matsuyama" here, "Lowry" there) to one disagreement: spellings of a value are
put together, and every article that gives a value is counted for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from rag.answer.differ.matching import gives, one_value
from rag.answer.differ.twins import Told, twins
from rag.language.words import fold
from rag.question.query import Query
from rag.search.candidates import Candidate, score
from rag.search.select import source_of
from rag.types import Citation, Conflict, Reading, day

ABOUT = 0.35
"""Share of the question's words that must stand in or around a sentence that gives a value."""
MOST = 6
"""Most readings of one disagreement."""
_NOW = re.compile(
    r"^(?:who|what|which)\b.{0,60}?\b(?:is|are|does|do|has|have)\b|\b(?:now|latest)\b"
)


def rivals(query: Query, candidates: Sequence[Candidate]) -> Conflict | None:
    """Return what articles say differently in otherwise the same words; None when nothing.

    The citations are numbered 0, as those of `conflicts` are. The reading that most articles give
    comes first; copies of one wire story count once.

    Args:
        query: The question, or a part of it.
        candidates: The sentences that may answer it, best first.
    """
    near = [c for c in candidates if max(c.words, c.around) >= ABOUT]
    pairs = twins(query.text, near)
    family = _family(pairs)
    if len(family) < 2:
        return None
    groups = {text: list(_who(text, family, near)) for text in family}
    order = {t: (-_sources(g), near.index(g[0])) for t, g in groups.items() if g}
    ranked = sorted(order, key=order.__getitem__)
    readings = tuple(_reading(text, groups[text]) for text in ranked[:MOST])
    if len(readings) < 2:
        return None
    if query.recent or _NOW.search(fold(query.text)):
        days = {text: {_day(c) for c in groups[text]} - {None} for text in ranked}
        if all(days.values()) and not set.intersection(*days.values()):
            ordered = sorted(readings, key=lambda r: min(_days(r)))
            return Conflict(kind="changed over time", readings=tuple(ordered))
    return Conflict(kind="conflict", readings=readings)


def _family(pairs: Sequence[tuple[Told, Told]]) -> list[str]:
    """Return the values that exclude each other: the pair found most often, and its rivals."""
    merged: list[str] = []

    def name(told: Told) -> str:
        for text in merged:
            if one_value(text, told.text):
                return text
        merged.append(told.text)
        return told.text

    counted: Counter[tuple[str, str]] = Counter()
    best: dict[tuple[str, str], float] = {}
    for one, other in sorted(pairs, key=lambda p: len(p[0].text) + len(p[1].text)):
        a, b = name(one), name(other)
        if a != b:
            key = (min(a, b), max(a, b))
            counted[key] += 1
            both = score(one.candidate) + score(other.candidate)
            best[key] = max(both, best.get(key, 0.0))
    if not counted:
        return []
    top = max(counted, key=lambda k: (best[k], counted[k]))
    joined = [v for key in counted for v in key if set(key) & set(top)]
    return list(dict.fromkeys([*top, *joined]))


def _who(text: str, family: Sequence[str], near: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield the best sentence of each article that gives a value and none of its rivals."""
    others = [o for o in family if o != text]
    seen: set[str] = set()
    for candidate in near:
        if candidate.article.id in seen or not gives(candidate.text, text):
            continue
        if not any(gives(candidate.text, o) for o in others):
            seen.add(candidate.article.id)
            yield candidate


def _sources(group: Sequence[Candidate]) -> int:
    return len({c.cluster for c in group})


def _day(candidate: Candidate) -> date | None:
    return day(candidate.article.published)


def _days(reading: Reading) -> list[date]:
    return [d for c in reading.citations if (d := day(c.source.published))]


def _reading(text: str, group: Sequence[Candidate]) -> Reading:
    return Reading(
        value=" ".join(text.split()),
        citations=tuple(
            Citation(number=0, source=source_of(c.article), span=c.span, quote=c.text)
            for c in group
        ),
    )
