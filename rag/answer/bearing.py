"""What a sentence of an archive makes of a claim: it bears it out, says otherwise, or neither.

Deterministic checks object first. Where nothing is objected but words differ, a cross-encoder
reads both; and whatever would bear a claim out is doubted once more (`rag.verify.contrast`,
`rag.verify.undone`), since a claim with one other verb or doer has nearly all of its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from rag.answer.instead import PLACE, first_name, held_by, instead, somebody_else
from rag.language.cues import claims as cues
from rag.language.names import names
from rag.search.candidates import Candidate, candidates
from rag.types import Filter, Verdict, day
from rag.verify.contrast import another
from rag.verify.ground import Finding as Objection
from rag.verify.ground import Ground, Premise, bare, sense
from rag.verify.score import Encode
from rag.verify.undone import undone, unsaid
from rag.verify.verifier import ENOUGH, findings

if TYPE_CHECKING:
    from rag.answer.machine import Machine

READ = 12
"""Most sentences of the archive that one sentence of a draft is held against."""
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
"""A claim without its values must have so many words with a meaning to be compared."""
MILD = frozenset({"date", "published", "attribution", "modality", "unsaid"})
"""Checks whose objection means that a source speaks of another day or in another tone, not that it
says otherwise."""
_ANOTHER = frozenset({"binding", "clause", "roles", "doer"})
"""Checks whose objection means that a source says the same of somebody or something else."""
_NO_OTHER = frozenset({"attribution", "date"})
"""Checks that object in part to what may well be so: the source has no year, or has a speaker."""


@dataclass(frozen=True, slots=True)
class Held:
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


def hold(text: str, machine: Machine, filters: Filter) -> list[Held]:
    """Return the sentences of an archive that a claim is held against, best first."""
    query = machine.read(text, filters=filters)
    found = machine.retrieve(query)
    ranked = candidates(query, found, machine.archive, machine.encoder)[:READ]
    wanted = sense(bare(text))
    held = [_otherwise(text, _against(text, wanted, c, machine), machine) for c in ranked]
    if not any(h.bears for h in held):
        held = _reworded(text, held, machine)
    held = [_doubted(text, h, machine) for h in held]
    if any(h.bears or h.reworded for h in held):
        return held
    pairs = (_doubted(text, h, machine) for h in _together(text, held, machine))
    return [*held, *(h for h in pairs if h.bears)]


def _doubted(text: str, held: Held, machine: Machine) -> Held:
    """Look once more at what would bear a claim out: is it done there, and by the same?

    Whether the deed is there in another word, the cross-encoder has read where it was asked.
    """
    if not (held.bears or held.reworded):
        return held
    source = " ".join(PLACE.sub("", c.text) for c in (held.candidate, *held.others))
    headline = held.candidate.article.title or ""
    lacks = undone(text, source)
    if not lacks and not held.reworded:
        lacks = unsaid(text, source, headline, _encode(machine))
    if lacks:
        return _taken_back(held, Objection("undone", "unsupported", lacks))
    if machine.judge is not None:
        article = held.candidate.article.text
        rather = another(text, source, article, machine.judge.reranker)
        if rather:
            return _taken_back(held, Objection("doer", "unsupported", rather))
    return held


def _otherwise(text: str, held: Held, machine: Machine) -> Held:
    """Let a sentence say otherwise that bears out all of a claim but one value, and has its own.

    The verifier only misses such a value in the source: of the same sort there may be many.
    """
    lacking = {o.check for o in held.objections if o.support != "partly"}
    reason = instead(text, held.candidate) if lacking and lacking <= {"date", "number"} else ""
    rest = " ".join(bare(text).split())
    if not reason or held.verdict.support == "contradicted" or len(sense(rest)) < FEWEST:
        return held
    other = _against(rest, sense(rest), held.candidate, machine)
    if not (other.bears or _carried(rest, other, machine)) or undone(rest, held.candidate.text):
        return held
    return replace(held, verdict=Verdict(support="contradicted", score=0.0, reasons=(reason,)))


def _carried(rest: str, held: Held, machine: Machine) -> bool:
    """Return True when a sentence says a claim but for its values, as a cross-encoder reads it."""
    if (
        machine.judge is None
        or not held.about
        or any(o.support != "partly" for o in held.objections)
    ):
        return False
    return machine.judge.reranker.score([(rest, held.candidate.text)])[0] >= CARRIED


def _taken_back(held: Held, objection: Objection) -> Held:
    verdict = Verdict(support="unsupported", score=0.0, reasons=(objection.reason,))
    objections = (*held.objections, objection)
    return replace(held, verdict=verdict, objections=objections, reworded=False)


def _encode(machine: Machine) -> Encode:
    return lambda texts: machine.encoder.encode(list(texts))


def _reworded(text: str, held: Sequence[Held], machine: Machine) -> list[Held]:
    """Mark what says a claim in other words: words are not counted there, both are read.

    Where no word is another and yet it does not bear the claim out, it puts them together in
    another way; that is no question of wording.
    """
    if machine.judge is None:
        return list(held)
    denied = bool(cues(text).negated)
    wanted = sense(bare(text))
    may = [
        h.about
        and (h.objections or not wanted <= _words_around(h.candidate, machine))
        and all(o.check in _NO_OTHER and o.support == "partly" for o in h.objections)
        and bool(cues(h.candidate.text).negated) == denied
        for h in held
    ]
    pairs = [(text, h.candidate.text) for h, fits in zip(held, may, strict=True) if fits]
    scores = iter(machine.judge.reranker.score(pairs))
    return [
        replace(h, reworded=fits and next(scores) >= CARRIED)
        for h, fits in zip(held, may, strict=True)
    ]


def _words_around(c: Candidate, machine: Machine) -> frozenset[str]:
    return sense(f"{c.text} {c.article.title or ''}\n{_around(c, machine)}")


def _together(text: str, held: Sequence[Held], machine: Machine) -> Iterator[Held]:
    """Yield pairs of sentences of one article that bear a claim out where neither does alone."""
    for article in dict.fromkeys(h.candidate.article.id for h in held[:PAIRED]):
        same = [h for h in held if h.candidate.article.id == article][:PAIRED]
        for one, other in combinations(same, 2):
            if any(speaks_of_another(h) or _names_another(text, h) for h in (one, other)):
                continue
            premises = [_premise(text, h.candidate, machine) for h in (one, other)]
            verdict = machine.verifier.check(text, premises)
            objections = tuple(findings(text, Ground(premises)))
            both = replace(one, verdict=verdict, objections=objections, others=(other.candidate,))
            if verdict.support == "supported" and not objections:
                yield both


def speaks_of_another(held: Held) -> bool:
    """Return True when a sentence says the same of somebody or something else."""
    another = any(o.check in _ANOTHER and o.support != "partly" for o in held.objections)
    return another or held.verdict.support == "contradicted"


def _names_another(text: str, held: Held) -> bool:
    """Return True when a sentence names others, and not whom the claim opens with."""
    mine = first_name(text)
    if mine is None or held_by(mine, held.candidate.text):
        return False
    return any(name.sure and not held_by(name, text) for name in names(held.candidate.text))


def _premise(text: str, c: Candidate, machine: Machine) -> Premise:
    """Return a sentence as the verifier reads it, with its dateline only where a claim names it."""
    place = PLACE.match(c.text)
    named = place is not None and any(held_by(name, text) for name in names(place[0]))
    return Premise(
        text=c.text if named else PLACE.sub("", c.text),
        published=c.article.published,
        context=f"{c.article.title or ''}\n{_around(c, machine)}",
        article=c.article.text,
    )


def _against(text: str, wanted: frozenset[str], c: Candidate, machine: Machine) -> Held:
    premise = _premise(text, c, machine)
    verdict = machine.verifier.check(text, [premise])
    objections = tuple(findings(text, Ground([premise])))
    rather = somebody_else(text, c)
    if rather and verdict.support in ("supported", "partly"):
        verdict = Verdict(support="unsupported", score=0.0, reasons=(rather,))
        objections += (Objection("doer", "unsupported", rather),)
    own = len(wanted & sense(c.text)) / max(len(wanted), 1)
    whole = len(wanted & sense(f"{c.text} {premise.context}")) / max(len(wanted), 1)
    first = first_name(text)
    known = first is None or held_by(first, c.article.text)
    return Held(c, verdict, objections, about=known and own >= OWN and whole >= ABOUT)


def _around(c: Candidate, machine: Machine) -> str:
    """Return the sentences right before and after one."""
    spans = machine.archive.sentences(c.article.id)
    near = spans[max(0, c.position - 1) : c.position + 2]
    return c.article.text[near[0].start : near[-1].end] if near else ""
