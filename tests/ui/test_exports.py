"""Files of a conversation hold all that the page shows, and the same in each notation."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import pytest
from docx import Document
from scripted import answered, bridge, cited, declined, said

from rag.archive.exchanges import Conversation, Exchange, Standing
from rag.record import from_json
from rag.types import Answer, Listing, Row, Ruling
from ui import exports, stands

ASKED = datetime(2024, 9, 1, 12, tzinfo=UTC)
NAMED = Conversation(id="c1", title="Bridge?", created=ASKED, updated=ASKED, questions=1)
COST = "What did the bridge cost?"


def kept(answer: Answer) -> Exchange:
    return Exchange(
        id="x1", conversation="c1", asked=ASKED, question=COST, answer=answer, state="answered"
    )


def full() -> Answer:
    ruling = Ruling(kind="changed", text="Changed over time: $6.8 million - the county")
    return replace(answered(COST), verdict=ruling, as_of=date(2024, 8, 1), asked_as="In full?")


def text(kind: str, answer: Answer) -> str:
    made = exports.written(kind, NAMED, (kept(answer),))
    if kind != "docx":
        return made.decode()
    return "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs)


PEOPLE = ("md", "html", "docx")


@pytest.mark.parametrize("kind", PEOPLE)
def test_every_part_of_an_answer_is_in_every_file_for_people(kind: str) -> None:
    shown = text(kind, full()).replace("&#39;", "'").replace("\\", "")
    for part in (
        "Understood as: In full?",
        "Changed over time: $6.8 million - the county",
        "Only articles: from 1 March 2024, as of 1 August 2024, Valley Courier, State Wire",
        "This changed over time",
        "In order of time",
        "The bridge closes to lorries.",
        "By July the county spoke of $6.8 million.",
        "(likely)",
        "Removed by the check",
        "The bridge will be torn down in 2027.",
        "the year 2027 is in no source",
        "Repairs to the Millford bridge will cost $6.8 million, more than was thought in March",
        "characters 0 to 115",
        "Words by scripted-model",
        "As of 1 August 2024",
        "18 July 2024",
    ):
        assert part in shown, part


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_decline_is_written_with_what_comes_closest_and_what_is_covered(kind: str) -> None:
    closest = tuple(cited(e) for e in bridge()[:3])
    shown = text(kind, replace(declined(COST), declined="not_proven", closest=closest))
    for part in (
        "No sentence passed the check.",
        "What the articles say that comes closest",
        "The repair will cost $4.2 million",
        "The archive holds 4 articles",
        "Articles that come closest",
    ):
        assert part in shown, part


def test_an_article_has_one_footnote_with_the_number_of_the_page() -> None:
    shown = text("md", full())
    assert shown.count("Millford bridge closed to lorries after cracks are found") == 1
    assert "By July the county spoke of $6.8 million. [2]" in shown
    assert "\n- **2.** State Wire, [Bill for Millford bridge grows" in shown
    assert "\n- **1.** Valley Courier, [Millford" in shown


@pytest.mark.parametrize("kind", PEOPLE)
def test_own_words_are_said_once_and_never_called_likely(kind: str) -> None:
    march = cited(bridge()[0])
    own = replace(
        full(),
        statements=(said(march.quote, march, support="partly"),),
        extractive=True,
        timeline=(),
        dropped=(),
        reason="What is only likely is marked. Reports differ.",
    )
    shown = unescape(text(kind, own))
    assert "likely" not in shown
    assert "Reports differ." in shown
    assert shown.count(march.quote) == 2  # in the panel, and below its article
    course = replace(own, conflicts=(), timeline=full().timeline[:1], verdict=own.verdict)
    told = replace(course, statements=(said(f"12 March: {course.timeline[0].text}", march),))
    assert text(kind, told).count("The bridge closes to lorries.") == 1


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_list_keeps_its_quotes_its_sources_and_what_is_unknown(kind: str) -> None:
    rows = (Row(cells=("2024-03-12", "", "A pier", ""), articles=("a",)),)
    listing = Listing(
        title="1 article.",
        columns=("day", "outlet", "title", "by"),
        rows=rows,
        total=1,
        counted="C.",
    )
    quote = cited(bridge()[0])
    shown = unescape(text(kind, replace(full(), listing=listing, closest=(quote,))))
    assert "12 Mar 2024 · outlet unknown · A pier" in shown
    assert quote.quote in shown
    assert "Valley Courier" in shown
    assert "Words by scripted-model" in shown


def test_the_title_of_a_file_is_not_said_twice_and_a_link_in_word_is_one() -> None:
    alone = exports.alone(kept(full()))
    made = exports.written("md", alone, (kept(full()),)).decode()
    assert made.count(COST) == 1
    word = Document(io.BytesIO(exports.written("docx", alone, (kept(full()),))))
    links = [link.address for p in word.paragraphs for link in p.hyperlinks]
    assert any(link.startswith("https://wire.example/millford#") for link in links)
    assert "https" not in "".join(p.text for p in word.paragraphs)


def test_json_is_read_back_as_the_same_answer() -> None:
    record = json.loads(text("json", full()))
    assert from_json(record["exchanges"][0]["answer"]) == full()


def test_citations_are_a_table_in_which_nothing_is_a_formula() -> None:
    bad = said("=HYPERLINK(1)", cited(bridge()[0]))
    answer = replace(full(), statements=(bad, *full().statements))
    rows = list(csv.DictReader(io.StringIO(text("csv", answer))))
    assert len(rows) == 4 + 2 + 2  # sentences, readings, events
    assert rows[0]["said"] == "'=HYPERLINK(1)"
    assert rows[2]["said"] == "By July the county spoke of $6.8 million."
    assert (rows[2]["footnote"], rows[2]["outlet"], rows[2]["published"]) == (
        "2", "State Wire", "2024-07-18",
    )  # fmt: skip
    assert (rows[2]["start"], rows[2]["end"]) == ("0", "115")


@pytest.mark.parametrize("kind", [*PEOPLE, "csv", "json"])
def test_what_no_longer_stands_is_said_in_every_file(kind: str) -> None:
    answer = full()
    quote = answer.statements[0].citations[0]
    gone = {
        "article_id": quote.source.article_id, "quote": quote.quote, "state": "withdrawn",
        "now": "", "why": "the article was withdrawn", "verdict": "",
    }  # fmt: skip
    stood = replace(kept(answer), standing=Standing(state="withdrawn", quotes=(gone,)))
    made = exports.written(kind, NAMED, (stood,))
    if kind == "docx":
        made = "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs).encode()
    whole = made.decode()
    if kind == "csv":
        states = [row["stands"] for row in csv.DictReader(io.StringIO(whole))]
        assert "withdrawn" in states
        assert "stands" in states
        return
    assert "withdrawn" in whole
    if kind != "json":
        assert "Words that this answer quotes no longer stand." in whole
        assert "the article was withdrawn" in whole


def test_the_sheet_of_a_kept_answer_says_what_no_longer_stands() -> None:
    quote = {
        "article_id": "a", "quote": "<b>six</b>", "state": "changed", "now": "seven",
        "why": "", "verdict": "",
    }  # fmt: skip
    shown = str(stands.shown(Standing(state="changed", quotes=(quote,))))
    assert "Words that this answer quotes were changed since." in shown
    assert "“&lt;b&gt;six&lt;/b&gt;” Now: “seven”" in shown
    assert stands.shown(None) == stands.shown(Standing(state="stands")) == ""


def test_cited_articles_are_references_for_a_library() -> None:
    first, second = json.loads(text("csl", full()))
    assert (first["container-title"], first["issued"]) == (
        "Valley Courier",
        {"date-parts": [[2024, 3, 12]]},
    )
    assert second["URL"] == "https://wire.example/millford"
    assert {r["type"] for r in (first, second)} == {"article-newspaper"}


@pytest.mark.parametrize("kind", exports.KINDS)
def test_what_was_never_answered_is_written_too(kind: str) -> None:
    failed = replace(kept(full()), answer=None, state="failed", message="no <model>")
    made = exports.written(kind, NAMED, (failed,))
    assert made
    if kind in ("md", "html"):
        assert b"No answer: no " in made


def test_a_file_has_a_name_of_plain_letters() -> None:
    assert exports.filename(NAMED, "md") == "bridge.md"
    assert exports.filename(NAMED, "csl") == "bridge.csl.json"
