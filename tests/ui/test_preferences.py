"""Settings of one visitor: applied to their questions, and to nobody else's."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

gr = pytest.importorskip("gradio")

from rag.errors import ModelUnreachable  # noqa: E402
from rag.settings import Settings  # noqa: E402
from ui.engine import Engine  # noqa: E402
from ui.preferences import Preferences  # noqa: E402
from ui.wishes import LEAST_CHARACTERS, MOST_CHARACTERS, Wishes  # noqa: E402

ANN: Any = SimpleNamespace(session_hash="ann")
SETTINGS = Settings()


def test_what_is_left_as_it_was_is_no_wish() -> None:
    here = Preferences(SETTINGS)
    here.change("normal", SETTINGS.select.characters, False, "local", ANN)
    assert here.options("ann") == {}


def test_one_visitors_wishes_are_not_anothers_and_end_with_the_visit() -> None:
    here = Preferences(SETTINGS)
    here.change("short", 500, True, "local", ANN)
    assert here.options("ann") == {"wishes": Wishes(style="short", characters=500, extractive=True)}
    assert here.options("bob") == {}
    here.leave(ANN)
    assert here.options("ann") == {}


@pytest.mark.parametrize("llm", ["openai:evil", "local:/etc/passwd", ""])
def test_only_models_on_offer_can_be_chosen(llm: str) -> None:
    here = Preferences(SETTINGS, ("ollama:qwen",))
    here.change("normal", SETTINGS.select.characters, False, llm, ANN)
    assert here.options("ann") == {}
    here.change("epic", SETTINGS.select.characters, False, "ollama:qwen", ANN)
    assert here.options("ann") == {"wishes": Wishes(llm="ollama:qwen")}


def test_what_the_browser_has_kept_is_wished_for_again_as_far_as_it_is_on_offer() -> None:
    here = Preferences(SETTINGS, ("ollama:qwen",))
    kept = '{"style": "full", "characters": 99999, "extractive": true, "llm": "openai:evil"}'
    assert here.again(kept, ANN) == ["full", MOST_CHARACTERS, True, "local"]
    assert here.options("ann")["wishes"].llm is None
    assert here.options("ann")["wishes"].extractive


@pytest.mark.parametrize("kept", ["", "{", "[1]", '{"style": [], "characters": "x"}', "[" * 900])
def test_what_else_a_browser_sends_changes_no_setting(kept: str) -> None:
    here = Preferences(SETTINGS)
    now = SETTINGS
    assert here.again(kept, ANN) == ["normal", now.select.characters, False, now.chat.llm]
    assert here.options("ann") == {}


def test_wishes_change_their_settings_and_no_others() -> None:
    wished = Wishes(style="full", characters=1200).applied(SETTINGS)
    assert wished.answer.style == "full"
    assert wished.select.characters == 1200
    assert wished.retrieve == SETTINGS.retrieve
    assert SETTINGS.answer.style == "normal"


@pytest.mark.parametrize(("asked", "given"), [(-5, LEAST_CHARACTERS), (10**9, MOST_CHARACTERS)])
def test_nobody_gets_a_budget_out_of_bounds(asked: int, given: int) -> None:
    assert Wishes(characters=asked).applied(SETTINGS).select.characters == given


@dataclass(frozen=True)
class Machine:
    """Stands in for `NewsQA` where only settings and model matter: it answers with them."""

    chat: Any = None
    settings: Settings = SETTINGS

    def ask(self, question: str, *, stop: threading.Event) -> tuple[Any, Settings]:
        return self.chat, self.settings


def opened(monkeypatch: pytest.MonkeyPatch, machine: Any, *llms: str) -> Engine:
    monkeypatch.setattr(Engine, "_open", lambda _: machine)
    monkeypatch.setattr(Engine, "_suggest", lambda _: None)  # it would ask as well, at any time
    engine = Engine(SETTINGS, llms)
    engine.start()
    engine._opening.result()
    return engine


def asked_with(engine: Engine, wishes: Wishes) -> tuple[Any, Settings]:
    return cast("tuple[Any, Settings]", engine.ask("What?", stop=threading.Event(), wishes=wishes))


def test_the_engine_asks_as_was_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    model = object()
    engine = opened(monkeypatch, Machine(model))
    chat, settings = asked_with(engine, Wishes(style="short"))
    assert (chat, settings.answer.style) == (model, "short")
    chat, _ = asked_with(engine, Wishes(extractive=True))
    assert chat is None


def test_a_model_on_offer_is_connected_once_and_another_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = object()
    offered = "openai:other"
    monkeypatch.setenv("DATELINE_CHAT__BASE_URL", "http://127.0.0.1:9/v1")
    engine = opened(monkeypatch, Machine(model), offered)
    engine._settings = Settings()
    first, _ = asked_with(engine, Wishes(llm=offered))
    assert first.name == offered
    assert asked_with(engine, Wishes(llm=offered))[0] is first
    assert asked_with(engine, Wishes(llm="openai:evil"))[0] is model
    engine.close()


class Model:
    name = "openai:far"

    def __init__(self) -> None:
        self.there = threading.Event()
        self.looked = threading.Semaphore(0)
        self.error: Exception | None = None

    def wait_ready(self) -> None:
        self.there.wait(5)
        if self.error is not None:
            raise self.error


def test_the_state_of_the_model_is_told_while_it_loads_works_and_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Model()
    engine = opened(monkeypatch, Machine(model))
    loading = engine.health(0)
    assert (loading.state, loading.model) == ("loading", "openai:far")
    assert "Questions can be asked already" in loading.message
    model.there.set()
    engine._looking.result()
    assert engine.health(0).state == "ready"
    assert engine.health(1).message == "Answering"
    busy = engine.health(3)
    assert (busy.state, busy.message, busy.waiting) == ("busy", "Answering, 2 more waiting", 3)


def test_a_model_that_is_away_is_told_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    model.error = ModelUnreachable("nobody answers")
    model.there.set()
    engine = opened(monkeypatch, Machine(model))
    engine.health(0)
    with pytest.raises(ModelUnreachable):
        engine._looking.result()
    away = engine.health(0)
    assert away.state == "unreachable"
    assert "own words" in away.message
    model.error = None
    engine._looked -= 60
    engine.health(0)
    engine._looking.result()
    assert engine.health(0).state == "ready"
