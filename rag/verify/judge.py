"""How likely is a statement to be a right answer? A learned judge, with rules as vetoes.

    judge = Judge(reranker)
    judge.check(claim, premises)      # a Verdict: supported, partly (likely), or removed

The probability is a logistic of a few features (`rag.verify.features`), fitted to answers that the
real model gave to questions with a key (`dateline eval fit judge`). The weights, with what they
were fitted on, lie beside this module in `judge.json`. A label is a promise that was measured there
on answers that were not used: *supported* is above the threshold from which on answers were right
often enough, *partly* is likely, anything lower is removed. Deterministic checks have the last
word: a number, day, name, speaker or denial that the source contradicts is never shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from rag.models.reader import Reader
from rag.models.reranker import Reranker
from rag.types import Verdict
from rag.verify.features import Claim, Features, measure
from rag.verify.ground import Finding, Ground, Premise
from rag.verify.verifier import CHECKS, findings

OFF = "the source may speak of something else than the question"
FAR = 1.5
"""Standard deviations that a second look is taken to move what it says by."""
LACKED = {"name": "names_held", "number": "numbers_held"}
"""Checks that keep a statement from being called supported where the source does not have what they
look for: 25 of 27 such statements of the open rows are wrong (`dateline eval judge-report`). Where
nothing that was read has it, as the feature says, it is removed."""
SHORT = 0.001
"""How far below the threshold such a statement is put at most."""
SPOKEN = 4
"""Features that a verdict names: those that moved it most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one feature counts: `weight * (value - mean) / scale`, in log odds."""

    weight: float
    mean: float
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A fitted logistic, with the two thresholds of its labels."""

    bias: float
    weights: Mapping[str, Weight]
    supported: float
    """From this probability on, a statement is called supported."""
    likely: float
    """From this on it is shown, as likely; below it is removed."""
    fitted: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from: sets, date, n, figures with intervals."""

    @property
    def reads(self) -> bool:
        """Whether anything that the extractive reader finds has a weight."""
        return any(self.weights[name].weight for name in ("reads", "tells"))

    def spoken(self, features: Features) -> dict[str, float]:
        """Return what each feature adds to the log odds: one that is not known (NaN), nothing."""
        return {
            name: 0.0
            if math.isnan(features[name])
            else w.weight * (features[name] - w.mean) / w.scale
            for name, w in self.weights.items()
        }

    def probability(self, features: Features) -> float:
        """Return the probability that the statement is right."""
        return 1.0 / (1.0 + math.exp(-self.bias - sum(self.spoken(features).values())))

    def label(self, odds: float) -> int:
        """Return which label log odds stand for: 0 removed, 1 likely, 2 supported."""
        chance = 1.0 / (1.0 + math.exp(-odds))
        return (chance >= self.likely) + (chance >= self.supported)

    def doubtful(self, chance: float) -> bool:
        """Return True when a second look may well change the label of a statement."""
        kept = min(max(chance, 1e-6), 1 - 1e-6)
        odds = math.log(kept / (1 - kept))
        reach = FAR * abs(self.weights["proposed"].weight)
        return self.label(odds - reach) != self.label(odds + reach)


def parse(record: Mapping[str, Any]) -> Model:
    """Return the model that a JSON object holds.

    Raises:
        KeyError, TypeError: it lacks a part.
    """
    weights = {name: Weight(**one) for name, one in record["weights"].items()}
    return Model(**{**record, "weights": weights})


@cache
def models() -> Mapping[str, Model]:
    """Return the fitted models that come with this version: `worded` and `quoted`."""
    text = files("rag.verify").joinpath("judge.json").read_text(encoding="utf-8")
    return {name: parse(record) for name, record in json.loads(text).items()}


class Judge:
    """Judges the statements of answers; `quoted` ones are a source's own words."""

    def __init__(
        self,
        reranker: Reranker,
        fitted: Mapping[str, Model] | None = None,
        *,
        without: Sequence[str] = (),
        reader: Reader | None = None,
    ) -> None:
        """Make a judge.

        Args:
            reranker: The cross-encoder that its weights were fitted to.
            fitted: Other weights than those of the package.
            without: Checks that are not to object, by name.
            reader: Finds which words of a sentence answer.
        """
        self.reranker = reranker
        self.reader = reader
        self.without = without
        self._models = fitted or models()

    def check(self, claim: Claim, premises: Sequence[Premise], *, quoted: bool = False) -> Verdict:
        """Return the verdict on a claim.

        Args:
            claim: The statement with its citations and what else was read.
            premises: The cited sentences, for the deterministic checks.
            quoted: True when the statement is the source's own sentence, word for word.
        """
        if not claim.citations:
            return Verdict(support="unsupported", score=0.0, reasons=("no source was given",))
        model = self._models["quoted" if quoted else "worded"]
        found = () if quoted else objections(claim, premises, self.without)
        reader = self.reader if model.reads else None  # half a second at first, 7 ms a sentence
        features = measure(claim, self.reranker, lacking(found), reader)
        chance = model.probability(features)
        spoken = sorted(model.spoken(features).items(), key=lambda one: -abs(one[1]))[:SPOKEN]
        doubt = OFF if quoted else _doubt(features)
        lacked = [f.check for f in found if f.support == "unsupported" and f.check in LACKED]
        if lacked:
            nowhere = any(features[LACKED[check]] < 1.0 for check in lacked)
            chance = min(chance, (model.likely if nowhere else model.supported) - SHORT)
        return _verdict(model, chance, found, tuple(spoken), doubt)

    def doubts(self, verdict: Verdict) -> bool:
        """Return True when a second look of the model may change the label of its words."""
        return verdict.support != "contradicted" and self._models["worded"].doubtful(verdict.score)

    def unsure(self, chance: float) -> bool:
        """Return True when a statement of this probability is not called supported."""
        return chance < self._models["worded"].supported


def objections(
    claim: Claim, premises: Sequence[Premise], without: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Return what the checks object to; what the question says itself is no objection."""
    ground = Ground(premises)
    checks = [check for name, check in CHECKS.items() if name not in without]
    asked = {(f.check, f.reason) for f in findings(claim.question, ground, checks)}
    found = findings(claim.text, ground, checks)
    return tuple(f for f in found if (f.check, f.reason) not in asked)


def lacking(found: Sequence[Finding]) -> int:
    """Return how many checks did not find a part of the statement in its source."""
    return sum(f.support == "unsupported" for f in found)


def _verdict(
    model: Model,
    chance: float,
    found: Sequence[Finding],
    spoken: tuple[tuple[str, float], ...],
    doubt: str,
) -> Verdict:
    refuted = [f for f in found if f.support == "contradicted"]
    reasons = tuple(dict.fromkeys(f.reason for f in refuted or found))
    if refuted:
        return Verdict(
            support="contradicted", score=min(chance, 0.1), reasons=reasons, judged=spoken
        )
    if chance < model.likely:
        return Verdict(
            support="unsupported",
            score=chance,
            reasons=reasons or (doubt,),
            judged=spoken,
        )
    if chance < model.supported:
        return Verdict(support="partly", score=chance, reasons=reasons or (doubt,), judged=spoken)
    return Verdict(support="supported", score=chance, judged=spoken)


def _doubt(features: Features) -> str:
    """Say in words what speaks most against a statement that no check objects to."""
    if features["new_faced"] < 0.6:
        return "much of it does not stand in the source"
    if features["answers"] < 0:
        return OFF
    if features["carries"] < 0:
        return "the source does not put it in this way"
    return "it is less sure than what is called supported"
