"""The rooms of names and watches in a real browser, over a real archive and a whole server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import PATIENCE, opened  # noqa: E402
from opened import filled  # noqa: E402
from test_views import LOOKS, axe_here, barriers  # noqa: E402

from rag.archive.archive import Archive  # noqa: E402
from rag.ingest.naming import name_pending  # noqa: E402
from tests.ui.preview import open_tab, server  # noqa: E402

pytestmark = pytest.mark.slow

QUESTION = "How much will the Millford bridge cost?"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an archive that is read and written."""
    made = filled(tmp_path_factory.mktemp("served") / "archive")
    with Archive.create(made.archive) as archive:
        name_pending(archive)
    with server(made.archive, "none") as url:
        yield opened(url)


@pytest.mark.parametrize("width", [1280, 320])
def test_names_lead_to_articles_and_answers_and_an_answer_is_watched(
    browser: Any, whole: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    page.goto(whole)
    open_tab(page, "Names")
    page.wait_for_selector(".dl-names li")
    page.locator(".dl-name").first.click()
    page.wait_for_selector(".dl-dossier")
    page.locator(".dl-one .dl-near").first.click()
    page.wait_for_selector("#dl-pane .dl-body")
    if width < 1100:
        page.click(".dl-back")
    page.click(".dl-apart > summary")
    box = page.locator(".dl-ticks input").first.bounding_box()
    assert box["width"] == box["height"]
    page.fill("#dl-about-what textarea", "the Millford bridge")
    page.click("#dl-figures")
    page.wait_for_selector(".dl-ledger table")
    page.click("#dl-dossier")
    page.locator('.dl-dossier [data-ask="example"]').first.click()
    page.wait_for_selector('.dl-answer[aria-busy="false"]')
    assert page.get_attribute("#dl-columns", "data-room") == "ask"
    open_tab(page, "Watches")
    page.fill('#dl-watches [name="question"]', f"{QUESTION} ({width})")
    page.click('#dl-watches [type="submit"]')
    watched = page.locator(".dl-watched li", has_text=f"({width})")
    watched.locator('[data-do="pause"]').click()
    watched.locator('[data-do="resume"]').wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []
    page.close()


def test_what_is_clicked_before_the_last_click_is_answered_is_shown_in_the_end(
    browser: Any, whole: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto(whole)
    open_tab(page, "Names")
    page.wait_for_selector(".dl-names li")
    page.wait_for_timeout(2000)  # what the opening of the page asks for is answered
    kept: list[Any] = []
    page.route("**/queue/data*", lambda route: route.continue_() if kept else kept.append(route))
    page.click('#dl-named [data-do="kind"][data-kind="person"]')
    while not kept:
        page.wait_for_timeout(50)
    page.click('#dl-named [data-do="kind"][data-kind="place"]')
    page.wait_for_timeout(1000)
    kept[0].continue_()
    page.wait_for_selector('#dl-named [data-kind="place"][aria-pressed="true"]')
    page.wait_for_timeout(1000)
    assert page.locator('.dl-name[data-kind="place"]').count() > 0
    assert page.locator('.dl-name[data-kind="person"]').count() == 0
    page.close()


def drafts(page: Any) -> None:
    place = page.locator('.dl-nav [data-room="check"]')
    if not place.is_visible():  # a phone's bar has it behind "More"
        page.click(".dl-more")
    place.click()
    page.fill("#dl-draft textarea", "The county closed the Millford bridge to lorries.")
    page.click("#dl-check")
    page.wait_for_selector("#dl-checked .dl-st")


@axe_here
@pytest.mark.parametrize("look", LOOKS, ids=["desk-light", "phone-dark"])
def test_axe_finds_no_barrier_in_names_watches_and_drafts(
    browser: Any, whole: str, look: dict[str, Any]
) -> None:
    page = browser.new_page(**look)
    page.set_default_timeout(PATIENCE)
    page.goto(whole)
    found = {}
    open_tab(page, "Names")
    page.wait_for_selector(".dl-names li")
    found["names"] = barriers(page)
    page.locator(".dl-name").first.click()
    page.wait_for_selector(".dl-dossier")
    page.evaluate("document.querySelectorAll('#dl-left details').forEach((d) => (d.open = true))")
    found["dossier"] = barriers(page)
    open_tab(page, "Watches")
    page.wait_for_selector("#dl-watches form")
    found["watches"] = barriers(page)
    drafts(page)
    found["draft"] = barriers(page)
    assert {name: faults for name, faults in found.items() if faults} == {}
    page.close()
