"""The Evaluation tab: real runs of the eval suite, shown safely and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from scripted import answered
from starlette.testclient import TestClient

gr = pytest.importorskip("gradio")

from eval.cases import Case  # noqa: E402
from eval.rows import Header, Row, RunFault, append, start  # noqa: E402
from ui import evaluation  # noqa: E402
from ui.commands.judged import runs_in  # noqa: E402
from ui.evaluation import RunLine, Runs  # noqa: E402
from ui.guard import Guard  # noqa: E402
from ui.judging import Judging, report_routes  # noqa: E402

EVIL = "<script>alert(1)</script>"


def made(folder: Path, name: str, right: list[float]) -> None:
    header = Header(
        suite="sample",
        suite_digest="s",
        system="dateline",
        settings_digest="d",
        model="scripted-model",
        cases=len(right),
        started="2024-05-06T07:08:09+00:00",
    )
    start(folder / name, header)
    for number, score in enumerate(right):
        case = Case(id=f"c{number}", question=f"Question {number} {EVIL}?", kind="fact")
        scores = {"truthful": score, "match": max(score, 0.0)}
        append(folder / name, Row(case=case, answer=answered(case.question), scores=scores))


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    made(tmp_path, "before", [1.0, 0.0, -1.0, 1.0])
    made(tmp_path, "after", [1.0, 1.0, -1.0, 0.0])
    return runs_in(tmp_path)


def clicked(**data: str) -> Any:
    return gr.EventData(None, data)


def test_runs_are_listed_newest_first_with_how_far_they_came(runs: Runs) -> None:
    listed = runs.recent()
    assert {(r.name, r.rows, r.cases) for r in listed} == {("before", 4, 4), ("after", 4, 4)}
    shown = evaluation.run_list(listed)
    assert shown.count('data-run="') == 2
    assert "2024-05-06, 07:08" in shown


def test_a_folder_that_holds_no_readable_run_is_left_out(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    assert len(runs.recent()) == 2


def test_without_runs_the_tab_says_how_to_make_one(tmp_path: Path) -> None:
    assert "dateline eval run sample" in Judging(runs_in(tmp_path)).recent()


def test_two_runs_are_compared_question_by_question(runs: Runs) -> None:
    found = runs.compare("before", "after")
    assert (found.shared, len(found.fixed), len(found.broken)) == (4, 1, 1)
    shown = Judging(runs).compare(clicked(before="before", after="after"))
    assert "4 questions in both" in shown
    assert "Right before, and not any more: 1" in shown
    assert "<script" not in shown


def test_a_report_opens_in_a_frame_where_nothing_runs(runs: Runs) -> None:
    shown = Judging(runs).open(clicked(run="after"))
    assert '<iframe sandbox="" src="./api/evaluation/after"' in shown


@pytest.mark.parametrize("name", ["../after", "/etc/passwd", "none", "", EVIL, "after/../before"])
def test_only_runs_that_are_listed_can_be_asked_for(runs: Runs, name: str) -> None:
    assert "there is no run" in Judging(runs).open(clicked(run=name))
    assert "there is no run" in Judging(runs).compare(clicked(before=name, after="after"))
    with pytest.raises(RunFault, match="there is no run"):
        runs.report(name)


def test_reports_are_served_with_a_policy_that_lets_nothing_run(runs: Runs) -> None:
    app = FastAPI()
    app.include_router(report_routes(runs))
    guarded = Guard(app, host="127.0.0.1", auth=None)
    with TestClient(guarded, base_url="http://127.0.0.1:7860") as client:
        report = client.get("/api/evaluation/after")
        assert report.status_code == 200
        assert "<script" not in report.text
        policy = report.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert "unsafe-eval" not in policy
        assert report.headers["x-frame-options"] == "SAMEORIGIN"
        assert client.get("/api/evaluation/none").status_code == 404
        assert client.get("/api/other").headers["x-frame-options"] == "DENY"


def test_nothing_of_a_run_becomes_markup() -> None:
    line = RunLine(name=EVIL, suite=EVIL, system=EVIL, model=EVIL, started=EVIL, rows=1, cases=2)
    shown = evaluation.run_list([line, line]) + evaluation.framed(EVIL)
    assert "<script" not in shown
