"""The machine behind the page: what it makes ready is used, and gives way to whoever asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from preparing import until
from pydantic import Field

from eval.scripted import ScriptedModel
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.prepare import Asked
from rag.errors import ArchiveUnreachable, DatelineError
from rag.events import Turn
from rag.models.chat import Chat
from rag.settings import ChatSettings, Settings
from rag.telemetry.steps import Seen
from rag.types import Filter
from ui.ahead import Preparation
from ui.desk import Desk, Stopped
from ui.engine import Engine
from ui.wishes import Wishes

TANKS = "How many Abrams tanks did the United States promise Ukraine?"
OTHER = "When will Artemis II launch?"
LEANING = "And when did they promise it?"
REWRITTEN = 60
"""Tokens that a model is asked for when it rewrites a follow-up."""


class Model(ScriptedModel):
    """The scripted model; asked for `slow` tokens, it reads until it is let or left."""

    slow: int = 1
    asked: list[tuple[str, int]] = Field(default_factory=list)
    read: Any = Field(default_factory=threading.Event)
    left: list[str] = Field(default_factory=list)

    async def astream(self, input: Any, *args: Any, **kwargs: Any) -> AsyncIterator[AIMessageChunk]:  # type: ignore[override]  # noqa: A002
        prompt = str(input[-1].content)
        self.asked.append((prompt, kwargs["max_tokens"]))
        try:
            while kwargs["max_tokens"] == self.slow and not self.read.is_set():
                await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            self.left.append(prompt)
            raise
        async for chunk in super().astream(input, *args, **kwargs):
            yield chunk


class Here(Chat):
    engine = "ik"  # type: ignore[assignment]


@pytest.fixture(scope="module")
def bare(sample_archive: Any) -> Iterator[NewsQA]:
    settings = Settings(archive=sample_archive, chat=ChatSettings(llm="none"))
    with open_qa(settings) as qa:
        yield qa


class Noting:
    """Notes each question that is told to observers."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def observe(self, seen: Seen) -> None:
        self.seen.append(seen.question)


