"""The golden answers: a change of a word, a citation or an outcome is listed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import golden
from eval.rows import Row, Run, RunFault
from eval.suites import find
from rag.types import Answer
from tests.eval.conftest import cite, header, make_case, make_suite, say

QUOTE = "It employed 412 people."


def run_of(**answers: Answer) -> Run:
    rows = tuple(Row(case=make_case(name), answer=answer) for name, answer in answers.items())
    return Run(folder=Path("run"), header=header(make_suite()), rows=rows)


def test_the_same_answers_are_no_change(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    asked = run_of(b=say("412 people.", cite(QUOTE)), a=say(""))
    assert golden.write(asked, path) == 2
    assert golden.changes(golden.read(path), asked) == []
    assert path.read_text().index('"a"') < path.read_text().index('"b"')


def test_another_word_citation_or_outcome_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    golden.write(
        run_of(
            word=say("412 people.", cite(QUOTE)),
            span=say("412 people.", cite(QUOTE)),
            gone=say("412 people.", cite(QUOTE)),
            same=say("412 people.", cite(QUOTE), confidence=0.9),
        ),
        path,
    )
    now = run_of(
        word=say("412 workers.", cite(QUOTE)),
        span=say("412 people.", cite("412 people")),
        same=say("412 people.", cite(QUOTE), confidence=0.4),
        new=say(""),
    )
    found = golden.changes(golden.read(path), now)
    assert [one.case for one in found] == ["gone", "new", "span", "word"]
    listed = "\n".join(golden.lines(found))
    assert "412 workers." in listed
    assert "no such case" in listed
    assert listed.endswith("4 answers changed")


def test_a_damaged_file_is_an_error_for_people(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text('{"case": "a"}\n')
    with pytest.raises(RunFault, match="cannot be read as golden answers"):
        golden.read(path)


def test_the_answers_that_come_along_are_those_of_the_sample() -> None:
    assert set(golden.read()) == {case.id for case in find("sample").cases}
