"""The page in a real browser: what a reader sees, types and clicks."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import ARTICLES, HOSTILE, answered

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import hold, let_go, visit  # noqa: E402

from tests.ui.preview import FLAGS, ask  # noqa: E402

pytestmark = pytest.mark.slow

COST = "What did the Millford bridge cost?"
PATIENT = "What did the Millford bridge cost? I am patient."


IN_VIEW = """() => {
  const box = document.getElementById('dl-here').getBoundingClientRect();
  const pane = document.querySelector('.dl-body').getBoundingClientRect();
  return box.top >= Math.max(0, pane.top) - 1 && box.bottom <= innerHeight + 1;
}"""


def test_asking_shows_evidence_first_then_words_then_verdicts(page: Any, site: str) -> None:
    hold(page, PATIENT)
    assert page.locator(".dl-sources .dl-card").count() == 4
    assert page.locator(".dl-verdict", has_text="supported").count() == 0
    let_go(page, site)
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    assert page.locator(".dl-st.dl-supported").count() == 2
    assert page.locator(".dl-unchecked").count() == 0
    assert page.locator(".dl-card").count() == 4
    page.click("text=1 more article was read and not used")
    assert "date unknown" in page.inner_text(".dl-sources")
    assert page.inner_text("#dl-told").strip() == answered(COST).text


def test_clicking_a_citation_opens_the_article_at_the_highlighted_sentence(page: Any) -> None:
    ask(page, COST)
    page.click(".dl-st .dl-cite >> nth=2")
    quote = answered(COST).statements[2].citations[0].quote
    # The reader stands open at the first citation until this one is there.
    page.wait_for_function(
        "(said) => document.getElementById('dl-here')?.innerText === said", arg=quote
    )
    page.wait_for_function(IN_VIEW)
    assert page.locator("mark.dl-evidence").count() == 1
    page.click(".dl-stops button >> nth=0")
    page.wait_for_function("document.querySelector('.dl-stops').innerText.includes('2 of 4')")
    assert "$6.8 million" in page.inner_text("#dl-here")


def test_hovering_a_citation_shows_quote_outlet_date_and_title(page: Any) -> None:
    ask(page, COST)
    page.hover("#dl-answer .dl-cite >> nth=0")
    tip = page.locator(".dl-tip >> visible=true")
    told = tip.inner_text()
    for part in ("The repair will cost $4.2 million", "Valley Courier", "12 March 2024", "cracks"):
        assert part in told
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.keyboard.press("Escape")
    assert page.locator(".dl-tip >> visible=true").count() == 0


def test_escape_stops_the_answer_at_once_and_frees_the_asker(page: Any, site: str) -> None:
    hold(page, PATIENT)  # it would go on for minutes
    page.keyboard.press("Escape")
    page.wait_for_selector("#dl-answer >> text=Stopped.")
    ask(page, "Who won the Super Bowl?")
    assert page.locator(".dl-declined").is_visible()


def test_a_declined_question_shows_why_what_is_near_and_what_is_covered(page: Any) -> None:
    ask(page, "Who won the Super Bowl?")
    assert "No article in this archive mentions the Super Bowl." in page.inner_text(".dl-answer")
    assert "12 March 2024 to 18 July 2024" in page.inner_text(".dl-behind")
    page.click(".dl-nearest .dl-near >> nth=0")
    page.wait_for_selector(".dl-reader h2")
    assert "Bill for Millford bridge" in page.inner_text(".dl-reader h2")


def test_shift_enter_breaks_the_line_and_enter_sends(page: Any) -> None:
    page.fill("#dl-question textarea", "What did")
    page.press("#dl-question textarea", "Shift+Enter")
    page.keyboard.type("the bridge cost?")
    assert page.input_value("#dl-question textarea") == "What did\nthe bridge cost?"
    page.press("#dl-question textarea", "Enter")
    page.wait_for_selector('.dl-answer[aria-busy="false"]')


def test_an_example_question_is_asked_with_one_click(page: Any) -> None:
    example = page.locator(".dl-examples button >> nth=0")
    question = example.get_attribute("data-question")
    example.click()
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    assert page.inner_text(".dl-question") == question
    page.wait_for_selector(".dl-examples", state="hidden")


def test_from_a_citation_to_its_marked_words_and_back_with_two_keys(page: Any) -> None:
    ask(page, COST)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('dl-cite')"):
            break
    assert page.locator(".dl-tip >> visible=true").count() == 1
    name = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'dl-here'")
    assert page.inner_text("#dl-here") in page.inner_text(".dl-body")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.classList.contains('dl-cite')")
    assert page.evaluate("document.activeElement.textContent") == name


def test_j_and_k_lead_through_the_evidence(page: Any) -> None:
    ask(page, COST)
    page.wait_for_selector(".dl-stops >> text=Source 1 of 4")
    page.focus(".dl-body")
    page.keyboard.press("j")
    page.wait_for_selector(".dl-stops >> text=Source 2 of 4")
    page.focus(".dl-body")
    page.keyboard.press("k")
    page.wait_for_selector(".dl-stops >> text=Source 1 of 4")
    page.focus("#dl-question textarea")
    page.keyboard.press("j")
    assert page.input_value("#dl-question textarea") == "j"


def test_the_reader_opens_itself_at_the_first_cited_words_and_follows_the_question(
    page: Any, site: str
) -> None:
    hold(page, PATIENT)
    page.wait_for_selector("#dl-here")  # before a word of the answer is checked
    let_go(page, site)
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    assert page.inner_text("#dl-here") == answered(COST).statements[0].citations[0].quote
    page.wait_for_function(IN_VIEW)
    page.click(".dl-sources details summary")
    page.click(".dl-sources details .dl-title")
    page.wait_for_selector(".dl-reader h2 >> text=School bus times")
    ask(page, "And in July?")
    page.wait_for_selector(".dl-reader h2 >> text=Millford bridge closed")
    page.wait_for_function(IN_VIEW)


def test_an_article_is_left_out_with_its_box_and_the_question_asked_again(page: Any) -> None:
    ask(page, COST)
    assert not page.locator(".dl-leaving").is_visible()
    page.check(".dl-leave input >> nth=0")
    ground = "getComputedStyle(document.querySelector('.dl-leave :checked')).backgroundColor"
    assert page.evaluate(ground) != "rgba(0, 0, 0, 0)"  # its tick is white
    page.click("text=Ask again without these")
    page.wait_for_selector("#dl-answer .dl-chip:has-text('without 1 article')")
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    page.click('#dl-answer .dl-chip-drop[data-field="without"]')
    page.wait_for_function("!document.querySelector('#dl-answer [data-field=without]')")


def test_the_archive_can_be_searched_and_read(page: Any) -> None:
    page.click(".dl-nav [data-room=archive]")
    page.fill("#dl-find textarea", "wire july")
    page.wait_for_selector("text=1 article with")
    page.click(".dl-shelf .dl-near")
    page.wait_for_selector(".dl-reader h2")
    assert "Repairs to the Millford bridge" in page.inner_text(".dl-body")


def test_two_visitors_do_not_see_each_other(page: Any, site: str, visitors: Any) -> None:
    other = visitors.new_page()
    visit(other, site)
    hold(page, PATIENT)
    other.fill("#dl-question textarea", "Who won the Super Bowl?")
    other.press("#dl-question textarea", "Enter")
    other.wait_for_selector("text=1 question is answered before yours")
    let_go(page, site)
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    other.wait_for_selector(".dl-declined")
    assert page.locator(".dl-declined").count() == 0
    assert other.locator(".dl-supported").count() == 0
    other.close()


@pytest.mark.parametrize("page", [(320, 640), (360, 740), (390, 844)], indirect=True)
def test_on_a_phone_the_verdict_is_on_the_first_screen_and_the_reader_slides_over(
    page: Any,
) -> None:
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    ask(page, COST)
    assert not page.evaluate(wide)
    assert page.locator(".dl-question").bounding_box()["y"] < 300
    assert page.evaluate("scrollY") == 0
    box = page.locator("#dl-question").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    assert not page.locator("#dl-right").is_visible()  # although an article stands in it
    page.click(".dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here >> visible=true")
    page.wait_for_function(IN_VIEW)
    assert page.evaluate("document.getElementById('dl-left').inert")
    assert not page.evaluate(wide)
    page.keyboard.press("Escape")
    page.wait_for_selector("#dl-right", state="hidden")
    assert not page.evaluate("document.getElementById('dl-left').inert")


@pytest.mark.parametrize("page", [(390, 844)], indirect=True)
def test_on_a_phone_back_closes_the_reader_and_then_the_room(page: Any) -> None:
    ask(page, COST)
    page.click(".dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here >> visible=true")
    page.go_back()
    page.wait_for_selector("#dl-right", state="hidden")
    assert page.inner_text("#dl-answer .dl-question") == COST
    page.click(".dl-nav [data-room=archive]")
    page.wait_for_selector("#dl-find")
    page.click(".dl-shelf .dl-near >> nth=0")
    page.wait_for_selector("#dl-right >> visible=true")
    page.click(".dl-back")
    page.wait_for_selector("#dl-right", state="hidden")
    assert page.locator("#dl-find").is_visible()
    page.go_back()
    page.wait_for_selector("#dl-answer .dl-question >> visible=true")


def test_back_and_reload_lead_through_questions_articles_and_rooms(page: Any, site: str) -> None:
    ask(page, COST)
    page.wait_for_function("location.search.includes('s=')")
    first = page.evaluate("location.search")
    ask(page, "And in July?")
    page.wait_for_function("(was) => location.search !== was", arg=first)
    page.click("#dl-answer .dl-cite >> nth=1")
    page.wait_for_function("location.search.includes('read=bridge-july')")
    page.reload()
    page.wait_for_selector("#dl-here")
    assert "$6.8 million" in page.inner_text("#dl-here")
    page.click(".dl-nav [data-room=archive]")
    page.wait_for_selector("#dl-find")
    page.reload()
    page.wait_for_selector("#dl-find >> visible=true")
    page.go_back()
    page.wait_for_selector("#dl-answer .dl-question >> visible=true")
    page.go_back()
    page.go_back()
    page.wait_for_function("(was) => location.search === was", arg=first)
    assert page.locator("#dl-earlier .dl-turn").count() == 1
    page.go_back()
    page.wait_for_selector(".dl-examples >> visible=true")
    assert page.locator("#dl-answer .dl-answer").count() == 0
    assert page.url == site
    page.go_forward()
    page.wait_for_selector("#dl-answer .dl-question")


def test_dark_and_light_differ_and_the_choice_is_kept(page: Any, site: str) -> None:
    ground = "getComputedStyle(document.querySelector('.dl-reader')).backgroundColor"
    before = page.evaluate(ground)
    page.click("#dl-dark")
    after = page.evaluate(ground)
    assert after != before
    visit(page, site)
    page.wait_for_function("document.body.classList.contains('dark')")


def test_a_failure_is_shown_without_inner_details(page: Any) -> None:
    ask(page, "broken")
    assert "Something went wrong inside Dateline" in page.inner_text(".dl-error")
    assert "secret" not in page.content()


def test_hostile_text_in_every_field_runs_nothing_and_calls_nobody(page: Any) -> None:
    for place in range(len(HOSTILE)):
        ask(page, f"hostile {place} <img src=x onerror=alert(1)>")
        page.hover("#dl-answer .dl-cite >> nth=0")
    page.click(".dl-nav [data-room=archive]")
    rows = page.locator(".dl-shelf .dl-near")
    assert rows.count() == len(ARTICLES) + len(HOSTILE)
    for place in range(rows.count()):
        rows.nth(place).click()
        page.wait_for_timeout(60)
    grown = "#dl-columns :is(script, iframe, style, link, svg[onload], img, [onerror], [onclick])"
    assert page.locator(grown).count() == 0


def test_the_policy_stops_a_script_even_if_one_got_in(page: Any) -> None:
    broken = """() => {
      const box = document.createElement('div');
      box.innerHTML = '<img src=data:, onerror="window.hurt = 1">';
      document.body.append(box);
      const script = document.createElement('script');
      script.textContent = 'window.hurt = 2';
      document.body.append(script);
    }"""
    page.evaluate(broken)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None


def test_the_browser_is_started_with_nothing_that_calls_home() -> None:
    assert "--disable-background-networking" in FLAGS
