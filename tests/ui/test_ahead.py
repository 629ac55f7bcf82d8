"""Questions made ready while they are typed: whose they are, when they stop, what may use them."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from pydantic import Field

from eval.scripted import ScriptedModel
from rag.llm.chat import Chat
from rag.pipeline import NewsQA, open_qa
from rag.prepare import Asked
from rag.settings import ChatSettings, Settings
from rag.types import Filter
from ui import ahead as ahead_module
from ui.ahead import Ahead, Preparation
from ui.chips import Limits
from ui.desk import Desk
from ui.engine import Engine
from ui.wanted import MOST_CHARACTERS, promising
from ui.wishes import Wishes

TANKS = "How many Abrams tanks did the United States promise Ukraine?"
OTHER = "When will Artemis II launch?"


def until(true: Callable[[], bool]) -> None:
    for _ in range(6000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came true")


class Making:
    """Makes nothing, until it is let or told to stop."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[Preparation] = []
        self.ended: list[Preparation] = []
        self.error: Exception | None = None

    def __call__(self, preparation: Preparation) -> None:
        self.begun.append(preparation)
        while not (self.go.wait(0.01) or preparation.stop.is_set()):
            pass
        self.ended.append(preparation)
        if self.error is not None:
            raise self.error


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
    for page in ("ann", "bob", "eve"):
        keeping.prepare(page, Asked(question=TANKS))
    keeping.drop("bob")
    keeping.give_way()
    until(lambda: len(making.begun) == 2)
    keeping.close()
    until(lambda: len(making.ended) == 2)
    keeping.prepare("ann", Asked(question=TANKS))
    assert keeping.claim("ann") is None


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


class Model(ScriptedModel):
    """The scripted model; asked for one token only, it reads until it is let or left."""

    asked: list[tuple[str, int]] = Field(default_factory=list)
    read: Any = Field(default_factory=threading.Event)
    left: list[str] = Field(default_factory=list)

    async def astream(self, input: Any, *args: Any, **kwargs: Any) -> AsyncIterator[AIMessageChunk]:  # type: ignore[override]  # noqa: A002
        import asyncio

        prompt = str(input[-1].content)
        self.asked.append((prompt, kwargs["max_tokens"]))
        try:
            while kwargs["max_tokens"] == 1 and not self.read.is_set():
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


Opened = tuple[Engine, Model]


@pytest.fixture
def opened(bare: NewsQA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Opened]]:
    engines: list[Engine] = []
    monkeypatch.setattr("rag.examples.examples", lambda *_, **__: ())

    def start(kind: type[Chat] = Here) -> Opened:
        model = Model()
        qa = NewsQA(
            archive=bare.archive,
            retriever=bare.retriever,
            encoder=bare.encoder,
            verifier=bare.verifier,
            chat=kind("scripted", model, bare.settings.chat),
            settings=bare.settings,
        )
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
    with engine._asking:
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
    opened: Callable[..., Opened], looked: list[str]
) -> None:
    engine, model = opened()
    engine._llms = ("local:other",)
    engine.ahead.prepare("ann", Asked(question=TANKS), Wishes(llm="local:other"))
    until(lambda: engine.ahead._current is None)
    assert (looked, model.asked, engine._chats) == ([], [], {})
