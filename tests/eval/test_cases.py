"""Files of cases: every fault named by file and line, gold found in articles."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from eval.cases import Case, CaseFaults, Gold, append, digest, from_record, load, name, to_record
from eval.gold import Library, faults, locate, resolve
from tests.eval.conftest import TEXT, make_article, make_case

GOOD = {
    "id": "one",
    "question": "How many people did the mill employ?",
    "kind": "fact",
    "answers": ["412"],
    "evidence": [{"article": "mill", "quote": "It employed 412 people."}],
    "as_of": "2024-05-01",
    "cluster": "mill",
}


def write(folder: Path, *records: object) -> Path:
    path = folder / "cases.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_case_is_read_with_all_its_fields(tmp_path: Path) -> None:
    (case,) = load(write(tmp_path, GOOD))
    assert case == Case(
        id="one",
        question="How many people did the mill employ?",
        answers=("412",),
        evidence=(Gold(article="mill", quote="It employed 412 people."),),
        as_of=date(2024, 5, 1),
        cluster="mill",
    )
    assert from_record(to_record(case)) == case


def test_every_fault_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        GOOD,
        "{not json",
        GOOD | {"id": "two", "answrs": ["x"]},
        GOOD | {"id": "three", "unanswerable": True},
        GOOD,
        GOOD | {"id": "six", "question": "  ", "as_of": "May"},
        {"id": "seven", "question": "Why?"},
        GOOD | {"id": "eight", "answers_all": [[]]},
        GOOD | {"id": "nine", "answers": [" "]},
    )
    with pytest.raises(CaseFaults) as caught:
        load(path)
    found = caught.value.faults
    places = [fault.removeprefix(f"{path}:").split(": ")[0] for fault in found]
    assert places == ["2", "3", "4", "5", "6", "6", "7", "8", "9"]
    assert "answrs" in found[1]
    assert "accepts no answer" in found[2]
    assert "also the id of line 1" in found[3]
    assert "question" in found[4]
    assert "as_of" in found[5]
    assert str(caught.value).count("\n") == 8


def test_a_missing_and_an_empty_file_are_errors_that_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(CaseFaults, match=r"none\.jsonl: cannot be read"):
        load(tmp_path / "none.jsonl")
    with pytest.raises(CaseFaults, match=r"cases\.jsonl: holds no cases"):
        load(write(tmp_path, ""))


def test_a_correction_becomes_a_case(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "cases.jsonl"
    question = "Who closed the mill?"
    append(path, Case(id=name(question), question=question, answers=("the owner",)))
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    append(path, Case(id="other", question="When?", answers=("Tuesday",)))
    assert [case.question for case in load(path)] == [question, "When?"]


def test_a_case_is_not_added_twice_nor_when_it_is_faulty(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    before = path.read_bytes()
    with pytest.raises(CaseFaults, match="already in"):
        append(path, Case(id="one", question="Again?", answers=("x",)))
    with pytest.raises(CaseFaults, match="needs `answers`"):
        append(path, Case(id="two", question="Why?"))
    assert path.read_bytes() == before


def test_the_digest_changes_with_any_case_and_with_the_articles_given() -> None:
    case = make_case()
    assert digest([case]) == digest([make_case()])
    assert digest([case]) != digest([make_case(note="x")])
    assert digest([case]) != digest([make_case(articles=(make_article("mill", "Other."),))])


def test_gold_is_found_exactly_and_across_white_space() -> None:
    assert locate("It employed 412 people.", TEXT) is not None
    span = locate("closed on\nTuesday.  It employed", TEXT)
    assert span is not None
    assert span.of(TEXT) == "closed on Tuesday. It employed"
    assert locate("It employed 413 people.", TEXT) is None
    assert locate(" ", "") is None


def test_gold_that_is_not_there_is_a_fault_that_names_the_case() -> None:
    gold = (
        Gold(article="mill", quote="No such words."),
        Gold(article="gone"),
        Gold(article="mill"),
    )
    case = make_case(evidence=gold)
    assert faults([case], Library(None)) == [
        "c1: 'mill' does not hold 'No such words.'",
        "c1: no article 'gone'",
    ]
    assert resolve(case, Library(None))[2].span is None


def test_an_answer_and_its_correction_make_a_case_with_what_was_cited() -> None:
    from dataclasses import replace
    from datetime import date

    from eval.correction import case_of
    from rag.types import Filter
    from tests.eval.conftest import cite, say

    given = replace(
        say("Four hundred.", cite("It employed 412 people."), question="How many worked there?"),
        filters=Filter(until=date(2024, 5, 1)),
    )
    case = case_of(given, accepted=["412"], note="it rounded")
    assert (case.question, case.answers) == ("How many worked there?", ("412",))
    assert [(g.article, g.quote) for g in case.evidence] == [("mill", "It employed 412 people.")]
    assert case.as_of == date(2024, 5, 1)
    declining = case_of(given, unanswerable=True)
    assert (declining.kind, declining.evidence) == ("unanswerable", ())
