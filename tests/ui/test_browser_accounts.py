"""People in a real browser: sign in, ask, see one's own, sign out."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from people import PASSWORD

from tests.ui.preview import ask, open_tab

pytestmark = pytest.mark.slow

PATIENCE = 120_000


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    script = Path(__file__).with_name("people.py")
    command = [sys.executable, str(script), "--serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            yield next(line for line in server.stderr if "http://" in line).split()[-1]
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


@pytest.fixture
def visitor(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def enter(page: Any, name: str, password: str = PASSWORD) -> None:
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.click("button")


def ready(page: Any, address: str) -> None:
    page.goto(address)
    for _ in range(60):  # the waiting page loads itself again until the room is open
        if page.locator("input[name=name], #dl-question").count():
            return
        page.wait_for_timeout(1000)


def test_sign_in_ask_and_sign_out(visitor: Any, address: str) -> None:
    ready(visitor, address)
    enter(visitor, "ada", "not her password")
    assert "name or the password is wrong" in visitor.inner_text("[role=alert]")
    assert visitor.input_value("input[name=name]") == "ada"
    enter(visitor, "ada")
    visitor.wait_for_selector("#dl-question textarea:enabled")
    visitor.wait_for_function("document.querySelector('.dl-holds').innerText.includes('12 art')")
    assert visitor.inner_text(".dl-person span") == "ada"
    assert not visitor.locator("#dl-adding").is_visible()
    ask(visitor, "How many votes did the council count on the ferry plan?")
    shown = visitor.inner_text("#dl-left").lower()
    assert "town" in shown
    assert "secret" not in shown
    assert "law" not in shown
    visitor.click(".dl-person a")
    visitor.click("button")
    visitor.wait_for_selector("input[name=password]")
    visitor.goto(address)
    visitor.wait_for_selector("input[name=password]")
    enter(visitor, "bob")
    visitor.wait_for_function("document.querySelector('.dl-holds')?.innerText.includes('24 art')")
    assert "How many votes" not in visitor.inner_text("#dl-rail")


def test_who_edits_several_collections_chooses_one_before_files_are_sent(
    visitor: Any, address: str
) -> None:
    story = "A ferry ran aground on Friday, and forty people were brought ashore by boat."
    file = {"name": "ferry.txt", "mimeType": "text/plain", "buffer": story.encode()}
    ready(visitor, address)
    enter(visitor, "fay")
    visitor.wait_for_selector("#dl-question textarea:enabled")
    open_tab(visitor, "Archive")
    chooser = "#dl-adding select[data-into]"
    visitor.wait_for_selector(chooser, state="attached")
    if not visitor.locator(chooser).is_visible():
        visitor.click("#dl-adding > button")
    assert visitor.locator(f"{chooser} option").all_inner_texts() == ["Choose one", "Law", "Town"]
    visitor.set_input_files("#dl-files", [file])
    visitor.wait_for_selector("#dl-adding .dl-sending li")
    assert "Choose the collection first" in visitor.inner_text("#dl-adding .dl-sending")
    visitor.select_option(chooser, "Law")
    visitor.wait_for_function(
        "document.querySelector('#dl-hand select[data-into]')?.value === 'Law'"
    )
    visitor.set_input_files("#dl-files", [file])
    visitor.wait_for_selector('#dl-intake .dl-job[aria-busy="false"]')
    assert "1 added" in visitor.inner_text("#dl-intake")
    visitor.wait_for_function("document.querySelector('.dl-holds').innerText.includes('25 art')")


def test_many_wrong_passwords_have_to_wait(visitor: Any, address: str) -> None:
    ready(visitor, address)
    for _ in range(12):
        enter(visitor, "eve", "guessed again")
        visitor.wait_for_selector("[role=alert]")
        if "wait" in visitor.inner_text("[role=alert]"):
            break
    assert "Please wait" in visitor.inner_text("[role=alert]")
