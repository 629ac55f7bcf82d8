"""Rows for the judge: what a model wrote stays when the sources' own sentences are read anew."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from eval import collect, corpus
from eval.cases import Case
from eval.collect import Judged, Row
from eval.loaders import Suite
from eval.measure import Plan
from rag.models.catalogue import RERANKER, locate
from rag.settings import RerankSettings, Settings
from tests.eval.conftest import TEXT


def test_quoted_sentences_are_measured_anew_and_what_a_model_wrote_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    monkeypatch.setattr(collect, "cache", lambda: tmp_path)
    monkeypatch.setattr(corpus, "cache", lambda: tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mill.txt").write_text(TEXT, encoding="utf-8")
    asked = [
        Case(id="staff", question="How many people did the mill employ?", answers=("412",)),
        Case(id="without a row", question="What had risen?", answers=("the river",)),
    ]
    suite = Suite(name="mill", cases=tuple(asked), sources=(tmp_path / "texts",))
    worded = Judged(right=True, support="supported", score=0.9, features={"answers": 3.0})
    known = Row(
        suite="mill",
        case=collect._digest(asked[0].id),
        group="g",
        sealed=False,
        unanswerable=False,
        right=True,
        outcome="answered",
        confidence=0.9,
        extractive=False,
        shown=True,
        statements=(worded, replace(worded, quoted=True)),
    )
    path = collect.rows_file("mill", "judge")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(asdict(known)) + "\n", encoding="utf-8")
    told: list[tuple[int, int]] = []
    made = collect.renew_quoted(
        Plan(suite=suite, settings=Settings(rerank=RerankSettings(model=RERANKER.name))),
        lambda done, of: told.append((done, of)),
    )
    (row,) = collect.read(made)
    kept, quoted = row.statements
    assert kept == worded
    assert quoted.quoted
    assert quoted.features["answers"] != 3.0
    assert {"reads", "tells"} <= set(quoted.features)
    assert quoted.right
    assert told == [(1, 2), (2, 2)]
