"""Questions made ready while they are typed: whose they are, when they stop, what may use them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from preparing import Making, until

from rag.answer.prepare import Asked
from rag.types import Filter
from ui import ahead as ahead_module
from ui.ahead import Ahead
from ui.chips import Limits
from ui.theme import ASSETS
from ui.wanted import LEAST_CHARACTERS, LEAST_WORDS, MOST_CHARACTERS, promising

TANKS = "How many Abrams tanks did the United States promise Ukraine?"
OTHER = "When will Artemis II launch?"


@pytest.fixture
def making() -> Making:
    return Making()


@pytest.fixture
def keeping(making: Making) -> Iterator[Ahead]:
    kept = Ahead(making, lambda: False)
    yield kept
    kept.close()


def test_what_is_made_ready_for_one_page_is_never_anothers(keeping: Ahead, making: Making) -> None:
    keeping.prepare("ann", Asked(question=TANKS))
    until(lambda: len(making.begun) == 1)
    assert keeping.claim("bob") is None
    assert keeping.claim("") is None
    claim = keeping.claim("ann")
    assert claim is making.begun[0]
    assert keeping.claim("ann") is None
    assert not claim.stop.is_set()
    claim.stop.set()


def test_other_text_takes_the_place_of_what_was_typed_before(
    keeping: Ahead, making: Making
) -> None:
    keeping.prepare("ann", Asked(question=TANKS))
    until(lambda: len(making.begun) == 1)
    keeping.prepare("ann", Asked(question=OTHER))
    until(lambda: len(making.begun) == 2)
    assert making.ended == making.begun[:1]
    keeping.drop("ann")
    until(lambda: len(making.ended) == 2)
    assert keeping.claim("ann") is None


def test_what_nobody_waits_for_any_longer_is_not_begun(keeping: Ahead, making: Making) -> None:
    keeping.prepare("ann", Asked(question=TANKS))
    until(lambda: len(making.begun) == 1)
    for page in ("bob", "eve"):
        keeping.prepare(page, Asked(question=TANKS))
    keeping.drop("bob")
    keeping.give_way()
    until(lambda: len(making.begun) == 2)
    keeping.close()
    until(lambda: len(making.ended) == 2)
    keeping.prepare("ann", Asked(question=TANKS))
    assert keeping.claim("ann") is None


def test_of_two_pauses_of_a_page_at_once_only_the_later_is_made_ready(making: Making) -> None:
    inside, go = threading.Event(), threading.Event()

    def busy() -> bool:
        if not inside.is_set():  # the first of the two, while it is taken in
            inside.set()
            go.wait(60)
        return False

    kept = Ahead(making, busy)
    first, second = (
        threading.Thread(target=kept.prepare, args=("ann", Asked(question=question)))
        for question in (TANKS, OTHER)
    )
    first.start()
    assert inside.wait(60)
    second.start()
    second.join(0.5)  # it may have to wait for the first
    go.set()
    first.join(60)
    second.join(60)
    until(lambda: bool(making.begun))
    kept.drop("ann")
    stopped = [preparation.stop.is_set() for preparation in making.begun]
    kept.close()
    assert all(stopped)


def test_only_so_many_pages_are_remembered(
    keeping: Ahead, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead_module, "PAGES", 2)
    for page in ("ann", "bob", "eve"):
        keeping.prepare(page, Asked(question=TANKS))
    assert keeping.claim("ann") is None
    assert keeping.claim("bob") is not None


def test_a_page_without_a_name_and_a_busy_machine_have_nothing_made_ready(making: Making) -> None:
    busy = [True]
    kept = Ahead(making, lambda: busy[0])
    kept.prepare("ann", Asked(question=TANKS))
    assert kept.claim("ann") is None
    busy[0] = False
    kept.prepare("", Asked(question=TANKS))
    assert kept.claim("") is None
    kept.close()
    assert making.begun == []


def test_a_failure_is_nobodys_concern(
    keeping: Ahead, making: Making, caplog: pytest.LogCaptureFixture
) -> None:
    making.error = RuntimeError("a detail")
    making.go.set()
    with caplog.at_level(logging.DEBUG, logger="ui.ahead"):
        keeping.prepare("ann", Asked(question=TANKS))
        until(lambda: "a detail" in caplog.text)
    assert {record.levelno for record in caplog.records if record.name == "ui.ahead"} == {
        logging.DEBUG
    }
    making.error = None
    keeping.prepare("ann", Asked(question=OTHER))
    until(lambda: len(making.ended) == 2)


@pytest.mark.parametrize("text", ["", "   ", "Who?", "What happened", "a b c", "x" * 2001])
def test_what_cannot_be_a_question_yet_is_not_made_ready(text: str) -> None:
    assert promising(text, Limits()) is None


def test_what_is_typed_is_read_as_it_would_be_asked() -> None:
    found = promising(f"  {TANKS} ", Limits(filters=Filter(publishers=("AP",))))
    assert found is not None
    assert (found.question, found.filters) == (TANKS, Filter(publishers=("AP",)))
    assert promising("why " * (MOST_CHARACTERS // 4), Limits()) is not None


def test_the_page_tells_what_the_server_takes_for_a_question() -> None:
    written = (ASSETS / "talk.js").read_text("utf-8")
    assert f"LETTERS = {LEAST_CHARACTERS}, WORDS = {LEAST_WORDS};" in written
