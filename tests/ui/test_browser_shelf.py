"""The archive's room in a real browser: facets, the queue, many at once, collections, search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import opened, visitor  # noqa: E402
from opened import filled  # noqa: E402

from rag.archive.archive import Archive  # noqa: E402
from rag.ingest.naming import name_pending  # noqa: E402
from tests.ui.preview import ask, close_reader, open_tab, server  # noqa: E402

pytestmark = pytest.mark.slow

COST = "What did the Millford bridge cost?"


@pytest.fixture(scope="module")
def site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an archive of four articles that is read and written."""
    made = filled(tmp_path_factory.mktemp("shelf") / "archive")
    with Archive.create(made.archive) as archive:
        name_pending(archive)
    with server(Path(made.archive), "none") as url:
        yield opened(url)


@pytest.fixture
def page(visitors: Any, site: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with visitor(visitors, site, getattr(request, "param", (1280, 800))) as fresh:
        yield fresh


def counted(page: Any, said: str) -> None:
    page.wait_for_selector(f".dl-counted .dl-count:text-is('{said}')")


def facet(page: Any, kind: str, value: str) -> Any:
    found = page.locator(f'#dl-shelf [data-facet="{kind}"][data-value="{value}"]')
    if not found.is_visible():
        found.locator("xpath=ancestor::details/summary").click()
    return found


@pytest.mark.parametrize("page", [(1280, 800), (390, 844)], indirect=True, ids=["desk", "phone"])
def test_facets_and_months_are_steps_that_outlive_a_reload(page: Any) -> None:
    open_tab(page, "Archive")
    counted(page, "4 articles")
    facet(page, "outlet", "Valley Courier").click()
    counted(page, "1 article")
    facet(page, "outlet", "State Wire").click()
    counted(page, "2 articles")
    facet(page, "month", "2024-07").click()
    counted(page, "1 article")
    page.click(".dl-shelf .dl-near")
    page.wait_for_function("location.search.includes('read=')")
    page.reload()
    page.wait_for_selector("#dl-pane .dl-reader h2 >> visible=true")
    counted(page, "1 article")
    close_reader(page)
    page.wait_for_function("location.search.includes('month')")
    if "read=" in page.evaluate("location.search"):
        page.go_back()
    page.wait_for_function("!location.search.includes('read=')")
    page.go_back()
    counted(page, "2 articles")
    page.go_back()
    counted(page, "1 article")
    page.go_forward()
    counted(page, "2 articles")
    page.select_option("[data-order]", "title")
    page.wait_for_function("location.search.includes('order%3Dtitle')")
    page.reload()
    page.wait_for_function("document.querySelector('[data-order]')?.value === 'title'")
    counted(page, "2 articles")


def test_a_search_outlives_a_reload_and_a_slip_of_it_is_put_right_with_a_click(page: Any) -> None:
    open_tab(page, "Archive")
    page.locator("#dl-find textarea").press_sequentially("milford brigde")
    page.click("#dl-shelf [data-find]")
    page.wait_for_function("document.querySelector('#dl-find textarea').value.includes('illford')")
    page.wait_for_selector(".dl-shelf .dl-near")
    length = page.evaluate("history.length")
    page.fill("#dl-find textarea", "wire july")
    counted(page, "1 article with “wire july”")
    assert page.evaluate("history.length") == length  # a letter is no step
    page.reload()
    counted(page, "1 article with “wire july”")
    assert page.input_value("#dl-find textarea") == "wire july"
    page.go_back()
    page.wait_for_selector(".dl-examples >> visible=true")


class Late:
    """Keeps back the first answer of the server that draws the list, until it is let through."""

    def __init__(self, page: Any) -> None:
        self._kept: list[tuple[Any, Any]] = []
        self._page = page
        page.route("**/run/predict*", self._came)

    def _came(self, route: Any) -> None:
        answer = route.fetch()
        if not self._kept and "data-browse" in answer.text():
            self._kept.append((route, answer))
        else:
            route.fulfill(response=answer)

    def wait(self) -> None:
        """Wait until the answer is here, and is kept back."""
        while not self._kept:
            self._page.wait_for_timeout(50)

    def come(self) -> None:
        """Let it through."""
        for route, answer in self._kept:
            route.fulfill(response=answer)
        self._page.unroute("**/run/predict*")


def test_what_is_typed_before_the_page_has_its_list_is_searched_when_that_comes(page: Any) -> None:
    late = Late(page)
    page.reload()
    late.wait()
    open_tab(page, "Archive")
    page.fill("#dl-find textarea", "wire july")
    counted(page, "1 article with “wire july”")
    with page.expect_response("**/run/predict*"):
        late.come()
    page.wait_for_timeout(1000)
    counted(page, "1 article with “wire july”")
    assert page.input_value("#dl-find textarea") == "wire july"
    page.wait_for_function("location.search.includes('wire')")
    page.reload()
    counted(page, "1 article with “wire july”")


def test_a_search_that_is_answered_after_a_later_one_is_not_what_the_list_shows(page: Any) -> None:
    open_tab(page, "Archive")
    counted(page, "4 articles")
    page.wait_for_timeout(2000)  # what the opening of the page asks for is answered
    late = Late(page)
    facet(page, "outlet", "State Wire").click()
    late.wait()
    page.fill("#dl-find textarea", "wire")
    counted(page, "1 article with “wire”")
    late.come()
    page.wait_for_timeout(1000)
    counted(page, "1 article with “wire”")
    assert page.input_value("#dl-find textarea") == "wire"


def test_what_is_taken_out_of_a_box_that_the_address_filled_is_searched_no_longer(
    page: Any,
) -> None:
    open_tab(page, "Archive")
    page.fill("#dl-find textarea", "wire july")
    counted(page, "1 article with “wire july”")
    page.reload()
    counted(page, "1 article with “wire july”")
    page.fill("#dl-find textarea", "")
    counted(page, "4 articles")
    open_tab(page, "Ask")
    page.go_back()
    page.go_back()
    page.wait_for_selector(".dl-examples >> visible=true")


def test_who_is_named_is_a_facet_and_a_second_name_narrows_it(page: Any) -> None:
    open_tab(page, "Archive")
    counted(page, "4 articles")
    facet(page, "entity", "Millford").click()
    counted(page, "2 articles")
    page.reload()
    counted(page, "2 articles")
    facet(page, "entity", "Ruth Adeyemi").click()
    counted(page, "1 article")
    assert "entity%3DMillford%26entity%3DRuth" in page.evaluate("location.search")
    page.go_back()
    counted(page, "2 articles")


def test_what_lacks_a_day_is_queued_stated_and_then_read_as_dated(page: Any) -> None:
    open_tab(page, "Archive")
    page.click(".dl-queue")
    counted(page, "1 article")
    page.reload()
    counted(page, "1 article")
    page.check(".dl-tick")
    page.fill("[data-form=bulk] [name=published]", "2024-05-29")
    page.fill("[data-form=bulk] [name=outlet]", "Easton Echo")
    page.click("text=State this")
    page.wait_for_selector('#dl-intake .dl-job[aria-busy="false"]')
    page.wait_for_selector(".dl-queue", state="detached")
    page.reload()
    page.wait_for_selector("text=No articles.")  # none lacks anything any more
    page.go_back()
    counted(page, "4 articles")
    row = page.locator(".dl-shelf li", has_text="Easton Echo")
    row.locator(".dl-near").click()
    page.wait_for_selector("#dl-pane .dl-head >> text=29 May 2024")


def test_many_are_ticked_stated_at_once_and_a_title_of_two_is_refused(page: Any) -> None:
    open_tab(page, "Archive")
    counted(page, "4 articles")
    for box in page.locator(".dl-tick").all()[:2]:
        box.check()
    page.fill("[data-form=bulk] [name=title]", "One title")
    page.click("text=State this")
    page.wait_for_selector("text=A title is stated of one article at a time")
    page.fill("[data-form=bulk] [name=title]", "")
    page.fill("[data-form=bulk] [name=authors]", "Ada Bell; Bo Carr")
    page.click("text=State this")
    page.wait_for_selector(
        '#dl-shelf [data-facet="author"][data-value="Ada Bell"]', state="attached"
    )
    facet(page, "author", "Ada Bell").click()
    counted(page, "2 articles")
    page.reload()
    counted(page, "2 articles")


def test_a_collection_is_filled_filters_questions_and_stays(page: Any) -> None:
    open_tab(page, "Archive")
    page.fill("#dl-find textarea", "Valley Courier")
    counted(page, "1 article with “Valley Courier”")
    page.check(".dl-tick")
    page.fill("[data-form=bulk] [name=collection]", "Town hall")
    page.click("text=Put into it")
    page.wait_for_selector("text=1 article put into “Town hall”.")
    page.fill("#dl-find textarea", "")
    counted(page, "4 articles")
    facet(page, "collection", "Town hall").click()
    counted(page, "1 article")
    page.reload()
    counted(page, "1 article")
    open_tab(page, "Ask")
    page.click("text=+ Filter")
    page.fill("#dl-add-collections", "Town hall")
    page.click("text=Keep for the next question")
    page.wait_for_selector("#dl-bar .dl-chip:has-text('in Town hall')")
    ask(page, COST)
    assert "in Town hall" in page.inner_text("#dl-answer .dl-filters")
    assert "State Wire" not in page.inner_text("#dl-left")
    page.reload()
    page.wait_for_selector("#dl-answer .dl-filters >> text=in Town hall")
    page.click(".dl-new")
    page.wait_for_selector(".dl-examples >> visible=true")
    if page.locator("#dl-bar .dl-chip-drop").count():
        page.click("#dl-bar .dl-chip-drop")
        page.wait_for_selector("#dl-bar .dl-chip", state="detached")
    page.fill("#dl-question textarea", f'{COST} collection:"Town hall"')
    page.press("#dl-question textarea", "Enter")
    page.wait_for_selector("#dl-answer .dl-filters >> text=in Town hall")
    page.wait_for_selector('#dl-answer .dl-answer[aria-busy="false"]')
    assert "State Wire" not in page.inner_text("#dl-left")
    page.go_back()
    page.wait_for_selector(".dl-examples >> visible=true")
