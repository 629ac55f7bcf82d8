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
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from rag.language.cues import claims as cues
from rag.language.names import Name, names
from rag.language.sentences import split
from rag.language.when import When, dates
from rag.question.query import LONGEST
from rag.search.candidates import Candidate, candidates
from rag.search.select import source_of
from rag.types import Citation, Filter, Span, Verdict, day
from rag.verify.ground import Finding as Objection
from rag.verify.ground import Ground, Premise, bare, sense
from rag.verify.verifier import ENOUGH, findings

if TYPE_CHECKING:
    from rag.answer.machine import Machine

Finding = Literal[
    "supported", "contradicted", "changed_since", "one_source", "not_in_archive", "no_claim"
]

READ = 12
"""Most sentences of the archive that one sentence of a draft is held against."""
SHOWN = 3
"""Most quotes that are shown on one side."""
PAIRED = 4
"""Of so many of the best sentences, pairs of one article are tried together."""
ABOUT = 0.6
"""A source sentence that holds this part of a claim's words, with its surroundings, speaks of the
same thing; one that objects to it then says otherwise."""
OWN = 0.4
"""The part that it must hold itself, without its surroundings."""
NEARLY = 0.4
"""A sentence to which no check objects bears a claim out from this score on: what is missing is a
word. Chosen on the half of eval/cases/drafts.jsonl that was read."""
CARRIED = 5.0
"""A sentence that says a claim in other words scores this with the cross-encoder (a logit), chosen
likewise; no check may object but that the source names who said it."""
LEANS = 0.3
"""An earlier report with this score was meant by a claim that a later one contradicts."""
FEWEST = 2
"""A sentence of fewer words with a meaning claims nothing that can be looked for."""
MOST_CHARACTERS = 200_000
"""Of a draft."""

OPENS = 4
"""A name behind at most so many words opens a sentence."""
_MILD = frozenset({"date", "published", "attribution", "modality", "unsaid"})
"""Checks whose objection means that a source speaks of another day or in another tone, not that it
says otherwise."""
_ANOTHER = frozenset({"binding", "clause", "roles", "doer"})
"""Checks whose objection means that a source says the same of somebody or something else."""
_PLACE = re.compile(r"^[A-Z][A-Z .,'’-]+(?:, [A-Z][\w ]+)?(?: \([^)]*\))? [—–-] ")
"""A dateline."""
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


@dataclass(frozen=True, slots=True)
class _Held:
    """A sentence of the archive, and what became of the claim with it."""

    candidate: Candidate
    verdict: Verdict
    objections: tuple[Objection, ...]
    """What the deterministic checks have against the claim."""
    about: bool
    """Whether it speaks of the same thing."""
    others: tuple[Candidate, ...] = ()
    """Sentences of the same article that it needs to bear the claim out."""
    reworded: bool = False
    """Whether it bears the claim out in other words, as a cross-encoder reads the two."""

    @property
    def day(self) -> date:
        """When it was published; what is undated is taken for old."""
        return day(self.candidate.article.published) or date.min

    @property
    def bears(self) -> bool:
        """Whether it bears the claim out: as the verifier has it, or all but a word or two.

        A report that is put as somebody's words bears out the report.
        """
        if self.verdict.support == "supported":
            return True
        return self.verdict.support == "partly" and (
            self.verdict.score >= (ENOUGH if self.objections else NEARLY)
        )

    @property
    def leans(self) -> bool:
        """Whether it speaks for the claim rather than against it."""
        return (
            self.bears
            or self.reworded
            or (self.verdict.support == "partly" and self.verdict.score >= LEANS)
        )

    @property
    def opposes(self) -> bool:
        """Whether it says otherwise of the same thing."""
        return self.about and self.verdict.support == "contradicted"


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
        held = _held(text[:LONGEST], machine, filters)
        return _judged(text, span, held)


def claims(text: str) -> bool:
    """Return True when a sentence states something that could be looked up."""
    if text.rstrip("\"'”’) ").endswith("?") or _OPINION.search(text):
        return False
    return len(sense(text)) >= FEWEST


def _held(text: str, machine: Machine, filters: Filter) -> list[_Held]:
    query = machine.read(text, filters=filters)
    found = machine.retrieve(query)
    ranked = candidates(query, found, machine.archive, machine.encoder)[:READ]
    wanted = sense(bare(text))
    held = [_against(text, wanted, c, machine) for c in ranked]
    if not any(h.bears for h in held):
        held = _reworded(text, held, machine)
    if any(h.bears or h.reworded for h in held):
        return held
    return [*held, *_together(text, held, machine)]


def _reworded(text: str, held: Sequence[_Held], machine: Machine) -> list[_Held]:
    """Mark what says a claim in other words: words are not counted there, both are read."""
    if machine.judge is None:
        return list(held)
    denied = bool(cues(text).negated)
    may = [
        h.about
        and all(o.check == "attribution" and o.support == "partly" for o in h.objections)
        and bool(cues(h.candidate.text).negated) == denied
        for h in held
    ]
    pairs = [(text, h.candidate.text) for h, fits in zip(held, may, strict=True) if fits]
    scores = iter(machine.judge.reranker.score(pairs))
    return [
        replace(h, reworded=fits and next(scores) >= CARRIED)
        for h, fits in zip(held, may, strict=True)
    ]


