"""A real browser over the scripted page, shared by the tests that need one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

PATIENCE = 90_000
"""Milliseconds that a busy machine may need for one step."""


@contextmanager
def serving() -> Iterator[str]:
    """Run a scripted server of its own and yield its address once the page is served."""
    script = Path(__file__).with_name("scripted.py")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield opened(server.stdout.readline().strip())
            server.send_signal(signal.SIGINT)
            server.wait(120)
        finally:
            server.kill()  # a page that is never served must not hold up all other tests


def opened(site: str) -> str:
    """Wait until the page itself is served; the waiting page reloads itself under a browser."""
    for _ in range(480):
        with suppress(OSError), urlopen(site, timeout=30) as answer:
            if answer.status == 200:
                return site
        time.sleep(0.25)
    raise TimeoutError("the page was not served within two minutes")


@contextmanager
def visiting(browser: Any) -> Iterator[Any]:
    """Yield a browser's context, whose cache spares all visitors but the first the fetching."""
    context = browser.new_context(
        permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@contextmanager
def visitor(context: Any, site: str, size: tuple[int, int]) -> Iterator[Any]:
    """Yield a page of a fresh visitor; whatever leaves the site or throws is a fault."""
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    faults: list[str] = []
    page.on("dialog", lambda d: (faults.append(f"dialog {d.message}"), d.dismiss()))
    page.on("pageerror", lambda e: faults.append(f"error {e}"))
    page.on("console", lambda m: None if quiet(m) else faults.append(f"{m.type} {m.text}"))
    page.on("request", lambda r: None if local(r.url, site) else faults.append(r.url))
    visit(page, site)
    yield page
    page.evaluate("localStorage.clear()")
    page.close()
    assert faults == [], faults


LOUD = ("error", "warning")
ON_PURPOSE = "Content Security Policy"
"""What the tests do that the browser must refuse."""


def quiet(message: Any) -> bool:
    """Say whether a line of the browser's console is no fault of the page."""
    return message.type not in LOUD or ON_PURPOSE in message.text


def hold(page: Any, question: str) -> None:
    """Ask what is answered up to its last word, and is checked only after `let_go`."""
    page.fill("#dl-question textarea", question)
    page.press("#dl-question textarea", "Enter")
    page.wait_for_selector(".dl-unchecked")


def let_go(page: Any, site: str) -> None:
    assert page.request.post(f"{site}go").ok


def local(url: str, site: str) -> bool:
    return url.startswith((site, "data:", f"blob:{site}"))


def visit(page: Any, site: str) -> None:
    page.goto(site)
    page.wait_for_selector("#dl-question textarea")
