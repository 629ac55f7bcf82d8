"""What is made ready before a question is asked is what asking makes, and gives way at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from pydantic import Field

from eval.scripted import ScriptedModel
from rag.answer import ahead
from rag.answer.ahead import GaveWay
from rag.answer.pipeline import EvidenceFound, NewsQA, TextDelta, Turn, Understood, open_qa
from rag.answer.prepare import Asked
from rag.errors import ModelError, ModelUnreachable
from rag.models import bert
from rag.models.chat import Chat
from rag.models.local.states import PromptStates
from rag.settings import ChatSettings, Settings
from rag.types import Answer, Filter, Timings

TANKS = "How many Abrams tanks did the United States promise Ukraine?"
CLAIM = "Does the Capital Lantern report that the United States will send Ukraine Abrams tanks?"
"""What a model, where there is one, judges by the report."""
LEANING = Asked(
    question="And when did they promise it?", history=(Turn(question=TANKS, answer="31."),)
)


class Model(ScriptedModel):
    """The scripted model, which remembers what it was asked and for how many tokens."""

    asked: list[tuple[list[BaseMessage], int]] = Field(default_factory=list)
    fails: bool = False
    waits: bool = False
    begun: Any = Field(default_factory=threading.Event)
    left: bool = False

    async def astream(self, input: Any, *args: Any, **kwargs: Any) -> AsyncIterator[AIMessageChunk]:  # type: ignore[override]  # noqa: A002
        self.asked.append((list(input), kwargs["max_tokens"]))
        if self.fails:
            raise ModelUnreachable("it is not there")
        try:
            self.begun.set()
            if self.waits:
                await asyncio.sleep(120)
        except asyncio.CancelledError:
            self.left = True
            raise
        async for chunk in super().astream(input, *args, **kwargs):
            yield chunk


class Here(Chat):
    """A chat model that runs on this machine in the quick engine."""

    engine = "ik"  # type: ignore[assignment]


@pytest.fixture(scope="module")
def bare(sample_archive: Any) -> Iterator[NewsQA]:
    settings = Settings(archive=sample_archive, chat=ChatSettings(llm="none"))
    with open_qa(settings) as qa:
        yield qa


def machine(bare: NewsQA, kind: type[Chat] = Here) -> tuple[NewsQA, Model]:
    model = Model(asked=[])
    return over(bare, kind("scripted", model, bare.settings.chat)), model


def over(qa: NewsQA, chat: Chat | None, settings: Settings | None = None) -> NewsQA:
    return replace(qa, chat=chat, settings=settings or qa.settings)


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings=Timings(total=0.0))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which questions something was looked for."""
    looked: list[str] = []
    rank = NewsQA.rank

    def counting(self: NewsQA, query: Any) -> Any:
        looked.append(query.text)
        return rank(self, query)

    monkeypatch.setattr(NewsQA, "rank", counting)
    return looked


@pytest.mark.parametrize(
    "question",
    [
        TANKS,
        "When will Artemis II launch, and who is in its crew?",
        "What happened to the Francis Scott Key Bridge, in order?",
        "Who won the Super Bowl in 2019?",
    ],
)
def test_an_answer_is_the_same_with_and_without_and_nothing_is_looked_for_twice(
    bare: NewsQA, counted: list[str], question: str
) -> None:
    qa, _ = machine(bare)
    usual = timeless(qa.ask(question))
    counted.clear()
    prepared = ahead.prepare(qa, Asked(question=question), threading.Event())
    once = list(counted)
    told: list[Any] = []
    assert timeless(qa.ask(question, prepared=prepared, on_event=told.append)) == usual
    assert counted == once
    assert isinstance(told[0], Understood)
    assert isinstance(told[1], EvidenceFound)


def test_what_the_model_read_is_what_it_is_then_asked(bare: NewsQA) -> None:
    qa, model = machine(bare)
    prepared = ahead.prepare(qa, Asked(question=TANKS), threading.Event())
    assert model.asked == []
    ahead.read(qa.chat, prepared, threading.Event())
    told: list[Any] = []
    qa.ask(TANKS, prepared=prepared, on_event=told.append)
    (read, one), (asked, many) = model.asked
    assert read == asked
    assert (one, many) == (1, bare.settings.chat.max_tokens)
    assert any(isinstance(event, TextDelta) for event in told)


