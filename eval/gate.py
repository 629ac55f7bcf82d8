"""The gate: does this run fall below a committed baseline by more than chance?

A baseline is a JSON file of one score for each case and gated metric. The gate fails on a metric
only when all of this holds: the mean falls by `DROP` or more, the 95 % interval of the paired
difference excludes 0, and the fall is still significant after Holm's correction over the metrics
gated: with nine metrics, one interval in forty that excludes 0 by chance would stop every fifth
unchanged run of a noisy system.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from eval import ranking
from eval.metrics import METRICS
from eval.rows import Row, Run, RunFault
from eval.stats import Interval, difference, holm, significance
from eval.trial import Metric

DROP = 0.02
"""The smallest fall of a mean that stops a change: 2 points of 100."""
DIGITS = 6
"""Digits after the point of a stored score."""
SHARED = 0.9
"""The least share of the baseline's cases that a run must hold to be gated by it."""

ALPHA = 0.05
"""Family-wise error over the metrics gated."""

Part = Literal["retrieval", "answers"]

GATED: tuple[Metric, ...] = tuple(metric for metric in METRICS if metric.gated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One metric at the gate; `change` is positive for the better, whatever the metric."""

    metric: Metric
    before: float
    after: float
    change: Interval
    p: float
    """Significance of the change, adjusted for the number of metrics."""

    @property
    def failed(self) -> bool:
        """Whether the fall is both large and beyond chance."""
        return self.change.mean <= -DROP and self.change.high < 0 and self.p < ALPHA


def baseline(run: Run, only: Part | None = None) -> dict[str, object]:
    """Return the scores of a run, or of one half of it, as the content of a baseline file."""
    scores = {
        metric.name: {
            row.case.id: round(row.scores[metric.name], DIGITS)
            for row in run.scored
            if metric.name in row.scores
        }
        for metric in GATED
        if only is None or (metric in ranking.METRICS) == (only == "retrieval")
    }
    return {
        "suite": run.header.suite,
        "suite_digest": run.header.suite_digest,
        "settings_digest": run.header.settings_digest,
        "model": run.header.model,
        "scores": {name: values for name, values in scores.items() if values},
    }


def write(run: Run, path: Path, *, only: Part | None = None) -> None:
    """Write a run, or one half of its scores, as the baseline that later runs are gated by.

    A file for each half keeps the halves apart: the correction for many metrics is over those of
    one file, and a change of one half leaves the other's file as it was.

    Raises:
        RunFault: the run is unfinished or has failures: a baseline must be whole.
    """
    if not run.complete or run.failures:
        raise RunFault(
            f"{run.folder.name} has {len(run.scored)} of {run.header.cases} cases scored; "
            "a baseline must have all of them"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(baseline(run, only), indent=1) + "\n", encoding="utf-8")


def gate(run: Run, path: Path) -> tuple[Check, ...]:
    """Hold a run against a baseline file.

    A case that failed in the run scores the worst that its metric can be: a crash is not a way
    past the gate.

    Raises:
        RunFault: the baseline is unreadable, or of another suite.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        scores: Mapping[str, Mapping[str, float]] = stored["scores"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunFault(f"{path} is not a readable baseline: {error!r}") from error
    rows = {row.case.id: row for row in run.rows}
    known = {name for values in scores.values() for name in values}
    if len(known & rows.keys()) < SHARED * len(known):
        raise RunFault(
            f"{path} knows {len(known)} cases, of which the run has {len(known & rows.keys())}; "
            "run the whole suite, or write a new baseline"
        )
    found = (_check(metric, scores.get(metric.name, {}), rows) for metric in GATED)
    checks = [check for check in found if check is not None]
    adjusted = holm([check.p for check in checks])
    return tuple(replace(check, p=p) for check, p in zip(checks, adjusted, strict=True))


def _check(metric: Metric, before: Mapping[str, float], rows: Mapping[str, Row]) -> Check | None:
    pairs = []
    for name, old in before.items():
        new = _score(metric, rows[name]) if name in rows else None
        if new is not None:
            pairs.append((old, new, rows[name].case.group))
    if not pairs:
        return None
    old_values, new_values, groups = zip(*pairs, strict=True)
    sign = 1 if metric.higher else -1
    change = difference([sign * v for v in old_values], [sign * v for v in new_values], groups)
    p = significance(old_values, new_values)
    return Check(
        metric=metric,
        before=sum(old_values) / len(pairs),
        after=sum(new_values) / len(pairs),
        change=change,
        p=p,
    )


def _score(metric: Metric, row: Row) -> float | None:
    if row.failed:
        return _WORST.get(metric.name, 0.0 if metric.higher else 1.0)
    score = row.scores.get(metric.name)
    return None if score is None else round(score, DIGITS)


_WORST = {"truthful": -1.0}
