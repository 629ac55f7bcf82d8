"""The weights that say whether two sentences tell of one thing: fitted to pairs with a label."""

from __future__ import annotations

from datetime import date

import pytest

from eval.bench import watchfit
from eval.bench.watched import Report, World
from rag.types import Answer, Citation, Source, Span, Statement, Verdict
from rag.watching.about import FEATURES, WEIGHTS


def pair(kind: str, *, same: bool, lost: float, more: float = 0.0) -> watchfit.Pair:
    known = dict.fromkeys(FEATURES, 0.0) | {"lost": lost, "onward": more}
    return watchfit.Pair(kind=kind, same=same, features=known)


PAIRS = [
    pair(kind, same=n < 3, lost=0.0 if n < 3 else 2.0, more=0.1 * n)
    for kind in ("a", "b", "c")
    for n in range(6)
]


def test_what_only_other_pairs_have_speaks_against_one_thing() -> None:
    found = watchfit.fit(PAIRS)
    assert set(found.weights) == set(WEIGHTS)
    assert found.weights["lost"] < 0
    right = watchfit.judged(PAIRS, [found.odds(p.features) for p in PAIRS], 0.0)
    assert (right.found, right.same, right.passed, right.other) == (9, 9, 0, 9)
    assert right.kinds == (1.0, 0.0)
    assert right.area == 1.0


def test_a_kind_is_judged_by_weights_that_never_saw_it() -> None:
    odd = [pair("d", same=True, lost=2.0), pair("d", same=False, lost=0.0)]
    odds = watchfit.crossed([*PAIRS, *odd])
    assert odds[-2] < odds[-1]  # as the other kinds have it


def test_each_kind_and_label_counts_as_much() -> None:
    many = [*PAIRS, *(pair("a", same=True, lost=0.0) for _ in range(90))]
    counts = watchfit._counts(many)
    assert counts.sum() == pytest.approx(len(many))
    assert counts[0] == pytest.approx(counts[-1])
    assert counts[3] > counts[0]


def test_what_a_report_is_says_what_is_right() -> None:
    def report(key: str, kind: str, subject: int = 0) -> Report:
        return Report(
            key=key, kind=kind, subject=subject, title="", text="", outlet="", day=date(2024, 3, 1)
        )

    made = World(
        questions=("How many died in Belham?",),
        kinds=("How many died in {x}?",),
        base=(report("r1", "base"),),
        commits=((report("r2", "change"), report("r3", "beside"), report("r4", "base", 1)),),
    )

    def answer(key: str) -> Answer:
        source = Source(article_id=key, title=None, publisher=None, published=None, url=None)
        said = "In Belham 12 died."
        cited = Citation(number=1, source=source, span=Span(start=0, end=18), quote=said)
        told = Statement(
            text=said, citations=(cited,), verdict=Verdict(support="supported", score=1)
        )
        return Answer(
            question="How many died in Belham?", outcome="answered", reason="", statements=(told,)
        )

    found: list[watchfit.Pair] = []
    asks = watchfit._Recorder(made, found)
    assert asks(answer("r1"), answer("r2"), None)
    assert not asks(answer("r1"), answer("r3"), None)
    assert not asks(answer("r1"), answer("r4"), None)
    assert not asks(answer("r3"), answer("r2"), None)
    assert found == []  # without a cross-encoder there are no features
