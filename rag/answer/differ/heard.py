"""Two voices that give two numbers for one thing, whatever words they use for it.

The rules of `rag.answer.differ.figures` compare what numbers count and what is done; a ministry's
"38,000 were put down" and a farmer's "41,500" share no word with "How many hens were culled?". Here
models say what answers: the cross-encoder of the sentence, the extractive reader of each number in
it. Rules only say who speaks, that it is another, and that neither takes the other's place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from rag.answer.differ.disagree import conflict_of, equal
from rag.answer.differ.figures import Figure, Value, amounts
from rag.language.voice import same_voice
from rag.models.reader import Reader, Reading
from rag.question.asked import Asked, asked
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.types import Conflict, Span

LEAST = -4.0
"""Least sum of the cross-encoder's logit and the reader's log odds of a number that answers."""
GAP = 10.0
"""How far behind the best number another may be."""
SOON = timedelta(days=1)
"""Reports of one time: what is told later than that may take an earlier number's place."""
MONTH = 30.44 * 86400
"""Seconds of a month, to compare "two months" with "three weeks"."""


def heard(query: Query, candidates: Sequence[Candidate], reader: Reader) -> Conflict | None:
    """Return two numbers that two voices give for what is asked, at about one time.

    Args:
        query: The question, or a part of it.
        candidates: The sentences that may answer it.
        reader: Finds which words of a sentence answer.
    """
    wanted = asked(query)
    if wanted is None or "date" in wanted.kinds or wanted.losses:
        return None  # the killed and the hurt stand side by side, and the models mix them up
    found = sorted(_numbers(wanted, query, candidates, reader), key=lambda one: -one[1])
    near = [figure for figure, odds in found if odds >= max(LEAST, found[0][1] - GAP)]
    for one, other in combinations(near, 2):
        if _differ(one, other):
            return conflict_of("conflict", [[one], [other]])
    return None


def _numbers(
    wanted: Asked, query: Query, candidates: Sequence[Candidate], reader: Reader
) -> list[tuple[Figure, float]]:
    """Return the numbers of the sentences that the cross-encoder has read, with their odds."""
    told = [(c, c.logit, list(amounts(wanted, c))) for c in candidates if c.logit is not None]
    told = [one for one in told if one[2]]  # a sentence without a number is not worth reading
    if sum(len(found) for *_, found in told) < 2:
        return []
    titles = [f"{c.article.title}. " if c.article.title else "" for c, *_ in told]
    readings = reader.read(
        [(query.text, title, c.text) for title, (c, *_) in zip(titles, told, strict=True)]
    )
    return [
        (figure, logit + reading.best(_inside(reading, span))[1])
        for (_, logit, found), reading in zip(told, readings, strict=True)
        for figure, span in found
    ]


def _inside(reading: Reading, span: Span) -> set[Span]:
    return {token for token in reading.tokens if token.overlaps(span)}


def _differ(one: Figure, other: Figure) -> bool:
    """Say whether two voices speak of one time, and say two things."""
    a, b = _in_seconds(one.value), _in_seconds(other.value)
    if (a.kind, a.unit) != (b.kind, b.unit) or equal(a, b):
        return False
    if one.day is None or other.day is None or abs(one.day - other.day) > SOON:
        return False
    return bool(one.voice or other.voice) and not same_voice(one.voice, other.voice)


def _in_seconds(value: Value) -> Value:
    """Return a duration of months in the unit of weeks and days."""
    if value.kind != "duration" or value.unit != "month":
        return value
    return replace(value, unit="second", low=value.low * MONTH, high=value.high * MONTH)
