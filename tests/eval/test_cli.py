"""The commands, over a sample of the sample and a scripted system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cases import CaseFaults, load
from eval.cli import app
from eval.measure import Plan
from eval.rows import RunFault, read
from eval.run import Job, run
from eval.summary import summarise
from rag.errors import SourceError
from tests.eval.conftest import careful, forgetful, header, make_suite, say, scripted

RUNNER = CliRunner()


def call(*words: object) -> str:
    result = RUNNER.invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return f"{result.exit_code}\n{result.output}"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    suite = make_suite(90)
    for reply in (careful, forgetful):
        run(
            scripted(reply),
            Job(cases=suite.cases, header=header(suite), folder=tmp_path / "runs"),
        )
    return tmp_path / "runs"


def pair(runs: Path) -> tuple[Path, Path]:
    found = {summarise(read(path)).get("match"): path for path in runs.iterdir()}
    worse, better = sorted(found, key=lambda value: value.mean if value else 0)
    return found[better], found[worse]


def test_a_report_is_written_beside_its_run(runs: Path) -> None:
    better, _ = pair(runs)
    assert call("report", better).startswith("0\n")
    assert (better / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (better / "report.md").exists()


def test_the_newest_run_is_the_default(runs: Path) -> None:
    output = call("report", "--runs", runs)
    assert str(runs) in output


def test_compare_prints_what_broke(runs: Path) -> None:
    better, worse = pair(runs)
    assert "broken: 16" in call("compare", better, worse)
    assert "## Broken: 16" in call("compare", better, worse, "--markdown")


def test_the_gate_exits_with_1_for_a_worsened_run_and_0_for_the_same(
    runs: Path, tmp_path: Path
) -> None:
    better, worse = pair(runs)
    baseline = tmp_path / "baseline.json"
    assert "holds" in call("gate", better, "--baseline", baseline, "--write")
    assert call("gate", better, "--baseline", baseline).startswith("0\n")
    assert call("gate", worse, "--baseline", baseline).startswith("1\n")


def test_a_correction_is_added_and_a_faulty_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    call("add", "Who closed it?", "--answer", "the owner", "--as-of", "2024-05-01", "--to", path)
    (case,) = load(path)
    assert case.answers == ("the owner",)
    assert str(case.as_of) == "2024-05-01"
    with pytest.raises(CaseFaults, match="needs `answers`"):
        call("add", "Why?", "--to", path)


def test_a_correction_can_be_of_an_answer_as_json(tmp_path: Path) -> None:
    import json

    from rag.record import to_json
    from tests.eval.conftest import cite

    given = tmp_path / "answer.json"
    given.write_text(
        json.dumps(to_json(say("400", cite("It employed 412 people."), question="Q?")))
    )
    path = tmp_path / "cases.jsonl"
    assert call("add", "--of", given, "--answer", "412", "--to", path).startswith("0\n")
    (case,) = load(path)
    assert (case.question, case.evidence[0].quote) == ("Q?", "It employed 412 people.")
    given.write_text("not JSON")
    with pytest.raises(SourceError, match="is no answer of"):
        call("add", "--of", given, "--answer", "412", "--to", path)
    assert call("add", "--answer", "412", "--to", path).startswith("2\n")


def test_a_run_whose_header_was_cut_off_does_not_stop_the_report_of_others(runs: Path) -> None:
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text('{"suite": "mi')
    assert call("report", "--runs", runs).startswith("0\n")


def test_the_report_says_how_many_answers_differ_from_those_of_the_run_before(
    runs: Path,
) -> None:
    better, _ = pair(runs)
    call("report", better)
    text = (better / "report.html").read_text(encoding="utf-8")
    assert "Of 90 answers, 16 differ from those of the run of the same configuration" in text
    assert "Not run beside it: constant, decline, closed-book, dense, oracle" in text


def test_no_run_yet_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunFault, match="dateline eval run sample"):
        call("report", "--runs", tmp_path)


def test_run_takes_model_and_endpoint_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from eval import console

    plans: list[Plan] = []
    monkeypatch.setattr(console, "measure", plans.append)
    call("run", "sample", "--llm", "openai:m", "--base-url", "http://127.0.0.1:9/v1")
    chat = plans[0].settings.chat
    assert (chat.llm, chat.base_url) == ("openai:m", "http://127.0.0.1:9/v1")


def test_a_run_with_the_scripted_model_states_it(sample_archive: Path, tmp_path: Path) -> None:
    cases = tmp_path / "mine.jsonl"
    call(
        "add",
        "What killed the five people aboard the Titan?",
        "--answer",
        "implosion",
        "--to",
        cases,
    )
    call("run", cases, "--llm", "scripted", "--archive", sample_archive, "--runs", tmp_path / "r")
    found = next(
        r for p in (tmp_path / "r").iterdir() if (r := read(p)).header.system == "dateline"
    )
    assert found.header.model == "scripted"
    assert found.header.settings["chat"]["llm"] == "scripted"
    (row,) = found.scored
    assert row.answer is not None
    assert row.answer.model == "scripted"


def test_help_of_the_commands_loads_no_heavy_library() -> None:
    script = (
        "import sys; import eval.cli; "
        "print([m for m in ('torch', 'chromadb', 'langchain_core', 'numpy', 'pydantic') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"


def test_upstreams_scorer_is_shown_for_its_own_set_only(tmp_path: Path) -> None:
    suite = make_suite(6)
    for name, shown in (("multihop", True), ("sample", False)):
        head = header(suite, suite=name)
        found = run(
            scripted(lambda _: say("The 412.")),
            Job(cases=suite.cases, header=head, folder=tmp_path),
        )
        assert (summarise(found).get("shared_word") is not None) is shown
