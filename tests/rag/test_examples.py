"""Example questions come from the archive's own sentences, and only those that it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rag.answer.examples import Example, examples, related
from rag.answer.turned import candidates
from rag.archive.archive import Archive
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Answer, Article, Citation, Evidence, Ruling, Source, Span, Statement, Verdict

TEXTS = {
    "one": "Reid Wiseman will command Artemis II on Monday. He said that it will fly in May.",
    "two": "At least 11 people were hurt in the fire at Easton. It was put out on Friday.",
    "three": "The Millford bridge was closed to lorries on 12 March 2024. They were told late.",
    "four": "Ruth Adeyemi, the county's chief engineer, gave no date for the Millford Bridge.",
}


@pytest.fixture
def archive(tmp_path):
    with Archive.create(tmp_path) as archive:
        for day, (name, text) in enumerate(TEXTS.items(), 1):
            article = Article(id=name, digest=digest(text), text=text, published=date(2024, 5, day))
            archive.put(article, chunk(article, ChunkSettings()), split(text))
        yield archive


def test_plain_sentences_are_turned_into_questions(archive) -> None:
    assert set(candidates(archive)) == {
        "Who will command Artemis II?",
        "How many people were hurt in the fire at Easton?",
        "When was the Millford bridge closed to lorries?",
        "Who is Ruth Adeyemi?",
    }
    assert list(candidates(archive)) == list(candidates(archive))


def test_a_name_that_three_days_report_on_asks_what_happened_when(archive) -> None:
    for day in range(1, 4):
        text = f"Work on the Millford Bridge went on for day {day}."
        article = Article(
            id=f"w{day}",
            digest=digest(text),
            text=text,
            title="Work goes on at Millford Bridge",
            published=date(2024, 6, day),
        )
        archive.put(article, chunk(article, ChunkSettings()), split(text))
    assert "Millford Bridge: what happened when?" in set(candidates(archive))
    assert "What is reported about “Work goes on at Millford Bridge”?" in set(candidates(archive))


def test_one_of_each_gift_is_shown_and_a_question_that_is_declined(archive) -> None:
    kinds = {"Who will": "agreed", "How many": "changed", "When was": "disputed"}

    def ask(question: str) -> Answer:
        kind = next((k for begins, k in kinds.items() if question.startswith(begins)), None)
        if kind is None:
            return Answer(question=question, outcome="declined", reason="")
        ruling = Ruling(kind=kind, text=kind)
        return Answer(question=question, outcome="answered", reason="", verdict=ruling)

    assert examples(archive, ask) == (
        Example("Who will command Artemis II?", "a fact"),
        Example("How many people were hurt in the fire at Easton?", "a change"),
        Example("When was the Millford bridge closed to lorries?", "a dispute"),
        Example("What is the capital of Mongolia?", "a question it declines"),
    )
    assert len(examples(archive, ask, count=2)) == 2
    assert examples(archive, ask, patience=-1) == ()


def test_an_archive_that_answers_nothing_has_no_examples(archive) -> None:
    def ask(question: str) -> Answer:
        return Answer(question=question, outcome="declined", reason="")

    assert examples(archive, ask) == ()


def _source(name: str) -> Source:
    return Source(article_id=name, title=None, publisher=None, published=None)


def cited(name: str) -> Citation:
    span = Span(start=0, end=len(TEXTS[name]))
    return Citation(number=1, source=_source(name), span=span, quote=TEXTS[name])


def test_related_questions_are_of_the_same_articles_and_say_something_new(archive) -> None:
    asked: list[str] = []

    def told(question: str, name: str) -> Answer:
        verdict = Verdict(support="supported", score=1.0)
        said = Statement(text="So.", citations=(cited(name),), verdict=verdict)
        c = cited(name)
        found = Evidence(number=1, source=c.source, span=c.span, text=c.quote, sentences=())
        return Answer(
            question=question,
            outcome="answered",
            reason="",
            statements=(said,),
            verdict=Ruling(kind="agreed", text="So."),
            evidence=(found, replace(found, source=_source("three"))),
        )

    def ask(question: str) -> Answer:
        asked.append(question)
        return told(question, "two" if "people" in question else "three")

    first = told("How many people were hurt, in the fire at Easton?", "two")
    found = related(archive, first, ask)
    assert found == ("When was the Millford bridge closed to lorries?",)
    assert "Who will command Artemis II?" not in asked  # of another article
    assert related(archive, first, lambda q: told(q, "two")) == ()  # nothing new
