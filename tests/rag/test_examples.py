"""Example questions come from the archive's own sentences, and only those that it answers."""

from __future__ import annotations

from datetime import date

import pytest

from rag.answer.examples import candidates, examples
from rag.archive.archive import Archive
from rag.ingest.chunk import chunk
from rag.ingest.identity import digest
from rag.language.sentences import split
from rag.settings import ChunkSettings
from rag.types import Answer, Article

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


def test_only_what_is_answered_is_shown(archive) -> None:
    def ask(question: str) -> Answer:
        outcome = "answered" if question.startswith("Who") else "declined"
        return Answer(question=question, outcome=outcome, reason="")

    assert examples(archive, ask) == ("Who will command Artemis II?", "Who is Ruth Adeyemi?")
    assert examples(archive, ask, count=1) == ("Who will command Artemis II?",)
    assert examples(archive, ask, patience=-1) == ()
