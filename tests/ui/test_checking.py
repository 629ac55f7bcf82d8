"""A draft at the doors: the command line with its report, the HTTP API, the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from apart import apart
from mcp import Client
from opened import House, filled, house, visiting
from scripted import BRIDGE_MARCH

from rag.errors import ArchiveMissing
from ui.api.drafts import draft_page, draft_word
from ui.api.mcp import build
from ui.checking import Checking
from ui.cli import run

DRAFT = (
    "# Bridge\n\nThe repair will cost $4.2 million and take eighteen months, Ruth Adeyemi said. "
    "Kenya's president withdrew the finance bill in Nairobi. Who pays?\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("drafts")
    filled(made)
    return made


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[House]:
    with house(folder) as one:
        yield one


def test_the_api_and_the_protocol_say_the_same_of_a_draft(opened: House) -> None:
    text = "The repair will cost $4.2 million and take eighteen months, Ruth Adeyemi said."
    with visiting(opened) as client:
        told = client.post("/api/v1/check", json={"text": text}).json()
        assert client.post("/api/v1/check", json={"text": ""}).status_code == 422
        assert client.post("/api/v1/check", json={"text": "x" * 60_001}).status_code == 422

    async def calling() -> Any:
        async with Client(build(opened.service)) as client:
            return await client.call_tool("check", {"text": text})

    assert apart(calling).structured_content == told
    (one,) = told["sentences"]
    assert one["finding"] == "one_source"
    cited = one["support"][0]
    assert BRIDGE_MARCH.text[cited["start"] : cited["end"]] == cited["quote"]
    assert cited["digest"] == BRIDGE_MARCH.digest
    assert told["counts"]["one_source"] == 1


def test_the_command_reads_drafts_of_four_formats_and_writes_a_report(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = DRAFT.removeprefix("# Bridge\n\n").strip()
    (tmp_path / "draft.md").write_text(DRAFT)
    (tmp_path / "draft.txt").write_text(words)
    (tmp_path / "draft.html").write_text(f"<html><body><article><p>{words}</p></article></body>")
    document = docx.Document()
    document.add_paragraph(words)
    document.save(str(tmp_path / "draft.docx"))
    report, written = tmp_path / "report.html", tmp_path / "report.docx"
    for ending in ("md", "txt", "html", "docx"):
        file = tmp_path / f"draft.{ending}"
        code = run(
            ["check", str(file), "--archive", str(folder), "--json", "--report", str(report)]
        )
        told = json.loads(capsys.readouterr().out)
        found = {s["text"]: s["finding"] for s in told["sentences"]}
        assert found["Kenya's president withdrew the finance bill in Nairobi."] == "not_in_archive"
        assert found["Who pays?"] == "no_claim"
        assert code == 0
    assert "Kenya" in report.read_text()
    assert "<script" not in report.read_text()
    command = ["check", str(tmp_path / "draft.md"), "--archive", str(folder)]
    assert run([*command, "--report", str(written)]) == 0
    shown = [line.text for line in docx.Document(str(written)).paragraphs]
    assert shown[0] == "draft.md"
    assert "not in the archive: Kenya's president withdrew the finance bill in Nairobi." in shown
    assert any(line.startswith("for it: “") and "eighteen months" in line for line in shown)


def test_a_report_of_another_kind_or_in_no_folder_is_refused_and_the_findings_are_shown(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "draft.txt").write_text("Kenya's president withdrew the finance bill in Nairobi.")
    command = ["check", str(tmp_path / "draft.txt"), "--archive", str(folder), "--report"]
    assert run([*command, str(tmp_path / "report.pdf")]) == 2
    assert ".html or .docx" in capsys.readouterr().err
    assert run([*command, str(tmp_path / "no" / "report.html")]) == 2
    told = capsys.readouterr()
    assert "not in the archive" in told.out
    assert "cannot be written" in told.err


def test_a_word_report_holds_whatever_characters_a_draft_has() -> None:
    bad = "\x00\x08a \ud800 \ufffe <b>&amp;</b>"
    sentence = {
        "text": bad, "finding": "contradicted", "reasons": [bad], "sources": 0, "support": [],
        "against": [
            {
                "quote": bad, "verdict": "contradicted", "source_url": "javascript:alert(1)",
                "article_id": bad, "title": bad, "publisher": bad, "published": None,
            }
        ],
    }  # fmt: skip
    made = draft_word({"counts": {"contradicted": 1}, "sentences": [sentence]}, bad)
    shown = "\n".join(line.text for line in docx.Document(BytesIO(made)).paragraphs)
    assert "<b>&amp;</b>" in shown
    assert "javascript" not in shown


def test_the_tab_says_how_far_it_is_and_shows_quotes_that_open_their_article(folder: Path) -> None:
    with house(folder) as one:
        checking = Checking(one.service.machine, one.service.archive)  # type: ignore[arg-type]
        *bars, last = checking.check(DRAFT)
        assert [bar.count("<progress") for bar in bars] == [1] * len(bars)
        assert 'value="0" max="4"' in bars[0]
        assert "1 one source only" in last
        assert 'data-open="bridge-march"' in last
        assert "not in the archive" in last
        (nothing,) = checking.check("  ")
        assert "paste a text" in nothing


def test_the_tab_gives_up_when_nobody_looks_and_tells_failures(folder: Path) -> None:
    with house(folder) as one:
        checking = Checking(one.service.machine, one.service.archive)  # type: ignore[arg-type]
        going = checking.check(DRAFT * 200)
        assert "<progress" in next(going)
        going.close()

    class Broken:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def work(self, *_: Any, **__: Any) -> Any:
            raise self.error

    for error, told in (
        (ArchiveMissing("there is no archive yet"), "no archive yet"),
        (RuntimeError("secret"), "Something went wrong"),
    ):
        (shown,) = Checking(Broken(error), one.service.archive).check("It rained.")  # type: ignore[arg-type]
        assert told in shown
        assert "secret" not in shown


def test_a_draft_that_is_not_there_or_has_no_text_is_a_clear_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(tmp_path / "no.md"), "--archive", str(folder)]) == 5
    assert "does not exist" in capsys.readouterr().err
    (tmp_path / "empty.txt").write_text("  \n")
    assert run(["check", str(tmp_path / "empty.txt"), "--archive", str(folder)]) == 5
    assert capsys.readouterr().err


def test_the_report_shows_hostile_words_as_text() -> None:
    bad = "<script>alert(1)</script>"
    record = {
        "counts": {"supported": 1},
        "sentences": [
            {
                "text": bad,
                "finding": "supported",
                "reasons": [bad],
                "sources": 2,
                "support": [
                    {
                        "quote": bad,
                        "verdict": "supported",
                        "source_url": "javascript:alert(1)",
                        "article_id": bad,
                        "title": bad,
                        "publisher": bad,
                        "published": None,
                    }
                ],
                "against": [],
            }
        ],
    }
    page = draft_page(record, bad)
    assert "<script" not in page
    assert "javascript:" not in page
