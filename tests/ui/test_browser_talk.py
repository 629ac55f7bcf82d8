"""Conversations in a real browser: follow-ups, filters, history, opinions, reloads, two tabs."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import hold, let_go, visit

from tests.ui.preview import ask

pytestmark = pytest.mark.slow

COST = "What did the Millford bridge cost?"
PATIENT = "What did the Millford bridge cost? I am patient."
DONE = '#dl-answer .dl-answer[aria-busy="false"]'


def test_a_follow_up_shows_its_rewriting_and_the_earlier_answer_stays_citable(page: Any) -> None:
    ask(page, COST)
    assert page.input_value("#dl-question textarea") == ""
    ask(page, "And in July?")
    assert f"Understood as: And in July? ({COST})" in page.inner_text("#dl-answer")
    page.click("#dl-earlier .dl-cite >> nth=1")
    page.wait_for_selector("#dl-here >> text=$6.8 million")
    page.click("text=Ask exactly as typed")
    page.wait_for_function("!document.querySelector('#dl-answer .dl-asked')")
    page.wait_for_selector(DONE)
    assert page.locator("#dl-earlier .dl-turn").count() == 2


def test_an_inferred_filter_is_marked_edited_and_dropped(page: Any) -> None:
    ask(page, COST)
    chips = page.locator("#dl-answer .dl-filters .dl-chip")
    assert chips.count() == 3
    assert "Read from your question" in page.inner_text("#dl-answer .dl-filters")
    chips.filter(has_text="State Wire").locator(".dl-chip-drop").click()
    page.wait_for_selector("#dl-answer .dl-since")
    assert page.locator("#dl-answer .dl-filters .dl-chip").count() == 2
    assert "Read from your question" not in page.inner_text("#dl-answer")
    page.click("#dl-answer .dl-chip-words >> nth=0")
    page.wait_for_selector("#dl-bar form")
    assert page.input_value("#dl-bar [name=since]") == "2024-03-01"
    assert page.evaluate("document.activeElement.name") == "since"
    page.fill("#dl-bar [name=as_of]", "2024-04-01")
    page.click("text=Ask again with these")
    page.wait_for_selector("#dl-answer .dl-chip:has-text('as of 1 April 2024')")
    page.wait_for_selector(DONE)
    assert "no longer says By July" in page.inner_text("#dl-answer .dl-since")


def test_filters_set_beforehand_are_used_and_stay_until_dropped(page: Any) -> None:
    page.click("text=+ Filter")
    page.wait_for_selector("#dl-bar form")
    page.fill("#dl-add-publishers", "Valley Courier")
    page.press("#dl-add-publishers", "Enter")
    page.fill("#dl-add-publishers", "State Wire")
    page.press("#dl-add-publishers", "Enter")
    assert page.locator("#dl-bar .dl-pick bdi").all_inner_texts() == [
        "Valley Courier",
        "State Wire",
    ]
    assert page.evaluate("document.activeElement.id") == "dl-add-publishers"
    page.press("#dl-add-publishers", "Backspace")
    page.fill("#dl-bar [name=since]", "2024-12-01")
    page.fill("#dl-bar [name=until]", "2024-01-01")
    page.click("text=Keep for the next question")
    page.wait_for_selector("#dl-bar .dl-error")
    page.fill("#dl-bar [name=since]", "")
    page.fill("#dl-bar [name=until]", "2024-04-01")
    assert page.locator("#dl-bar .dl-pick bdi").all_inner_texts() == ["Valley Courier"]
    page.click("text=Keep for the next question")
    page.wait_for_selector("#dl-bar .dl-chip >> nth=1")
    ask(page, COST)
    assert page.locator("#dl-answer .dl-filters .dl-chip").count() == 2
    page.click("#dl-bar .dl-chip-drop >> nth=0")
    page.wait_for_function("document.querySelectorAll('#dl-bar .dl-chip').length === 1")


def test_history_finds_reopens_renames_saves_and_deletes(page: Any, site: str) -> None:
    ask(page, COST)
    ask(page, "Who won the Super Bowl?")
    page.click(".dl-new")
    page.wait_for_selector(".dl-examples")
    assert page.locator("#dl-answer .dl-answer").count() == 0
    page.click(".dl-nav [data-room=history]")
    entry = page.locator(".dl-entry").first
    assert entry.inner_text().startswith(COST)
    assert "2 questions" in entry.inner_text()
    assert "then: Who won the Super Bowl?" in entry.inner_text()
    entry.locator("summary").click()
    with page.expect_download() as saved:
        entry.locator('a[href$=".json"]').click()
    record = json.loads(saved.value.path().read_text())
    assert [e["question"] for e in record["exchanges"]] == [COST, "Who won the Super Bowl?"]
    entry.locator("[data-rename]").click()
    # Words that no answer has: the other tests' conversations are searched too.
    page.keyboard.type("Minutes for the council")
    page.keyboard.press("Enter")
    page.wait_for_selector(".dl-entry .dl-title:has-text('Minutes for the council')")
    page.locator("#dl-find-past textarea").press_sequentially("council minutes")
    page.wait_for_function("document.querySelectorAll('.dl-entry').length === 1")
    page.click(".dl-entry .dl-title")
    page.wait_for_selector("#dl-answer .dl-declined")
    assert page.locator("#dl-earlier .dl-turn").count() == 1
    page.click(".dl-nav [data-room=history]")
    gone = page.locator(".dl-entry").filter(has_text="Minutes for the council")
    gone.locator("text=Delete").click()
    gone.locator("text=Delete for good?").click()
    page.wait_for_function("!document.body.innerText.includes('Minutes for the council')")
    page.click(".dl-nav [data-room=ask]")
    assert page.locator("#dl-answer .dl-answer").count() == 0


def test_an_opinion_becomes_a_test_case(page: Any) -> None:
    ask(page, "What did the Millford bridge cost in all?")
    page.click("#dl-after .dl-judge >> text=Wrong >> nth=0")
    page.wait_for_selector("#dl-after form")
    page.fill("#dl-after [name=right]", "$6.8 million")
    page.fill("#dl-after [name=note]", "July is the later report")
    page.click("#dl-after .dl-feedback summary")
    page.click("text=Make it a test case")
    page.wait_for_selector("text=Kept as test case")
    page.reload()
    page.wait_for_selector("text=Kept as test case")
    assert page.locator('#dl-after [aria-pressed="true"]').inner_text() == "Wrong"


def test_what_is_typed_while_a_question_is_on_its_way_is_not_lost(page: Any) -> None:
    held: list[Any] = []
    page.route("**/queue/join*", lambda route: held.append(route))  # noqa: PLW0108
    page.fill("#dl-question textarea", COST)
    page.press("#dl-question textarea", "Enter")
    page.wait_for_function("document.querySelector('#dl-question textarea').value === ''")
    page.keyboard.type("And in July?")
    for route in held:
        route.continue_()
    page.unroute("**/queue/join*")
    page.wait_for_selector(DONE)
    assert page.inner_text("#dl-answer .dl-question") == COST
    assert page.input_value("#dl-question textarea") == "And in July?"
    page.keyboard.press("Enter")
    page.wait_for_selector("#dl-earlier .dl-turn")


def test_a_question_that_nothing_was_made_of_comes_back(page: Any) -> None:
    page.route("**/queue/join*", lambda route: None)
    page.fill("#dl-question textarea", COST)
    page.press("#dl-question textarea", "Enter")
    page.wait_for_function("document.querySelector('#dl-question textarea').value === ''")
    page.wait_for_function(
        "(text) => document.querySelector('#dl-question textarea').value === text", arg=COST
    )


def test_a_reload_in_mid_answer_goes_on_with_it(page: Any, site: str) -> None:
    hold(page, PATIENT)
    page.wait_for_function("location.search.startsWith('?c=')")
    page.reload()
    page.wait_for_selector("#dl-answer .dl-question")
    assert page.inner_text("#dl-answer .dl-question") == PATIENT
    page.wait_for_selector(".dl-unchecked")
    let_go(page, site)
    page.wait_for_selector(DONE)
    assert page.locator("#dl-answer .dl-st.dl-supported").count() == 2


def test_an_answer_has_an_address_of_its_own(page: Any, site: str, visitors: Any) -> None:
    ask(page, COST)
    ask(page, "And in July?")
    page.click("#dl-earlier >> text=Copy link")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{site}?answer=")
    other = visitors.new_page()
    visit(other, link.replace("?answer=", "answer/"))
    other.wait_for_selector(".dl-sought")
    assert COST in other.inner_text(".dl-sought")
    visit(other, f"{site}?answer=nothing")
    other.wait_for_selector("text=there is no answer")
    other.close()


def test_two_tabs_have_conversations_of_their_own(page: Any, site: str) -> None:
    other = page.context.new_page()
    visit(other, site)
    hold(page, PATIENT)
    other.fill("#dl-question textarea", "Who won the Super Bowl?")
    other.press("#dl-question textarea", "Enter")
    other.wait_for_selector("text=1 question is answered before yours")
    let_go(page, site)
    page.wait_for_selector(DONE)
    other.wait_for_selector(DONE)
    ask(page, "And in July?")
    assert page.locator("#dl-earlier .dl-turn").count() == 1
    assert other.locator("#dl-earlier .dl-turn").count() == 0
    assert other.locator(".dl-declined").is_visible()
    other.close()


def test_back_that_is_pressed_twice_at_once_leads_back_two_steps(page: Any) -> None:
    ask(page, "What did the Millford bridge cost?")
    first = page.evaluate("location.search")
    for question in ("Who designed the Millford bridge?", "When was the Millford bridge opened?"):
        page.click(".dl-new")
        page.wait_for_selector(".dl-examples >> visible=true")
        ask(page, question)
    kept: list[Any] = []
    page.route(
        "**/run/predict*", lambda route: kept.append(route) if not kept else route.continue_()
    )
    steps = page.evaluate("history.length")
    page.go_back()  # the empty page, whose answer is kept back until Back was pressed again
    while not kept:
        page.wait_for_timeout(50)
    for _ in range(steps):
        if page.evaluate("location.search") == first:
            break
        page.evaluate("history.back()")
        page.wait_for_timeout(300)
    kept[0].continue_()
    page.wait_for_selector("#dl-answer .dl-answer:has-text('What did the Millford bridge cost?')")
    page.wait_for_timeout(1000)
    assert page.evaluate("location.search") == first
    assert "cost" in page.inner_text("#dl-answer h2, #dl-answer .dl-question")


def test_a_filter_is_set_and_an_opinion_given_with_the_keyboard_alone(page: Any) -> None:
    page.wait_for_function("document.activeElement.closest('#dl-question') !== null")
    page.keyboard.type(COST)
    page.keyboard.press("Enter")
    page.wait_for_selector(DONE)
    tab_to(page, "document.activeElement.dataset.do === 'limits'")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.name === 'since'")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dl-answer .dl-since")
    page.wait_for_selector("#dl-after .dl-judge")
    tab_to(page, "document.activeElement.matches('#dl-after [data-judgement=right]')")
    page.keyboard.press("Space")
    page.wait_for_selector('#dl-after [data-judgement="right"][aria-pressed="true"]')
    assert page.evaluate("document.activeElement.dataset.judgement") == "right"


def tab_to(page: Any, wanted: str) -> None:
    for _ in range(80):
        if page.evaluate(f"Boolean({wanted})"):
            return
        page.keyboard.press("Shift+Tab")
    raise AssertionError(f"the Tab key never reaches {wanted}")


@pytest.mark.parametrize("page", [(360, 740)], indirect=True)
def test_on_a_phone_filters_history_and_opinions_fit(page: Any) -> None:
    wide = "document.documentElement.scrollWidth > innerWidth"
    ask(page, COST)
    page.click("#dl-answer .dl-chip-words >> nth=0")
    page.wait_for_selector("#dl-bar form")
    page.click("#dl-after .dl-judge >> text=Wrong citation")
    page.wait_for_selector("#dl-after form")
    assert not page.evaluate(wide)
    page.click(".dl-nav [data-room=history]")
    page.wait_for_selector(".dl-entry")
    assert not page.evaluate(wide)
