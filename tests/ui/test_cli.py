"""The command line around the engine: options, exit codes, errors, JSON; the engine is scripted."""

import contextlib
import io
import json
import os
import sys
from datetime import date

import pytest

import rag.answer.pipeline
from rag.answer.pipeline import EvidenceFound, TextDelta
from rag.errors import ArchiveMissing, ModelUnreachable, QuestionError
from rag.record import from_json
from rag.types import Answer, Citation, Evidence, Filter, Source, Span, Statement, Verdict
from ui.cli import run

TEXT = "The bridge reopened on Friday."
SOURCE = Source(
    article_id="a1", title="Bridge \x1b[31mreopens\x9b2J", publisher="Gazette", published=None
)
SPAN = Span(start=0, end=len(TEXT))
CITED = Statement(
    text="It reopened on Friday.",
    citations=(Citation(number=1, source=SOURCE, span=SPAN, quote=TEXT),),
    verdict=Verdict(support="supported", score=0.9),
)
EVIDENCE = Evidence(number=1, source=SOURCE, span=SPAN, text=TEXT, sentences=(SPAN,))


class Scripted:
    """Stands in for NewsQA: declines what has the word 'unknown', fails where it says so."""

    def __init__(self) -> None:
        self.calls: list[dict] = []
        self.open = False

    @contextlib.contextmanager
    def __call__(self, settings):
        self.settings = settings
        self.open = True
        try:
            yield self
        finally:
            self.open = False

    def ask(self, question, *, filters=None, as_of=None, history=(), on_event=None):
        self.calls.append(
            {"question": question, "filters": filters, "as_of": as_of, "history": list(history)}
        )
        if not question.strip():
            raise QuestionError("the question is empty")
        for word, error in {
            "interrupt": KeyboardInterrupt(),
            "crash": ZeroDivisionError("by zero"),
            "endpoint": ModelUnreachable("the endpoint does not answer"),
            "archive": ArchiveMissing("there is no archive"),
        }.items():
            if word in question:
                raise error
        if on_event:
            on_event(EvidenceFound((EVIDENCE,)))
            on_event(TextDelta("It reopened"))
        if "unknown" in question:
            return Answer(question=question, outcome="declined", reason="not in the archive")
        outcome = "partial" if "half" in question else "answered"
        return Answer(
            question=question,
            outcome=outcome,
            reason="",
            statements=(CITED,),
            evidence=(EVIDENCE,),
            filters=filters or Filter(),
            model="scripted",
        )


