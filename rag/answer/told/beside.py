"""Reports set side by side: do they agree, did something change, does each say what is asked?

Each side gets its own evidence, from the outlets that the question names for it. The result is
code's; the chat model, where there is one, only judges single claims, by the weight of its first
word: asked about several reports at once, a small model says yes to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from rag.answer.days import written
from rag.answer.prompts import Style
from rag.question.polar import Polar, polar
from rag.question.sides import Side, sides
from rag.search.candidates import Candidate
from rag.search.select import alone, in_reading_order, whole
from rag.types import Evidence, Statement, Verdict, day
from rag.verify.ground import Ground, Premise, sense
from rag.verify.verifier import findings

Find = Callable[[str, Sequence[str]], Sequence[Candidate]]
"""Finds the sentences for a text in the articles of some outlets, all if none, best first."""
Judge = Callable[[str, Sequence[Evidence]], float | None]
"""Returns how likely evidence says what is claimed; None when that cannot be known."""

MOST = 3
"""Most reports shown side by side."""
HOLDS = 0.55
"""A claim that is judged less likely than this is not what the report says."""
ALIKE = 0.6
"""Share of their words from which on two reports say the same, so that nothing changed."""
ABOUT = 0.2
"""Share of their words from which on two reports speak of one thing, so that one can deny it."""
_DENIALS = frozenset({"negation", "direction", "denial"})

_SURE = Verdict(support="supported", score=1.0)
_WEIGHED = Verdict(
    support="partly", score=0.75, reasons=("no report says so itself: it was weighed from these",)
)
"""Of the result: read one by one, a quarter of such results had no sentence that bore them out."""
_WHY = {
    ("agree", True): "nothing in the reports contradicts the other",
    ("agree", False): "the reports contradict each other",
    ("change", True): "the reports say different things",
    ("change", False): "the reports say the same",
    ("claims", True): "the reports say so",
    ("claims", False): "not every report says so",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the reports of a side say, and whether that is what the question says of them."""

    candidates: tuple[Candidate, ...]
    holds: bool


def compare(
    question: str, publishers: Sequence[str], find: Find, judge: Judge, style: Style
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]] | None:
    """Answer a question about what reports say; None when it is none, or a side has no report.

    Args:
        question: As read.
        publishers: The outlets of the archive.
        find: Finds the sentences of a side.
        judge: Judges a claim by them.
        style: The short style gives the result alone.
    """
    asked = polar(question)
    if asked is None:
        return None
    parts = sides(question, publishers)
    if not any(side.outlets for side in parts):
        return None
    if asked.asks == "claims":
        choose = _reports if len(parts) == 1 else _best
        judged = [_judged(side, choose(side, find), judge) for side in parts]
        if not all(j.candidates for j in judged):
            return None
        shown = list(dict.fromkeys(c for j in judged for c in j.candidates))
        return _told(asked, shown, style, true=all(j.holds for j in judged))
    outlets = tuple(dict.fromkeys(o for side in parts for o in side.outlets))
    both = Side(text=question, claim=question, outlets=outlets)
    reports = in_reading_order(_reports(both, find))
    if len(reports) < 2:
        return None
    true = not (_contradict(reports) if asked.asks == "agree" else _same(reports))
    return _told(asked, reports, style, true=true)


def _judged(side: Side, chosen: Sequence[Candidate], judge: Judge) -> Judged:
    """Judge whether what was chosen for a side is what the question says of it."""
    evidence = [alone(n, c) for n, c in enumerate(in_reading_order(chosen), 1)]
    likely = judge(side.claim, evidence) if evidence else None
    holds = likely is None or likely >= HOLDS
    shown = {c.article.id: c for c in reversed(chosen)}
    return Judged(candidates=tuple(reversed(shown.values())), holds=holds != side.denied)


def _best(side: Side, find: Find) -> list[Candidate]:
    """Return the best sentences of the best article, and the best one of each other outlet."""
    ranked = find(side.claim, side.outlets)
    if not ranked:
        return []
    first = ranked[0].article
    chosen = [c for c in ranked if c.article.id == first.id][:2]
    for outlet in side.outlets:
        if outlet != first.publisher:
            chosen += [c for c in ranked if c.article.publisher == outlet][:1]
    return chosen[:MOST]


def _reports(side: Side, find: Find) -> list[Candidate]:
    """Return the best sentence of each story, the best stories first."""
    chosen: dict[str, Candidate] = {}
    for candidate in find(side.claim, side.outlets):
        chosen.setdefault(candidate.cluster, candidate)
    return list(chosen.values())[:MOST]


def _same(reports: Sequence[Candidate]) -> bool:
    """Say whether the reports use nearly the same words."""
    return all(_overlap(a, b) >= ALIKE for a, b in combinations(reports, 2))


def _contradict(reports: Sequence[Candidate]) -> bool:
    """Say whether one report denies or reverses what another says of the same thing."""
    return any(
        _overlap(a, b) >= ABOUT
        and any(f.check in _DENIALS for f in findings(a.text, Ground([Premise(text=b.text)])))
        for a, b in permutations(reports, 2)
    )


def _overlap(one: Candidate, other: Candidate) -> float:
    first, second = sense(one.text), sense(other.text)
    return len(first & second) / max(len(first | second), 1)


def _told(
    asked: Polar, reports: Sequence[Candidate], style: Style, *, true: bool
) -> tuple[tuple[Evidence, ...], tuple[Statement, ...]]:
    """Return the result, citing all of the reports, and then what each of them says."""
    evidence = tuple(alone(n, c) for n, c in enumerate(reports, 1))
    cited = tuple(whole(e) for e in evidence)
    word = asked.true if true else asked.false
    text = word if style == "short" else f"{word}: {_WHY[asked.asks, true]}."
    result = Statement(text=text, citations=cited, verdict=_WEIGHED)
    if style == "short":
        return evidence, (result,)
    said = (
        Statement(text=_labelled(e), citations=(c,), verdict=_SURE)
        for e, c in zip(evidence, cited, strict=True)
    )
    return evidence, (result, *said)


def _labelled(evidence: Evidence) -> str:
    """Return a report's sentence after its outlet and day."""
    source = evidence.source
    when = written(source.published) if day(source.published) else None
    label = ", ".join(filter(None, (source.publisher, when)))
    text = " ".join(evidence.text.split())
    return f"{label}: {text}" if label else text
