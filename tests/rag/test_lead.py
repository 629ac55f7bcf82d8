"""The sentence that answers comes first: that with a role, for who somebody is."""

from datetime import date

import pytest

from rag.answer.differ.figures import figures
from rag.answer.told.lead import leading, speaks, who_is
from rag.question.asked import asked, valued
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


@pytest.mark.parametrize(
    "question", ["In what time did Ina Lund swim the strait?", "How fast did Ina Lund swim?"]
)
def test_how_fast_is_a_time_and_not_the_known_distance(question: str) -> None:
    text = "Ina Lund swam the 800 metres in 9.4 minutes on Sunday."
    [found] = figures(asked(read(question)), [said(text, 8.0)])
    assert found.value.text == "9.4 minutes"


def test_how_many_were_hurt_asks_for_a_count_whoever_is_meant() -> None:
    wanted = asked(read("How many were hurt on the Velm bridge in March 2024?"))
    assert wanted is not None
    assert "count" in wanted.kinds


def test_what_was_to_be_done_asks_for_a_day_ahead() -> None:
    for question in ("When was the pier to be opened?", "When was the pier to be sold?"):
        wanted = asked(read(question))
        assert wanted is not None
        assert wanted.ahead
    wanted = asked(read("When was the pier opened?"))
    assert wanted is not None
    assert not wanted.ahead


def test_who_is_asked_speaks_in_a_sentence_of_his_words() -> None:
    question = "What did the harbour union say about the number of strikers?"
    own = said("Some 900 dockers stayed away, the harbour union said.", 0.0)
    of_it = said("The port told the harbour union to end the strike.", 0.0)
    assert speaks(question, own)
    assert not speaks(question, of_it)
