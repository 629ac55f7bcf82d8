"""A listing at every face: page, Markdown of the chat protocols, terminal, exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from opened import House, house, visiting
from rich.console import Console
from scripted import BRIDGE_JULY, BRIDGE_MARCH, Shelf
from starlette.testclient import TestClient

from rag import NewsQA
from rag.types import Answer, Listing, Row, Ruling
from ui import evidence, exports, html, listing, terminal
from ui.api.citing import Citer
from ui.api.wording import worded
from ui.keeping import led
from ui.view import View

BAD = '<img src=x onerror=alert(1)>|[a](javascript:x)`"\n#'
TABLE = Listing(
    title="2 articles mention the bridge.",
    columns=("day", "outlet", "title", "by"),
    rows=(
        Row(cells=("2024-03-12", "Valley Courier", "Bridge closed", "Ann Lee"), articles=("a-1",)),
        Row(cells=("", BAD, BAD, BAD), articles=(BAD,)),
    ),
    total=7,
    counted="Counted: articles of the archive that have “bridge”.",
)
ANSWER = Answer(
    question="How many articles mention the bridge?",
    outcome="answered",
    reason="",
    verdict=Ruling(kind="counted", text=TABLE.title, value="7"),
    listing=TABLE,
)


def test_the_page_shows_a_table_whose_rows_open_their_articles_and_escapes_all() -> None:
    shown = str(html.finished(View(phase="done", answer=ANSWER)))
    assert 'data-open="a-1"' in shown
    assert "12 Mar 2024" in shown
    assert "and 5 more" in shown
    assert "<img" not in shown
    assert TABLE.title in shown


def test_a_screen_reader_hears_the_line_once() -> None:
    said = str(html.announcement(View(phase="done", answer=ANSWER)))
    assert said.count(TABLE.title) == 1


def test_markdown_links_each_row_and_breaks_out_of_no_cell() -> None:
    text = listing.markdown(TABLE, lambda name: f"https://example.org/{len(name)}")
    lines = text.splitlines()
    assert "[Bridge closed](<https://example.org/3>)" in lines[4]
    rows = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "<img" not in text.replace("\\<img", "")
    assert "and 5 more" in text


def test_the_chat_protocols_get_the_table_as_their_text() -> None:
    told = worded(ANSWER, Citer(None), footer=True)
    assert told.sentences == []
    assert told.content.startswith(TABLE.title)


def test_a_terminal_shows_line_table_and_what_was_counted() -> None:
    to = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with to.file:
        terminal.show(to, ANSWER)
        text = to.export_text()
    assert "Bridge closed" in text
    assert "a-1" in text
    assert TABLE.counted in text


def test_exports_hold_the_table() -> None:
    assert "Bridge closed" in exports.answer_md(ANSWER)


def test_an_answer_goes_when_an_article_that_it_lists_is_deleted() -> None:
    assert View(answer=ANSWER).shown[0] == "a-1"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("listed") / "archive") as one:
        yield one


@pytest.fixture
def client(opened: House) -> Iterator[TestClient]:
    with visiting(opened) as client:
        yield client


def test_the_api_lists_entities_page_by_page(client: TestClient, opened: House) -> None:
    from rag.ingest.naming import name_pending

    assert opened.service.archive is not None
    from rag.archive.archive import Archive

    with Archive.create(opened.service.archive.folder) as archive:
        name_pending(archive)
    first: dict[str, Any] = client.get("/api/v1/entities?limit=1").json()
    assert first["total"] > 1
    assert len(first["items"]) == 1
    second = client.get(f"/api/v1/entities?limit=1&cursor={first['next']}").json()
    assert second["items"][0]["key"] != first["items"][0]["key"]
    found = client.get("/api/v1/entities?q=adeyemi").json()["items"]
    assert [(e["name"], e["kind"]) for e in found] == [("Ruth Adeyemi", "person")]
    assert client.get("/api/v1/entities?kind=animal").status_code == 422


def test_an_answer_about_the_archive_has_the_schema_of_the_api(
    client: TestClient, opened: House, tmp_path: Path
) -> None:
    from ui.api.models.answers import AnswerOut

    with NewsQA.open(tmp_path / "archive", chat="none") as qa:
        qa.add([{"id": "x", "text": "The bridge of Senn was closed.", "title": "Senn"}])
        answer = qa.ask("How many articles mention the bridge?")
    record = AnswerOut.model_validate(Citer(None).answer(answer))
    assert record.listing is not None
    assert record.listing.rows[0].articles == ["x"]


def test_dossier_and_claims_are_doors_of_the_api(client: TestClient) -> None:
    sheet = client.get("/api/v1/dossier?q=Millford bridge").json()
    assert sheet["articles"] >= 1
    assert sheet["key"][0]["citation"]["quote"]
    claims = client.get("/api/v1/claims?q=Millford bridge").json()["items"]
    assert claims
    lines = client.get("/api/v1/claims?q=Millford bridge&format=jsonl")
    assert len(lines.text.splitlines()) == len(claims)
    table = client.get("/api/v1/claims?q=Millford bridge&format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("said,who,what,value")
    assert client.get("/api/v1/claims?q=x&format=xml").status_code == 422
    assert client.get("/api/v1/dossier?q=%3F").status_code in (400, 422)


def test_below_a_listing_its_articles_speak_in_their_own_dated_words() -> None:
    rows = tuple(Row(cells=(a.id,), articles=(a.id,)) for a in (BRIDGE_JULY, BRIDGE_MARCH))
    gone = Row(cells=("gone",), articles=("gone",))
    asked = replace(ANSWER, listing=replace(TABLE, rows=(gone, *rows)))
    done = led(asked, Shelf())
    july, march = done.closest
    assert "bridge" in july.quote
    assert july.span.of(BRIDGE_JULY.text) == july.quote
    view = View(id="x1", question=ANSWER.question).after(done)
    shown = evidence.sources(view)
    assert "What the articles say" in shown
    assert july.quote in Markup(shown).unescape()
    assert "18 July 2024" in shown
    assert "leave out" not in shown
    assert view.first == july  # where the reader opens
    assert march.source.article_id == BRIDGE_MARCH.id
    assert led(done, Shelf()) is done


def test_an_article_is_quoted_with_what_its_title_tells_and_in_passing_with_the_name() -> None:
    told = replace(
        BRIDGE_JULY,
        id="told",
        title="Otter bank lifts its rate a second time",
        text="Bo Carr of the Otter branch voted against it. The bank in Kessel lifted its rate "
        "a second time on Monday.",
    )
    passing = replace(
        told, id="passing", title="A hall burns", text="A hall burned. The Otter paid for it."
    )
    rows = tuple(Row(cells=(a.id,), articles=(a.id,)) for a in (told, passing))
    asked = replace(ANSWER, listing=replace(TABLE, title="2 articles mention Otter.", rows=rows))
    done = led(asked, Shelf((told, passing)))
    assert [c.quote for c in done.closest] == [
        "The bank in Kessel lifted its rate a second time on Monday.",
        "The Otter paid for it.",
    ]
