"""Holds somebody's own text against an archive, sentence by sentence; no model is asked.

    for checked in check("Finland joined NATO in April 2023.", machine):
        print(checked.finding, checked.text)

Each sentence is searched for, and the sentences that are found are what the verifier holds it
against. What bears it out is counted by independent source; what is nearly the same and says
otherwise contradicts it, or has changed it where it was reported later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from rag.answer.bearing import MILD, Held, hold, speaks_of_another
from rag.language.sentences import split
from rag.language.when import When, dates
from rag.question.query import LONGEST
from rag.search.select import source_of
from rag.types import Citation, Filter, Span
from rag.verify.ground import sense

if TYPE_CHECKING:
    from rag.answer.machine import Machine

Finding = Literal[
    "supported", "contradicted", "changed_since", "one_source", "not_in_archive", "no_claim"
]

SHOWN = 3
"""Most quotes that are shown on one side."""
FEWEST = 2
"""A sentence of fewer words with a meaning claims nothing that can be looked for."""
MOST_CHARACTERS = 200_000
"""Of a draft."""

_AHEAD = re.compile(
    r"\b(?:will|would|is to|are to|plans?|planned|aims?|due|expects?|expected|set to|scheduled)\b"
)
_OPINION = re.compile(
    r"^\W*(?:I|we) (?:think|believe|hope|feel|suspect|guess|wonder|expect|fear)\b"
    r"|\b(?:in my|in our) (?:view|opinion)\b|^\W*(?:perhaps|maybe|hopefully|arguably)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What an archive makes of one sentence of a draft."""

    text: str
    span: Span
    """Where it stands in the draft, in characters."""
    finding: Finding
    reasons: tuple[str, ...] = ()
    support: tuple[Citation, ...] = ()
    """The words that bear it out, best first, one of each independent source."""
    against: tuple[Citation, ...] = ()
    """The words that say otherwise, the latest report first."""
    sources: int = 0
    """How many independent sources bear it out: copies of one story count once."""
    score: float = 0.0
    """How sure the best support is, 0 to 1."""


def check(
    draft: str,
    machine: Machine,
    *,
    filters: Filter | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Checked]:
    """Yield what an archive makes of each sentence of a draft.

    Args:
        draft: A text in plain words.
        machine: The archive, and what searches and verifies; its chat model is not asked.
        filters: Which articles may be read; all when None.
        progress: Called with how many sentences are done, and of how many.
    """
    sentences = split(draft)
    for done, span in enumerate(sentences):
        if progress is not None:
            progress(done, len(sentences))
        yield _checked(span, draft, machine, filters or Filter())
    if progress is not None:
        progress(len(sentences), len(sentences))


def _checked(span: Span, draft: str, machine: Machine, filters: Filter) -> Checked:
    text = " ".join(span.of(draft).split())
    if not claims(text):
        return Checked(text=text, span=span, finding="no_claim")
    with machine.archive.snapshot():
        held = hold(text[:LONGEST], machine, filters)
        return _judged(text, span, held)


def claims(text: str) -> bool:
    """Return True when a sentence states something that could be looked up."""
    if text.rstrip("\"'”’) ").endswith("?") or _OPINION.search(text):
        return False
    return len(sense(text)) >= FEWEST


def _judged(text: str, span: Span, held: Sequence[Held]) -> Checked:
    support = [h for h in held if h.bears or h.reworded]
    support.sort(key=lambda h: -h.verdict.score)
    against = sorted((h for h in held if h.opposes), key=lambda h: h.day, reverse=True)
    settled = _settled(text)
    later = [] if settled else _later([h for h in held if h.leans], against)
    if settled and support and _nearer(against, support, settled):
        support = []
    alone = _independent(support)
    shown = later or ([] if support else against or _of_another(held))
    proof = alone or (_independent([h for h in held if h.leans]) if later else [])
    return Checked(
        text=text,
        span=span,
        finding=_finding(len(alone), bool(later), bool(shown)),
        reasons=shown[0].verdict.reasons if shown else _doubts(alone),
        support=_cited(proof, 1),
        against=_cited(shown, 2 * SHOWN + 1),
        sources=len(alone),
        score=support[0].verdict.score if support else 0.0,
    )


def _finding(sources: int, later: bool, against: bool) -> Finding:
    if later:
        return "changed_since"
    if sources:
        return "supported" if sources > 1 else "one_source"
    return "contradicted" if against else "not_in_archive"


def _later(support: Sequence[Held], against: Sequence[Held]) -> list[Held]:
    """Return what says otherwise and was reported after everything that speaks for the claim.

    An article that says otherwise and names the claim as the state before tells of the change.
    """
    if not support:
        return []
    telling = {h.candidate.article.id for h in against}
    rest = [h for h in support if h.bears or h.candidate.article.id not in telling]
    newest = max((h.day for h in rest), default=date.min)
    return [h for h in against if h.day > newest]


def _of_another(held: Sequence[Held]) -> list[Held]:
    """Return what says the same thing of somebody else; a source that is silent says nothing."""
    return [h for h in held if h.about and speaks_of_another(h)]


def _settled(text: str) -> tuple[When, ...]:
    """Return the days on which something happened: no later report can change it then."""
    return () if _AHEAD.search(text) else tuple(w for w in dates(text) if w.known)


def _nearer(against: Sequence[Held], support: Sequence[Held], days: Sequence[When]) -> bool:
    """Return True when what was reported nearest to the days of a claim says otherwise."""
    same = [h for h in against if all(o.check not in MILD for o in h.objections)]
    return bool(same) and _distance(same, days) < _distance(support, days)


def _distance(held: Sequence[Held], days: Sequence[When]) -> int:
    """Return how many days lie between the nearest report and the days that are named."""
    return min(_apart(h.day, when) for h in held for when in days)


def _apart(published: date, when: When) -> int:
    first, last = when.first or date.min, when.last or date.max
    return max((first - published).days, (published - last).days, 0)


def _doubts(support: Sequence[Held]) -> tuple[str, ...]:
    """Return what the best support lacks."""
    return support[0].verdict.reasons if support else ()


def _independent(support: Sequence[Held]) -> list[Held]:
    """Return the best sentence of each source: neither copies of a story nor an outlet twice."""
    kept: list[Held] = []
    stories: set[str] = set()
    outlets: set[str] = set()
    for h in support:
        outlet = h.candidate.article.publisher or h.candidate.article.id
        if h.candidate.cluster not in stories and outlet not in outlets:
            kept.append(h)
        stories.add(h.candidate.cluster)
        outlets.add(outlet)
    return kept


def _cited(held: Sequence[Held], number: int) -> tuple[Citation, ...]:
    """Return the words of the first few, numbered from `number` on."""
    shown = [c for h in held[:SHOWN] for c in (h.candidate, *h.others)]
    return tuple(
        Citation(number=n, source=source_of(c.article), span=c.span, quote=c.text)
        for n, c in enumerate(shown, number)
    )