def test_what_the_page_asks_to_try_its_examples_is_not_counted(
    bare: NewsQA, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting, tried = Noting(), list[str]()

    def examples(_: Any, ask: Callable[[str], Any], **__: Any) -> tuple[str, ...]:
        tried.append(ask(OTHER).outcome)
        return ()

    monkeypatch.setattr("rag.answer.examples.examples", examples)
    monkeypatch.setattr(Engine, "_open", lambda _: replace(bare, observers=(noting,)))
    engine = Engine(bare.settings)
    engine.start()
    try:
        engine.ask(TANKS, stop=threading.Event())
        until(lambda: bool(tried))
    finally:
        engine.close()
    assert noting.seen == [TANKS]


def test_a_worker_that_begins_while_the_archives_server_is_away_waits_for_it(
    bare: NewsQA, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, there = list[str](), threading.Event()

    @contextmanager
    def opening(_: Settings) -> Iterator[NewsQA]:
        tries.append("")
        if not there.is_set():
            raise ArchiveUnreachable("the server of the archive does not answer")
        yield bare

    monkeypatch.setattr("rag.answer.pipeline.open_qa", opening)
    monkeypatch.setattr("ui.engine.AWAY", 0.01)
    engine = Engine(bare.settings)
    engine.start(suggest=False)
    try:
        until(lambda: len(tries) > 2)
        health = engine.health(0)
        assert health.state == "loading"
        assert "does not answer" in health.message
        there.set()
        assert engine.ask(TANKS, stop=threading.Event()).statements
    finally:
        engine.close()


Opened = tuple[Engine, Model]


@pytest.fixture
def opened(bare: NewsQA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Opened]]:
    engines: list[Engine] = []
    monkeypatch.setattr("rag.answer.examples.examples", lambda *_, **__: ())

    def start(kind: type[Chat] = Here) -> Opened:
        model = Model()
        qa = replace(bare, chat=kind("scripted", model, bare.settings.chat))
        monkeypatch.setattr(Engine, "_open", lambda _: qa)
        engine = Engine(bare.settings)
        engine.start()
        engine._opening.result()
        engines.append(engine)
        return engine, model

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    rank = NewsQA.rank

    def counting(self: NewsQA, query: Any) -> Any:
        found.append(query.text)
        return rank(self, query)

    monkeypatch.setattr(NewsQA, "rank", counting)
    return found


def ask(engine: Engine, question: str, page: str, **options: Any) -> Any:
    claim = engine.ahead.claim(page)
    given = {"claim": claim} if claim else {}
    desk = Desk(engine.ask)
    *_, last = desk.ask(question, **given, **options)
    desk.close()
    return last


def test_the_same_question_takes_what_was_made_ready(
    opened: Callable[..., Opened], looked: list[str]
) -> None:
    engine, model = opened()
    usual = ask(engine, TANKS, "ann")
    looked.clear()
    model.asked.clear()
    engine.ahead.prepare("ann", Asked(question=TANKS))
    until(lambda: len(model.asked) == 1)
    model.read.set()
    answer = ask(engine, TANKS, "ann")
    assert (answer.text, answer.evidence) == (usual.text, usual.evidence)
    assert looked == [TANKS]
    (read, one), (asked, _) = model.asked
    assert (read, one) == (asked, 1)
    assert model.left == []


def test_a_question_that_comes_while_its_prompt_is_read_does_not_stop_that(
    opened: Callable[..., Opened], looked: list[str]
) -> None:
    engine, model = opened()
    engine.ahead.prepare("ann", Asked(question=TANKS))
    until(lambda: len(model.asked) == 1)
    assert ask(engine, TANKS, "ann").evidence
    assert looked == [TANKS]
    # The engine's own line is behind this model; once it has answered, nobody needs the reading.
    assert len(model.asked) == 2
    until(lambda: len(model.left) == 1)


@pytest.mark.parametrize(
    ("question", "options"),
    [
        (OTHER, {}),
        (TANKS, {"filters": Filter(publishers=("AP",))}),
        (TANKS, {"wishes": Wishes(style="short")}),
    ],
)
def test_anything_else_stops_it_and_is_made_anew(
    opened: Callable[..., Opened], looked: list[str], question: str, options: dict[str, Any]
) -> None:
    engine, model = opened()
    engine.ahead.prepare("ann", Asked(question=TANKS))
    until(lambda: len(model.asked) == 1)
    ask(engine, question, "ann", **options)
    assert looked == [TANKS, question]
    until(lambda: len(model.left) == 1)


def test_the_question_of_another_person_goes_first_and_gets_nothing_of_it(
    opened: Callable[..., Opened], looked: list[str]
) -> None:
    engine, model = opened()
    engine.ahead.prepare("ann", Asked(question=TANKS))
    until(lambda: len(model.asked) == 1)
    answer = ask(engine, TANKS, "bob")
    assert answer.evidence
    assert looked == [TANKS, TANKS]
    until(lambda: len(model.left) == 1)
    # What was found for Ann stays hers, although its reading gave way.
    ask(engine, TANKS, "ann")
    assert looked == [TANKS, TANKS]


def test_while_somebody_is_answered_nothing_is_begun(opened: Callable[..., Opened]) -> None:
    engine, model = opened()
    with engine._places(engine.lane({})):
        engine._wanted += 1
        engine.ahead.prepare("ann", Asked(question=TANKS))
        assert engine.ahead.claim("ann") is None
        engine._wanted -= 1
    assert model.asked == []


def test_a_model_elsewhere_reads_nothing_before_the_question(
    opened: Callable[..., Opened], looked: list[str]
) -> None:
    engine, model = opened(Chat)
    engine.ahead.prepare("ann", Asked(question=TANKS))
    until(lambda: looked == [TANKS])
    until(lambda: engine.ahead._current is None)
    assert model.asked == []
    assert ask(engine, TANKS, "ann").evidence
    assert looked == [TANKS]
    assert len(model.asked) == 1


def test_no_model_is_loaded_for_a_question_that_nobody_asked_yet(
    opened: Callable[..., Opened], looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, model = opened()
    engine._llms = ("local:other",)
    connected: list[str] = []
    monkeypatch.setattr("rag.models.chat.connect", lambda chat: connected.append(chat.llm))
    engine.ahead.prepare("ann", Asked(question=TANKS), Wishes(llm="local:other"))
    _, future = engine.ahead._pages["ann"]
    future.result(60)
    assert (looked, model.asked, connected) == ([], [], [])


def test_stop_ends_the_wait_for_what_is_still_being_made_ready(
    opened: Callable[..., Opened],
) -> None:
    engine, model = opened()
    model.slow = REWRITTEN
    history = (Turn(question=TANKS, answer="31."),)
    engine.ahead.prepare("ann", Asked(question=LEANING, history=history))
    until(lambda: len(model.asked) == 1)
    claim = engine.ahead.claim("ann")
    assert claim is not None
    desk = Desk(engine.ask)
    ticket = desk.ask(LEANING, history=history, claim=claim)
    until(lambda: engine._wanted == 1)
    assert not claim.stop.wait(0.2)  # it is what the question waits for
    ticket.stop()
    until(lambda: desk.waiting == 0)
    desk.close()
    assert claim.stop.is_set()
    until(lambda: len(model.left) == 1)
    assert ask(engine, TANKS, "bob").evidence


@pytest.mark.parametrize("failed", [None, DatelineError("no archive")], ids=["stopped", "failed"])
def test_what_is_claimed_by_a_question_that_is_never_asked_is_stopped(
    bare: NewsQA, failed: DatelineError | None
) -> None:
    engine = Engine(bare.settings)  # it is still loading
    stop, claim = threading.Event(), Preparation(asked=Asked(question=TANKS))
    if failed is None:
        stop.set()
    else:
        engine._opening.set_exception(failed)
    with pytest.raises((Stopped, DatelineError)):
        engine.ask(TANKS, stop=stop, claim=claim)
    assert claim.stop.is_set()
    assert engine._wanted == 0
    engine.close()