def _together(text: str, held: Sequence[_Held], machine: Machine) -> Iterator[_Held]:
    """Yield pairs of sentences of one article that bear a claim out where neither does alone."""
    for article in dict.fromkeys(h.candidate.article.id for h in held[:PAIRED]):
        same = [h for h in held if h.candidate.article.id == article][:PAIRED]
        for one, other in combinations(same, 2):
            if any(_speaks_of_another(h) or _names_another(text, h) for h in (one, other)):
                continue
            premises = [_premise(h.candidate, machine) for h in (one, other)]
            verdict = machine.verifier.check(text, premises)
            objections = tuple(findings(text, Ground(premises)))
            both = replace(one, verdict=verdict, objections=objections, others=(other.candidate,))
            if both.bears and not objections:
                yield both


def _speaks_of_another(held: _Held) -> bool:
    another = any(o.check in _ANOTHER and o.support != "partly" for o in held.objections)
    return another or held.verdict.support == "contradicted"


def _names_another(text: str, held: _Held) -> bool:
    """Return True when a sentence names others, and not whom the claim opens with."""
    mine = _first(text)
    if mine is None or _held_by(mine, held.candidate.text):
        return False
    return any(name.sure and not _held_by(name, text) for name in names(held.candidate.text))


def _premise(c: Candidate, machine: Machine) -> Premise:
    return Premise(
        text=c.text,
        published=c.article.published,
        context=f"{c.article.title or ''}\n{_around(c, machine)}",
        article=c.article.text,
    )


def _against(text: str, wanted: frozenset[str], c: Candidate, machine: Machine) -> _Held:
    premise = _premise(c, machine)
    verdict = machine.verifier.check(text, [premise])
    objections = tuple(findings(text, Ground([premise])))
    other = _other(text, c.text)
    if other and verdict.support in ("supported", "partly"):
        verdict = Verdict(support="unsupported", score=0.0, reasons=(other,))
        objections += (Objection("doer", "unsupported", other),)
    own = len(wanted & sense(c.text)) / max(len(wanted), 1)
    whole = len(wanted & sense(f"{c.text} {premise.context}")) / max(len(wanted), 1)
    first = _first(text)
    known = first is None or _held_by(first, c.article.text)
    return _Held(c, verdict, objections, about=known and own >= OWN and whole >= ABOUT)


def _other(claim: str, source: str) -> str:
    """Say whom a source speaks of where a claim opens with somebody else; "" where it does not."""
    mine, theirs = _first(claim), _first(_PLACE.sub("", source))
    if mine is None or theirs is None or _held_by(mine, source) or _held_by(theirs, claim):
        return ""
    return f"the source says this of {theirs.text}, not of {mine.text}"


def _first(text: str) -> Name | None:
    """Return the name that opens a sentence, if one stands among its first words."""
    for name in names(text):
        return name if len(text[: name.span.start].split()) <= OPENS else None
    return None


def _held_by(name: Name, text: str) -> bool:
    parts = {part for other in names(text) for part in other.parts}
    return bool(parts & set(name.parts))


def _around(c: Candidate, machine: Machine) -> str:
    """Return the sentences right before and after one."""
    spans = machine.archive.sentences(c.article.id)
    near = spans[max(0, c.position - 1) : c.position + 2]
    return c.article.text[near[0].start : near[-1].end] if near else ""


def _judged(text: str, span: Span, held: Sequence[_Held]) -> Checked:
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


def _later(support: Sequence[_Held], against: Sequence[_Held]) -> list[_Held]:
    """Return what says otherwise and was reported after everything that speaks for the claim.

    An article that says otherwise and names the claim as the state before tells of the change.
    """
    if not support:
        return []
    telling = {h.candidate.article.id for h in against}
    rest = [h for h in support if h.bears or h.candidate.article.id not in telling]
    newest = max((h.day for h in rest), default=date.min)
    return [h for h in against if h.day > newest]


def _of_another(held: Sequence[_Held]) -> list[_Held]:
    """Return what says the same thing of somebody else; a source that is silent says nothing."""
    return [h for h in held if h.about and _speaks_of_another(h)]


def _settled(text: str) -> tuple[When, ...]:
    """Return the days on which something happened: no later report can change it then."""
    return () if _AHEAD.search(text) else tuple(w for w in dates(text) if w.known)


def _nearer(against: Sequence[_Held], support: Sequence[_Held], days: Sequence[When]) -> bool:
    """Return True when what was reported nearest to the days of a claim says otherwise."""
    same = [h for h in against if all(o.check not in _MILD for o in h.objections)]
    return bool(same) and _distance(same, days) < _distance(support, days)


def _distance(held: Sequence[_Held], days: Sequence[When]) -> int:
    """Return how many days lie between the nearest report and the days that are named."""
    return min(_apart(h.day, when) for h in held for when in days)


def _apart(published: date, when: When) -> int:
    first, last = when.first or date.min, when.last or date.max
    return max((first - published).days, (published - last).days, 0)


def _doubts(support: Sequence[_Held]) -> tuple[str, ...]:
    """Return what the best support lacks."""
    return support[0].verdict.reasons if support else ()


def _independent(support: Sequence[_Held]) -> list[_Held]:
    """Return the best sentence of each source: neither copies of a story nor an outlet twice."""
    kept: list[_Held] = []
    stories: set[str] = set()
    outlets: set[str] = set()
    for h in support:
        outlet = h.candidate.article.publisher or h.candidate.article.id
        if h.candidate.cluster not in stories and outlet not in outlets:
            kept.append(h)
        stories.add(h.candidate.cluster)
        outlets.add(outlet)
    return kept


def _cited(held: Sequence[_Held], number: int) -> tuple[Citation, ...]:
    """Return the words of the first few, numbered from `number` on."""
    shown = [c for h in held[:SHOWN] for c in (h.candidate, *h.others)]
    return tuple(
        Citation(number=n, source=source_of(c.article), span=c.span, quote=c.text)
        for n, c in enumerate(shown, number)
    )
