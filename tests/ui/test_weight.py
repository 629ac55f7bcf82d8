"""What a first visit costs: bytes over the wire, requests, and none of them to another host."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import PATIENCE

from tests.ui.preview import ask

pytestmark = pytest.mark.slow

MOST = 450_000
"""Bytes over the wire until the box can be typed in."""


def test_a_first_visit_is_light_and_asks_no_other_host(browser: Any, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    bytes_sent: list[float] = []
    wire.on("Network.loadingFinished", lambda e: bytes_sent.append(e["encodedDataLength"]))
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    told: list[str] = []
    page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
    page.goto(site)
    page.wait_for_selector("#dl-question textarea")
    page.wait_for_selector(".dl-examples >> visible=true")
    page.wait_for_timeout(1500)
    assert 100_000 < sum(bytes_sent) < MOST
    ask(page, "What did the Millford bridge cost?")
    first = list(told)  # what gradio says of the stream of a page that is being left is not counted
    page.reload()
    page.wait_for_selector("#dl-answer .dl-question")
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    assert [line for line in first if "favicon" not in line] == []
    context.close()
