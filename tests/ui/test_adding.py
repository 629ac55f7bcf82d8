"""The real server over a real archive, in a real browser: from nothing to an answer, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.ui.preview import ask, open_page, open_tab, server

pytestmark = pytest.mark.slow

BRIDGE = (
    "Millford bridge closed to lorries\n\n"
    "The county board voted on Tuesday to close the Millford bridge to lorries. The repair will "
    "cost $4.2 million, the county's chief engineer said.\n"
)
PATIENCE = 60_000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "archive"


@pytest.fixture(scope="module")
def page(browser: Any, archive: Path) -> Iterator[Any]:
    with server(archive, "none") as address:
        opened = browser.new_page()
        opened.set_default_timeout(PATIENCE)
        open_page(opened, address)
        yield opened
        opened.close()


def test_an_empty_archive_offers_the_sample_and_ones_own_files(page: Any) -> None:
    page.wait_for_selector(".dl-first")
    assert page.locator("[data-sample]").is_visible()
    assert "exports of Nexis" in page.inner_text("#dl-hand .dl-drop")
    assert page.locator("#dl-send").is_disabled()
    assert page.locator("#dl-question textarea").is_disabled()


def test_a_broken_file_among_good_ones_is_named_and_the_others_can_be_asked(page: Any) -> None:
    page.set_input_files(
        "#dl-hand-files",
        [
            {"name": "bridge.txt", "mimeType": "text/plain", "buffer": BRIDGE.encode()},
            {"name": "<b>broken.txt", "mimeType": "text/plain", "buffer": b"\x7fELF\x00"},
            {
                "name": "rain.jsonl",
                "mimeType": "application/json",
                "buffer": b'{"title": "Rain in Easton", "text": "It rained in Easton all week."}',
            },
        ],
    )
    page.wait_for_selector('#dl-hand .dl-job[aria-busy="false"]', timeout=PATIENCE)
    told = page.inner_text("#dl-hand .dl-job")
    assert "2 added" in told
    assert "1 could not be read" in told
    assert "looks like a binary file" in page.inner_text("#dl-hand .dl-line-bad")
    page.wait_for_selector(".dl-examples")
    assert "2 articles" in page.inner_text(".dl-holds")
    assert page.inner_text("#dl-state") != "Starting"  # although the head is drawn anew
    page.click("#dl-hand .dl-line-good .dl-open-file >> nth=0")
    page.wait_for_selector("#dl-pane .dl-reader h2")
    ask(page, "What will the repair of the Millford bridge cost?")
    assert "$4.2 million" in page.inner_text(".dl-answer")
    assert not page.locator("#dl-hand").is_visible()


def test_what_was_added_is_there_after_a_reload_and_back_leads_through_it(page: Any) -> None:
    page.wait_for_function("location.search.includes('s=')")
    open_tab(page, "Archive")
    page.click(".dl-shelf .dl-near >> nth=0")
    page.wait_for_function("location.search.includes('read=')")
    page.reload()
    page.wait_for_selector("#dl-pane .dl-reader h2")
    assert page.locator(".dl-counted").inner_text().startswith("2 articles")
    page.go_back()
    page.wait_for_function("!location.search.includes('read=')")
    page.go_back()
    page.wait_for_selector("#dl-answer .dl-question >> visible=true")
    assert "$4.2 million" in page.inner_text(".dl-answer")


SEEN = """() => {
  window.seen = '';
  new MutationObserver(() => {
    window.seen += document.querySelector('#dl-intake')?.innerText || '';
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
"""Keeps all that the report of added files has said."""


def test_a_folder_keeps_the_paths_of_its_files(page: Any, tmp_path: Path) -> None:
    for name in ("north", "south"):
        (tmp_path / "papers" / name).mkdir(parents=True)
        said = (
            f"A mayor for the {name}\n\n"
            f"The town in the {name} elected Ann {name.title()} as its mayor on Tuesday.\n"
        )
        (tmp_path / "papers" / name / "index.txt").write_text(said)
    open_tab(page, "Archive")
    page.click("#dl-adding > button")
    page.evaluate(SEEN)  # the report of the first job may be gone before it could be read
    page.set_input_files("#dl-drop [webkitdirectory]", tmp_path / "papers")
    # A second one goes after the first, although it comes while that is sent and read.
    late = {"name": "late.txt", "mimeType": "text/plain", "buffer": b"\x7fELF\x00"}
    page.set_input_files("#dl-files", [late])
    page.wait_for_selector('#dl-intake .dl-line-bad:has-text("late.txt")', timeout=PATIENCE)
    told = page.evaluate("window.seen")
    assert "papers/north/index.txt" in told
    assert "papers/south/index.txt" in told
    for name in ("north", "south"):
        button = page.locator(f".dl-delete[aria-label*='{name}']")
        button.click()
        button.click()
        button.wait_for(state="detached", timeout=PATIENCE)


def test_a_deleted_article_is_gone(page: Any, archive: Path) -> None:
    open_tab(page, "Archive")
    button = page.locator(".dl-delete[aria-label*='Millford']")
    button.click()
    button.click()
    page.wait_for_selector(".dl-counted:has-text('1 article')", timeout=PATIENCE)
    page.fill("#dl-find textarea", "millford")
    page.wait_for_selector("text=No article matches")
    page.fill("#dl-find textarea", "")
    assert not list((archive / "uploads").iterdir())


def test_the_index_is_made_anew_and_its_condition_told(page: Any) -> None:
    page.click("#dl-about > button")
    page.wait_for_selector("#dl-about .dl-facts")
    page.click("#dl-again")
    page.wait_for_selector(".dl-job >> text=Indexing again Done", timeout=PATIENCE)
    assert "Passages" in page.inner_text("#dl-about .dl-facts")
