"""Every view in a real browser: nothing that axe-core finds, usable enlarged and by keyboard."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browsing import PATIENCE

from tests.ui.preview import ask, close_reader, open_page, open_tab

pytestmark = pytest.mark.slow

AXE = Path(sys.prefix) / "node" / "node_modules" / "axe-core" / "axe.min.js"
"""Where `make axe` puts it."""
RTL = "ليلى"
COST = "What did the Millford bridge cost?"


@contextmanager
def served(*options: str) -> Iterator[str]:
    script = Path(__file__).with_name("views.py")
    command = [sys.executable, str(script), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


@pytest.fixture(scope="module")
def site(browser: Any) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    options = getattr(request, "param", {"viewport": {"width": 1280, "height": 800}})
    opened = browser.new_page(**options)
    opened.set_default_timeout(PATIENCE)
    open_page(opened, site)
    yield opened
    opened.close()


def answered(page: Any) -> None:
    ask(page, COST)
    page.click(".dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here")
    close_reader(page)


def read(page: Any) -> None:
    ask(page, COST)
    page.click(".dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here")


def declined(page: Any) -> None:
    ask(page, "Who won the Super Bowl?")


def failed(page: Any) -> None:
    ask(page, "broken")


def filtered(page: Any) -> None:
    page.click('#dl-bar [data-do="limits"]')
    page.wait_for_selector("#dl-bar form")


def judged(page: Any) -> None:
    ask(page, COST)
    page.click('#dl-after [data-judgement="wrong"]')
    page.wait_for_selector("#dl-after form")


def disputed(page: Any) -> None:
    ask(page, "Do the sources disagree about the Millford bridge?")
    page.wait_for_selector("#dl-answer .dl-conflict .dl-position")


def left_out(page: Any) -> None:
    """An article is struck out, and all that is folded stands open."""
    ask(page, COST)
    page.check(".dl-leave input >> nth=0")
    page.wait_for_selector(".dl-leaving >> visible=true")
    page.evaluate("document.querySelectorAll('#dl-left details').forEach((d) => (d.open = true))")


def history(page: Any) -> None:
    ask(page, COST)
    page.click(".dl-st .dl-cite >> nth=0")
    page.wait_for_selector("#dl-here")
    if page.get_attribute(".dl-keep", "aria-pressed") != "true":  # an earlier tour kept it
        page.click(".dl-keep")
    close_reader(page)
    page.wait_for_selector("#dl-related button")
    open_tab(page, "History")
    page.click("[data-rename] >> nth=0")
    page.wait_for_selector(".dl-rename [name=title]")
    page.wait_for_selector("#dl-clips .dl-clip")


def foreign(page: Any) -> None:
    """Right to left, and a title longer than any screen."""
    open_tab(page, "Archive")
    page.fill("#dl-find textarea", RTL)
    page.wait_for_selector("text=1 article with")
    page.click(".dl-shelf .dl-near")
    page.wait_for_selector(f"#dl-pane .dl-authors:has-text('{RTL}')")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.dl-body p')).direction") == "rtl"
    )


def archive(page: Any) -> None:
    open_tab(page, "Archive")
    page.fill("#dl-find textarea", "")
    page.click("#dl-about > button")
    page.click("#dl-adding > button")
    page.click("#dl-again")
    page.wait_for_selector(".dl-job")


def runs(page: Any) -> None:
    open_tab(page, "Evaluation")
    page.click("[data-compare]")
    page.wait_for_selector(".dl-compared")


def report(page: Any) -> None:
    open_tab(page, "Evaluation")
    page.click("[data-run] >> nth=0")
    page.wait_for_selector(".dl-report.dl-loaded iframe")
    assert not page.locator(".dl-report .dl-wait").is_visible()


def settings(page: Any) -> None:
    open_tab(page, "Settings")
    page.wait_for_selector("#dl-style")


VIEWS: tuple[Callable[[Any], None], ...] = (
    answered, read, disputed, left_out, declined, failed, filtered, judged, history, foreign,
    archive, runs, report, settings,
)  # fmt: skip
LOOKS = (
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
)
ENLARGED = {"viewport": {"width": 640, "height": 400}}
"""A desk at 200 %."""
WIDE = "document.documentElement.scrollWidth > innerWidth"


def tour(page: Any) -> Iterator[str]:
    """Open one view after the other; yields their names."""
    for view in VIEWS:
        close_reader(page)
        page.click(".dl-new")
        page.wait_for_selector(".dl-examples >> visible=true")
        view(page)
        yield view.__name__


def barriers(page: Any) -> list[str]:
    """Return what axe-core finds, with where."""
    page.wait_for_timeout(300)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    return [
        f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


axe_here = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make axe")


@axe_here
@pytest.mark.parametrize("page", LOOKS, indirect=True, ids=["desk-light", "phone-dark"])
def test_axe_finds_no_barrier_on_any_view(page: Any) -> None:
    found = {"start": barriers(page)} | {name: barriers(page) for name in tour(page)}
    assert {name: faults for name, faults in found.items() if faults} == {}


@axe_here
def test_axe_finds_no_barrier_on_the_first_run(browser: Any) -> None:
    with served("empty") as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        open_page(page, address)
        page.wait_for_selector(".dl-first")
        assert barriers(page) == []
        open_tab(page, "Archive")
        page.wait_for_selector("#dl-files", state="attached")
        assert barriers(page) == []
        page.close()


@pytest.mark.parametrize(
    "page", [LOOKS[1], ENLARGED], indirect=True, ids=["phone", "desk at 200 %"]
)
def test_no_view_is_wider_than_the_screen(page: Any) -> None:
    assert [name for name in tour(page) if page.evaluate(WIDE)] == []


ROOMS = {
    "Ask": "#dl-question textarea",
    "History": "#dl-find-past textarea",
    "Archive": "#dl-find textarea",
    "Settings": "#dl-style",
}
"""Each room, and what is seen once it is open."""
FONTS = ("DejaVu Sans", "Liberation Sans", "Noto Sans", "monospace")


@pytest.mark.parametrize(
    "page",
    [{"viewport": {"width": width, "height": 740}} for width in (320, 360, 390)],
    indirect=True,
    ids=["320", "360", "390"],
)
def test_every_view_is_reached_on_a_phone_whatever_the_font(page: Any) -> None:
    for font in FONTS:
        page.add_style_tag(content=f"* {{ font-family: '{font}' !important }}")
        for name in (*ROOMS, *reversed(ROOMS)):
            open_tab(page, name)
            page.wait_for_selector(f"{ROOMS[name]} >> visible=true")
            place = page.locator(f".dl-nav [data-room={name.lower()}]")
            assert place.get_attribute("aria-current") == "page"
            assert place.evaluate("(e) => e.scrollWidth <= e.clientWidth"), (font, name)
            assert not page.evaluate(WIDE), (font, name)


@pytest.mark.parametrize("page", [LOOKS[1]], indirect=True, ids=["phone"])
def test_what_is_done_with_many_stands_above_the_bar_of_rooms(page: Any) -> None:
    open_tab(page, "Archive")
    page.check(".dl-tick >> nth=0")
    box = page.locator(".dl-bulk")
    box.wait_for()
    page.evaluate("scrollBy(0, 500)")  # it never stands above the list that it is for
    bar = page.locator("#dl-rail .dl-rail").bounding_box()
    drawn = box.bounding_box()
    assert drawn["y"] + drawn["height"] <= bar["y"]
    assert drawn["height"] < page.viewport_size["height"] / 2
    page.uncheck(".dl-tick >> nth=0")


SHORT = "#dl-style input[value=short]"


def test_settings_outlive_a_reload_and_back_leads_out_of_them(page: Any) -> None:
    ask(page, COST)
    open_tab(page, "Settings")
    page.check(SHORT)
    page.check("#dl-extractive input")
    page.wait_for_function("localStorage.getItem('dateline-settings')?.includes('true')")
    page.reload()
    page.wait_for_function(f"document.querySelector('{SHORT}')?.checked")
    assert page.is_checked("#dl-extractive input")
    assert page.locator(".dl-nav [data-room=settings]").get_attribute("aria-current") == "page"
    page.go_back()
    page.wait_for_selector("#dl-answer .dl-question >> visible=true")
    page.go_forward()
    page.wait_for_selector("#dl-style >> visible=true")
    page.evaluate("localStorage.clear()")


@pytest.mark.parametrize("page", [LOOKS[1]], indirect=True, ids=["phone"])
def test_the_room_stays_marked_and_the_menu_closes_behind_it(page: Any) -> None:
    ask(page, COST)  # the rail is drawn anew
    assert page.locator(".dl-nav [data-room=ask]").get_attribute("aria-current") == "page"
    page.focus(".dl-more")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dl-further >> visible=true")
    page.keyboard.press("Escape")
    page.wait_for_selector("#dl-further", state="hidden")
    open_tab(page, "Settings")
    assert not page.locator("#dl-further").is_visible()
    assert page.locator(".dl-more").get_attribute("aria-current") is not None


@pytest.mark.parametrize("page", [LOOKS[1]], indirect=True, ids=["phone"])
def test_a_citation_is_one_line_and_leaving_out_stands_in_its_corner(page: Any) -> None:
    ask(page, "Do the sources disagree about the Millford bridge?")
    tall = "(all) => all.map((one) => Math.round(one.getBoundingClientRect().height))"
    page.add_style_tag(content=".dl-cards { width: 150px }")  # narrower than a citation
    assert max(page.locator("#dl-answer .dl-cite").evaluate_all(tall)) <= 30
    for box in page.locator(".dl-group:has(> .dl-from .dl-leave) >> visible=true").all():
        top = box.locator(".dl-from").first.bounding_box()
        leave = box.locator(".dl-leave").bounding_box()
        assert leave["y"] < top["y"] + 12


@pytest.mark.parametrize(
    "page",
    [{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}],
    indirect=True,
)
def test_nothing_moves_for_who_does_not_want_it(page: Any) -> None:
    moving = """() => {
      document.getElementById('dl-state').dataset.state = 'busy';
      return document.getAnimations()
        .filter((a) => a.playState === 'running')
        .map((a) => a.animationName + a.effect.target.outerHTML.slice(0, 200));
    }"""
    assert page.evaluate(moving) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) != []  # so that the above could fail


def test_files_can_be_chosen_and_deleting_asks_twice_by_keyboard_alone(page: Any) -> None:
    open_tab(page, "Archive")
    page.click("#dl-adding > button")
    page.focus("#dl-find textarea")
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert "dl-files" in seen
    page.focus(".dl-delete >> nth=0")
    page.keyboard.press("Enter")
    assert page.inner_text(".dl-delete >> nth=0") == "Delete for good?"
    page.keyboard.press("Tab")
    page.wait_for_function("document.querySelector('.dl-delete').textContent === 'Delete'")


def test_the_list_is_turned_and_searched(page: Any) -> None:
    open_tab(page, "Archive")
    from playwright.sync_api import TimeoutError as Late

    for patience in (30_000, 90_000):  # a click may come before the list listens to it
        page.click(".dl-pager button >> nth=1")
        with suppress(Late):
            page.wait_for_selector("text=Page 2 of 5", timeout=patience)
            break
    assert page.locator("text=Page 2 of 5").is_visible()
    page.fill("#dl-find textarea", "number 100")
    page.wait_for_selector("text=1 article with")
