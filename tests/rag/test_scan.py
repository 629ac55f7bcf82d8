"""Exact search by meaning."""

import numpy as np
import pytest

from rag.archive.scan import Scan, highest
from rag.errors import ArchiveError


def test_the_highest_are_those_that_sorting_gives_and_equals_keep_their_order():
    scores = np.random.default_rng(1).normal(size=500).round(1).astype(np.float32)
    order = np.argsort(-scores, kind="stable")
    for limit in (1, 7, 499, 500, 900):
        assert highest(scores, limit).tolist() == order[:limit].tolist()


def test_a_scan_can_be_kept_to_some_articles():
    scan = Scan(1, ["a:1:0", "b:1:0", "a:1:9"], np.eye(3, dtype=np.float32))
    vector = np.array([0.6, 0.8, 0.0], dtype=np.float32)
    assert [i for i, _ in scan.nearest(vector, 2, None)] == ["b:1:0", "a:1:0"]
    assert [i for i, _ in scan.nearest(vector, 2, {"a"})] == ["a:1:0", "a:1:9"]
    assert scan.nearest(vector, 2, {"c"}) == []
    assert Scan(1, [], np.zeros((0, 0), dtype=np.float32)).nearest(vector, 2, None) == []


def test_a_question_of_another_model_is_an_error_with_both_sizes():
    scan = Scan(1, ["a:1:0"], np.ones((1, 4), dtype=np.float32))
    with pytest.raises(ArchiveError, match="4 dimensions, the question's 3"):
        scan.nearest(np.ones(3, dtype=np.float32), 2, None)
