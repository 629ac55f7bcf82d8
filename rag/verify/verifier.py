"""Does the source support the statement? Deterministic checks first, then similarity.

    RuleVerifier().check("Profits rose 21 percent.", [Premise(text="Profits fell 12 percent.")])

A check that fails says why in words for the reader. What no check objects to is weighed by how
much of it the sources hold (`rag.verify.score`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Protocol

from rag.language.facts import answer_type
from rag.language.names import Known, canonical, names
from rag.language.places import UNDERSTOOD
from rag.language.predicates import predicates
from rag.language.words import words
from rag.question.parts import divided
from rag.types import Support, Verdict
from rag.verify.binding import binding_findings
from rag.verify.checks import (
    age_findings,
    deed_findings,
    denial_findings,
    direction_findings,
    modality_findings,
    name_findings,
    negation_findings,
    quote_findings,
    speaker_findings,
)
from rag.verify.clause import value_findings
from rag.verify.designation import designation_findings
from rag.verify.ground import Finding, Ground, Premise, bare, meaning, sense
from rag.verify.roles import doer_findings, role_findings
from rag.verify.score import Encode, measure, probability
from rag.verify.stronger import cause_findings, earlier_findings, scope_findings, suspicion_findings
from rag.verify.values import date_findings, number_findings

__all__ = ["CHECKS", "Premise", "RuleVerifier", "Verifier", "findings"]

Check = Callable[[str, Ground], Iterable[Finding]]
"""Yields what speaks against a statement, given its premises."""

CHECKS: Mapping[str, Check] = {
    "denial": denial_findings,
    "number": number_findings,
    "date": date_findings,
    "name": name_findings,
    "binding": binding_findings,
    "value": value_findings,
    "doer": doer_findings,
    "role": role_findings,
    "negation": negation_findings,
    "direction": direction_findings,
    "deed": deed_findings,
    "quote": quote_findings,
    "age": age_findings,
    "designation": designation_findings,
    "speaker": speaker_findings,
    "modality": modality_findings,
    "suspicion": suspicion_findings,
    "scope": scope_findings,
    "cause": cause_findings,
    "earlier": earlier_findings,
}
"""Every check by its name, in their order; `AnswerSettings.without` leaves some out."""
ENOUGH = 0.5
"""A statement with this probability is supported: the point that was fitted."""
SOME = 0.2
"""Between this and `ENOUGH` it is shown as partly supported; below it is not."""
_YES = re.compile(r"\W*yes\b", re.IGNORECASE)

ADDED = 0.25
"""A statement whose words beyond the question's have this probability is partly supported."""
BARE = 4
"""A statement of fewer content words is a bare answer: the question says what it is about."""


class Verifier(Protocol):
    """Says what sources make of a statement."""

    def check(self, statement: str, premises: Sequence[Premise], *, question: str = "") -> Verdict:
        """Return the verdict on a statement, given the source sentences."""
        ...


class RuleVerifier:
    """The deterministic verifier, with an optional sentence encoder for similarity."""

    def __init__(self, encode: Encode | None = None, without: Collection[str] = ()) -> None:
        """Take an encoder for similarity, and the names of checks to leave out."""
        self._encode = encode
        self._checks = [check for name, check in CHECKS.items() if name not in without]

    def check(self, statement: str, premises: Sequence[Premise], *, question: str = "") -> Verdict:
        """Return the verdict on a statement, given the source sentences.

        Args:
            statement: One sentence, or a bare answer such as "Kharkiv".
            premises: The cited sentences; nothing else may supply a number.
            question: What was asked: tells a bare answer what it is about.
        """
        if not premises:
            return Verdict(support="unsupported", score=0.0, reasons=("no source was given",))
        ground = Ground(premises)
        if answer_type(question) == "yesno" and sense(statement):
            question = ""  # what it says is the very thing to be shown
        bare = bool(question) and len(sense(statement)) < BARE and not _verbs(statement, ground)
        question = _part(ground, question) if bare else question
        found = findings(statement, ground, self._checks)
        if bare:  # it names no speaker because it is no sentence
            found = [f for f in found if f.check != "attribution"] + _unasked(ground, question)
        elif question:
            found = _presumed(found, findings(question, ground, self._checks))
        score = (
            self._bare(statement, ground, found, question)
            if bare
            else self._score(statement, ground, found, question)
        )
        return _verdict(statement, ground, found, score)

    def _score(
        self, statement: str, ground: Ground, found: Sequence[Finding], question: str
    ) -> float:
        """Return the probability of support; what only the question adds cannot make it none."""
        meaning = self._encode is not None
        score = probability(measure(statement, ground, found, self._encode), meaning=meaning)
        if score >= SOME or not question:
            return score
        added = [f for f in found if f.check not in _TAKEN]
        answered = measure(statement, ground, added, self._encode, presumed=sense(question))
        return SOME if probability(answered, meaning=meaning) >= ADDED else score

    def _bare(
        self, statement: str, ground: Ground, found: Sequence[Finding], question: str
    ) -> float:
        """Return the probability for a bare answer: the question must be spoken of there too."""
        if not _given(statement, ground, question):
            return 0.0
        asked = sense(question)
        score = probability(measure(statement, ground, found, None, presumed=asked), meaning=False)
        if any(c.own for c in predicates(statement)):
            asked |= sense(statement)  # it says itself what it is about
        held = len(asked & (ground.union | ground.around)) / len(asked) if asked else 1.0
        return score * min(1.0, 2 * held)


