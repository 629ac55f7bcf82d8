"""150 attacks in every field that reaches the page: no dialog, no call, nothing grows."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE
from hostile import AT_ONCE, payloads

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.ui.preview import ask, open_page, open_tab

pytestmark = pytest.mark.slow

ROOTS = "#dl-columns"
FORBIDDEN = (
    "script, iframe:not(.dl-report iframe), style, link, img, image, video, audio, object, embed, "
    "base, meta, form:not([data-form]), template, math, marquee, portal, picture, "
    "svg:not(.dl-plot svg, .dl-strip svg, button svg), [onload], [onerror], [onclick], [onfocus], "
    "[onmouseover], [ontoggle], [onstart], [srcdoc], [href^='javascript' i], [href^='data' i], "
    "[style*='url']"
)
"""What no text may make of itself on the page."""


class Collector:
    """Counts who calls."""

    def __init__(self) -> None:
        calls: list[str] = []

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.calls = calls
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def page(browser: Any, collector: Collector) -> Iterator[Any]:
    """One visitor of a server whose every text is an attack; whatever happens is written down."""
    script = Path(__file__).with_name("hostile.py")
    command = [sys.executable, str(script), collector.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.happened = []
        page.on("dialog", lambda d: (page.happened.append(f"dialog {d}"), d.dismiss()))
        page.on("pageerror", lambda e: page.happened.append(f"error {e}"))
        inside = (address, "data:", "blob:")
        page.on(
            "request",
            lambda r: None if r.url.startswith(inside) else page.happened.append(r.url),
        )
        try:
            open_page(page, address)
            yield page
        finally:
            page.close()
            server.send_signal(signal.SIGINT)
            server.wait(60)


@pytest.fixture(autouse=True)
def nothing_happens(page: Any, collector: Collector) -> Iterator[None]:
    yield
    page.wait_for_timeout(200)
    grown = page.evaluate(
        """([roots, wrong]) => [...document.querySelectorAll(roots)].flatMap(
          (root) => [...root.querySelectorAll(wrong)].map((e) => e.outerHTML.slice(0, 200)))""",
        [ROOTS, FORBIDDEN],
    )
    assert (page.happened, collector.calls, grown) == ([], [], [])


COUNT = len(payloads(""))


def test_there_are_150_of_them() -> None:
    assert COUNT == len(set(payloads("x"))) == 150


def test_in_answers_sources_and_quotes(page: Any) -> None:
    seen = 0
    for number in range(COUNT // AT_ONCE):
        ask(page, f"answer {number} <img src=x onerror=alert(1)>")
        seen = page.locator(".dl-card").count()  # earlier answers stay on the page
        page.hover("#dl-answer .dl-cite >> nth=0")
    assert seen == COUNT


def afresh(page: Any) -> None:
    """Begin a conversation, so that the page does not grow with every test."""
    page.click('[data-do="fresh"]')
    page.wait_for_selector(".dl-examples")


def test_in_questions_beside_an_answer_and_in_examples(page: Any) -> None:
    page.wait_for_selector("#dl-related li")
    assert page.locator("#dl-related li").count() == COUNT
    afresh(page)
    assert page.locator(".dl-examples [data-question]").count() == 4


def test_in_the_filter_form_and_its_chips(page: Any) -> None:
    afresh(page)
    page.click('#dl-bar [data-do="limits"]')
    page.wait_for_selector("#dl-bar form")
    for field in ("publishers", "authors", "collections"):
        known = page.locator(f"#dl-pick-{field} option")
        values = known.evaluate_all("(all) => all.map((one) => one.value)")
        assert len(values) > 100
        for value in values[1:10]:
            page.fill(f"#dl-add-{field}", value)
            page.press(f"#dl-add-{field}", "Enter")
    page.click("#dl-bar [name=do][value=set]")
    page.wait_for_selector("#dl-bar .dl-chip >> nth=20")
    for _ in range(page.locator("#dl-bar .dl-chip").count()):
        count = page.locator("#dl-bar .dl-chip").count()
        page.click("#dl-bar .dl-chip-drop >> nth=0")
        page.wait_for_function(
            "(was) => document.querySelectorAll('#dl-bar .dl-chip').length < was", arg=count
        )


def test_in_the_clip_list(page: Any) -> None:
    open_tab(page, "History")
    page.wait_for_selector("#dl-clips .dl-clip")
    assert page.locator("#dl-clips .dl-clip").count() == COUNT
    page.click("#dl-clips .dl-card >> nth=0")
    page.wait_for_selector("#dl-pane .dl-keep")
    open_tab(page, "Ask")


def test_in_declined_answers(page: Any) -> None:
    afresh(page)
    for number in range(COUNT // AT_ONCE):
        ask(page, f"decline {number}")
        assert page.locator(".dl-declined").count() >= 1


def test_in_errors(page: Any) -> None:
    afresh(page)
    for number in range(COUNT // AT_ONCE):
        ask(page, f"error {number}")
        assert page.locator(".dl-error").count() >= 1


def test_in_the_history_and_in_what_is_opened_from_it(page: Any) -> None:
    open_tab(page, "History")
    page.wait_for_selector(".dl-entry")
    entries = page.locator(".dl-entry")
    names = entries.evaluate_all("(all) => all.map((one) => one.dataset.conversation)")
    assert COUNT <= len(names) <= COUNT + 3  # with those of the tests above
    for name in names[:: AT_ONCE // 2]:
        open_tab(page, "History")
        entry = page.locator(f'.dl-entry[data-conversation="{name}"]')
        for _ in range(20):
            entry.locator("[data-rename]").click()
            page.wait_for_timeout(200)
            if entry.locator("[name=title]").is_visible():
                break  # else the list was drawn anew in between
        entry.locator("[data-rename]").click()
        if not entry.locator(".dl-title").is_visible():  # the list was drawn anew in between
            entry.locator("[data-rename]").click()
        entry.locator(".dl-title").click()
        page.wait_for_selector(f'#dl-answer [data-talk="{name}"]')


def test_in_the_list_of_the_archive_and_in_the_reader(page: Any) -> None:
    open_tab(page, "Archive")
    read = 0
    for number in range(6):
        rows = page.locator(".dl-shelf .dl-near")
        assert rows.count() == 25
        for place in range(rows.count()):
            name = rows.nth(place).get_attribute("data-open")
            rows.nth(place).click()
            page.wait_for_function(
                "(name) => document.querySelector('#dl-pane .dl-reader')?.dataset.article === name",
                arg=name,
            )
            read += 1
        if number < 5:
            page.click(".dl-pager button >> nth=1")
            page.wait_for_selector(f"text=Page {number + 2} of 6")
    assert read == COUNT


def test_in_the_report_of_files(page: Any) -> None:
    open_tab(page, "Archive")
    page.click("#dl-about > button")
    page.click("#dl-again")
    page.wait_for_selector(".dl-job .dl-error")
    assert page.locator(".dl-lines tbody tr").count() == COUNT


def test_in_runs_of_the_eval_suite_and_their_comparison(page: Any) -> None:
    open_tab(page, "Evaluation")
    page.wait_for_selector(".dl-runs")
    assert page.locator(".dl-runs tbody tr").count() == COUNT
    page.click("[data-compare]")
    page.wait_for_selector(".dl-compared")
    assert page.locator(".dl-scroll[aria-label=Figures] tbody tr").count() == COUNT
