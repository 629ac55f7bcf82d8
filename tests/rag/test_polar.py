"""Questions for one of two words, and what they say of each report."""

import pytest

from rag.question.polar import Polar, polar
from rag.question.sides import sides

HELD = ("The Harbour Post", "Delta News")


@pytest.mark.parametrize(
    ("question", "result"),
    [
        (
            "Does the Delta News article claim that the port is safe?",
            Polar(asks="claims", true="Yes", false="No"),
        ),
        (
            "Between the report of May 2 and that of May 5, was there consistency in the toll?",
            Polar(asks="agree", true="Yes", false="No"),
        ),
        (
            "Between the two reports, was there inconsistency in the portrayal of the mayor?",
            Polar(asks="agree", true="No", false="Yes"),
        ),
        (
            "After the two reports, is the account of the strike consistent or inconsistent?",
            Polar(asks="agree", true="Consistent", false="Inconsistent"),
        ),
        (
            "Between the May report and the June report, was there a change in the plan?",
            Polar(asks="change", true="Yes", false="No"),
        ),
        (
            "Between the May report and the June report, was there no change in the plan?",
            Polar(asks="change", true="No", false="Yes"),
        ),
        (
            "According to Delta News, has the forecast changed between the two articles?",
            Polar(asks="change", true="Yes", false="No"),
        ),
    ],
)
def test_a_question_is_read_for_what_it_wants_decided(question: str, result: Polar) -> None:
    assert polar(question) == result


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor, according to the article from Delta News?",
        "Between the two reports, which article names the mayor?",
        "Was the port reported closed before or after the strike?",
        "Did the mayor resign?",
        "When did Delta News report the strike?",
    ],
)
def test_other_questions_are_left_alone(question: str) -> None:
    assert polar(question) is None


def test_a_change_that_a_report_speaks_of_is_a_claim() -> None:
    question = "Do the Delta News and Harbour Post articles both suggest changes in the plan?"
    assert polar(question) == Polar(asks="claims")


def test_each_report_gets_what_is_said_of_it() -> None:
    found = sides(
        "Does the article from The Harbour Post claim that the port was closed, while the Delta"
        " News article suggests that ships still came in?",
        HELD,
    )
    assert [(s.outlets, s.claim) for s in found] == [
        (("The Harbour Post",), "the port was closed"),
        (("Delta News",), "ships still came in"),
    ]
    assert not any(s.denied for s in found)


def test_what_a_report_is_said_to_leave_out_is_denied() -> None:
    found = sides(
        "Does the Delta News article fail to mention the strike, while The Harbour Post reports"
        " that the strike had ended?",
        HELD,
    )
    assert [(s.claim, s.denied) for s in found] == [
        ("the strike", True),
        ("the strike had ended", False),
    ]


def test_a_piece_without_an_outlet_is_of_the_one_before_it() -> None:
    found = sides(
        "Did the Delta News article report a strike, and does it describe the port as closed?", HELD
    )
    assert [s.outlets for s in found] == [("Delta News",), ("Delta News",)]
    assert found[1].claim == "the port as closed"


def test_a_question_without_an_outlet_has_a_side_without_one() -> None:
    assert [s.outlets for s in sides("Did the report say that the port was closed?", HELD)] == [()]
