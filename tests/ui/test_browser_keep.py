"""What a reader keeps, in a real browser: quotes, stars; what the page offers beside an answer."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import RELATED

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.ui.preview import ask

pytestmark = pytest.mark.slow

COST = "What did the Millford bridge cost?"


def test_quotes_are_kept_across_questions_copied_saved_and_removed(page: Any) -> None:
    ask(page, COST)
    page.click("#dl-answer .dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here")
    first = page.inner_text("#dl-here")
    page.click(".dl-keep")
    page.wait_for_selector('.dl-keep[aria-pressed="true"]')
    ask(page, "And in July?")
    page.click("#dl-answer .dl-st .dl-cite >> nth=1")
    page.wait_for_function(
        "(was) => document.getElementById('dl-here')?.innerText !== was", arg=first
    )
    second = page.inner_text("#dl-here")
    page.click(".dl-keep")
    page.wait_for_selector('.dl-keep[aria-pressed="true"]')
    page.click(".dl-nav [data-room=history]")
    page.wait_for_selector("text=2 quotes kept")
    page.reload()
    page.wait_for_selector("#dl-clips .dl-clip >> nth=1")
    told = page.inner_text("#dl-clips")
    assert first in told
    assert second in told
    page.click("#dl-clips >> text=Copy all")
    page.wait_for_selector("#dl-clips >> text=Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert first in copied
    kinds = page.evaluate(
        "navigator.clipboard.read().then((all) => all.flatMap((one) => one.types))"
    )
    assert set(kinds) == {"text/plain", "text/html"}
    page.click("#dl-clips summary")
    with page.expect_download() as saved:
        page.click('#dl-clips a[href$=".csv"]')
    assert first in saved.value.path().read_text()
    page.click("#dl-clips .dl-card >> nth=1")
    page.wait_for_function(
        "(was) => document.getElementById('dl-here')?.innerText === was", arg=first
    )
    page.go_back()
    assert page.locator("#dl-clips .dl-clip >> nth=0").is_visible()
    page.click("#dl-clips >> text=Remove >> nth=0")
    page.wait_for_selector("text=1 quote kept")
    page.click("#dl-clips >> text=Remove >> nth=0")
    page.wait_for_selector(".dl-no-clips")


def test_a_star_stays_over_a_reload_and_lifts_the_conversation(page: Any) -> None:
    ask(page, "What did the Millford bridge cost, starred?")
    page.click("#dl-after .dl-star")
    page.wait_for_selector('#dl-after .dl-star[aria-pressed="true"]')
    page.reload()
    page.wait_for_selector('#dl-after .dl-star[aria-pressed="true"]')
    page.click(".dl-new")
    page.wait_for_selector(".dl-examples >> visible=true")
    page.wait_for_selector("#dl-rail .dl-starred")
    page.click(".dl-nav [data-room=history]")
    entry = page.locator(".dl-entry").filter(has_text="starred?")
    entry.locator(".dl-star").click()
    page.wait_for_function("!document.querySelector('.dl-entry .dl-star[aria-pressed=true]')")


def test_a_related_question_is_asked_with_a_click_and_back_leads_to_the_first(page: Any) -> None:
    ask(page, COST)
    page.click(f"#dl-related >> text={RELATED}")
    page.wait_for_function(
        "(q) => document.querySelector('.dl-question').innerText === q", arg=RELATED
    )
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    page.reload()
    page.wait_for_selector("#dl-related button")
    page.go_back()
    page.wait_for_function("location.search.includes('s=')")
    page.click(".dl-new")
    page.wait_for_selector(".dl-examples >> visible=true")
    assert page.locator("#dl-related button").count() == 0
    ask(page, "Who won the Super Bowl?")
    page.wait_for_timeout(500)
    assert page.locator("#dl-related button").count() == 0


def test_a_collection_is_a_filter_of_the_next_question_and_a_chip(page: Any) -> None:
    page.click("text=+ Filter")
    page.wait_for_selector("#dl-bar form")
    page.fill("#dl-add-collections", "Town hall")
    page.click("text=Keep for the next question")
    page.wait_for_selector("#dl-bar .dl-chip:has-text('in Town hall')")
    ask(page, COST)
    assert "in Town hall" in page.inner_text("#dl-answer .dl-filters")
    page.click("#dl-bar .dl-chip-drop")
    page.wait_for_selector("#dl-bar .dl-chip", state="detached")


def test_copying_with_sources_keeps_formatting_and_one_footnote_an_article(page: Any) -> None:
    ask(page, COST)
    page.click("#dl-after >> text=Copy with sources")
    page.wait_for_selector("#dl-after >> text=Copied")
    rich = page.evaluate(
        "navigator.clipboard.read().then((all) => all[0].getType('text/html'))"
        ".then((blob) => blob.text())"
    )
    plain = page.evaluate("navigator.clipboard.readText()")
    assert "<strong" in rich
    assert "<blockquote" in rich
    assert plain.count("\n- **1.** Valley Courier") == 1
    assert plain.count("\n- **2.** State Wire") == 1
    assert COST in rich
    assert COST in plain


def test_on_paper_one_line_says_how_an_answer_was_made(page: Any) -> None:
    ask(page, COST)
    page.emulate_media(media="print")
    made = page.locator(".dl-made")
    assert "scripted-model" in made.inner_text()
    assert not page.locator(".dl-made summary").is_visible()
    assert not page.locator(".dl-made .dl-moment >> nth=0").is_visible()
    assert made.bounding_box()["height"] < 40
    assert page.locator(".dl-dropped .dl-words").is_visible()
    assert not page.locator("#dl-asking").is_visible()
    page.emulate_media(media="screen")
