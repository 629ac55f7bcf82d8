"""The extractive reader finds the words of a sentence that answer, and says where none do."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.models import catalogue, reader
from rag.models.reader import Reader, Reading
from rag.models.weights import weights
from rag.settings import RerankSettings
from rag.types import Span

SAID = "Ada Lund, who has led the bank since 2019, met Ove Brandt, the health minister, in Oslo."


@pytest.fixture(scope="module")
def model() -> Reader:
    found = reader.load(RerankSettings())
    if found is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return found


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Who leads the bank?", SAID, "Ada Lund"),
        ("Where did Ada Lund meet Ove Brandt?", SAID, "Oslo"),
        ("Since when has Ada Lund led the bank?", SAID, "2019"),
        (
            "What does the new bridge cost?",
            "The council says that the new bridge, which took four years, cost 31 million crowns.",
            "31 million crowns",
        ),
        (
            "Why was the school shut?",
            "Headteacher Bo Lee said the school was shut because of a burst pipe.",
            "burst pipe",
        ),
    ],
)
def test_it_finds_the_words_that_answer(
    model: Reader, question: str, text: str, words: str
) -> None:
    (found,) = model.read([(question, "", text)])
    span, odds = found.best()
    assert words in span.of(text)
    assert len(span.of(text)) < len(words) + 12
    assert odds > 0


@pytest.mark.parametrize("question", ["Who won the race?", "How many people died in the fire?"])
def test_a_sentence_on_something_else_has_no_words_that_answer(
    model: Reader, question: str
) -> None:
    (found,) = model.read([(question, "", SAID)])
    assert found.best()[1] < -4


def test_what_is_read_does_not_depend_on_what_is_read_beside_it(model: Reader) -> None:
    asked = [("Where did they meet?", "", SAID), ("Who sang?", "Choir. ", "A choir sang " * 9)]
    together = model.read(asked)
    fresh = reader.load(RerankSettings())
    assert fresh is not None
    for one, known in zip(asked, together, strict=True):
        (alone,) = fresh.read([one])
        assert alone.tokens == known.tokens
        assert alone.starts == pytest.approx(known.starts, abs=1e-3)


def test_a_headline_is_read_and_never_answers(model: Reader) -> None:
    (found,) = model.read([("Who leads the bank?", "Ada Lund leads the bank. ", "She is 40.")])
    assert found.tokens
    assert found.best()[0].of("She is 40.") in "She is 40."


def test_an_answer_is_made_of_the_tokens_that_it_may_be_made_of() -> None:
    spans = tuple(Span(start=n, end=n + 1) for n in range(3))
    found = Reading(tokens=spans, starts=(5.0, 1.0, 0.0), ends=(5.0, 1.0, 2.0))
    assert found.best() == (spans[0], 10.0)
    assert found.best({spans[1], spans[2]}) == (Span(start=1, end=3), 3.0)
    assert found.best(())[1] == float("-inf")


def test_what_is_no_model_in_eight_bits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"no model at all")
    with pytest.raises(ValueError, match=r"model.onnx is no BERT model"):
        weights(path)


def test_it_is_made_of_the_default_reranker_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader.load(RerankSettings(model="none")) is None
    monkeypatch.setattr(catalogue, "locate", lambda _: None)
    assert reader.load(RerankSettings()) is None
