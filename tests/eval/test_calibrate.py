"""The measurement of the verifier: halves, choice of sentences, accuracy and the fit."""

from __future__ import annotations

import json

import pytest

from eval.calibrate import accuracy, choose, fit, load, main
from rag.verify.score import Features


def write(folder, rows):
    (folder / "set.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")


def row(number, *, supported):
    return {
        "id": f"qags-x-{number}-0",
        "article": f"The mayor opened bridge {number}. It rained, 1, 200 people came.",
        "sentence": f"The mayor opened bridge {number}.",
        "supported": supported,
    }


def test_a_claim_comes_with_the_sentences_that_carry_it(tmp_path):
    write(tmp_path, [row(7, supported=True)])
    (claim,) = load(tmp_path)
    assert [p.text for p in claim.premises] == ["The mayor opened bridge 7."]
    assert claim.premises[0].context == "It rained, 1,200 people came."


def test_all_claims_of_an_article_are_in_one_half(tmp_path):
    rows = [{**row(n, supported=True), "id": f"qags-x-{n}-{k}"} for n in range(30) for k in (0, 1)]
    write(tmp_path, rows)
    halves = {}
    for claim in load(tmp_path):
        halves.setdefault(claim.article, set()).add(claim.held)
    assert all(len(h) == 1 for h in halves.values())
    assert {True, False} == set().union(*halves.values())


def test_each_chosen_sentence_brings_words_that_the_earlier_ones_lack():
    sentences = ["The dam burst.", "The dam burst again.", "Ruiz fled to Lima."]
    assert choose("Ruiz fled when the dam burst", sentences) == [2, 0]


def test_balanced_accuracy_is_the_mean_of_both_shares(tmp_path):
    write(tmp_path, [row(n, supported=n % 4 != 0) for n in range(40)])
    claims = load(tmp_path)
    found = accuracy(claims, [True] * len(claims))
    assert (found.mean, found.kept, found.caught) == pytest.approx((0.5, 1.0, 0.0), abs=1e-6)


def test_the_fit_gives_weight_to_what_tells_apart():
    features = [
        Features(held=h, linked=0.5, cosine=0.5, doubt=0.0) for h in (0.1, 0.2, 0.8, 0.9) * 10
    ]
    weights = fit(features, [False, False, True, True] * 10, meaning=True)
    assert weights[1] > 1
    assert weights[2:] == pytest.approx([0, 0, 0], abs=0.5)


def test_a_folder_without_data_is_an_error_with_its_name(tmp_path, capsys):
    assert main([str(tmp_path)]) == 5
    assert str(tmp_path) in capsys.readouterr().err
