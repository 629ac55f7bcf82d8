"""Sentences that rules choose, put beside a model's words or in their place.

That with the time, the value or the speaker that is asked for; that of each of two sides; and that
which names what the question only describes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer import decide
from rag.answer.differ.disagree import equal
from rag.answer.differ.figures import values
from rag.answer.differ.readings import numbered, own
from rag.answer.prepare import Ready
from rag.answer.told.described import Described
from rag.answer.told.lead import TAKEN, speaks
from rag.search.candidates import Candidate, likelihood
from rag.search.select import source_of
from rag.types import Answer, Citation, Evidence, Statement, Verdict

SIDE = 0.5
"""How likely the best sentence of a side must be to answer, to be told by itself."""
ALONE = 0.3
"""How likely a sentence that a rule chose must be to answer where nothing else stands."""
ANSWERS = 4.0
"""The logit of the cross-encoder from which on it may stand alone as well."""
_CHOSEN = Verdict(support="partly", score=0.6, reasons=("chosen by its time, value or speaker",))
"""Of the sentence that a rule chose and no model's words have."""


def led(ready: Ready, statements: Sequence[Statement], *, extractive: bool) -> Statement | None:
    """Return the sentence that a rule chose, where no statement that stands has it.

    It stands in for words of a model that did not pass, never beside those that did.

    A rule knows the time, the value or the speaker that is asked for; likeness, on which the
    judge goes, does not.

    Args:
        ready: Whose `led` names the rule.
        statements: What was said so far.
        extractive: True where it is the sources' own words anyway, without a label.
    """
    if not ready.led:
        return None
    first = ready.rankings[0][0]
    piece = next((e for e in ready.evidence if holds(e, first)), None)
    standing = list(filter(decide.stands, statements))
    if standing and not extractive:
        return None  # its value would come ahead of words that passed, and no judge was asked
    if piece is None or any(_tells(s, first, ready.led) for s in standing):
        return None
    if not standing and likelihood(first) < ALONE and (first.logit or 0.0) < ANSWERS:
        return None  # a rule knows what is asked for, not whether this is about it
    said = own(_cited(piece, first))
    text = " ".join(first.text.split()) if extractive else said.text
    return replace(said, text=text, verdict=_CHOSEN)


def sides(ready: Ready, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Let each side of a question about two things speak, where what stands leaves it out.

    Its own best sentence is told with outlet and day, as far as it is likely to answer.
    """
    told = [c for s in statements if decide.stands(s) for c in s.citations]
    added: dict[int, Statement] = {}
    for part, first in (
        (p, r[0]) for p, r in zip(ready.query.parts, ready.rankings, strict=True) if r
    ):
        piece = next((e for e in ready.evidence if holds(e, first)), None)
        known = any(c.source.article_id == first.article.id for c in told)
        likely = likelihood(first) >= SIDE or (first.logit or 0.0) >= ANSWERS
        likely = likely or (speaks(part, first) and (first.logit or 0.0) >= TAKEN)
        if piece is not None and not known and likely:
            said = own(_cited(piece, first))
            verdict = replace(said.verdict, score=max(likelihood(first), SIDE))
            added.setdefault(piece.number, replace(said, verdict=verdict))
    return tuple(added.values())


def resolved(answer: Answer, described: Described) -> Answer:
    """Show what a description stands for, with the sentence that names it."""
    pieces = list(answer.evidence)
    found = described.candidate
    cited = numbered(
        Citation(number=0, source=source_of(found.article), span=found.span, quote=found.text),
        pieces,
    )
    said = Statement(
        text=f"{described.text}: {described.name}",
        citations=(cited,),
        verdict=Verdict(support="supported", score=1.0),
    )
    return replace(answer, statements=(*answer.statements, said), evidence=tuple(pieces))


def holds(piece: Evidence, candidate: Candidate) -> bool:
    """Say whether a piece of evidence has a sentence."""
    same = piece.source.article_id == candidate.article.id
    return same and piece.span.covers(candidate.span)


def _cited(piece: Evidence, candidate: Candidate) -> Citation:
    return Citation(
        number=piece.number, source=piece.source, span=candidate.span, quote=candidate.text
    )


def _tells(statement: Statement, first: Candidate, rule: str) -> bool:
    """Say whether a statement is of the sentence that a rule chose, or gives its value."""
    article = first.article
    if any(
        c.source.article_id == article.id and c.span.overlaps(first.span)
        for c in statement.citations
    ):
        return True
    known = list(values(first.text, article.published)) if rule == "value" else []
    return any(
        (v.kind, v.unit) == (k.kind, k.unit) and equal(v, k)
        for v in values(statement.text)
        for k in known
    )