def _given(answer: str, ground: Ground, question: str) -> bool:
    """Say whether the sources themselves hold a word of a bare answer, beyond the question's.

    What stands around them may say who "he" is, but a quote must hold what it is quoted for.
    """
    asked = {w.low for w in words(question)}
    run = [w for w in words(answer) if w.content and w.low not in asked]
    own = {w.low for w in run}
    if not own or any(meaning(w) in ground.union for w in run):
        return True
    held = Known(ground.texts)
    return any(held.has(canonical(low)) for low in own) or bool(own & ground.digits)


def _verbs(statement: str, ground: Ground) -> bool:
    """Say whether a short sentence has a verb that no source has: it is no bare answer then.

    The question may say what a bare answer is about, but not what is done.
    """
    verbs = frozenset().union(*(c.verbs for c in predicates(statement)))
    return bool(verbs & sense(statement) - ground.union - ground.around)


def _part(ground: Ground, question: str) -> str:
    """Return which of the questions in a question the sources speak of most."""

    def share(part: str) -> float:
        asked = sense(part)
        return len(asked & (ground.union | ground.around)) / max(len(asked), 1)

    return max(divided(question), key=share)


def findings(
    statement: str, ground: Ground, checks: Iterable[Check] = tuple(CHECKS.values())
) -> list[Finding]:
    """Return what the deterministic checks object to."""
    return list(chain.from_iterable(check(statement, ground) for check in checks))


_TAKEN = frozenset(
    {"number", "date", "published", "vague", "modality", "opening", "small", "counted", "quote"}
)
"""Checks whose objections a question may have brought in: "this Sunday", the title of a film."""


def _presumed(found: Sequence[Finding], by_question: Sequence[Finding]) -> list[Finding]:
    """Soften what the statement only repeats from the question, names and denials apart.

    It is flagged all the same: nothing shows that the source means that Sunday. Only where the
    question names the day on which the article appeared is there nothing left to show.
    """
    asked = {(f.check, f.reason) for f in by_question}
    return [
        replace(f, support="partly")
        if f.support == "unsupported" and f.check in _TAKEN and (f.check, f.reason) in asked
        else f
        for f in found
        if f.check != "published" or (f.check, f.reason) not in asked
    ]


def _unasked(ground: Ground, question: str) -> list[Finding]:
    """Object to a bare answer from a source that lacks whom or what deed the question names.

    A deed may be told beside what is asked ("who was convicted in May, is from which state?"), so
    that one is only flagged.
    """
    return [
        *(replace(f, support="partly") for f in deed_findings(question, ground)),
        *_unnamed(ground, question),
    ]


def _unnamed(ground: Ground, question: str) -> list[Finding]:
    return [
        Finding("asked", "partly", f"the source does not mention {name.text}")
        for name in names(question)
        if name.sure
        and name.text.replace(".", "") not in UNDERSTOOD
        and ground.known.licence(name) == "absent"
    ]


def _verdict(statement: str, ground: Ground, found: Sequence[Finding], score: float) -> Verdict:
    reasons = tuple(dict.fromkeys(f.reason for f in found))
    worst = {f.support for f in found}
    if "contradicted" in worst:
        return Verdict(support="contradicted", score=min(score, 0.1), reasons=reasons)
    if "unsupported" in worst:
        return Verdict(support="unsupported", score=min(score, 0.2), reasons=reasons)
    if score < ENOUGH:
        lacking = _lacking(statement, ground)
        # A "yes" says each word of the question: not that the whole channel is open where half is.
        half = score >= SOME and not (lacking and _YES.match(statement))
        support: Support = "partly" if half else "unsupported"
        reasons = tuple(dict.fromkeys((*reasons, _missing(lacking))))
        return Verdict(support=support, score=score, reasons=reasons)
    return Verdict(support="partly" if worst else "supported", score=score, reasons=reasons)


def _lacking(statement: str, ground: Ground) -> list[str]:
    """Return the words of a statement that the source lacks."""
    held, mine = ground.union | ground.around, sense(statement)
    return [
        w.text
        for w in words(bare(statement))
        if w.content and (m := meaning(w)) not in held and m in mine
    ]


def _missing(lacking: Sequence[str]) -> str:
    """Say which words the source lacks, or that it does not put them together like this."""
    if not lacking:
        return "the source does not put these words together in this way"
    return f"the source does not speak of {', '.join(repr(w) for w in lacking[:3])}"
