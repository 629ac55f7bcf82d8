"""Answers to questions as a small model writes them, half of them faithful, half of them not.

`pairs_news.jsonl` was written before the rules were made. Its items are divided by a hash of their
id: the rules were made on the half `fit`, and `held` only measured them.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from rag.verify.verifier import Premise, RuleVerifier

PAIRS = [
    json.loads(row)
    for row in (Path(__file__).parent / "pairs_news.jsonl").read_text("utf-8").splitlines()
]
DAY = date(2024, 11, 21)


def half(pair):
    return "fit" if hashlib.sha256(pair["id"].encode()).digest()[0] % 2 == 0 else "held"


def supported(pair):
    context = " ".join(pair["premises"])
    premises = [Premise(text=t, published=DAY, context=context) for t in pair["premises"]]
    verdict = RuleVerifier().check(pair["statement"], premises, question=pair["question"])
    return verdict.support == "supported"


def share(pairs):
    called = [supported(p) for p in pairs]
    return sum(called) / len(called)


@pytest.mark.parametrize(("part", "most"), [("fit", 0.05), ("held", 0.15)])
def test_few_unfaithful_answers_are_called_supported(part, most):
    assert share([p for p in PAIRS if half(p) == part and p["label"] != "supported"]) <= most


@pytest.mark.parametrize(("part", "least"), [("fit", 0.75), ("held", 0.7)])
def test_most_faithful_answers_are_called_supported(part, least):
    assert share([p for p in PAIRS if half(p) == part and p["label"] == "supported"]) >= least
