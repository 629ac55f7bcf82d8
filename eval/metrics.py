"""All metrics in the order in which they are shown, and the costs beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from eval import abstention, answers, citations, ranking
from eval.trial import Metric, Trial
from rag.types import Answer

METRICS: Final[tuple[Metric, ...]] = (
    *ranking.METRICS,
    *answers.METRICS,
    *citations.METRICS,
    *abstention.METRICS,
)

COSTS: Final[dict[str, str]] = {
    "first_evidence": "Seconds to the first evidence",
    "first_token": "Seconds to the first token",
    "total": "Seconds to the end",
    "checking": "Seconds of checking",
    "prompt": "Prompt tokens",
    "generated": "Generated tokens",
    "peak_mb": "Peak memory, MB",
}
"""What an answer costs, with the unit; every answer is made anew, never taken from a cache."""


def find(name: str) -> Metric:
    """Return the metric of that name, one that belongs to a single suite included."""
    return next(m for m in (*METRICS, answers.SHARED_WORD) if m.name == name)


def score(trial: Trial, metrics: Iterable[Metric] = METRICS) -> dict[str, float]:
    """Score a trial by every metric that applies to it."""
    found = ((metric.name, metric.score(trial)) for metric in metrics)
    return {name: value for name, value in found if value is not None}


def costs(answer: Answer) -> dict[str, float]:
    """Return the times and tokens that an answer states of itself."""
    times, tokens = answer.timings, answer.tokens
    known = {
        "first_evidence": times.first_evidence,
        "first_token": times.first_token,
        "total": times.total,
        "checking": times.checking,
        "prompt": float(tokens.prompt) if tokens.prompt else None,
        "generated": float(tokens.generated) if tokens.prompt else None,
    }
    return {name: value for name, value in known.items() if value is not None}
