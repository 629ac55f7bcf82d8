"""Fits the judge to collected rows and says how well it does on rows that were not used.

    dateline eval fit judge            # writes rag/verify/judge.json
    dateline eval judge-report         # a page: AUC, risk and coverage, reliability, labels

Rows of one article or quiz stay together, in the folds of the cross-validation and in the bootstrap
of every interval, since they are not independent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.collect import Judged, Row
from rag.errors import DatelineError
from rag.verify.features import NAMES

Array = NDArray[np.float64]

OWN = Path(__file__).parent.parent / "rag" / "verify" / "judge.json"
"""The weights that come with this version."""
FOLDS = 10
PENALTY = 10.0
"""L2 penalty on standardised weights: chosen by cross-validation among 3, 10, 30, 100."""
AGAINST = frozenset({"objected"})
"""Features of which more can only speak against a statement; of all others, only for it."""
LEAST = 100
"""Fewest statements that weights are fitted to."""
PROMISE = 0.8
"""How often what is called supported shall be right, by a strict key: an answer in other words than
the key has counts as wrong, which is one in ten of those that are right. Nineteen in twenty was
wanted; no threshold reaches it that would leave more than a tenth of the right answers."""
KEPT = 0.87
"""Share of the right statements of a model that is shown: of those next above the threshold that
this gives, half are right; at .9 fewer than half are."""
EVEN = 0.5
"""What a quote must reach to speak for itself: it is then right more often than not."""
DRAWS = 1000


class TooFew(DatelineError):
    """There are too few rows to fit to."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Statements with a label, ready to be fitted to."""

    names: tuple[str, ...]
    x: Array
    """Features, shape (n, features); NaN where one is not known."""
    y: Array
    """1 for right, 0 for wrong, shape (n,)."""
    groups: tuple[str, ...]


def sample(rows: Sequence[Row], *, quoted: bool) -> Sample:
    """Return the labelled statements of rows; `quoted` ones are the sources' own words.

    Raises:
        TooFew: there are fewer than `LEAST`.
    """
    found: list[tuple[str, Judged]] = [
        (row.group, one)
        for row in rows
        for one in row.statements
        if one.features and one.right is not None and one.quoted == quoted
    ]
    if len(found) < LEAST:
        raise TooFew(f"{len(found)} statements are too few to fit to; {LEAST} are the least")
    return Sample(
        names=NAMES,
        x=np.array([[one.features.get(name, np.nan) for name in NAMES] for _, one in found]),
        y=np.array([float(bool(one.right)) for _, one in found]),
        groups=tuple(group for group, _ in found),
    )


def logistic(x: Array, y: Array, penalty: float = PENALTY, counts: Array | float = 1.0) -> Array:
    """Return the weights of a logistic regression, bias first, by Newton's method.

    `x` is standardised, shape (n, features); the bias is not penalised. `counts` says how much
    each row counts, shape (n,).
    """
    full = np.column_stack([np.ones(len(x)), x])
    ridge = np.diag([0.0] + [penalty] * x.shape[1])
    weights = np.zeros(full.shape[1])
    for _ in range(50):  # it converges in about six
        p = 1 / (1 + np.exp(-full @ weights))
        slope = full.T @ (counts * (y - p)) - ridge @ weights
        curve = (full * (counts * p * (1 - p))[:, None]).T @ full + ridge
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def signed(x: Array, y: Array, names: Sequence[str] = NAMES) -> Array:
    """Return the same with no weight against what its feature means: such a weight is 0.

    Chance gives them where features tell nearly the same, and then one number that does not stand
    in a source would speak for a statement. The worst is left out, and the rest is fitted anew.
    """
    sign = np.array([-1.0 if name in AGAINST else 1.0 for name in names])
    kept = np.ones(x.shape[1], dtype=bool)
    while True:
        weights = logistic(x[:, kept], y)
        whole = np.zeros(x.shape[1])
        whole[kept] = weights[1:]
        if not (whole * sign < 0).any():
            return np.concatenate([weights[:1], whole])
        kept[np.argmin(whole * sign)] = False