def test_whatever_is_different_is_done_anew(bare: NewsQA, counted: list[str]) -> None:
    qa, _ = machine(bare)
    prepared = ahead.prepare(qa, Asked(question=TANKS), threading.Event())
    short = qa.settings.answer.model_copy(update={"style": "short"})
    others: list[tuple[NewsQA, dict[str, Any]]] = [
        (qa, {"question": TANKS + " "}),
        (qa, {"filters": Filter(publishers=("Nobody",))}),
        (qa, {"as_of": date(2023, 2, 1)}),
        (qa, {"history": [Turn(question="Who resigned?", answer="Nobody.")]}),
        (over(qa, None), {}),
        (over(qa, qa.chat, qa.settings.model_copy(update={"answer": short})), {}),
    ]
    for other, options in others:
        asked: dict[str, Any] = {"question": TANKS, **options}
        counted.clear()
        with_it = timeless(other.ask(**asked, prepared=prepared))
        assert len(counted) == 1
        assert with_it == timeless(other.ask(**asked))


@pytest.mark.parametrize("number", ["generation", "vectors_generation"])
def test_a_changed_archive_is_read_anew(
    bare: NewsQA, counted: list[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    qa, _ = machine(bare)
    prepared = ahead.prepare(qa, Asked(question=TANKS), threading.Event())
    now = getattr(bare.archive, number)
    monkeypatch.setattr(type(bare.archive), number, property(lambda _: now + 1))
    counted.clear()
    qa.ask(TANKS, prepared=prepared)
    assert counted == [TANKS]


def test_a_model_elsewhere_is_not_asked_before_the_question_is(bare: NewsQA) -> None:
    qa, model = machine(bare, Chat)
    stop = threading.Event()
    ahead.read(qa.chat, ahead.prepare(qa, Asked(question=TANKS), stop), stop)
    with pytest.raises(GaveWay):
        ahead.prepare(qa, LEANING, stop)
    with pytest.raises(GaveWay):
        ahead.prepare(qa, Asked(question=CLAIM), stop)
    assert model.asked == []


def test_a_model_that_would_have_to_read_a_new_beginning_whole_is_not_asked(
    bare: NewsQA, tmp_path: Path
) -> None:
    qa, model = machine(bare)
    (tmp_path / "model").write_text("weights")
    assert qa.chat is not None
    states = qa.chat._states = PromptStates(tmp_path / "states", tmp_path / "model")
    stop = threading.Event()
    prepared = ahead.prepare(qa, Asked(question=TANKS), stop)
    ahead.read(qa.chat, prepared, stop)
    with pytest.raises(GaveWay):
        ahead.prepare(qa, LEANING, stop)
    assert model.asked == []
    states._held = states._beginning(prepared.ready.messages)
    with states._lock:  # it is just being read
        ahead.read(qa.chat, prepared, stop)
    assert model.asked == []
    ahead.read(qa.chat, prepared, stop)
    assert len(model.asked) == 1


def test_a_follow_up_is_rewritten_ahead_by_the_model_of_this_machine(bare: NewsQA) -> None:
    qa, model = machine(bare)
    usual = timeless(qa.ask(LEANING.question, history=LEANING.history))
    prepared = ahead.prepare(qa, LEANING, threading.Event())
    before = len(model.asked)
    assert timeless(qa.ask(LEANING.question, history=LEANING.history, prepared=prepared)) == usual
    assert len(model.asked) - before == 1


def test_a_claim_is_judged_ahead_by_the_model_of_this_machine(bare: NewsQA) -> None:
    qa, model = machine(bare)
    usual = timeless(qa.ask(CLAIM))
    (by_asking,) = model.asked
    prepared = ahead.prepare(qa, Asked(question=CLAIM), threading.Event())
    assert model.asked == [by_asking, by_asking]
    assert timeless(qa.ask(CLAIM, prepared=prepared)) == usual
    assert len(model.asked) == 2


@pytest.mark.parametrize("asked", [LEANING, Asked(question=CLAIM)], ids=["rewrite", "judge"])
def test_what_a_model_failed_at_is_not_kept_for_when_it_is_back(bare: NewsQA, asked: Asked) -> None:
    qa, model = machine(bare)
    model.fails = True
    assert qa.ask(asked.question, history=asked.history).evidence  # asking goes on without it
    with pytest.raises(GaveWay) as given:
        ahead.prepare(qa, asked, threading.Event())
    assert isinstance(given.value.__cause__, ModelError)


@pytest.mark.parametrize("asked", [LEANING, Asked(question=CLAIM)], ids=["rewrite", "judge"])
def test_a_model_that_reads_is_left_as_soon_as_it_is_told_to_stop(
    bare: NewsQA, asked: Asked
) -> None:
    qa, model = machine(bare)
    model.waits = True
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(ahead.prepare, qa, asked, stop)
        assert model.begun.wait(60)
        stop.set()
        assert isinstance(making.exception(60), GaveWay)
    assert model.left


def test_a_rewriting_is_stopped_by_the_stop_of_what_is_made_ready(bare: NewsQA) -> None:
    qa, model = machine(bare)
    model.waits = True
    assert qa.chat is not None
    stop = threading.Event()
    chat = ahead._Chat(qa.chat, stop)
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(chat.complete, [HumanMessage("Who?")], max_tokens=60)
        assert model.begun.wait(60)
        stop.set()
        assert isinstance(making.exception(60), GaveWay)


def test_it_stops_before_the_next_few_texts_are_encoded(bare: NewsQA) -> None:
    qa, model = machine(bare)
    stop = threading.Event()
    seen: list[int] = []

    class Encoder:
        fingerprint = bare.encoder.fingerprint
        together = 4

        def encode(self, texts: Sequence[str]) -> Any:
            seen.append(len(texts))
            stop.set()
            return bare.encoder.encode(texts)

    qa.encoder = Encoder()
    with pytest.raises(GaveWay):
        ahead.prepare(qa, Asked(question=TANKS), stop)
    assert len(seen) == 1
    assert seen[0] <= 4
    with pytest.raises(GaveWay):
        ahead.read(qa.chat, machine_prepared(bare), stop)
    assert model.asked == []


def machine_prepared(bare: NewsQA) -> Any:
    return ahead.prepare(machine(bare)[0], Asked(question=TANKS), threading.Event())


def test_texts_encoded_a_few_at_a_time_have_the_same_vectors(bare: NewsQA) -> None:
    from rag.models.embed import load

    encoder = load(bare.settings.embed)
    texts = [f"{'The bridge stays closed. ' * (n % 5 + 1)}{n}" for n in range(21)]
    few = ahead._Encoder(encoder, threading.Event())
    assert np.array_equal(few.encode(texts), encoder.encode(texts))
    assert len(few.encode([])) == 0


def test_where_a_cut_could_change_a_digit_texts_are_encoded_as_asking_does(bare: NewsQA) -> None:
    from rag.models.embed import Embedder, load

    encoder = load(bare.settings.embed)
    assert bare.encoder.together == encoder.together == bert.TOGETHER  # type: ignore[attr-defined]
    odd = Embedder(encoder.name, encoder.folder, bert.TOGETHER + 1)
    elsewhere = Embedder(encoder.name, bare.settings.archive, 4 * bert.TOGETHER)
    assert odd.together is elsewhere.together is None
    seen: list[Sequence[str]] = []

    class Whole:
        fingerprint = "whole"

        def encode(self, texts: Sequence[str]) -> Any:
            seen.append(texts)
            return np.zeros((len(texts), 2), dtype=np.float32)

    texts = [str(n) for n in range(9)]
    ahead._Encoder(Whole(), threading.Event()).encode(texts)
    assert seen == [texts]
    stop = threading.Event()
    stop.set()
    with pytest.raises(GaveWay):
        ahead._Encoder(Whole(), stop).encode(texts)
