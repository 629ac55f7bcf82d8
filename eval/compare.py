"""Two runs of one suite, case by case: what got better, what broke, and is it chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eval.metrics import METRICS
from eval.rows import Row, Run, RunFault
from eval.stats import Interval, difference, holm, significance
from eval.trial import Metric

ALPHA = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One metric in both runs, over the cases that have it in both."""

    metric: Metric
    before: float
    after: float
    difference: Interval
    p: float
    """McNemar's exact test where every score is 0 or 1, else a sign-flip test."""
    adjusted: float
    """`p` after Holm's correction over the metrics compared."""

    @property
    def significant(self) -> bool:
        """Whether the change is beyond chance, by its interval and by the corrected test."""
        return self.difference.excludes_zero and self.adjusted < ALPHA

    @property
    def better(self) -> bool:
        """Whether the change is for the better."""
        return (self.difference.mean > 0) == self.metric.higher


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Run A against run B."""

    before: Run
    after: Run
    changes: tuple[Change, ...]
    fixed: tuple[tuple[Row, Row], ...]
    """Cases that were wrong, declined or failed and are right now."""
    broken: tuple[tuple[Row, Row], ...]
    """Cases that were right and are not any more."""
    differing: tuple[tuple[Row, Row], ...]
    """Cases whose answers differ in a word or in the outcome."""
    shared: int
    alone: int
    """Cases that only one of the runs has."""


def compare(before: Run, after: Run) -> Comparison:
    """Compare two runs by case id.

    Raises:
        RunFault: they have no case in common.
    """
    first = {row.case.id: row for row in before.rows}
    second = {row.case.id: row for row in after.rows}
    pairs = [(row, second[name]) for name, row in first.items() if name in second]
    if not pairs:
        raise RunFault(f"{before.folder.name} and {after.folder.name} have no case in common")
    return Comparison(
        before=before,
        after=after,
        changes=_changes(pairs),
        fixed=tuple(pair for pair in pairs if not right(pair[0]) and right(pair[1])),
        broken=tuple(pair for pair in pairs if right(pair[0]) and not right(pair[1])),
        differing=tuple(pair for pair in pairs if _said(pair[0]) != _said(pair[1])),
        shared=len(pairs),
        alone=len(first) + len(second) - 2 * len(pairs),
    )


def repeated(run: Run, twin: Run | None) -> str:
    """Say how many answers came out otherwise in another run of the same configuration."""
    if twin is None:
        return ""
    found = compare(twin, run)
    when = twin.header.started[:16].replace("T", " ")
    return (
        f"Of {found.shared} answers, {len(found.differing)} differ from those of the run of the "
        f"same configuration on {when}."
    )


def right(row: Row) -> bool:
    """Say whether a case came out right; for a retrieval run, whether a gold article was found."""
    if "truthful" in row.scores:
        return row.scores["truthful"] > 0
    return row.scores.get("hits@4", 0) > 0


def _said(row: Row) -> tuple[str, str]:
    if row.answer is None:
        return (row.error, " ".join(row.ranked or ()))
    return (row.answer.outcome, row.answer.text)


def _changes(pairs: Sequence[tuple[Row, Row]]) -> tuple[Change, ...]:
    found = [change for metric in METRICS if (change := _change(metric, pairs))]
    adjusted = holm([change.p for change in found])
    return tuple(replace(c, adjusted=p) for c, p in zip(found, adjusted, strict=True))


def _change(metric: Metric, pairs: Sequence[tuple[Row, Row]]) -> Change | None:
    having = [(a, b) for a, b in pairs if metric.name in a.scores and metric.name in b.scores]
    if not having:
        return None
    old = [a.scores[metric.name] for a, _ in having]
    new = [b.scores[metric.name] for _, b in having]
    groups = [a.case.group for a, _ in having]
    p = significance(old, new)
    return Change(
        metric=metric,
        before=sum(old) / len(old),
        after=sum(new) / len(new),
        difference=difference(old, new, groups),
        p=p,
        adjusted=p,
    )
