"""The sentence that answers comes first: that with a role, for who somebody is."""

from datetime import date

import pytest

from rag.answer.told.lead import leading, who_is
from rag.question.asked import valued
from rag.question.query import read
from rag.search.candidates import Candidate
from rag.types import Article, Span


def said(text: str, logit: float) -> Candidate:
    """A sentence that is the whole of its article, as a candidate."""
    return Candidate(
        article=Article(id=text, digest=text, text=text, published=date(2024, 5, 2)),
        cluster=text,
        position=0,
        span=Span(start=0, end=len(text)),
        rank=1.0,
        words=0.5,
        around=0.5,
        form=1.0,
        logit=logit,
    )


@pytest.mark.parametrize(
    "introduced",
    [
        "Ivo Marten, a nurse at the Rosewell clinic, had called the police.",
        "Ivo Marten, 41, the harbour's pilot, was at sea.",
        "They were received by the deputy mayor, Ivo Marten.",
        "Committee chairman Ivo Marten did not attend.",
        "Ivo Marten was a painter before the war.",
    ],
)
def test_who_somebody_is_stands_in_a_role_or_an_apposition(introduced: str) -> None:
    others = [
        said("Ivo Marten left the hall without a word.", 5.0),
        said("Lea Brandt, a lawyer, spoke with Ivo Marten for an hour.", 4.5),
    ]
    ranked, rule = leading(read("Who is Ivo Marten?"), [*others, said(introduced, 3.0)])
    assert ranked[0].text == introduced
    assert rule == "who"


def test_without_such_a_sentence_no_rule_chooses_one() -> None:
    ranked = [said("Ivo Marten left the hall without a word.", 5.0)]
    assert leading(read("Who is Ivo Marten?"), ranked, ("latest",)) == (ranked, "")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is Ivo Marten?", "Ivo Marten"),
        ("Who was Marten?", "Marten"),
        ("Who is the mayor of Rosewell?", None),
        ("Who is leading the Marten inquiry?", None),
        ("Who are Ivo Marten and Lea Brandt?", None),
    ],
)
def test_only_a_bare_name_is_asked_for_its_bearer(question: str, name: str | None) -> None:
    found = who_is(question)
    assert (found.text if found else None) == name


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How did the ferry fare change over time?", ("What was the ferry fare?", True)),
        (
            "How has the jobless rate moved over the past years?",
            ("What was the jobless rate?", True),
        ),
        ("How did the toll develop in May?", ("What was the toll in May?", True)),
        ("How did the thieves get in?", ("How did the thieves get in?", False)),
    ],
)
def test_a_course_over_time_asks_for_the_value_of_all_days(question, asked) -> None:
    assert valued(question) == asked
