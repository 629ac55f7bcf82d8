"""What is fitted is what the reader then runs, and sealed pages are left out of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval import reading
from eval.reading import Pair
from rag.models import reader
from rag.models.catalogue import RERANKER, locate
from rag.settings import RerankSettings
from rag.types import Span

SAID = [
    ("What colour is the gate?", "The mill has a gate that was painted green in May.", "green"),
    ("What colour is the barn?", "Beside it stands a barn, red since the war.", "red"),
    ("What colour is the door?", "The hall was built in 1804 by two brothers.", ""),
]


@pytest.fixture(autouse=True)
def here() -> None:
    if locate(RERANKER) is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")


def pair(question: str, text: str, answer: str) -> Pair:
    start = text.find(answer)
    spans = (Span(start=start, end=start + len(answer)),) if answer else ()
    return Pair(suite="ours", question=question, ahead="", text=text, answers=spans, logit=0.0)


def test_what_is_fitted_is_what_the_reader_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [pair(*one) for one in SAID]
    monkeypatch.setattr(reading, "EPOCHS", 20)
    monkeypatch.setattr(reading, "RATE", 1e-2)
    fitted = {name: w.astype(np.float32) for name, w in reading.fit(pairs).items()}
    shipped = reader._adapters()
    assert {n: w.shape for n, w in fitted.items()} == {n: w.shape for n, w in shipped.items()}
    monkeypatch.setattr(reader, "_adapters", lambda: fitted)
    model = reader.load(RerankSettings())
    assert model is not None
    found = model.read([(p.question, p.ahead, p.text) for p in pairs])
    for one, (_, text, answer) in zip(found, SAID, strict=True):
        span, odds = one.best()
        assert (span.of(text) if odds > 0 else "") == answer


def test_a_page_is_sealed_or_fitted_and_never_both(tmp_path: Path) -> None:
    pages = [
        {
            "title": f"Page {n}",
            "paragraphs": [
                {
                    "context": "The mill closed in 1904. It had stood empty since the flood.",
                    "qas": [
                        {
                            "id": f"{n}",
                            "question": "When did the mill close?",
                            "is_impossible": False,
                            "answers": [{"text": "1904", "answer_start": 19}],
                        },
                        {
                            "id": f"{n} none",
                            "question": "Who bought the mill?",
                            "is_impossible": True,
                            "answers": [],
                        },
                    ],
                }
            ],
        }
        for n in range(12)
    ]
    (tmp_path / "dev-v2.0.json").write_text(json.dumps({"data": pages}), encoding="utf-8")
    (tmp_path / "ramdocs.jsonl").write_text("", encoding="utf-8")
    parts = [reading.pairs(tmp_path, tmp_path, of_sealed=part) for part in (False, True)]
    names = [{p.ahead for p in part} for part in parts]
    assert all(names)
    assert not names[0] & names[1]
    assert len(names[0] | names[1]) == len(pages)
    told = [p for p in parts[0] if p.answers]
    assert {p.answers[0].of(p.text) for p in told} == {"1904"}
    unanswered = [p for p in parts[0] if p.question == "Who bought the mill?"]
    assert len(unanswered) == 2 * len(names[0])
    assert not any(p.answers for p in unanswered)
