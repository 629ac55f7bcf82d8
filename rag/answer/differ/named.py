"""Does a value's sentence speak of those whom the question names, and of no near namesake?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.language.names import Known, Name, names
from rag.language.places import COUNTRIES
from rag.language.speech import speeches
from rag.language.words import words
from rag.question.asked import Asked, sense
from rag.search.candidates import Candidate

_IT = re.compile(r"\b(?:it|they|them|the (?:mission|flight|launch|event|vote))\b", re.IGNORECASE)

_DECIDES = re.compile(
    r"(?:['’]s?)? (?:\w+ )?(?:parliament|lawmakers|legislat\w+|deputies|senat\w+|congress|assembly"
    r"|house|courts?|judges|voters|government|cabinet|central bank)\b",
    re.IGNORECASE,
)
"""An institution that decides for its country, right behind that country's name."""


def of_the_names(asked: Asked, candidate: Candidate, near: str) -> bool:
    """Say whether the question's names stand with a value, and no near namesake instead."""
    article = candidate.article
    inside = Known([near])
    start = max(0, candidate.span.start - 800)
    around = article.text[start : candidate.span.end + 800]
    story = Known([around, article.title or "", article.text[:600]])
    return not _of_another_land(asked, near, inside) and all(
        inside.licence(n) == "same"
        or (story.licence(n) == "same" and not any(_twin(n, o) for o in inside.names))
        for n in asked.names
    )


def _of_another_land(asked: Asked, near: str, inside: Known) -> bool:
    """Say whether another country's institution did what is told: "Turkey's parliament approved".

    Who only reports it may be of any country, and so may whose strike or whose ship it was.
    """
    wanted = {part for n in asked.names for part in n.parts if part in COUNTRIES}
    missing = [n for n in asked.names if n.last in COUNTRIES and inside.licence(n) != "same"]
    if not missing or speeches(near):
        return False
    decided = (n for n in names(near) if _DECIDES.match(near, n.span.end))
    owners = {n.last for n in decided if n.last in COUNTRIES}
    return bool(owners) and not owners & wanted


def spoken_of(asked: Asked, candidate: Candidate, near: str) -> bool:
    """Say whether a day's own words, or what "it" refers to there, name whom the question names."""
    inside = Known([near])
    missing = [n for n in asked.names if inside.licence(n) != "same"]
    if not missing or not asked.ahead:
        return not missing
    again = any(
        a.low == "the" and sense(b.stem) in asked.kin for a, b in pairwise(words(near))
    )  # "the dam" of the Teller dam
    if not (_IT.search(near) or again):
        return False
    start = max(0, candidate.span.start - 700)
    before = names(candidate.article.text[start : candidate.span.start])
    return all(_last_meant(n, before) for n in missing)


def _last_meant(name: Name, before: Sequence[Name]) -> bool:
    """Say whether the last name that shares a word with this one is this one."""
    near = [o for o in before if set(name.parts) & set(o.parts)]
    return bool(near) and not _twin(name, near[-1])


def _twin(name: Name, other: Name) -> bool:
    """Say whether two names share a word but not all: Artemis II and Artemis III."""
    mine, theirs = set(name.parts), set(other.parts)
    return bool(mine & theirs) and bool(mine - theirs) and bool(theirs - mine)
