"""Pictures of every view of the page in a real browser, desk and phone, in light and dark.

    python -m tests.ui.preview FOLDER --archive ARCHIVE [--llm none] [QUESTION...]
    python -m tests.ui.preview FOLDER --url http://127.0.0.1:7860 [QUESTION...]

Needs playwright and chromium.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from rag.errors import SettingsError

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATIENCE = 120_000
"""Milliseconds that an answer may take."""
QUESTIONS = (
    "When will Artemis II launch?",
    "How many people died in the earthquake in Turkey and Syria?",
    "Who won the Super Bowl?",
)
"""For the sample archive: an answer that changed over time, one on which the sources differ, and
none."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the chromium of this system; raises `SettingsError` when there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SettingsError("there is no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def server(archive: Path, llm: str) -> Iterator[str]:
    """Serve an archive in a process of its own, and yield its address."""
    code = "from ui.cli import main; main()"
    options = ["serve", "--port", "0", "--archive", str(archive), "--llm", llm]
    command = [sys.executable, "-c", code, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            if process.stderr is None:
                raise SettingsError("the server has no standard error")
            yield process.stderr.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE / 1000)


def open_page(page: Page, url: str) -> None:
    """Open the page, as soon as it is served."""
    end = time.monotonic() + PATIENCE / 1000
    while page.request.get(url).status == 503 and time.monotonic() < end:
        time.sleep(0.5)
    page.goto(url, timeout=PATIENCE)
    page.wait_for_selector("#dl-question textarea", timeout=PATIENCE)


def open_tab(page: Page, name: str) -> None:
    """Open one of the rooms by the rail; the evaluation is a part of the settings."""
    evaluation = name == "Evaluation"
    place = page.locator(f'.dl-nav [data-room="{"settings" if evaluation else name.lower()}"]')
    page.locator(".dl-nav [data-room] >> visible=true").first.wait_for()
    more = page.locator(".dl-more")
    if more.is_visible() and not place.is_visible():  # a phone's bar has it there
        more.click()
    place.click()
    if evaluation and not page.locator("#dl-runs").is_visible():
        page.click("#dl-judged > button")


def close_reader(page: Page) -> None:
    """Close the reader where it lies over the sheet."""
    if page.locator('#dl-columns[data-view="reader"] .dl-back').is_visible():
        page.click(".dl-back")
        page.wait_for_selector('#dl-columns[data-view="answer"]')


def ask(page: Page, question: str) -> None:
    """Type a question, send it with Enter, and wait for the end of the answer."""
    page.fill("#dl-question textarea", question)
    page.press("#dl-question textarea", "Enter")
    done = page.locator('.dl-answer[aria-busy="false"]').filter(has_text=question)
    done.wait_for(timeout=PATIENCE)


class Camera:
    """Takes numbered pictures of one page."""

    def __init__(self, page: Page, folder: Path, name: str) -> None:
        self._page, self._folder, self._name = page, folder, name
        self._count = 0

    def take(self, view: str, *, whole: bool = True, still: bool = False) -> None:
        """Picture what is shown, or the whole length of the page; `still` leaves the mouse."""
        if not still:
            self._page.mouse.move(0, 0)
        self._page.wait_for_timeout(700)
        path = self._folder / f"{self._name}-{self._count:02}-{view}.png"
        self._page.screenshot(path=path, full_page=whole)
        self._count += 1


def tour(page: Page, camera: Camera, questions: Sequence[str]) -> None:
    """Picture a page from the empty box to its settings."""
    camera.take("start", whole=False)
    page.click('#dl-bar [data-do="limits"]')
    page.wait_for_selector("#dl-bar form")
    camera.take("filters", whole=False)
    page.click('#dl-bar [data-do="close"]')
    for question in questions:
        ask(page, question)
        camera.take("answer")
        cited = page.locator("#dl-answer .dl-st .dl-cite")
        if cited.count():
            cited.first.hover()
            camera.take("quote", whole=False, still=True)
            cited.first.click()
            page.wait_for_selector("#dl-here")
            camera.take("reader", whole=False)
            close_reader(page)
    page.click('#dl-after [data-judgement="wrong"]')
    page.wait_for_selector("#dl-after form")
    camera.take("opinion")
    open_tab(page, "History")
    page.wait_for_selector(".dl-entry")
    camera.take("history", whole=False)
    open_tab(page, "Archive")
    camera.take("archive", whole=False)
    page.click("#dl-about > button")
    page.click("#dl-adding > button")
    page.wait_for_selector("#dl-files", state="attached")
    camera.take("archive-open")
    open_tab(page, "Names")
    page.wait_for_selector(".dl-names li")
    camera.take("names", whole=False)
    page.locator(".dl-name").first.click()
    page.wait_for_selector(".dl-dossier")
    camera.take("name")
    open_tab(page, "Watches")
    page.wait_for_selector("#dl-watches form")
    camera.take("watches", whole=False)
    for name in ("Evaluation", "Settings"):
        open_tab(page, name)
        camera.take(name.lower())


def pictures(browser: Browser, url: str, given: argparse.Namespace, *, first: bool = False) -> None:
    """Take all pictures of a server; `first` for one whose archive is empty."""
    for size, scheme in product(given.size, given.scheme):
        width, height = SIZES[size]
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        open_page(page, url)
        camera = Camera(page, given.folder, f"{size}-{scheme}{'-empty' if first else ''}")
        if first:
            camera.take("first", whole=False)
        else:
            tour(page, camera, given.question)
        page.close()


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("question", nargs="*", default=list(QUESTIONS))
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--llm", default="none")
    parser.add_argument("--size", choices=SIZES, nargs="*", default=list(SIZES))
    parser.add_argument("--scheme", choices=SCHEMES, nargs="*", default=list(SCHEMES))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        if given.url:
            pictures(browser, given.url, given)
            return
        with server(given.archive, given.llm) as url:
            pictures(browser, url, given)
        with TemporaryDirectory() as empty, server(Path(empty, "archive"), "none") as url:
            pictures(browser, url, given, first=True)


if __name__ == "__main__":
    main()
