"""What sources give as the cause of one thing, where they do not name the same.

"What caused the fire?" is answered by the police ("a faulty heater") and by tenants ("welding by
a cladding firm"). Both sentences answer, each is somebody's, and what they say beside the words of
the question has nothing in common: that is a dispute, and no number is needed to see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language.terms import held_stems
from rag.language.voice import same_voice, voice
from rag.language.words import fold
from rag.question.query import Query
from rag.search.candidates import Candidate, nearest
from rag.search.select import source_of
from rag.types import Citation, Conflict, Reading

_ASKS = re.compile(
    r"^(?:what|who)(?: \w+)? (?:caused|started|triggered|sparked|set off|led to)\b"
    r"|^(?:what|who) (?:was|were|is|are) (?:the (?:likely )?(?:cause|reason|origin)s? of|to blame|"
    r"responsible|behind)\b"
    r"|^(?:how|why) did\b.* (?:start|begin|break out|happen|crash|collapse|sink|burn|explode)\b"
)
"""A question for what brought something about, of which there is one true answer."""
_TELLS = re.compile(
    r"\b(?:caus(?:e|ed|ing)|start(?:ed)?|trigger(?:ed)?|spark(?:ed)?|set\b.{1,60}\bon fire|set off"
    r"|led to|because|due to|blam(?:e|ed|es)|result(?:ed)? (?:of|from)|fault|responsible)\b",
    re.IGNORECASE,
)
"""What a sentence says it with."""
NEAR = 4.0
"""How far below the best sentence, in logits of the cross-encoder, another one may be."""
LIKELY = 3.0
"""The logit from which on a sentence answers."""


ALIKE = 0.4
"""Share of the words beside the question's from which on two sentences say the same."""


def asks_cause(question: str) -> bool:
    """Return True when a question asks what brought something about."""
    return bool(_ASKS.search(fold(question)))


def telling(query: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the sentences that name a cause, where a question asks for one."""
    if not asks_cause(query.text):
        return []
    return [c for c in nearest(ranked, NEAR, LIKELY) if _TELLS.search(c.text)]


def causes(query: Query, ranked: Sequence[Candidate]) -> Conflict | None:
    """Return the causes that sources name, where they exclude each other; None when they do not.

    The citations are numbered 0, as those of `conflicts` are.

    Args:
        query: The question, or a part of it.
        ranked: The sentences that may answer it, with their logits.
    """
    chosen: list[Candidate] = []
    for candidate in sorted(telling(query, ranked), key=lambda c: -(c.logit or 0.0)):
        if all(_apart(query, candidate, other) for other in chosen):
            chosen.append(candidate)
    if len(chosen) < 2:
        return None
    return Conflict(kind="conflict", readings=tuple(map(_reading, chosen)))


def _apart(query: Query, one: Candidate, other: Candidate) -> bool:
    """Return True when two sentences are of two voices, and say little in common."""
    a, b = (voice(c.article, c.span) for c in (one, other))
    outlets = {one.article.publisher, other.article.publisher}
    two = not same_voice(a, b) if a and b else len(outlets) == 2 and None not in outlets
    asked = held_stems(query.text)
    mine, theirs = held_stems(one.text) - asked, held_stems(other.text) - asked
    shared = len(mine & theirs) / max(min(len(mine), len(theirs)), 1)
    return two and one.cluster != other.cluster and shared < ALIKE


def _reading(candidate: Candidate) -> Reading:
    cited = Citation(
        number=0,
        source=source_of(candidate.article),
        span=candidate.span,
        quote=candidate.text,
    )
    value = " ".join(candidate.text.split())
    return Reading(value=value, citations=(cited,), voice=voice(candidate.article, candidate.span))
