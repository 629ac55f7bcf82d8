"""One question at a time: order, limit, stop, failures that say nothing they should not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from preparing import until
from scripted import Scripted, answered

from rag.types import Answer
from ui.desk import INTERNAL, Busy, Desk, Failed, Lane, Ticket, Waiting
from ui.view import View


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk(Scripted(), waiting=2)
    yield desk
    desk.close()


class Held:
    """An asker that answers when it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[str] = []

    def __call__(self, question: str, **_: Any) -> Answer:
        self.begun.append(question)
        self.go.wait(10)
        return answered(question)


@pytest.fixture
def held() -> Iterator[Held]:
    asker = Held()
    yield asker
    asker.go.set()


def last(ticket: Ticket) -> object:
    return list(ticket)[-1]


def test_events_come_in_order_and_the_answer_last(desk: Desk) -> None:
    names = [type(e).__name__ for e in desk.ask("What did the bridge cost?")]
    assert names[:2] == ["Understood", "EvidenceFound"]
    assert names.index("TextDelta") < names.index("StatementChecked")
    assert names[-1] == "Answer"
    view = View(question="q")
    for event in desk.ask("What did the bridge cost?"):
        view = view.after(event)
    assert view.phase == "done"
    assert view.answer == answered("What did the bridge cost?")
    assert len(view.checked) == 4


def test_a_question_that_cannot_be_worked_on_says_why(desk: Desk) -> None:
    assert last(desk.ask("empty")) == Failed("The question has no words to look for.")


def test_an_inner_failure_is_logged_and_not_shown(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    assert last(desk.ask("broken")) == Failed(INTERNAL)
    assert "secret detail" in caplog.text


def test_those_who_wait_are_told_how_many_are_before_them(held: Held) -> None:
    desk = Desk(held)
    first, second = desk.ask("one"), desk.ask("two")
    waiting = iter(second)
    assert next(waiting) == Waiting(1)
    held.go.set()
    assert isinstance(last(first), Answer)
    assert isinstance(list(waiting)[-1], Answer)
    assert held.begun == ["one", "two"]


def test_a_full_line_refuses_with_a_clear_message(held: Held) -> None:
    desk = Desk(held, waiting=1)
    desk.ask("one")
    desk.ask("two")
    with pytest.raises(Busy, match="2 questions are waiting already"):
        desk.ask("three")


def test_stopping_ends_the_events_at_once_and_frees_the_asker() -> None:
    asker = Scripted(pause=0.02)
    desk = Desk(asker)
    ticket = desk.ask("What did the bridge cost?")
    events = iter(ticket)
    next(events)
    ticket.stop()
    before = time.perf_counter()
    assert list(events) == []
    assert time.perf_counter() - before < 0.2
    asker.pause = 0
    assert isinstance(last(desk.ask("Who won the Super Bowl?")), Answer)
    assert asker.stopped == 1
    assert desk.waiting == 0


def test_a_question_stopped_while_it_waits_is_never_asked(held: Held) -> None:
    desk = Desk(held)
    first, second = desk.ask("one"), desk.ask("two")
    second.stop()
    assert list(second) == []
    held.go.set()
    assert isinstance(last(first), Answer)
    assert held.begun == ["one"]
    assert desk.waiting == 0


def test_a_sentence_that_the_check_tidied_is_still_taken_out_of_the_draft() -> None:
    done = answered("q")
    view = View(phase="writing", draft="the repair  was put at four million. And then",
                checked=((done.statements[0], True),))  # fmt: skip
    assert view.unchecked == "And then"


class Two(Held):
    """An asker that is let go one question at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)

    def __call__(self, question: str, **_: Any) -> Answer:
        self.begun.append(question)
        self.let.acquire(timeout=10)
        return answered(question)


def test_who_asks_a_lot_does_not_keep_the_others_waiting() -> None:
    asker = Two()
    desk = Desk(asker, lane=lambda _: Lane("far", 2))
    many = [desk.ask(f"many {n}", who="script") for n in range(4)]
    until(lambda: len(asker.begun) == 2)
    one = desk.ask("one", who="person")
    assert next(iter(one)) == Waiting(1)
    asker.let.release()
    until(lambda: len(asker.begun) == 3)
    assert asker.begun[2] == "one"
    for _ in range(4):
        asker.let.release()
    assert all(isinstance(last(ticket), Answer) for ticket in (*many, one))
    desk.close()


def test_questions_of_another_lane_do_not_wait(held: Held) -> None:
    desk = Desk(held, lane=lambda options: Lane(str(options.get("to")), 1))
    desk.ask("one", to="here")
    desk.ask("two", to="there")
    until(lambda: sorted(held.begun) == ["one", "two"])
    assert desk.waiting == 2
    held.go.set()
    until(lambda: desk.waiting == 0)
    desk.close()


def test_who_fills_the_line_leaves_places_for_those_who_have_none(held: Held) -> None:
    desk = Desk(held, waiting=8)
    for n in range(7):
        desk.ask(f"script {n}", who="script")
    with pytest.raises(Busy, match="7 of your questions are waiting already") as refused:
        desk.ask("one too many", who="script")
    assert 2 <= refused.value.seconds <= 120
    desk.ask("mine", who="Ann")
    desk.ask("mine", who="Ben")
    with pytest.raises(Busy, match="9 questions are waiting already"):
        desk.ask("mine", who="Cleo")
    held.go.set()
    until(lambda: desk.waiting == 0)
    assert held.begun[:4] == ["script 0", "mine", "mine", "script 1"]
    desk.close()


def test_a_refusal_says_when_to_come_again_by_what_answers_take() -> None:
    asker = Scripted(pause=0.01)
    desk = Desk(asker, waiting=0)
    for _ in range(3):
        assert isinstance(last(desk.ask("What did the bridge cost?")), Answer)
    asker.pause = 0.5
    ticket = desk.ask("What did the bridge cost?", who="Ann")
    with pytest.raises(Busy, match="try again in 2 seconds") as quick:
        desk.ask("What?", who="Ben")
    assert quick.value.seconds == 2
    ticket.stop()
    desk.close()


def test_people_take_turns_whoever_came_first(held: Held) -> None:
    desk = Desk(held, waiting=40)
    for n in range(4):
        desk.ask(f"a{n}", who="Ann")
    for n in range(3):
        desk.ask(f"b{n}", who="Ben")
    desk.ask("c0", who="Cleo")
    held.go.set()
    until(lambda: desk.waiting == 0)
    assert held.begun == ["a0", "b0", "c0", "a1", "b1", "a2", "b2", "a3"]
    desk.close()


def test_who_asks_one_after_another_is_not_kept_behind_a_long_list() -> None:
    asker = Two()
    desk = Desk(asker, waiting=40)
    for n in range(9):
        desk.ask(f"many {n}", who="script")
    until(lambda: len(asker.begun) == 1)
    for n in range(3):
        ticket = desk.ask(f"mine {n}", who="Ann")
        for _ in range(2):
            asker.let.release()
        assert isinstance(last(ticket), Answer)
    assert [name for name in asker.begun if name.startswith("mine")] == [
        "mine 0",
        "mine 1",
        "mine 2",
    ]
    assert asker.begun.index("mine 2") <= 6
    for _ in range(9):
        asker.let.release()
    until(lambda: desk.waiting == 0)
    desk.close()