@pytest.fixture
def qa(monkeypatch):
    for name in [n for n in os.environ if n.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    scripted = Scripted()
    monkeypatch.setattr(rag.answer.pipeline, "open_qa", scripted, raising=False)
    return scripted


def test_an_answered_question_exits_with_0(qa, capsys):
    assert run(["ask", "Did it reopen?"]) == 0
    assert "It reopened on Friday. [1]" in capsys.readouterr().out


def test_a_partial_answer_exits_with_0(qa):
    assert run(["ask", "half of it?"]) == 0


def test_a_declined_question_exits_with_3(qa, capsys):
    assert run(["ask", "something unknown"]) == 3
    assert "No answer: not in the archive" in capsys.readouterr().out


def test_json_is_one_line_that_reads_back_as_the_answer(qa, capsys):
    assert run(["ask", "--json", "Did it reopen?"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert from_json(json.loads(out)).statements == (CITED,)


def test_json_escapes_what_could_steer_a_terminal(qa, capsys):
    run(["ask", "--json", "Did it reopen?"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x9b" not in out
    assert json.loads(out)["evidence"][0]["title"] == SOURCE.title


@pytest.mark.parametrize(
    ("question", "exit_code", "message"),
    [
        (" ", 2, "the question is empty"),
        ("endpoint down", 6, "the endpoint does not answer"),
        ("archive gone", 4, "there is no archive"),
        ("crash", 1, "unexpected ZeroDivisionError: by zero"),
    ],
)
def test_an_error_is_one_line_on_stderr_with_its_exit_code(
    qa, capsys, question, exit_code, message
):
    assert run(["ask", question]) == exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"dateline: {message}")
    assert captured.err.count("\n") == 1


def test_with_json_the_error_is_an_object_on_stdout_too(qa, capsys):
    assert run(["ask", "--json", "endpoint down"]) == 6
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "type": "ModelUnreachable",
            "message": "the endpoint does not answer",
            "exit_code": 6,
        }
    }


def test_a_question_may_look_like_an_option_after_two_dashes(qa, capsys):
    assert run(["ask", "--", "--json endpoint"]) == 6
    assert capsys.readouterr().out == ""


def test_a_traceback_is_shown_only_on_demand(qa, capsys, monkeypatch):
    monkeypatch.setenv("DATELINE_DEBUG", "1")
    assert run(["ask", "crash"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_closes_the_engine_and_exits_with_130(qa, capsys):
    assert run(["ask", "interrupt me"]) == 130
    assert not qa.open
    assert "Traceback" not in capsys.readouterr().err


def test_filters_and_day_reach_the_engine(qa):
    days = ["--since", "2024-01-01", "--as-of", "2024-02-16"]
    run(["ask", *days, "--publisher", "AP", "--publisher", "BBC", "why"])
    call = qa.calls[0]
    assert call["filters"] == Filter(since=date(2024, 1, 1), publishers=("AP", "BBC"))
    assert call["as_of"] == date(2024, 2, 16)


def test_without_filter_options_the_question_decides(qa):
    run(["ask", "why"])
    assert qa.calls[0]["filters"] is None


def test_options_win_over_the_environment_and_the_rest_of_a_group_stays(qa, monkeypatch, tmp_path):
    monkeypatch.setenv("DATELINE_CHAT__LLM", "openai:one")
    monkeypatch.setenv("DATELINE_CHAT__BASE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("DATELINE_ARCHIVE", str(tmp_path))
    run(["ask", "why", "--llm", "openai:two", "--style", "short"])
    assert qa.settings.chat.llm == "openai:two"
    assert qa.settings.chat.base_url == "http://localhost:1/v1"
    assert qa.settings.answer.style == "short"
    assert qa.settings.archive == tmp_path


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ask", "give either a question or --batch FILE"),
        ("ask q --batch x.jsonl", "give either a question or --batch FILE"),
        ("ask q --as-of yesterday", "'yesterday' is not a day; write it like 2024-05-31"),
        ("ask q --since 2024-02-01 --until 2024-01-01", "--since 2024-02-01 is after --until"),
        ("ask q --style long", "'long' is not one of 'short', 'normal', 'full'"),
        ("ask q --bogus", "No such option: --bogus"),
        ("bogus", "No such command 'bogus'"),
        ("serve --auth nobody", "--auth must look like USER:PASSWORD"),
        ("index . --map text", "'text' does not look like text=body,date=when"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(qa, capsys, line, fault):
    assert run(line.split()) == 2
    captured = capsys.readouterr()
    assert fault in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_wrong_setting_in_the_environment_is_named(qa, capsys, monkeypatch):
    monkeypatch.setenv("DATELINE_SELECT__CHARACTERS", "few")
    assert run(["ask", "why"]) == 2
    assert "setting 'select.characters'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_CHAT", "none"),
        ("DATELINE_AUTH__PROXY_NETWORKS", "10.0.0.7"),
        ("DATELINE_API__CORS_ORIGINS", "https://news.example"),
    ],
)
def test_a_variable_that_is_no_json_where_that_is_needed_is_named(
    qa, capsys, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    assert run(["ask", "why"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"dateline: {name} cannot be read")
    assert "a list is JSON" in said


@pytest.mark.parametrize("login", ["newsroom:a-password", "", '{"mode": "password"}'])
def test_the_login_in_the_environment_is_no_group_of_settings(qa, monkeypatch, login):
    monkeypatch.setenv("DATELINE_AUTH", login)
    monkeypatch.setenv("DATELINE_AUTH__SESSION_DAYS", "3")
    assert run(["ask", "why"]) == 0
    assert qa.settings.auth.mode == "none"
    assert qa.settings.auth.session_days == 3


def test_a_question_that_is_no_utf_8_is_still_asked(qa):
    assert run(["ask", "caf\udce9"]) == 0
    assert qa.calls[0]["question"] == "caf?"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_the_evidence_before_the_answer(qa, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert run(["ask", "Did it reopen?"]) == 0
    seen = sys.stdout.getvalue()
    assert seen.index("Gazette") < seen.index("It reopened on Friday.")
    assert "\x1b[31mreopens" not in seen


def test_a_conversation_hands_on_its_turns(qa, capsys, monkeypatch):
    lines = "Did it reopen?\nendpoint down\nAnd when?\n/sources\n/what\n/new\nWhy?\n/quit\nlate\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert run(["chat", "--llm", "none"]) == 0
    captured = capsys.readouterr()
    asked = {call["question"]: call["history"] for call in qa.calls}
    assert list(asked) == ["Did it reopen?", "endpoint down", "And when?", "Why?"]
    assert [t.question for t in asked["And when?"]] == ["Did it reopen?"]
    assert asked["Why?"] == []
    assert "the endpoint does not answer" in captured.err
    assert TEXT in captured.out
    assert "/help lists them" in captured.out
