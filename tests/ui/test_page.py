"""The page is wired to anything that answers; its handlers without a browser."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import BRIDGE_JULY, BRIDGE_MARCH, Scripted, Shelf, article

gr = pytest.importorskip("gradio")

from ui.asking import questions  # noqa: E402
from ui.desk import Desk  # noqa: E402
from ui.page import Room, build_page  # noqa: E402
from ui.view import View  # noqa: E402

HERE: Any = SimpleNamespace(session_hash="one")


def room(**asker: Any) -> Room:
    shelf: Any = Shelf()
    return Room(Desk(Scripted(**asker)), shelf)


def clicked(**data: str) -> Any:
    return gr.EventData(None, data)


def built(archive: Any) -> Any:
    """Build a page inside a running loop: outside, gradio makes loops that it never closes."""

    async def build() -> Any:
        return build_page(Scripted(), archive)

    return asyncio.run(build())


def test_the_page_is_built_from_any_callable_and_hides_its_endpoints() -> None:
    page = built(Shelf())
    assert page.title == "Dateline"
    assert page.analytics_enabled is False
    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}


def test_the_page_is_built_without_an_archive_and_says_how_to_make_one() -> None:
    page = built(None)
    shown = str(page.get_config_file())
    assert "dateline index PATH/TO/ARTICLES" in shown


def test_asking_shows_evidence_then_text_then_verdicts() -> None:
    steps = list(room().asking.ask("  What did the bridge cost? ", HERE))
    views: list[View] = [s[0] for s in steps]
    assert [v.phase for v in views][:2] == ["searching", "writing"]
    assert views[1].evidence
    assert views[1].draft == ""
    assert views[-1].phase == "done"
    assert views[-1].question == "What did the bridge cost?"
    assert {len(s) for s in steps} == {8}


def test_an_empty_question_does_nothing() -> None:
    (step,) = room().asking.ask(" \n ", HERE)
    assert not isinstance(step[0], View)


def test_stopping_leaves_what_was_written_and_says_so() -> None:
    here = room(pause=0.02)
    steps = here.asking.ask("What did the bridge cost?", HERE)
    seen: list[View] = []
    for step in steps:
        seen.append(step[0])
        if step[0].draft:
            here.asking.stop(HERE)
    assert seen[-1].phase == "stopped"
    assert seen[-1].draft


def test_visitors_stop_their_own_questions_only() -> None:
    here = room(pause=0.001)
    other: Any = SimpleNamespace(session_hash="two")
    views = []
    for step in here.asking.ask("What did the bridge cost?", HERE):
        views.append(step[0])
        here.asking.stop(other)
    assert views[-1].phase == "done"


def test_an_example_is_asked_and_written_into_the_box() -> None:
    steps = list(room().asking.ask_example(clicked(example="What?"), HERE))
    assert steps[0][-1] == "What?"
    assert {len(s) for s in steps} == {9}


def test_a_click_opens_the_article_at_its_words() -> None:
    here = room()
    *_, (view, *_rest) = here.asking.ask("What did the bridge cost?", HERE)
    span = view.evidence[1].span
    shown = here.open(
        view, clicked(open="bridge-july", start=str(span.start), end=str(span.end), number="2")
    )
    assert 'id="dl-here"' in shown
    assert "Source 2 of 4" in shown


@pytest.mark.parametrize(
    "data",
    [
        {"open": "bridge-march"},
        {"open": "bridge-march", "start": "-4", "end": "2"},
        {"open": "bridge-march", "start": "9", "end": "2"},
        {"open": "bridge-march", "start": "x", "end": "<b>"},
        {"open": "bridge-march", "start": "5", "end": "99999999"},
    ],
)
def test_a_click_without_a_sound_place_opens_the_article_at_its_top(data: dict[str, str]) -> None:
    shown = room().open(View(), clicked(**data))
    assert str(BRIDGE_MARCH.title) in shown
    assert "dl-here" not in shown


def test_a_click_on_an_unknown_article_says_so() -> None:
    assert "there is no article" in room().open(View(), clicked(open="../../etc/passwd"))


def test_the_archive_is_found_by_title_outlet_and_date() -> None:
    here = room()
    assert "4 of 4 articles" in here.shelf.found("")
    assert "1 of 4 articles" in here.shelf.found("wire july")
    assert "1 of 4 articles" in here.shelf.found("12 march")
    assert "No article matches" in here.shelf.found("nothing at all")


def test_example_questions_come_from_titles_of_a_useful_length() -> None:
    asked = article("a", "x", title="Will the bridge open again in spring?")
    short = article("b", "x", title="Bridge")
    assert questions([asked, short, BRIDGE_JULY, BRIDGE_MARCH]) == [
        "Will the bridge open again in spring?",
        "What is reported about “Millford bridge closed to lorries after cracks are found”?",
    ]
