"""What a real browser tells of a question while it is typed, and what becomes of that."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import PATIENCE, visit

pytestmark = pytest.mark.slow

BOX = "#dl-question textarea"
DONE = '#dl-answer .dl-answer[aria-busy="false"]'


def ready(page: Any, site: str, mark: str) -> list[str]:
    """What the server was told of the questions with this mark: others use it too."""
    return [line for line in page.request.get(f"{site}ready").json() if mark in line]


def until(page: Any, site: str, mark: str, told: list[str]) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while ready(page, site, mark) != told:
        assert time.monotonic() < end, ready(page, site, mark)
        page.wait_for_timeout(100)


def test_a_pause_makes_the_question_ready_and_asking_takes_it(page: Any, site: str) -> None:
    question = "What did the Millford bridge cost, after a pause?"
    page.type(BOX, question, delay=5)
    until(page, site, "after a pause", [question])
    assert page.input_value(BOX) == question
    assert page.locator("#dl-answer .dl-answer").count() == 0
    page.press(BOX, "Enter")
    page.wait_for_selector(DONE)
    assert ready(page, site, "after a pause") == [question, f"{question} -> {question}"]
    assert page.inner_text("#dl-answer .dl-question") == question


def test_what_is_changed_is_dropped_and_another_page_gets_nothing_of_it(
    page: Any, site: str
) -> None:
    question = "What did the bridge cost, if it changed?"
    page.type(BOX, question)
    until(page, site, "changed", [question])
    before = len(ready(page, site, "dropped"))
    other = page.context.new_page()
    visit(other, site)
    # It asks at once; a busy machine may take as long as a pause between the two.
    other.evaluate(
        "document.addEventListener('dl-paused', (e) => e.stopImmediatePropagation(), true)"
    )
    other.fill(BOX, question)
    other.press(BOX, "Enter")
    other.wait_for_selector(DONE)
    assert ready(page, site, "changed") == [question]
    other.close()
    page.type(BOX, " Or not")
    until(page, site, "dropped", ["dropped"] * (before + 1))


def test_a_word_or_two_are_not_told_to_the_server(page: Any, site: str) -> None:
    told: list[str] = []
    page.on("request", lambda r: told.append(r.post_data or "") if r.method == "POST" else None)
    page.type(BOX, "Unfinishedword")
    page.wait_for_timeout(1500)
    page.type(BOX, " and")
    page.wait_for_timeout(1500)
    assert [data for data in told if "Unfinished" in data] == []
