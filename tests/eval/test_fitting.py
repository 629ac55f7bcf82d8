import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from eval import collect, fitting, judging, narrow
from eval.cases import Case, Gold
from eval.collect import Judged, Row
from eval.loaders import Suite
from rag.types import Article
from rag.verify.features import NAMES
from rag.verify.judge import parse


def row(number: int, *, right: bool, value: float, sealed: bool = False, **given) -> Row:
    features = dict.fromkeys(NAMES, 0.0) | {"answers": value}
    outcome = "answered" if value > 1 else "partial" if value > 0 else "declined"
    return Row(
        suite=given.get("suite", "made"),
        case=str(number),
        group=str(number // 3),
        sealed=sealed,
        unanswerable=False,
        right=right,
        outcome=outcome,
        confidence=min(max(0.5 + value / 10, 0.0), 1.0),
        extractive=False,
        shown=right,
        statements=(
            Judged(right=right, support="", score=0.0, features=features),
            Judged(right=right, support="", score=0.0, features=features, quoted=True),
        ),
    )


def made(n: int, *, signal: float = 2.0, seed: int = 0, **given) -> list[Row]:
    rng = random.Random(seed)
    rows = []
    for number in range(n):
        right = rng.random() < 0.5
        rows.append(row(number, right=right, value=rng.gauss(signal * (right - 0.5), 1), **given))
    return rows


def test_auc_is_one_when_all_right_are_above_all_wrong_and_a_half_for_ties() -> None:
    assert fitting.auc([3, 2, 1, 0], [True, True, False, False]) == 1.0
    assert fitting.auc([0, 1], [True, False]) == 0.0
    assert fitting.auc([1, 1, 1], [True, False, False]) == 0.5
    assert fitting.auc([2, 1, 1, 0], [True, True, False, False]) == pytest.approx(0.875)
    assert fitting.auc([1, 2], [True, True]) is None


def test_a_feature_that_some_rows_lack_is_fitted_to_those_that_have_it() -> None:
    rng = random.Random(1)
    rows = []
    for number in range(600):
        right = rng.random() < 0.5
        one = row(number, right=right, value=0.0)
        said = {"proposed": rng.gauss(2.0 * (right - 0.5), 1)} if number % 2 else {}
        first, second = one.statements
        kept = {n: v for n, v in first.features.items() if n != "proposed"} | said
        rows.append(replace(one, statements=(replace(first, features=kept), second)))
    found = fitting.fit(rows, quoted=False)
    assert found["weights"]["proposed"]["weight"] > 0.5
    assert 0.65 < found["fitted"]["auc"] < 0.85  # half of the rows have nothing to go by
    judge = parse(found)
    blank = dict.fromkeys(NAMES, 0.0)
    unknown = judge.probability(blank | {"proposed": math.nan})
    assert unknown == pytest.approx(
        judge.probability(blank | {"proposed": judge.weights["proposed"].mean})
    )


def test_weights_are_found_again_and_useless_features_get_none() -> None:
    found = fitting.fit(made(600), quoted=False)
    weights = {name: one["weight"] for name, one in found["weights"].items()}
    assert weights.pop("answers") > 0.5
    assert all(abs(w) < 0.01 for w in weights.values())
    assert 0.85 < found["fitted"]["auc"] < 0.97
    assert found["likely"] <= found["supported"]
    model = parse(found)
    assert model.probability(dict.fromkeys(NAMES, 0.0) | {"answers": 3.0}) > 0.9


def test_nothing_is_fitted_to_sealed_rows() -> None:
    open_rows = made(300)
    turned = [
        row(n, right=False, value=5.0, sealed=True, suite="sealed") for n in range(1000, 1300)
    ]
    alone, beside = (
        fitting.fit(open_rows, quoted=False),
        fitting.fit(open_rows + turned, quoted=False),
    )
    assert alone == beside


def test_too_few_rows_are_refused_with_their_number() -> None:
    with pytest.raises(fitting.TooFew, match="20 statements"):
        fitting.fit(made(20), quoted=False)


def test_written_weights_are_those_that_the_judge_reads(tmp_path) -> None:
    path = tmp_path / "judge.json"
    fitting.write(made(300), path)
    assert set(json.loads(path.read_text())) == {"worded", "quoted"}
    fitting.write(made(300, seed=1), path)  # and over what is there


def test_a_report_names_each_set_and_all_and_escapes_their_names() -> None:
    rows = made(60) + made(60, seed=2, suite="<b>other</b>")
    names = [one.name for one in judging.by_set(rows)]
    assert names == ["made", "<b>other</b>", "all"]
    page = judging.page({"judge, open": rows})
    assert "<b>other</b>" not in page
    assert "&lt;b&gt;other" in page
    assert page.count("<svg") == 2
    assert any("| made |" in line for line in judging.table({"judge, open": rows}))


def test_labels_are_counted_with_what_is_right_of_them() -> None:
    found = judging.figures(
        "one",
        [row(0, right=True, value=2), row(1, right=False, value=2), row(2, right=True, value=-1)],
    )
    assert found.supported == (2, 1)
    assert found.shown == 0.5
    assert found.unflagged == 1.0


def test_a_third_of_the_groups_is_sealed_and_a_group_is_never_on_both_sides() -> None:
    cases = [Case(id=f"c{n}", question="?", cluster=f"g{n // 4}") for n in range(1200)]
    sealed = {case.cluster for case in cases if collect.sealed(case)}
    open_ones = {case.cluster for case in cases if not collect.sealed(case)}
    assert not sealed & open_ones
    assert 0.25 < len(sealed) / 300 < 0.42


def test_the_rows_of_this_version_come_along_and_give_its_weights(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    rows = [row for row in collect.gathered("judge") if row.suite != "squad2-pool"]
    own = json.loads(fitting.OWN.read_text())
    for name, quoted in (("worded", False), ("quoted", True)):
        found = fitting.fit(rows, quoted=quoted)
        assert found["weights"].keys() == own[name]["weights"].keys()
        assert found["fitted"]["n"] == own[name]["fitted"]["n"]
        for feature, one in found["weights"].items():
            assert one["weight"] == pytest.approx(own[name]["weights"][feature]["weight"], abs=1e-3)


def test_a_pool_holds_each_article_once_and_a_thinned_suite_those_that_are_named() -> None:
    one = Article(id="a", digest="d", text="Words.")
    two = Article(id="b", digest="e", text="Other words.")
    cases = (
        Case(id="1", question="?", articles=(one, two), evidence=(Gold(article="a"),)),
        Case(id="2", question="?", articles=(one,), evidence=(Gold(article="a"),)),
    )
    pool = narrow.pooled(Suite(name="s", cases=cases))
    assert not pool.given
    assert [record["id"] for record in pool.corpus()] == ["a", "b"]
    assert [record["id"] for record in narrow.thinned(pool, 1).corpus()] == ["a"]


def test_no_weight_goes_against_what_its_feature_means() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, len(NAMES)))
    told = NAMES.index("numbers_held"), NAMES.index("objected"), NAMES.index("answers")
    y = (2 * x[:, told[2]] - x[:, told[0]] + x[:, told[1]] + rng.normal(size=300) > 0).astype(float)
    weights = fitting.signed(x, y)[1:]
    assert weights[told[2]] > 0
    assert weights[told[0]] == 0, "more numbers that stand in the source do not speak against it"
    assert weights[told[1]] == 0, "and objections not for it"
    assert all(w >= 0 for w, name in zip(weights, NAMES, strict=True) if name != "objected")
