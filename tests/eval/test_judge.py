"""The judge: parsed strictly, unscored rather than wrong, and trusted only when measured."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import pytest

from eval import judge
from eval.judge import agreement, grade, judged, trusted, word, words
from eval.rows import RunFault
from eval.run import Job, run
from tests.eval.conftest import Scripted, careful, header, make_case, make_suite, say, scripted


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("correct", True),
        (" Correct.\n", True),
        ("incorrect", False),
        ("correct, but", None),
        ("I think it is correct", None),
        ("", None),
        ("yes", None),
    ],
)
def test_only_the_one_word_asked_for_is_a_grade(reply: str, expected: bool | None) -> None:
    assert word(reply, "correct", "incorrect") is expected


def test_a_grade_is_asked_with_the_reference_beside_the_answer() -> None:
    chat = Scripted("correct")
    assert grade(cast("Any", chat), make_case(), say("About four hundred.")) is True
    asked = str(chat.asked[0][1].content)
    assert "Reference: 412" in asked
    assert "Answer: About four hundred." in asked


def test_an_unreadable_grade_is_unscored(tmp_path: Path) -> None:
    suite = make_suite(6)
    found = run(scripted(careful), Job(cases=suite.cases, header=header(suite), folder=tmp_path))
    value, unscored = judged(found, cast("Any", Scripted("well, it depends")))
    assert (value, unscored) == (None, 4)
    value, unscored = judged(found, cast("Any", Scripted("correct")))
    assert value is not None
    assert (value.mean, value.n, unscored) == (1.0, 4, 0)


def test_agreement_leaves_out_what_could_not_be_read() -> None:
    pairs: list[tuple[bool | None, bool]] = [(True, True)] * 4 + [(False, False)] * 4
    found = agreement("m", [*pairs, (None, True), (True, False), (False, True)])
    assert (found.n, found.unscored) == (10, 1)
    # By hand: agreement .8, chance .5.
    assert found.kappa == pytest.approx(0.6)
    assert found.trusted
    assert "may gate" in words(found)[1]


def test_a_judge_gates_only_when_measured_with_these_prompts_and_good_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(RunFault, match="never measured"):
        trusted("m")
    good = agreement("m", [(True, True), (False, False)])
    path = judge._stored("m")
    path.parent.mkdir(parents=True)

    def store(found: judge.Validation) -> None:
        path.write_text(json.dumps(asdict(found)), encoding="utf-8")

    store(good)
    assert trusted("m") == good
    store(replace(good, kappa=0.59))
    with pytest.raises(RunFault, match=r"kappa 0\.59"):
        trusted("m")
    store(replace(good, prompt="other"))
    with pytest.raises(RunFault, match="other prompts"):
        trusted("m")


def test_a_judge_that_was_never_measured_grades_and_does_not_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    from rag.settings import Settings

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(judge, "_judge", lambda _: nullcontext(Scripted("correct")))
    suite = make_suite(9)
    found = run(scripted(careful), Job(cases=suite.cases, header=header(suite), folder=tmp_path))
    shown = judge.graded(found, Settings(), gates=False)
    (told,) = judge.graded_words(shown)
    assert told.startswith("judge scripted: 1.000 correct (1.000 to 1.000), n = 6, 0 unscored;")
    with pytest.raises(RunFault, match="was never measured"):
        judge.graded(found, Settings(), gates=True)


def test_without_a_model_there_is_no_judge() -> None:
    from rag.settings import ChatSettings, Settings

    with pytest.raises(RunFault, match="there is none for 'none'"):
        judge._judge(Settings(chat=ChatSettings(llm="none")))