def auc(scores: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the area under the ROC curve (Hanley and McNeil 1982); None with one class only.

    The chance that a right answer has a higher score than a wrong one; a tie counts one half.
    """
    s, y = np.asarray(scores, dtype=float), np.asarray(right, dtype=bool)
    if y.all() or not y.any():
        return None
    order = np.unique(s, return_inverse=True)[1]
    counts = np.bincount(order)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[order]
    positives = int(y.sum())
    above = float(ranks[y].sum()) - positives * (positives + 1) / 2
    return above / (positives * (len(y) - positives))


def spread(
    scores: Sequence[float], right: Sequence[bool], groups: Sequence[str]
) -> tuple[float, float] | None:
    """Return the ends of the 95 % bootstrap interval of the AUC, whole groups drawn."""
    rng = np.random.default_rng(0)
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    lists = [np.array(one) for one in members.values()]
    s, y = np.asarray(scores, dtype=float), np.asarray(right, dtype=bool)
    found = []
    for _ in range(DRAWS):
        drawn = np.concatenate([lists[i] for i in rng.integers(0, len(lists), len(lists))])
        value = auc(s[drawn].tolist(), y[drawn].tolist())
        if value is not None:
            found.append(value)
    if not found:
        return None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def crossed(data: Sample) -> Array:
    """Return for each statement the probability by weights that were fitted without its group."""
    order = {g: i for i, g in enumerate(sorted(set(data.groups)))}
    folds = np.array([order[g] % FOLDS for g in data.groups])
    chances = np.zeros(len(data.y))
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            mean, scale = _standard(data.x[~out])
            w = signed(_standardised(data.x[~out], mean, scale), data.y[~out])
            x = _standardised(data.x[out], mean, scale)
            chances[out] = 1 / (1 + np.exp(-(w[0] + x @ w[1:])))
    return chances


def _standard(x: Array) -> tuple[Array, Array]:
    known = np.maximum((~np.isnan(x)).sum(axis=0), 1)
    mean = np.nansum(x, axis=0) / known
    scale = np.sqrt(np.nansum((x - mean) ** 2, axis=0) / known)
    return mean, np.where(scale > 1e-9, scale, 1.0)


def _standardised(x: Array, mean: Array, scale: Array) -> Array:
    """Return features with mean 0 and deviation 1; one that is not known counts as the mean."""
    found: Array = np.nan_to_num((x - mean) / scale, nan=0.0)
    return found


def fit(rows: Sequence[Row], *, quoted: bool) -> dict[str, Any]:
    """Fit the weights and the two thresholds to the rows that are not sealed.

    Returns:
        The JSON object that `rag.verify.judge.parse` reads.

    Raises:
        TooFew: there are too few rows.
    """
    data = sample([row for row in rows if not row.sealed], quoted=quoted)
    mean, scale = _standard(data.x)
    w = signed(_standardised(data.x, mean, scale), data.y)
    chances = crossed(data)
    scores, right = chances.tolist(), (data.y > 0).tolist()
    area, ends = auc(scores, right), spread(scores, right, data.groups)
    supported = _promised(chances, data.y)
    likely = min(EVEN if quoted else _keeping(chances, data.y), supported)
    return {
        "bias": round(float(w[0]), 4),
        "weights": {
            name: {
                "weight": round(float(w[1 + i]), 4),
                "mean": round(float(mean[i]), 4),
                "scale": round(float(scale[i]), 4),
            }
            for i, name in enumerate(data.names)
        },
        "supported": round(supported, 3),
        "likely": round(likely, 3),
        "fitted": {
            "sets": _counts(rows, quoted=quoted),
            "n": len(data.y),
            "right": round(float(data.y.mean()), 3),
            "date": datetime.now(UTC).date().isoformat(),
            "auc": None if area is None else round(area, 3),
            "interval": None if ends is None else [round(e, 3) for e in ends],
        },
    }


def _counts(rows: Sequence[Row], *, quoted: bool) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        if not row.sealed:
            used = sum(bool(s.features) and s.quoted == quoted for s in row.statements)
            counts[row.suite] = counts.get(row.suite, 0) + used
    return {name: n for name, n in counts.items() if n}


def _promised(chances: Array, y: Array) -> float:
    """Return the lowest threshold from which on the promised share is right, in every window.

    Not only of all that lies above it: of the fifty next above it too, else the surest answers
    would carry unsure ones over the line.
    """
    order = np.argsort(-chances)
    best = 0.999
    right = np.cumsum(y[order])
    for n in range(20, len(order) + 1):
        window = y[order[max(0, n - 50) : n]]
        if right[n - 1] / n >= PROMISE and window.mean() >= PROMISE - 0.1:
            best = float(chances[order[n - 1]])
    return best


def _keeping(chances: Array, y: Array) -> float:
    """Return the threshold at and above which the wanted share of what is right lies."""
    return float(np.quantile(chances[y > 0], 1 - KEPT))


def write(rows: Sequence[Row], path: Path) -> dict[str, Any]:
    """Fit both models and write them; what there are too few rows for stays as it was."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, quoted in (("worded", False), ("quoted", True)):
        try:
            found[name] = fit(rows, quoted=quoted)
        except TooFew:
            if name not in found:
                raise
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found
