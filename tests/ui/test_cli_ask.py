"""`dateline ask` over a real archive, without a chat model: the sources' own sentences."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

from rag.errors import DatelineError
from rag.record import from_json
from ui.cli import run

EVIL_TITLE = "Pier \x1b]0;owned\x07\x1b[2J[bold]opens\u202e"
ARTICLES = [
    {
        "id": "pier",
        "title": EVIL_TITLE,
        "publisher": "Harbour Gazette",
        "published": "2024-03-04",
        "text": "The new ferry pier in Norwick opened on Monday. "
        "Mayor Ada Lund said the pier cost 12 million euros.",
    },
    {
        "id": "lock",
        "title": "Lock shut",
        "text": "The lock at Wend closed for repairs. "
        "Engineer Tom Brask expects six weeks of work.",
    },
]
DATELINE = [sys.executable, "-c", "from ui.cli import main; main()"]
QUESTION = "How much did the ferry pier in Norwick cost?"
UNKNOWN = "Who won the chess championship in Reykjavik?"


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ask")
    feed = folder / "feed.jsonl"
    feed.write_text("".join(json.dumps(a) + "\n" for a in ARTICLES))
    done = dateline("index", feed, "--archive", folder / "archive")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "archive"


def dateline(*args: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command line in this process, which loads the libraries once for all tests."""
    out, err = io.StringIO(), io.StringIO()
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    with redirect_stdout(out), redirect_stderr(err), mock.patch.object(sys, "stdin", typed):
        code = run([str(arg) for arg in args])
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def ask(archive: Path, *args: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return dateline("ask", "--archive", archive, "--llm", "none", *args, stdin=stdin)


def test_an_answer_quotes_exact_words_of_the_stored_article(archive):
    done = ask(archive, "--json", QUESTION)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["outcome"] in ("answered", "partial")
    assert record["extractive"]
    assert "12 million euros" in record["text"]
    stored = json.loads(dateline("show", "pier", "--archive", archive, "--json").stdout)
    citations = [c for s in record["statements"] for c in s["citations"]]
    assert citations
    for citation in citations:
        assert citation["quote"] == stored["text"][citation["start"] : citation["end"]]
    assert from_json(record).question == QUESTION


def test_titles_cannot_steer_the_terminal(archive):
    done = ask(archive, QUESTION)
    listed = dateline("list", "--archive", archive)
    shown = dateline("show", "pier", "--archive", archive)
    for text in (done.stdout, listed.stdout, shown.stdout):
        assert "opens" in text
        assert not set(text) & set("\x1b\x07\u202e")


def test_what_the_archive_does_not_hold_is_declined_with_3(archive):
    done = ask(archive, UNKNOWN)
    assert done.returncode == 3, done.stdout
    assert done.stdout.startswith("Not in the archive.\nNo answer: ")
    assert "The archive holds 2 articles" in done.stdout
    assert json.loads(ask(archive, "--json", UNKNOWN).stdout)["statements"] == []


def test_an_article_without_a_date_says_so(archive):
    done = ask(archive, "Who expects six weeks of work at the lock at Wend?")
    assert "outlet unknown · date unknown · Lock shut" in done.stdout


def test_a_batch_answers_each_line_and_a_bad_one_stops_nothing(archive):
    lines = [
        {"id": "q1", "question": QUESTION, "kind": "ignored"},
        "not json",
        {"id": 3, "question": 7},
        {"id": "q4", "question": QUESTION, "as_of": "some day"},
        {"id": "q5", "question": UNKNOWN},
        {"id": "q6", "question": QUESTION, "publishers": ["Nobody's Paper"]},
        {"id": "q7", "question": ""},
    ]
    text = "\n\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines)
    done = ask(archive, "--batch", "-", "--json", stdin=text)
    assert done.returncode == 5
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(r["id"], r["line"], "error" in r) for r in out] == [
        ("q1", 1, False),
        (None, 3, True),
        (3, 5, True),
        ("q4", 7, True),
        ("q5", 9, False),
        ("q6", 11, False),
        ("q7", 13, True),
    ]
    assert "12 million" in out[0]["text"]
    assert out[4]["outcome"] == "declined"
    assert out[5]["outcome"] == "declined"
    assert "'as_of' is 'some day'" in out[3]["error"]["message"]
    assert "Traceback" not in done.stderr


def test_a_batch_of_good_lines_exits_with_0_even_when_one_is_declined(archive, tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"question": UNKNOWN}) + "\n")
    done = ask(archive, "--batch", path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"1. {UNKNOWN}\n\nNot in the archive.\nNo answer: ")


def test_a_batch_that_is_not_there_is_named(archive):
    done = ask(archive, "--batch", "/nowhere/q.jsonl")
    assert done.returncode == 5
    assert "'/nowhere/q.jsonl'" in done.stderr


@pytest.mark.parametrize(
    ("llm", "exit_code"), [("magic:wand", 2), ("local:nope", 6), ("local:/nowhere/x.gguf", 6)]
)
def test_a_wrong_model_name_is_refused_in_one_line(archive, llm, exit_code):
    done = dateline("ask", "--archive", archive, "--llm", llm, QUESTION)
    assert done.returncode == exit_code
    assert done.stderr.startswith("dateline: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_endpoint_that_is_not_there_leaves_the_sources_own_words(archive):
    url = "http://127.0.0.1:9/v1"
    done = dateline("ask", "--archive", archive, "--llm", "openai:m", "--base-url", url, QUESTION)
    assert done.returncode == 0, done.stderr
    assert "12 million euros" in done.stdout
    assert "In the sources' own words" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_conversation_runs_to_the_end_of_its_input(archive):
    lines = f"{QUESTION}\n/sources\n/quit\n"
    done = dateline("chat", "--archive", archive, "--llm", "none", stdin=lines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("12 million euros") >= 2


@pytest.fixture
def heard():
    """A Ctrl-C reaches what is started, also where the tests run in the background of a shell."""
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, kept)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_conversation_cleanly(archive, number, exit_code):
    command = [*DATELINE, "chat", "--archive", str(archive), "--llm", "none"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as talk:
        talk.stdin.write(QUESTION + "\n")
        talk.stdin.flush()
        for line in talk.stdout:
            if line.startswith("model "):
                break
        talk.stdout.readline()
        # A Ctrl-C while the answer is still being ended only stops that answer: press it again.
        for _ in range(30):
            os.kill(talk.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                talk.wait(timeout=2)
                break
        talk.kill()  # it is over, or this test must not wait for it for ever
        complaint = talk.stderr.read()
    assert talk.returncode == exit_code
    assert "Traceback" not in complaint


def test_every_error_of_the_tree_has_a_documented_exit_code():
    documented = Path(__file__).parents[2].joinpath("docs/answer-schema.md").read_text()
    waiting = [DatelineError]
    while waiting:
        kind = waiting.pop()
        if kind.__module__ == "rag.errors":
            assert f"| {kind.exit_code} |" in documented
        waiting.extend(kind.__subclasses__())
