"""Did it change? The states that the articles report, in order, and whether one tells of a change.

A small model answers yes to every such question. So code puts the reports side by side, one
sentence from each, oldest first, and says "Yes" or "No" only where the words of a source do: a
source that says "until last week" or "no longer" tells of a change, one that says "has not
changed" denies it for its day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.search.candidates import Candidate, score
from rag.search.select import alone, in_reading_order, whole
from rag.types import Evidence, Statement, Verdict

MOST = 4
"""Most reports shown side by side."""

_ASKS = re.compile(
    r"^(?:did|has|have|is|are|was|were|does|do)\b.{2,200}"
    r"\b(?:chang\w+|different|differ|revers\w+)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:until (?:last|this|now|then|recently|\w+day)|no longer|revers(?:es|ed|ing|al)"
    r"|lift(?:s|ed|ing)|drop(?:s|ped|ping) (?:a|its|the|his|her)|previously|shift(?:s|ed|ing)?"
    r"|had (?:restricted|refused|barred|banned|opposed|prohibited|ruled out|rejected|stood|been)"
    r"|(?<!not )chang(?:es|ed) (?:his|her|its|their|the)|a change (?:of|in|from)|loosen\w*"
    r"|tighten\w*|raised?|lowered|instead of|used to|for the first time"
    r"|(?:has|have|is|are) now)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not changed|unchanged|no change|remains? (?:the same|in place|in force)"
    r"|still stands?)\b",
    re.IGNORECASE,
)


def compare(
    question: str, ranked: Sequence[Candidate]
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]] | None:
    """Answer whether something changed; None when it is not asked, or only one article speaks.

    Args:
        question: As read.
        ranked: The sentences that may tell, best first.
    """
    if not _ASKS.search(question):
        return None
    reports = in_reading_order(_reports(ranked))
    if len({c.cluster for c in reports}) < 2:
        return None
    lead = "Yes: " if any(_tells(c) for c in reports) else ""
    if not lead and all(_DENIES.search(c.text) for c in reports):
        lead = "No: "
    evidence = tuple(alone(n, c) for n, c in enumerate(reports, 1))
    statements = [_statement(e) for e in evidence]
    if lead:
        place = next((i for i, c in enumerate(reports) if lead == "No: " or _tells(c)), 0)
        first = statements.pop(place)
        statements.insert(
            0, Statement(text=lead + first.text, citations=first.citations, verdict=first.verdict)
        )
    return evidence, tuple(statements)


def _tells(candidate: Candidate) -> bool:
    return bool(_TELLS.search(candidate.text)) and not _DENIES.search(candidate.text)


def _reports(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the best sentence of each story, as long as it is nearly as good as the best of all.

    Of sentences about as good, one that tells of a change is taken: it is what was asked for.
    """
    best = score(ranked[0]) if ranked else 0.0
    near = [c for c in ranked if score(c) >= 0.5 * best]
    chosen: dict[str, Candidate] = {}
    for candidate in near:
        held = chosen.get(candidate.cluster)
        if held is None or (
            _tells(candidate) and not _tells(held) and score(candidate) >= 0.8 * score(held)
        ):
            chosen[candidate.cluster] = candidate
    return list(chosen.values())[:MOST]


def _statement(evidence: Evidence) -> Statement:
    return Statement(
        text=" ".join(evidence.text.split()),
        citations=(whole(evidence),),
        verdict=Verdict(support="supported", score=1.0),
    )
