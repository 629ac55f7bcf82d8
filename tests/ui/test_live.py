"""An answer in the making outlives the page that asked, and is given up when nobody comes back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from scripted import Scripted

from ui import live as live_module
from ui.desk import Desk
from ui.live import Live, Watch
from ui.view import View

COST = "What did the Millford bridge cost?"


class Slow(Scripted):
    """Goes on word by word, each time that it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def __call__(self, question: str, **options: Any) -> Any:
        tell = options.pop("on_event")

        def listen(event: Any) -> None:
            tell(event)
            if type(event).__name__ == "TextDelta":
                self.go.wait(10)

        return super().__call__(question, on_event=listen, **options)


def begun(asker: Slow) -> tuple[Live, list[View]]:
    ended: list[View] = []

    def keep(view: View) -> View:
        ended.append(view)
        return view

    live = Live(View(id="x", question=COST, phase="searching"), Desk(asker).ask(COST), keep)
    live.start()
    return live, ended


def test_two_pages_see_one_answer_to_its_end() -> None:
    asker = Slow()
    live, ended = begun(asker)
    first, second = live.follow(), live.follow()
    assert next(first).running
    assert next(second).running
    asker.go.set()
    ends = [list(first)[-1], list(second)[-1]]
    assert [v.phase for v in ends] == ["done", "done"]
    assert ended == [ends[0]]
    assert list(live.follow()) == [ends[0]]


def test_a_page_that_asks_something_else_gives_its_answer_up() -> None:
    asker = Slow()
    live, ended = begun(asker)
    other, _ = begun(Slow())
    watch = Watch()
    watch.follow("one", live)
    watch.follow("one", other)
    assert [v.phase for v in live.follow()][-1] == "stopped"
    asker.go.set()
    other.stop()
    assert ended[-1].phase == "stopped"


@pytest.mark.parametrize(("comes_back", "end"), [(True, "done"), (False, "stopped")])
def test_a_closed_page_has_a_moment_to_come_back(
    monkeypatch: pytest.MonkeyPatch, comes_back: bool, end: str
) -> None:
    monkeypatch.setattr(live_module, "GRACE", 0.05)
    asker = Slow()
    live, _ = begun(asker)
    watch = Watch()
    watch.follow("one", live)
    assert watch.making("x") is live
    if comes_back:
        watch.follow("two", live)
    watch.close("one")
    views = live.follow()
    next(views)
    if comes_back:
        threading.Timer(0.3, asker.go.set).start()
    assert list(views)[-1].phase == end
    asker.go.set()
    watch.over("x")
    assert watch.making("x") is None
