"""Lets the tests of the faces share the scripted asker, one server and one browser."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what opens a browser come last, in its own order.

    Playwright's plain interface keeps an event loop running in the main thread from the first
    browser on: `asyncio.run` fails there, and Python 3.11 miscounts the depth of `ast.parse`.
    """
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from rag.errors import SettingsError
    from tests.ui.preview import chromium

    try:
        with chromium() as started:
            yield started
    except SettingsError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def site(browser: Any) -> Iterator[str]:
    """The address of a server of its own, whose process ends with the tests."""
    from browsing import serving

    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def visitors(browser: Any) -> Iterator[Any]:
    """The browser's context that all visitors share."""
    from browsing import visiting

    with visiting(browser) as context:
        yield context


@pytest.fixture
def page(visitors: Any, site: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh visitor; whatever leaves this site or throws fails the test."""
    from browsing import visitor

    with visitor(visitors, site, getattr(request, "param", (1280, 800))) as fresh:
        yield fresh
