"""Taking a part out changes what it is there for, and leaves everything as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval import scripted
from eval.ablation import PARTS, SINGLE, ablate, chosen, table, without
from eval.measure import Plan
from eval.remember import Remembering, Told
from eval.rows import RunFault
from rag.answer import prompts
from rag.answer.pipeline import NewsQA, open_qa
from rag.answer.rules import RULES
from rag.answer.told.told import STRATEGIES
from rag.settings import ChatSettings, Settings
from rag.types import Tokens
from rag.verify.verifier import CHECKS, Premise
from tests.eval.conftest import make_suite

DISSENT = "Who voted against the majority at the Fed in June 2022 and in September 2024?"


@pytest.fixture(scope="module")
def engine(sample_archive: Path) -> Iterator[NewsQA]:
    with open_qa(Settings(archive=sample_archive, chat=ChatSettings(llm="none"))) as qa:
        qa.chat = Remembering(scripted.connect(qa.settings.chat))
        yield qa


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_what_was_taken_out_is_there_again_afterwards(engine: NewsQA, part) -> None:
    before = engine.ask(DISSENT)
    with part.taken(engine):
        engine.ask(DISSENT)
    after = engine.ask(DISSENT)
    assert after.statements == before.statements
    assert after.evidence == before.evidence


def test_without_verification_what_nothing_bears_out_stands(engine: NewsQA) -> None:
    [part] = chosen(["verification"], answers=True)
    asked = "How many Abrams tanks did the United States promise Ukraine?"
    verdicts = {s.verdict.support for s in engine.ask(asked).statements}
    with part.taken(engine):
        assert {s.verdict.support for s in engine.ask(asked).statements} == {"supported"}
    assert engine.ask(asked).statements is not None
    assert verdicts == {s.verdict.support for s in engine.ask(asked).statements}


def test_every_check_and_strategy_can_be_taken_out_by_its_name(engine: NewsQA) -> None:
    assert {part.name for part in SINGLE} == {*CHECKS, *STRATEGIES, *RULES}
    [part] = chosen(["number"], answers=True)
    premise = Premise(text="The toll rose to 1,200 people.")
    verdicts = [engine.verifier.check("The toll rose to 1,300 people.", [premise])]
    with part.taken(engine):
        verdicts.append(engine.verifier.check("The toll rose to 1,300 people.", [premise]))
        assert engine.settings.answer.without == ("number",)
    assert "1,300" in " ".join(verdicts[0].reasons)
    assert len(verdicts[1].reasons) < len(verdicts[0].reasons)
    assert engine.settings.answer.without == ()


def test_a_timeline_is_left_to_the_model_without_its_strategy(engine: NewsQA) -> None:
    [part] = chosen(["timeline"], answers=True)
    asked = "What is the timeline of the Titan search?"
    assert engine.ask(asked).timeline
    with part.taken(engine):
        assert not engine.ask(asked).timeline


def test_a_question_over_two_days_is_searched_once_without_the_division(engine: NewsQA) -> None:
    [part] = chosen(["each question searched alone"], answers=True)
    assert len(engine.rank(engine.read(DISSENT))) == 2
    with part.taken(engine):
        assert len(engine.rank(engine.read(DISSENT))) == 1


def test_one_search_stands_alone_without_the_other(engine: NewsQA) -> None:
    query = engine.read(DISSENT)
    whole = [passage.id for passage in engine.retrieve(query)]
    for name in ("search by words", "search by meaning"):
        [part] = chosen([name], answers=False)
        with part.taken(engine):
            assert [passage.id for passage in engine.retrieve(query)] != whole
    assert [passage.id for passage in engine.retrieve(query)] == whole


def test_only_parts_that_matter_to_retrieval_are_taken_out_of_it() -> None:
    names = {part.name for part in chosen((), answers=False)}
    assert {"search by words", "news of the asking days", "form of the answer"} <= names
    assert not names & {"verification", "speaker given back"}
    with pytest.raises(RunFault, match="no part 'magic'"):
        chosen(["magic"], answers=True)


def test_the_table_says_what_is_lost_without_each_part(tmp_path: Path) -> None:
    plan = Plan(
        suite=make_suite(6), settings=Settings(chat=ChatSettings(llm="scripted")), runs=tmp_path
    )
    parts = chosen(["verification", "declining by confidence"], answers=True)
    whole, *others = ablate(plan, parts)
    assert whole.header.system == "dateline"
    assert [run.header.system for run in others] == [without(part) for part in parts]
    head, _, first, *rest = table(whole, others)
    assert "declined_right" in head
    assert first.startswith("| dateline |")
    assert [row.split(" | ")[0] for row in rest] == [
        "| without verification",
        "| without declining by confidence",
    ]


class Counted:
    """A chat model that counts what it is asked."""

    name, model, settings = "counted", None, ChatSettings()

    def __init__(self) -> None:
        self.asked = 0

    def stream(self, messages, *, stop=None):
        self.asked += 1
        return Told(f"reply {self.asked}", Tokens(prompt=9, generated=2), 0.5)

    def yes_probability(self, messages, *, stop=None):
        self.asked += 1
        return 0.5


def test_a_model_is_asked_for_each_prompt_once() -> None:
    chat = Remembering(inner := Counted())
    messages = prompts.ask("What happened?", (), "normal")
    assert ["".join(chat.stream(messages)) for _ in range(2)] == ["reply 1"] * 2
    assert "".join(chat.stream(prompts.ask("And then?", (), "normal"))) == "reply 2"
    assert [chat.yes_probability(messages) for _ in range(2)] == [0.5, 0.5]
    assert inner.asked == 3
