"""From a question on a page to its answer: what was made ready for it never outlives it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from preparing import Making, until
from scripted import answered

from rag.answer.prepare import Asked
from rag.archive.conversations import Conversations
from rag.types import Answer, Timings
from ui.ahead import Ahead, Preparation
from ui.desk import Desk
from ui.keeping import Keeper
from ui.talk import Talk
from ui.wanted import Wanted

COST = "What did the Millford bridge cost?"


class Room:
    """A page of Ann's, for which a question is being made ready while another is answered."""

    def __init__(self, waiting: int) -> None:
        self.go = threading.Event()
        self.asked: list[str] = []
        self.desk = Desk(self._ask, waiting=waiting)
        making = Making()
        self.ahead = Ahead(making, lambda: False)
        self.keeper = Keeper(
            self.desk, None, Conversations.in_memory(), lambda: (), ahead=self.ahead
        )
        self.ahead.prepare("ann", Asked(question=COST))
        until(lambda: len(making.begun) == 1)
        self.desk.ask("one")
        self.preparation: Preparation = making.begun[0]

    def _ask(self, question: str, **_: Any) -> Answer:
        self.asked.append(question)
        self.go.wait(60)
        return answered(question)

    def close(self) -> None:
        self.go.set()
        self.ahead.close()
        self.desk.close()


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    made = Room(getattr(request, "param", 8))
    yield made
    made.close()


@pytest.mark.parametrize("room", [0], indirect=True)
def test_what_is_claimed_is_stopped_when_the_line_is_full(room: Room) -> None:
    talk, live = room.keeper.begin(Talk(), Wanted(question=COST), "ann")
    assert live is None
    assert talk.current.phase == "failed"
    assert room.preparation.stop.is_set()


def test_what_is_claimed_is_stopped_when_the_question_is_given_up_in_the_line(room: Room) -> None:
    _, live = room.keeper.begin(Talk(), Wanted(question=COST), "ann")
    assert live is not None
    assert not room.preparation.stop.is_set()
    room.keeper.watch.stop("ann")
    assert room.preparation.stop.wait(60)
    assert room.asked == ["one"]


def test_how_long_answers_take_is_known_from_those_that_were_kept_before() -> None:
    kept = Conversations.in_memory()
    for seconds, model in ((9.0, "a-model"), (11.0, "a-model"), (14.0, "a-model"), (0.2, "none")):
        exchange = kept.begin(COST)
        done = replace(answered(COST), model=model, timings=Timings(total=seconds))
        kept.finish(exchange.id, done, {})
    desk = Desk(lambda question, **_: answered(question))
    keeper = Keeper(desk, None, kept, lambda: ())
    asked = kept.begin(COST)
    kept.finish(asked.id, replace(answered(COST), model="a-model", timings=Timings(total=12)), {})
    talk, live = keeper.begin(Talk(), Wanted(question=COST), "ann")
    assert talk.current.usual == "usually 11 to 14 s here"
    assert live is not None
    *_, _ = live.follow()
    desk.close()


def test_a_star_is_kept_and_taken_away() -> None:
    kept = Conversations.in_memory()
    exchange = kept.begin(COST)
    kept.finish(exchange.id, answered(COST), {})
    desk = Desk(lambda question, **_: answered(question))
    keeper = Keeper(desk, None, kept, lambda: ())
    talk = keeper.named(exchange.conversation, "")
    assert not talk.starred
    assert keeper.star(talk).starred
    again = keeper.named(exchange.conversation, "")
    assert again.starred
    assert not keeper.star(again).starred
    assert not kept.conversation(exchange.conversation).starred
    desk.close()


def test_exactly_as_typed_is_asked_so() -> None:
    told: list[dict[str, Any]] = []

    def ask(question: str, **options: Any) -> Answer:
        told.append(options)
        return answered(question)

    desk = Desk(ask)
    keeper = Keeper(desk, None, Conversations.in_memory(), lambda: ())
    for verbatim in (False, True):
        wanted = Wanted(question=COST, alone=True, verbatim=verbatim)
        _, live = keeper.begin(Talk(), wanted, "ann")
        assert live is not None
        *_, _ = live.follow()
    assert [options.get("verbatim", False) for options in told] == [False, True]
    desk.close()
