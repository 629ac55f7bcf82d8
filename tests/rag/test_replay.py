"""A stored answer is held against the archive as it is."""

from dataclasses import replace

import pytest

from rag.answer.pipeline import open_qa
from rag.answer.replay import replay
from rag.settings import ChatSettings, Settings
from rag.types import Span

ASKED = "How many Abrams tanks did the United States promise Ukraine?"


@pytest.fixture(scope="module")
def engine(sample_archive):
    with open_qa(Settings(archive=sample_archive, chat=ChatSettings(llm="none"))) as qa:
        yield qa


def test_an_answer_just_given_holds(engine):
    found = replay(engine.ask(ASKED), engine)
    assert found.holds
    assert found.changes == ()


def test_a_quote_that_no_longer_stands_breaks_it(engine):
    answer = engine.ask(ASKED)
    statement = answer.statements[0]
    cited = statement.citations[0]
    other = replace(cited, quote="Eleven tanks were promised.", span=Span(start=0, end=27))
    altered = replace(answer, statements=(replace(statement, citations=(other,)),))
    found = replay(altered, engine)
    assert not found.holds
    assert any("no longer says" in change.text for change in found.changes)


def test_an_article_that_is_gone_breaks_it(engine):
    answer = engine.ask(ASKED)
    statement = answer.statements[0]
    gone = replace(statement.citations[0].source, article_id="gone", title="A gone article")
    cited = replace(statement.citations[0], source=gone)
    found = replay(replace(answer, statements=(replace(statement, citations=(cited,)),)), engine)
    assert any("no longer in the archive" in change.text for change in found.changes)


def test_a_quote_of_a_withdrawn_article_breaks_it(engine, monkeypatch):
    answer = engine.ask(ASKED)
    article = engine.archive.article(answer.statements[0].citations[0].source.article_id)
    gone = replace(article, withdrawn="was withdrawn by its sender (pubStatus canceled)")
    monkeypatch.setattr(engine.archive, "article", lambda *_: gone)
    found = replay(answer, engine)
    assert not found.holds
    assert any("may not be quoted: it was withdrawn" in c.text for c in found.changes)


def test_a_statement_of_a_model_is_checked_again(engine):
    answer = replace(engine.ask(ASKED), extractive=False)
    wrong = replace(answer.statements[0], text="The United States promised Ukraine 13 tanks.")
    found = replay(replace(answer, statements=(wrong,)), engine)
    assert [c.kind for c in found.changes if c.kind == "verdict"] == ["verdict"]
