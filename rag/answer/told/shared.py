"""Who is meant? The name that several reports share, where a question describes it from each.

"Which company, sued according to The Verge, also spends billions according to TechCrunch?" is
answered by the company that both speak of, whatever else each of them names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.language.names import Name, names
from rag.language.words import words
from rag.question.publishers import named
from rag.search.select import whole
from rag.types import Citation, Evidence, Statement, Verdict

_ASKS = re.compile(
    r"(?:^|[,;] )(?P<who>who|which (?:\w+ ){0,3}?\w+|what (?:\w+ ){0,3}?\w+)\b", re.IGNORECASE
)
_PERSON = re.compile(
    r"\b(?:who|individual|person|figure|player|actor|actress|singer|politician|coach|ceo|founder"
    r"|executive|star|leader)$",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(r"\b(?:of|ceo|the|inc|research|capital|street|valley)\b", re.IGNORECASE)
LONG = 12
"""Content words of a question that describes rather than asks."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A name, with the pieces of evidence that speak of it, one for each article."""

    name: str
    evidence: tuple[Evidence, ...]


def describes(question: str, publishers: Sequence[str]) -> bool:
    """Say whether a question describes somebody or something out of reports."""
    content = sum(w.content for w in words(question))
    return bool(_ASKS.search(question) and named(question, publishers)) and content >= LONG


def settle(
    question: str, worded: str, evidence: Sequence[Evidence], *, extractive: bool
) -> Statement | None:
    """Return who is meant, as far as the evidence has that name; None when it has none.

    Args:
        question: As read.
        worded: What the model wrote; its name is taken if the evidence has it.
        evidence: What it wrote it from.
        extractive: True when no model wrote it, so that only the count of reports decides.
    """
    known = _known(question, evidence)
    ranked = sorted(known, key=lambda s: (-len(s.evidence), -len(s.name.split())))
    if not ranked:
        return None
    best = ranked[0] if len(ranked[0].evidence) > 1 else None
    said = None if extractive else _meant(question, worded, ranked)
    chosen = said or best
    if said and best and len(best.evidence) > len(said.evidence) + 1:
        chosen = best
    if chosen is None:
        return None
    articles = {e.source.article_id for e in evidence}
    share = len(chosen.evidence) / len(articles)
    several = len(chosen.evidence) > 1
    verdict = Verdict(
        support="supported" if several else "partly",
        score=0.5 + 0.5 * share,
        reasons=() if several else ("only one of the reports names it",),
    )
    return Statement(text=f"{chosen.name}.", citations=_cited(chosen), verdict=verdict)


def _meant(question: str, worded: str, known: Sequence[Shared]) -> Shared | None:
    """Return the name that the model wrote, of those that the evidence has."""
    said = [n for n in names(worded) if not _in(n, question)]
    for name in said:
        for one in known:
            if set(name.parts) & set(names(one.name)[0].parts if names(one.name) else ()):
                return one
    return None


def _in(name: Name, text: str) -> bool:
    held = {w.low for w in words(text)}
    return all(p in held for p in name.parts)


def _known(question: str, evidence: Sequence[Evidence]) -> list[Shared]:
    """Return the names of the evidence that the question leaves open, each with its pieces."""
    asked = _ASKS.search(question)
    person = bool(asked and _PERSON.search(asked["who"]))
    given = {p for n in names(question) for p in n.parts}
    outlets = {p for e in evidence for n in names(e.source.publisher or "") for p in n.parts}
    found: dict[str, dict[str, Evidence]] = {}
    called: dict[str, str] = {}
    for piece in evidence:
        for name in [*names(piece.text), *names(piece.source.title or "")]:
            if set(name.parts) & (given | outlets):
                continue
            found.setdefault(name.last, {}).setdefault(piece.source.article_id, piece)
            called[name.last] = max(called.get(name.last, ""), name.text, key=len)
    return [
        Shared(called[last], tuple(pieces.values()))
        for last, pieces in found.items()
        if not person or (" " in called[last] and not _NOT_A_PERSON.search(called[last]))
    ]


def _cited(shared: Shared) -> tuple[Citation, ...]:
    return tuple(whole(piece) for piece in shared.evidence)
