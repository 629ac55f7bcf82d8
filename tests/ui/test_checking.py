"""A draft at the doors: the command line with its report, the HTTP API, the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from apart import apart
from mcp import Client
from opened import House, filled, house, visiting
from scripted import BRIDGE_MARCH

from ui.api.drafts import draft_page
from ui.api.mcp import build
from ui.cli import run

DRAFT = (
    "# Bridge\n\nThe repair of the Millford bridge will take eighteen months. "
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
    report = tmp_path / "report.html"
    for ending in ("md", "txt", "html", "docx"):
        file = tmp_path / f"draft.{ending}"
        code = run(["check", str(file), "--archive", str(folder), "--json", "--html", str(report)])
        told = json.loads(capsys.readouterr().out)
        found = {s["text"]: s["finding"] for s in told["sentences"]}
        assert found["Kenya's president withdrew the finance bill in Nairobi."] == "not_in_archive"
        assert found["Who pays?"] == "no_claim"
        assert code == 0
    assert "Kenya" in report.read_text()
    assert "<script" not in report.read_text()


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
