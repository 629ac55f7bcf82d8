"""Fits the weights of `rag/watching/about.py`, which says whether two sentences tell of one thing.

Worlds of invented articles are played (`eval/bench/watches.py`), open kinds of question alone. Each
pair of an old and a new answer about which a watch wants to know is kept with its features. What a
report is says what is right: one that changes or repeats the answer speaks of the same thing, one
that stands beside it does not. While they are recorded the right reading decides, so that which
pairs there are does not depend on the weights of today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eval.bench import watchcases
from eval.bench.watched import Report, World, world
from eval.fitting import Array, auc, logistic
from rag.models.reranker import Reranker
from rag.types import Answer
from rag.watching import about
from rag.watching.differ import lead
from rag.watching.run import Reads

_SAME = frozenset({"base", "change", "repeat"})
"""Kinds of report that speak of what their question asks for."""
_CASES = Path(__file__).parent.parent / "cases"
Play = Callable[[World, Path, Reads], object]
"""Plays a world in a folder, and lets `Reads` decide what speaks of one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An old and a new answer, read beside each other."""

    kind: str
    """What its question has in common with others."""
    same: bool
    """Whether they speak of one thing."""
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How well log odds tell pairs of one thing from others."""

    found: int
    same: int
    """Pairs that speak of one thing."""
    passed: int
    other: int
    """Pairs that do not."""
    kinds: tuple[float, float]
    """The part that is found and the part that is passed, as means over kinds of question."""
    area: float | None
    """The area under the ROC curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of features as they are, not standardised."""

    weights: Mapping[str, float]
    bias: float

    def odds(self, features: Mapping[str, float]) -> float:
        """Return the log odds that two sentences speak of one thing."""
        return self.bias + sum(w * features[name] for name, w in self.weights.items())


COMMITTED = Weights(weights=about.WEIGHTS, bias=about.BIAS)


def worlds() -> Iterator[World]:
    """Yield the worlds whose kinds of question anybody may read."""
    yield world(which="second", half="open")
    yield world(which="third")
    yield world(which="first", seed=11)
    yield world(which="first", seed=12)
    yield world(which="fourth", half="open")
    yield watchcases.world([_CASES / "watches.jsonl", _CASES / "watches_handed.jsonl"])


def pairs(play: Play, made: Iterable[World]) -> list[Pair]:
    """Play worlds and return the pairs that rules alone do not decide."""
    found: list[Pair] = []
    for one in made:
        with TemporaryDirectory() as folder:
            play(one, Path(folder), _Recorder(one, found))
    return found


class _Recorder:
    """Keeps each pair that a watch asks about, and answers what is right."""

    def __init__(self, made: World, found: list[Pair]) -> None:
        reports = (*made.base, *(r for commit in made.commits for r in commit))
        self._reports: Mapping[str, Report] = {r.key: r for r in reports}
        self._places = {question: n for n, question in enumerate(made.questions)}
        self._made, self._found = made, found

    def __call__(self, old: Answer, new: Answer, reranker: Reranker | None) -> bool:
        """Return whether both come from reports of what is asked for."""
        place = self._places[new.question]
        if not self._speaks(old, place):
            return False
        same = self._speaks(new, place)
        read = about.read_beside(old, new)
        if read is not None and reranker is not None:
            features = about.measure(new.question, *read, reranker)
            self._found.append(Pair(kind=self._made.kinds[place], same=same, features=features))
        return same

    def _speaks(self, answer: Answer, place: int) -> bool:
        citation = lead(answer)
        if citation is None:
            return False
        report = self._reports[citation.source.article_id]
        return report.subject == place and report.kind in _SAME


def fit(some: Sequence[Pair]) -> Weights:
    """Fit weights; of each kind those of one thing and the others count as much in all."""
    x = _features(some)
    y = np.array([float(p.same) for p in some])
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    w = logistic((x - mean) / scale, y, counts=_counts(some))
    weights = w[1:] / scale
    return Weights(
        weights={n: float(v) for n, v in zip(about.FEATURES, weights, strict=True)},
        bias=float(w[0] - weights @ mean),
    )


def _features(some: Sequence[Pair]) -> Array:
    return np.array([[p.features[name] for name in about.FEATURES] for p in some])


def _counts(some: Sequence[Pair]) -> Array:
    """Return how much each pair counts; in all, as many as there are."""
    sizes = Counter((p.kind, p.same) for p in some)
    each = len(some) / len(sizes)
    return np.array([each / sizes[p.kind, p.same] for p in some])


def crossed(some: Sequence[Pair]) -> list[float]:
    """Return the log odds of each pair by weights that were fitted without its kind."""
    without = {k: fit([p for p in some if p.kind != k]) for k in {p.kind for p in some}}
    return [without[p.kind].odds(p.features) for p in some]


def judged(some: Sequence[Pair], odds: Sequence[float], least: float = about.ABOUT) -> Found:
    """Say how well log odds tell pairs apart, from `least` on."""
    taken = Counter(p.same for p, o in zip(some, odds, strict=True) if o >= least)
    return Found(
        found=taken[True],
        same=sum(p.same for p in some),
        passed=taken[False],
        other=sum(not p.same for p in some),
        kinds=(_mean(some, odds, least, same=True), _mean(some, odds, least, same=False)),
        area=auc(odds, [p.same for p in some]),
    )


def _mean(some: Sequence[Pair], odds: Sequence[float], least: float, *, same: bool) -> float:
    """Return the part of pairs that reach `least`, as a mean over kinds."""
    kinds: dict[str, list[bool]] = {}
    for pair, logit in zip(some, odds, strict=True):
        if pair.same == same:
            kinds.setdefault(pair.kind, []).append(logit >= least)
    return float(np.mean([np.mean(taken) for taken in kinds.values()]))


def lines(some: Sequence[Pair]) -> Iterator[str]:
    """Fit, and say what came of it, in lines for people."""
    new = fit(some)
    yield f"{len(some)} pairs of {len({p.kind for p in some})} kinds of question"
    yield from (f'    "{name}": {value:.3f},' for name, value in new.weights.items())
    yield f"BIAS = {new.bias:.3f}"
    by = {
        "fitted anew, each kind left out in turn": crossed(some),
        "fitted anew, on all": [new.odds(p.features) for p in some],
        "committed": [COMMITTED.odds(p.features) for p in some],
    }
    for name, odds in by.items():
        yield f"{name}:"
        for least in (0.0, 0.3, 0.6, 0.9):
            yield f"  from {least:+.1f} on: {_said(judged(some, odds, least))}"


def _said(one: Found) -> str:
    area = "" if one.area is None else f", AUC {one.area:.3f}"
    return (
        f"found {one.found} of {one.same} ({one.found / max(one.same, 1):.3f}), "
        f"passed {one.passed} of {one.other} others{area}; "
        f"over kinds {one.kinds[0]:.3f} and {one.kinds[1]:.3f}"
    )
