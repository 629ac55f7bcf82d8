"""What a question asks of the archive in words that no phrase of ours knows."""

from __future__ import annotations

from datetime import date

import pytest

from rag.models import embed
from rag.models.intent import Intent, masked
from rag.question.cut import Known
from rag.settings import Settings

KNOWN = Known(
    outlets=("Valley Courier",), authors=("Jan Moser",), today=date(2024, 12, 18), common=None
)


@pytest.fixture(scope="module")
def intent() -> Intent:
    return Intent(embed.load(Settings().embed))


def test_outlets_authors_and_days_are_taken_out_and_stood_in_for() -> None:
    of = masked("Jan Moser’s stories in the Valley Courier from May 2024", KNOWN)
    assert (of.authors, of.outlets) == (("Jan Moser",), ("Valley Courier",))
    assert of.days == ((date(2024, 5, 1), date(2024, 5, 31)),)
    assert [span.of(of.text) for span in of.stands] == ["John Smith", "Reuters", "in 2019"]


@pytest.mark.parametrize(
    ("question", "wanted", "topic"),
    [
        ("quantity of reports that have to do with Lena Strobl", "list", "Lena Strobl"),
        ("Would you know which newspapers dealt with wildfires?", "outlets", "wildfires"),
        ("the most recent text that speaks of Hochberg", "latest", "Hochberg"),
    ],
)
def test_other_words_for_the_same_are_understood(
    intent: Intent, question: str, wanted: str, topic: str
) -> None:
    found = intent.read(question, KNOWN)
    assert found is not None
    assert (found.wanted, found.topic, found.learned) == (wanted, topic, True)


@pytest.mark.parametrize(
    "question",
    [
        "How many people were killed by the earthquake?",
        "What did the Valley Courier say about the mayor of Hochberg?",
        "Who is Lena Strobl?",
    ],
)
def test_a_question_about_the_world_is_left_alone(intent: Intent, question: str) -> None:
    assert intent.read(question, KNOWN) is None


def test_weights_that_were_fitted_on_another_model_are_not_used() -> None:
    class Other(embed.Embedder):
        fingerprint = "of another model"  # type: ignore[assignment]

    loaded = embed.load(Settings().embed)
    other = Other(loaded.name, loaded.folder, 32)
    assert Intent(other).read("Which articles mention Hochberg?", KNOWN) is None
