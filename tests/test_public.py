"""The public face: its names, what importing it loads, the documents and examples that show it."""

import csv
import json
import os
import re
import runpy
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

import rag
from rag import NewsQA, Verdict
from rag.errors import ArchiveMissing, SourceError
from rag.settings import AnswerSettings
from tests.rag.making import Numbers

ROOT = Path(__file__).parents[1]
FINLAND = "When did Finland join NATO?"
STORY = {
    "id": "mill-1",
    "title": "Old mill of Tarnby sold",
    "publisher": "Tarnby Post",
    "published": "2024-02-09",
    "text": "The old mill of Tarnby was sold on Friday. The buyer paid 310,000 euros for it.",
}


@pytest.fixture(autouse=True)
def _no_model(monkeypatch):
    for name in [n for n in os.environ if n.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATELINE_CHAT__LLM", "none")
    # What the judge makes of an answer has tests of its own, and its model need not be here.
    monkeypatch.setenv("DATELINE_RERANK__MODEL", "none")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with a few of the sample articles below it."""
    (tmp_path / "articles").mkdir()
    for name in ("finland-joins-2023-04-04.md", "fed-2022-06-15.md", "titan-search.txt"):
        shutil.copy(ROOT / "eval" / "sample" / name, tmp_path / "articles")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(document: str) -> str:
    """Return the Python of a document, each line where it stands there."""
    lines, inside = [], False
    for line in (ROOT / document).read_text(encoding="utf-8").splitlines():
        fence = line.startswith("```")
        lines.append(line if inside and not fence else "")
        inside = line == "```python" if fence else inside
    return "\n".join(lines)


def test_the_public_names_are_these():
    assert sorted(rag.__all__) == [
        "Answer",
        "Archive",
        "ArchiveBusy",
        "ArchiveContended",
        "ArchiveDamaged",
        "ArchiveError",
        "ArchiveFull",
        "ArchiveMissing",
        "ArchiveOutdated",
        "ArchiveUnreachable",
        "Article",
        "Citation",
        "Conflict",
        "Coverage",
        "DatelineError",
        "Encoder",
        "Erased",
        "Event",
        "Evidence",
        "Filter",
        "IndexReport",
        "ModelDamaged",
        "ModelError",
        "ModelMissing",
        "ModelUnreachable",
        "NewsQA",
        "NotAllowed",
        "NotFound",
        "Premise",
        "QuestionError",
        "Ruling",
        "Settings",
        "SettingsError",
        "Source",
        "SourceError",
        "Span",
        "Statement",
        "Turn",
        "Verdict",
        "Verifier",
        "WhereUnclear",
        "__version__",
        "from_json",
        "replay",
        "to_json",
    ]


def test_every_public_name_is_there_and_no_other():
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    assert dir(rag) == sorted(rag.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Newsroom'"):
        _ = rag.Newsroom


def test_every_error_is_public():
    import rag.errors

    errors = {name for name, value in vars(rag.errors).items() if isinstance(value, type)}
    assert errors <= set(rag.__all__)


def test_importing_it_loads_nothing_but_the_standard_library():
    code = "import sys, rag; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    plain = subprocess.run(
        [sys.executable, "-c", code.replace(", rag", "")],
        capture_output=True,
        text=True,
        check=True,
    )
    new = set(done.stdout.split()) - set(plain.stdout.split())
    assert new - set(sys.stdlib_module_names) == {"rag"}


def test_a_new_folder_is_an_empty_archive_and_what_is_added_can_be_asked_for(tmp_path):
    with NewsQA.open(tmp_path / "new", encoder=Numbers()) as qa:
        assert qa.ask("What did the buyer of the old mill of Tarnby pay?").outcome == "declined"
        assert qa.add(STORY).added == ("mill-1",)
        answer = qa.ask("What did the buyer of the old mill of Tarnby pay?")
        assert "310,000 euros" in answer.text
        assert {c.source.article_id for c in answer.citations} == {"mill-1"}
        assert all(c.quote in STORY["text"] for c in answer.citations)


def test_a_folder_of_other_things_is_no_archive_and_stays_as_it_is(place):
    with pytest.raises(ArchiveMissing, match="other things are"), NewsQA.open("articles"):
        pass
    assert len(list((place / "articles").iterdir())) == 3


def test_the_report_names_what_became_of_each(tmp_path):
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    changed = STORY | {"text": f"{STORY['text']} It will become a museum."}
    with NewsQA.open(tmp_path / "new", encoder=Numbers()) as qa:
        assert qa.add([STORY]).added == ("mill-1",)
        assert qa.add([STORY]).unchanged == ("mill-1",)
        report = qa.add([changed, tmp_path / "broken.json"])
        assert (report.added, report.revised) == ((), ("mill-1",))
        assert [Path(f.origin).name for f in report.failed] == ["broken.json"]
        assert str(report).startswith("1 revised, 1 failed\n")
        assert "broken.json" in str(report)


def test_records_without_an_id_are_told_apart_by_what_they_say(tmp_path):
    one, other = ({"text": f"Report {n} says that the river rose by {n} cm."} for n in (11, 12))
    with NewsQA.open(tmp_path / "new", encoder=Numbers()) as qa:
        assert len(qa.add([one, other]).added) == 2
        assert len(qa.add([other, one]).unchanged) == 2


def test_a_record_with_something_else_in_it_is_refused_with_the_reason(tmp_path):
    with (
        NewsQA.open(tmp_path / "new", encoder=Numbers()) as qa,
        pytest.raises(SourceError, match="type object is neither text, number nor day"),
    ):
        qa.add({"text": "A text.", "title": object()})


def test_what_is_not_there_is_an_error_and_nothing_is_added(tmp_path):
    with NewsQA.open(tmp_path / "new", encoder=Numbers()) as qa:
        with pytest.raises(SourceError, match="does not exist"):
            qa.add([STORY, tmp_path / "nothing"])
        assert qa.archive.coverage().articles == 0


def test_a_model_from_outside_words_the_answer_and_is_checked_like_any_other(tmp_path):
    replies = iter(
        [
            AIMessage("The buyer paid 310,000 euros for it."),
            AIMessage("The buyer paid 990,000 euros for it."),
        ]
    )
    model = GenericFakeChatModel(messages=replies)
    with NewsQA.open(tmp_path / "new", chat=model, encoder=Numbers()) as qa:
        qa.add(STORY)
        right = qa.ask("What did the buyer of the old mill of Tarnby pay?")
        wrong = qa.ask("What did the buyer of the old mill of Tarnby pay?")
    assert right.model == "GenericFakeChatModel"
    assert right.text == "The buyer paid 310,000 euros for it."
    assert (wrong.outcome, wrong.text) == ("declined", "")
    assert [s.text for s in wrong.dropped] == ["The buyer paid 990,000 euros for it."]


def test_a_model_from_outside_that_fails_leaves_the_sources_own_words(tmp_path):
    model = GenericFakeChatModel(messages=iter([]))
    with NewsQA.open(tmp_path / "new", chat=model, encoder=Numbers()) as qa:
        qa.add(STORY)
        answer = qa.ask("What did the buyer of the old mill of Tarnby pay?")
    assert answer.extractive
    assert "310,000 euros" in answer.text
    assert "GenericFakeChatModel failed with" in answer.reason


def test_an_encoder_and_a_verifier_from_outside_are_used(tmp_path):
    class Counting(Numbers):
        fingerprint = "counting"
        texts = 0

        def encode(self, texts):
            self.texts += len(texts)
            return super().encode(texts) if texts else np.zeros((0, 16), np.float32)

    class Never:
        def check(self, statement, premises, *, question=""):
            return Verdict(support="unsupported", score=0.0, reasons=("never",))

    encoder = Counting()
    with NewsQA.open(tmp_path / "new", encoder=encoder, verifier=Never()) as qa:
        qa.add(STORY)
        answer = qa.ask("What did the buyer of the old mill of Tarnby pay?")
        assert qa.archive.fingerprint == "counting"
    assert encoder.texts > 1
    assert answer.outcome == "declined"
    assert {reason for s in answer.dropped for reason in s.verdict.reasons} == {"never"}


def test_the_settings_leave_a_check_out_by_name_and_refuse_a_name_that_is_none(tmp_path):
    def opened(*names):
        chosen = rag.Settings(answer=AnswerSettings(without=names))
        return NewsQA.open(tmp_path / "new", encoder=Numbers(), settings=chosen)

    said, premise = "The mill cost 5 euros.", rag.Premise(text="The mill cost 7 euros.")
    objection = "the number 5 euros is not in the source"
    with opened() as qa:
        assert objection in qa.verifier.check(said, [premise]).reasons
        digest = qa.settings.digest()
    with opened("number") as qa:
        assert objection not in qa.verifier.check(said, [premise]).reasons
        assert qa.settings.digest() != digest
    with pytest.raises(rag.SettingsError, match="'magic', which is no check"), opened("magic"):
        pass


@pytest.mark.parametrize("document", ["docs/api.md", "README.md"])
def test_what_the_documents_show_runs(document, place, capsys):
    code = blocks(document)
    assert code.strip()
    exec(compile(code, document, "exec"), {})
    assert "Finland" in capsys.readouterr().out


def example(name: str, *args: object) -> None:
    kept = sys.argv
    sys.argv = [name, *map(str, args)]
    try:
        runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    finally:
        sys.argv = kept


def test_the_examples_are_short_and_all_of_them_are_run_here():
    tested = set(re.findall(r'example\("(\w+)"', Path(__file__).read_text(encoding="utf-8")))
    there = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert tested == there
    for path in (ROOT / "examples").glob("*.py"):
        code = path.read_text(encoding="utf-8").split('"""\n', 2)[-1]
        assert sum(1 for line in code.splitlines() if line.strip()) <= 18, path.name


def test_the_examples_run(place, capsys):
    example("ask", "news", "articles", FINLAND)
    assert "Finland" in capsys.readouterr().out

    example("own_model", "news", FINLAND)
    shown = capsys.readouterr().out
    assert not shown.startswith("FakeListChatModel answered")
    assert "removed: Nobody knows." in shown

    with sqlite3.connect("stories.db") as db:
        db.execute("CREATE TABLE story (id, title, publisher, published, text)")
        db.execute("INSERT INTO story VALUES (:id, :title, :publisher, :published, :text)", STORY)
    db.close()
    example("database", "news", "stories.db")
    assert capsys.readouterr().out == "1 added\n"

    Path("questions.txt").write_text(f"{FINLAND}\nWho will win?\n", encoding="utf-8")
    example("batch", "news", "questions.txt", "answers.csv")
    with Path("answers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["outcome"] for row in rows] == ["answered", "declined"]
    assert "Finland" in rows[0]["quotes"]

    example("replay", "news", "kept.json", FINLAND)
    assert capsys.readouterr().out == "holds\n"
    assert json.loads(Path("kept.json").read_text(encoding="utf-8"))["question"] == FINLAND
    example("replay", "news", "kept.json")
    assert capsys.readouterr().out == "holds\n"
