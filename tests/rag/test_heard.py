"""Two voices with two numbers, in words that no rule knows; a sentence that no one article has."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel

from rag.answer.differ.heard import heard
from rag.answer.pipeline import NewsQA
from rag.models import catalogue, reader, reranker
from rag.models.reader import Reader
from rag.models.reranker import Reranker
from rag.question.query import read
from rag.search.candidates import Candidate, rated
from rag.settings import RerankSettings, Settings
from tests.rag.making import make, sentences_of

RERANK = RerankSettings(model=catalogue.RERANKER.name)
DAY = date(2031, 5, 6)
ORCHARD = "How many apple trees were lost to the frost at Aldmoor?"


@pytest.fixture(scope="module")
def models() -> tuple[Reranker, Reader]:
    scores, finds = reranker.load(RERANK), reader.load(RERANK)
    if scores is None or finds is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return scores, finds


def scored(question: str, model: Reranker, *texts: tuple[str, date]) -> list[Candidate]:
    made = [
        make(f"n{n}", text, published=when, publisher=f"Paper {n}", title="Frost at Aldmoor")
        for n, (text, when) in enumerate(texts)
    ]
    return rated(question, [c for one in made for c in sentences_of(one)], model)


@pytest.mark.parametrize(
    "text",
    [
        (
            "The growers said 1,200 apple trees at Aldmoor had frozen. "
            "The farm ministry reckons with 1,900."
        ),
        (
            "The growers said the frost took 1,200 apple trees at Aldmoor. "
            "According to Dora Venn, who owns the land, 1,900 trees are dead."
        ),
    ],
)
def test_two_voices_that_count_in_other_words_differ(
    models: tuple[Reranker, Reader], text: str
) -> None:
    found = heard(read(ORCHARD), scored(ORCHARD, models[0], (text, DAY)), models[1])
    assert found is not None
    assert found.kind == "conflict"
    assert {r.value for r in found.readings} == {"1,200", "1,900"}


TOOK = "The growers said the frost took 1,200 apple trees at Aldmoor."


@pytest.mark.parametrize(
    "texts",
    [
        [(f"{TOOK} Of the 1,200, the growers said, most were young.", DAY)],  # one voice
        [(f"{TOOK} Dora Venn has 38 cows there.", DAY)],  # another thing
        # What is told weeks later takes an earlier number's place, which other rules tell.
        [(TOOK, DAY), ("Dora Venn says that 1,900 apple trees froze.", date(2031, 6, 20))],
    ],
)
def test_one_voice_another_thing_or_another_time_is_no_dispute(
    models: tuple[Reranker, Reader], texts: list[tuple[str, date]]
) -> None:
    assert heard(read(ORCHARD), scored(ORCHARD, models[0], *texts), models[1]) is None


ARTICLES = [
    {
        "id": "trust",
        "publisher": "Brack Echo",
        "published": "2031-04-02",
        "title": "Trustees answer questions on accounts",
        "text": "The trustees say that he was reimbursed £7,300 over two years, all of it against "
        "receipts.",
    },
    {
        "id": "farm",
        "publisher": "Coast Post",
        "published": "2031-04-02",
        "title": "Farmer disputes ministry's count",
        "text": "Bram Osk, who is paid by the bird, says that the compensation was too small.",
    },
]


def opened(folder: Path, said: str) -> AbstractContextManager[NewsQA]:
    chat = FakeListChatModel(responses=[said] * 9)
    return NewsQA.open(folder, chat=chat, settings=Settings(rerank=RERANK))


def test_a_subject_from_one_report_and_a_value_from_another_make_no_answer(
    models: tuple[Reranker, Reader], tmp_path: Path
) -> None:
    said = "Bram Osk was reimbursed £7,300 over two years, according to trustees. [1] [2]"
    with opened(tmp_path / "a", said) as qa:
        qa.add(ARTICLES)
        answer = qa.ask("How much compensation was paid to Bram Osk?")
    assert not [s for s in answer.statements if "7,300" in s.text and "Osk" in s.text]


def test_what_is_cited_for_one_number_tells_the_other_as_well(
    models: tuple[Reranker, Reader], tmp_path: Path
) -> None:
    text = (
        "According to the ministry 1,200 trees were cut down at Aldmoor. Dora Venn, who was paid "
        "by the tree, says that it was 1,900 trees."
    )
    with opened(tmp_path / "a", "1,200 trees were cut down at Aldmoor. [1]") as qa:
        qa.add([{**ARTICLES[0], "title": "Count of trees disputed", "text": text}])
        answer = qa.ask("How many trees were felled at Aldmoor?")
    assert answer.verdict is not None
    assert (answer.verdict.kind, len(answer.conflicts)) == ("disputed", 1)
    assert {"1,200", "1,900"} == {r.value for r in answer.conflicts[0].readings}
    assert any("1,900" in s.text for s in answer.statements)


def test_a_value_from_each_of_two_reports_may_stand_in_one_sentence(
    models: tuple[Reranker, Reader], tmp_path: Path
) -> None:
    range_of = "What was the range of the Harrier drone in 2030, and of that of spring 2031?"
    news = [
        {**ARTICLES[0], "id": "old", "published": "2030-10-01", "title": "Harrier drone flies",
         "text": "The range of the Harrier drone is 165 kilometres, its makers said."},
        {**ARTICLES[1], "id": "new", "published": "2031-04-11", "title": "New Harrier drone",
         "text": "The range of the new Harrier drone is 300 kilometres, its makers said."},
    ]  # fmt: skip
    said = "The range of the Harrier drone was 165 kilometres, and 300 since spring. [1] [2]"
    with opened(tmp_path / "a", said) as qa:
        qa.add(news)
        answer = qa.ask(range_of)
    both = [s for s in answer.statements if "165" in s.text and "300" in s.text]
    assert {c.source.article_id for s in both for c in s.citations} == {"old", "new"}
