"""Public sets: a few records in each layout, made up here; the real ones stay where they are."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CaseFaults
from eval.gold import Library, faults
from eval.loaders import SuiteMissing, alternatives
from eval.suites import SETS, find


def lines(path: Path, *records: dict[str, Any]) -> None:
    text = "".join(json.dumps(record) + "\n" for record in records)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def test_realtimeqa_gives_cases_and_the_articles_to_index(tmp_path: Path) -> None:
    article = {"doc_id": "d1", "url": "u", "domain": "post.example", "title": "Mill closes"}
    article |= {"publish_date": "2024-05-01", "authors": ["A"], "text": "It closed."}
    lines(tmp_path / "articles.jsonl.gz", article)
    lines(
        tmp_path / "questions.jsonl",
        {
            "id": "q1",
            "question": "Who?",
            "answer": "A",
            "date": "2024-05-03",
            "answer_doc_ids": ["d1", "d2"],
        },
    )
    lines(tmp_path / "unanswerable.jsonl", {"id": "q2", "question": "When?", "date": "2025-01-01"})
    suite = find(f"realtimeqa:{tmp_path}")
    first, second = suite.cases
    assert first.as_of == date(2024, 5, 3)
    assert first.cluster == "2024-05-03"
    assert [(gold.article, gold.part) for gold in first.evidence] == [("d1", 1), ("d2", 1)]
    assert second.unanswerable
    assert suite.corpus is not None
    (record,) = suite.corpus()
    assert (record["id"], record["publisher"]) == ("d1", "post.example")
    assert record["published"] == "2024-05-01"
    assert not suite.given


def multihop(folder: Path) -> None:
    doc = {"doc_id": "m1", "url": "u1", "title": "T", "source": "Post"}
    doc |= {"published_at": "2023-09-26T17:01:22+00:00", "facts": ["It closed.", "It was old."]}
    lines(folder / "evidence_docs.jsonl", doc)
    fact = {"fact": "It closed.", "url": "u1"}
    lines(
        folder / "queries.jsonl",
        {
            "id": "h1",
            "query": "Did it?",
            "question_type": "comparison_query",
            "answer": "Yes",
            "evidence_list": [fact],
        },
        {
            "id": "h2",
            "query": "What?",
            "question_type": "null_query",
            "answer": "Insufficient information.",
            "evidence_list": [],
        },
    )


def test_multihop_can_be_asked_over_its_gold_evidence_or_over_all(tmp_path: Path) -> None:
    multihop(tmp_path)
    given, retrieved = find(f"multihop-given:{tmp_path}"), find(f"multihop:{tmp_path}")
    assert given.given
    assert not retrieved.given
    assert [case.kind for case in given.cases] == ["comparison", "null"]
    assert given.cases[1].unanswerable
    assert given.cases[1].articles == given.cases[0].articles
    assert retrieved.cases[0].articles == ()
    assert faults(given.cases, Library(None)) == []
    assert retrieved.corpus is not None
    assert next(iter(retrieved.corpus()))["text"] == "It closed.\n\nIt was old."


def test_ramdocs_asks_for_every_gold_answer(tmp_path: Path) -> None:
    documents = [{"text": "Old has 5.", "type": "correct"}, {"text": "7", "type": "misinfo"}]
    lines(
        tmp_path / "ramdocs.jsonl",
        {
            "id": "r1",
            "question": "How many?",
            "documents": documents,
            "gold_answers": ["5", "6"],
            "wrong_answers": ["7"],
        },
    )
    (case,) = find(f"ramdocs:{tmp_path}").cases
    assert case.answers_all == (("5",), ("6",))
    assert case.wrong == ("7",)
    assert [article.text for article in case.articles] == ["Old has 5.", "7"]


def test_rgb_makes_three_cases_of_a_record_and_none_of_noise_that_answers(tmp_path: Path) -> None:
    record = {"id": 0, "query": "Where?", "answer": [["Oslo", "in Oslo"]], "fakeanswer": "Bergen"}
    record |= {"positive": ["Oslo."], "positive_wrong": ["Bergen."], "negative": ["Rain."]}
    lines(tmp_path / "en_fact.jsonl", record, record | {"id": 1, "negative": ["Oslo rain."]})
    cases = find(f"rgb:{tmp_path}").cases
    assert [case.kind for case in cases] == ["true", "conflict", "noise", "true", "conflict"]
    assert cases[0].answers == ("Oslo", "in Oslo")
    assert cases[1].wrong == ("Bergen",)
    assert cases[2].unanswerable


def test_eloq_scores_only_whether_a_question_is_declined(tmp_path: Path) -> None:
    lines(tmp_path / "docs.jsonl", {"doc_id": "e1", "url": "u", "text": "It closed."})
    lines(
        tmp_path / "questions.jsonl",
        {"id": "a", "doc_id": "e1", "question": "What closed?", "out_of_scope": False},
        {"id": "b", "doc_id": "e1", "question": "Who paid?", "out_of_scope": True},
    )
    first, second = find(f"eloq:{tmp_path}").cases
    assert not first.unanswerable
    assert first.evidence[0].article == "e1"
    assert second.unanswerable
    assert first.cluster == second.cluster


def test_squad_finds_the_sentence_of_the_answer(tmp_path: Path) -> None:
    context = "The mill closed. It employed 412 people. Rain fell."
    qas: list[dict[str, Any]] = [
        {
            "id": "s1",
            "question": "How many?",
            "is_impossible": False,
            "answers": [{"text": "412", "answer_start": context.index("412")}] * 2,
        },
        {"id": "s2", "question": "Who?", "is_impossible": True, "answers": []},
    ]
    page = {"title": "Mill", "paragraphs": [{"context": context, "qas": qas}]}
    (tmp_path / "dev-v2.0.json").write_text(json.dumps({"data": [page]}), encoding="utf-8")
    first, second = find(f"squad2:{tmp_path}").cases
    assert [gold.quote for gold in first.evidence] == ["It employed 412 people."]
    assert first.answers == ("412",)
    assert second.unanswerable
    assert faults([first, second], Library(None)) == []


def test_timeqa_with_an_empty_answer_is_unanswerable(tmp_path: Path) -> None:
    paras = ["Ada Moss", "She taught in Varrow from 2001 to 2004. Then she left."]
    span = {"para": 1, "from": 14, "end": 20, "answer": "Varrow"}
    empty = {"para": 0, "from": 0, "end": 0, "answer": ""}
    page = {
        "index": "/wiki/Ada_Moss#P1",
        "paras": paras,
        "questions": [["Where in 2002?", [span]], ["Where in 1990?", [empty]]],
    }
    path = tmp_path / "human_annotated_test.json"
    path.write_text(json.dumps([page]), encoding="utf-8")
    first, second = find(f"timeqa:{tmp_path}").cases
    assert first.evidence[0].quote == "She taught in Varrow from 2001 to 2004."
    assert second.unanswerable
    assert first.articles[0].title == "Ada Moss"


def test_apnews_reads_the_layout_of_the_public_repository(tmp_path: Path) -> None:
    article = {
        "headline": "Mill closes",
        "body_nitf": "<p>It closed.</p>",
        "firstcreated": "2024-01-02T03:04:05Z",
        "altids": {"itemid": "x1"},
    }
    with zipfile.ZipFile(tmp_path / "raw_data.zip", "w") as packed:
        packed.writestr("raw_data/one.json", json.dumps(article))
    asked = tmp_path / "generated_questions_v2" / "data_local_questions_assertions.json"
    asked.parent.mkdir()
    question = {
        "question_id": "q1",
        "question_text": "What closed?",
        "assertions": [{"statement": "The response should state that a mill closed."}],
    }
    asked.write_text(json.dumps([question]), encoding="utf-8")
    suite = find(f"apnews:{tmp_path}")
    assert suite.cases[0].kind == "data local"
    assert suite.cases[0].note == "The response should state that a mill closed."
    assert suite.corpus is not None
    (record,) = suite.corpus()
    assert (record["id"], record["publisher"]) == ("x1", "AP News")


@pytest.mark.parametrize("name", SETS)
def test_a_set_that_is_not_there_is_an_error_that_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(SuiteMissing, match=str(tmp_path)):
        find(f"{name}:{tmp_path}")


def test_an_unknown_suite_is_an_error_that_names_those_there_are() -> None:
    known = r"sample, time, wire, desk, order, press, FILE\.jsonl, real"
    with pytest.raises(SuiteMissing, match=known):
        find("news")


def test_a_broken_line_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "en_fact.jsonl").write_text("[]\n", encoding="utf-8")
    with pytest.raises(CaseFaults, match=r"en_fact\.jsonl:1: not an object"):
        find(f"rgb:{tmp_path}")


def test_nested_alternatives_are_flattened_once_each() -> None:
    assert alternatives([["a", "b"], "a", 3]) == ("a", "b", "3")
