"""Which passages are looked at closely must not change which are best, nor by how much."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.archive.bm25 import Hits, Often, Ranking, rarest, rarity

PASSAGES, USUAL = 60, 7.0
terms = st.lists(
    st.dictionaries(st.integers(1, PASSAGES), st.integers(1, 9), min_size=1), min_size=1, max_size=5
)
lengths = st.lists(st.integers(1, 30), min_size=PASSAGES, max_size=PASSAGES)


@given(terms, lengths, st.integers(1, 12), st.booleans())
def test_the_best_are_those_of_all(found, lengths, limit, words):
    hits = [
        Hits(
            np.array(sorted(times), dtype=np.int64),
            np.array([lengths[n - 1] for n in sorted(times)], dtype=np.float64),
            rarity(PASSAGES, len(times)),
            counted=words,
        )
        for times in found
    ]
    ranking = Ranking(hits, USUAL, limit)
    numbers, places = ranking.unsure()
    times = [float(found[place][n]) for n, place in zip(numbers, places, strict=True)]
    best = ranking.best(Often(np.array(numbers), np.array(places), np.array(times)))
    assert best == in_full(found, lengths, limit)


def in_full(found, lengths, limit):
    scores = dict.fromkeys(sorted({n for times in found for n in times}), 0.0)
    for times in found:
        for n, f in times.items():
            usual = 1.2 * (1 - 0.75 + 0.75 * lengths[n - 1] / USUAL)
            scores[n] += rarity(PASSAGES, len(times)) * ((f * 2.2) / (f + usual))
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]


def test_a_passage_that_is_gone_meanwhile_is_left_out():
    hits = [Hits(np.array([3, 5]), np.array([7.0, 7.0]), 1.0, counted=True)]
    best = Ranking(hits, USUAL, 10).best(Often(np.array([5]), np.array([0]), np.array([1.0])))
    assert [n for n, _ in best] == [5]


def test_what_is_not_counted_counts_nothing():
    hits = [Hits(np.array([3, 5]), np.array([7.0, 7.0]), 1.0, counted=False)]
    often = Often(np.array([3, 5]), np.array([0, 0]), np.array([math.nan, 1.0]))
    assert Ranking(hits, USUAL, 10).best(often) == [(5, 1.0), (3, 0.0)]


def test_the_rarest_terms_are_kept_and_one_at_least():
    assert rarest([5, 900, 40], 100) == [0, 2]
    assert rarest([900, 800], 100) == [1]
    assert rarest([0, 900, 800], 100) == [0, 2], "a term that finds nothing is not enough"
    assert rarest([], 100) == []
