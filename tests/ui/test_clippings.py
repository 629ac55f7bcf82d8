"""The clip list on the page and in files: exact words, marked where their article changed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from docx import Document
from fastapi import FastAPI
from fastapi.testclient import TestClient
from scripted import BRIDGE_JULY, BRIDGE_MARCH, HOSTILE, Shelf, find, poisoned

from rag.archive.clips import Clips, clips_of
from rag.types import Article, Span
from ui import exports
from ui.bibliography import bibliography
from ui.clippings import clip_routes, clippings, written
from ui.opening import Opening
from ui.view import View

COST = "What did the Millford bridge cost?"
SAID = find(BRIDGE_MARCH, "The repair will cost $4.2 million")
LATER = find(BRIDGE_JULY, "Repairs to the Millford bridge will cost $6.8 million")


class Changed(Shelf):
    """The archive after one article was revised and the other withdrawn."""

    def article(self, article_id: str, digest: str | None = None) -> Article:
        found = super().article(article_id, digest)
        if article_id == BRIDGE_JULY.id:
            return replace(found, withdrawn="was withdrawn by its sender")
        return replace(found, digest="new", text=found.text.replace("$4.2", "$5.0"))


@pytest.fixture
def clips() -> Clips:
    kept = Clips.in_memory()
    kept.keep(BRIDGE_MARCH, SAID, question=COST)
    kept.keep(BRIDGE_JULY, LATER)
    return kept


def test_the_list_shows_words_source_and_question_and_leads_to_the_place(clips: Clips) -> None:
    shown = clippings(clips_of(clips, Shelf()))
    assert "2 quotes kept" in shown
    assert "The repair will cost $4.2 million" in shown
    assert f"for “{COST}”" in shown
    assert f'data-open="{BRIDGE_MARCH.id}" data-start="{SAID.start}"' in shown
    assert "Keep quote" in clippings(())


def test_what_changed_or_was_withdrawn_is_marked_on_the_page_and_in_every_file(
    clips: Clips,
) -> None:
    found = clips_of(clips, Changed())
    shown = clippings(found)
    assert 'data-state="changed"' in shown
    assert 'data-state="withdrawn"' in shown
    for kind in ("md", "html", "docx"):
        made = written(kind, found)
        text = (
            "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs)
            if kind == "docx"
            else made.decode()
        )
        assert "$4.2 million" in text
        assert "no longer has these words" in text
        assert "The article was withdrawn." in text
    rows = list(csv.DictReader(io.StringIO(written("csv", found).decode())))
    assert {row["state"] for row in rows} == {"changed", "withdrawn"}
    assert {row["state"] for row in json.loads(written("json", found))} == {"changed", "withdrawn"}


def test_it_is_saved_in_every_notation_with_one_footnote_an_article(clips: Clips) -> None:
    clips.keep(BRIDGE_MARCH, find(BRIDGE_MARCH, "take eighteen months"))
    app = FastAPI()
    app.include_router(clip_routes(clips, Shelf()))
    client = TestClient(app)
    for kind, media in exports.KINDS.items():
        got = client.get(f"/api/quotes/clips.{kind}")
        assert got.headers["content-type"] == media
        assert "attachment" in got.headers["content-disposition"]
    assert client.get("/api/quotes/clips.exe").status_code == 404
    assert client.get("/api/quotes/clips.md").text.count("Valley Courier, ") == 1
    (march, july) = sorted(client.get("/api/quotes/clips.csl").json(), key=lambda s: s["id"])[::-1]
    assert march["author"] == [{"family": "Whitlock", "given": "Dana"}]
    assert july["id"] == BRIDGE_JULY.id


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Dana Whitlock", {"family": "Whitlock", "given": "Dana"}),
        (
            "Anna van der Berg",
            {"family": "Berg", "given": "Anna", "non-dropping-particle": "van der"},
        ),
        ("Courier staff", {"literal": "Courier staff"}),
        ("Valley Courier Newsroom", {"literal": "Valley Courier Newsroom"}),
        ("Plato", {"literal": "Plato"}),
    ],
)
def test_authors_are_named_in_their_parts(name: str, told: dict[str, str]) -> None:
    source = replace(clips_source(), publisher="Valley Courier")
    (item,) = json.loads(bibliography([(source, (name,))]))
    assert item["author"] == [told]


def clips_source():
    from rag.search.select import source_of

    return source_of(BRIDGE_MARCH)


def test_a_click_keeps_a_quote_and_a_second_one_takes_it_off_again() -> None:
    clips = Clips.in_memory()
    opening = Opening(Shelf(), clips)
    data = {"clip": BRIDGE_MARCH.id, "start": str(SAID.start), "end": str(SAID.end)}
    shown = {"open": BRIDGE_MARCH.id, "start": str(SAID.start), "end": str(SAID.end)}
    assert 'aria-pressed="false">Keep quote' in opening.named(View(), shown)
    opening.clip(View(question=COST), data)
    assert clips.listed()[0].quote == "The repair will cost $4.2 million"
    assert clips.listed()[0].question == COST
    assert 'aria-pressed="true">Keep quote' in opening.named(View(), shown)
    opening.clip(View(question=COST), data)
    assert clips.listed() == ()
    opening.clip(View(), {**data, "end": "99999999"})
    opening.clip(View(), {"clip": BRIDGE_MARCH.id})
    assert clips.listed() == ()


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_text_of_an_article_adds_anything(payload: str) -> None:
    bad, _ = poisoned(payload)
    clips = Clips.in_memory()
    clips.keep(bad, Span(start=0, end=len(payload)), question=payload)
    from test_html import SAFE_TAGS, Parsed

    class One:
        def article(self, _: str) -> Article:
            return bad

    found = clips_of(clips, One())
    parsed = Parsed(clippings(found))
    assert {tag for tag, _ in parsed.tags} <= SAFE_TAGS
    assert not [n for _, a in parsed.tags for n in a if n.startswith("on") or n == "style"]
    for kind in exports.KINDS:
        assert written(kind, found)
    cells = next(csv.DictReader(io.StringIO(written("csv", found).decode())))
    assert not cells["quote"].startswith(("=", "+", "-", "@"))
