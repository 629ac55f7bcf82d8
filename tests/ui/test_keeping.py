"""From a question on a page to its answer: what was made ready for it never outlives it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from preparing import Making, until
from scripted import answered

from rag.answer.prepare import Asked
from rag.archive.conversations import Conversations
from rag.types import Answer
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
