from datetime import date

import pytest

from rag.answer.prompts import Style
from rag.answer.told.chronology import Order, compute
from rag.question.comparison import compared
from rag.question.query import read
from rag.types import Article
from tests.rag.making import make, sentences_of


@pytest.mark.parametrize(
    ("question", "form", "first", "second"),
    [
        (
            "Did Luna-25 crash before or after India landed?",
            "order",
            "Luna-25 crash",
            "India landed",
        ),
        ("Which came first, the strike or the vote?", "first", "the strike", "the vote"),
        (
            "How many days passed between the launch and the crash?",
            "between",
            "the launch",
            "the crash",
        ),
        (
            "How long after the collapse did the port reopen?",
            "after",
            "the collapse",
            "the port reopen",
        ),
        ("Did Finland join before Sweden?", "yes_before", "Finland join", "Sweden"),
        (
            "Who ran the Post first, Ann Lee or Bo Roth?",
            "first",
            "Ann Lee ran the Post",
            "Bo Roth ran the Post",
        ),
        (
            "Which port reopened first: Brill or Marl?",
            "first",
            "Brill reopened",
            "Marl reopened",
        ),
        (
            "How long after its announcement was the sale completed?",
            "after",
            "the sale's announcement",
            "the sale completed",
        ),
        (
            "How many days after they vanished were the hikers found?",
            "after",
            "the hikers vanished",
            "the hikers found",
        ),
        (
            "How many weeks was the mayor of Brill away before she resigned?",
            "between",
            "the mayor of Brill away",
            "the mayor of Brill resigned",
        ),
        (
            "How long after the vote did he resign?",
            "after",
            "the vote",
            "he resign",
        ),
        (
            "How many days passed from the strike in Marl to the vote in Brill?",
            "between",
            "the strike in Marl",
            "the vote in Brill",
        ),
    ],
)
def test_two_events_are_taken_out_of_the_question(question, form, first, second) -> None:
    asked = compared(question)
    assert asked is not None
    assert (asked.form, asked.first, asked.second) == (form, first, second)


@pytest.mark.parametrize(
    "question",
    [
        "What was the rate before and after the meeting?",
        "Did Sweden join before 2024?",
        "Who spoke after the vote?",
        "How many died?",
    ],
)
def test_other_questions_compare_no_two_events(question) -> None:
    assert compared(question) is None


def compare(question: str, *articles: Article, style: Style = "normal") -> Order | None:
    ranked = [c for a in articles for c in sentences_of(a)]
    return compute(read(question), [ranked, ranked], style)


BRIDGE = make(
    "bridge", "The Aller bridge reopened on Friday.", publisher="Post", published=date(2024, 5, 6)
)
TUNNEL = make(
    "tunnel", "The Aller tunnel reopened on Sunday.", publisher="Post", published=date(2024, 6, 10)
)
CANAL = make(
    "canal", "The Aller canal has been reopened.", publisher="Post", published=date(2024, 8, 2)
)


def test_who_was_first_is_told_by_name() -> None:
    first = make("first", "Ann Lee took over the Post on Friday.", published=date(2024, 5, 6))
    then = make("then", "Bo Roth took over the Post on Sunday.", published=date(2024, 6, 10))
    order = compare("Who took over the Post first, Bo Roth or Ann Lee?", first, then)
    assert order is not None
    assert order.line == "Ann Lee (3 May 2024) came first; Bo Roth (9 June 2024) followed."


def test_the_result_stands_first_with_the_days_of_the_events_and_not_of_their_reports() -> None:
    order = compare("Which reopened first, the Aller bridge or the Aller tunnel?", BRIDGE, TUNNEL)
    assert order is not None
    assert order.line == (
        "The Aller bridge (3 May 2024) came first; the Aller tunnel (9 June 2024) followed."
    )
    assert order.statements[0].text == order.line


def test_a_length_is_that_between_the_events() -> None:
    question = "How many days after the Aller bridge reopened did the Aller tunnel reopen?"
    order = compare(question, BRIDGE, TUNNEL)
    assert order is not None
    assert order.line.startswith("37 days: ")


def test_a_report_proves_that_its_event_was_not_later_and_no_more() -> None:
    order = compare("Did the Aller canal reopen before the Aller tunnel reopened?", CANAL, TUNNEL)
    assert order is not None
    assert not order.known
    assert order.line == (
        "The articles do not say enough to compare: the Aller canal reopen (reported 2 August"
        " 2024); the Aller tunnel reopened (9 June 2024)."
    )
    assert order.statements[0].verdict.support == "partly"


def test_a_length_from_a_report_alone_is_not_computed() -> None:
    question = "How long after the Aller bridge reopened did the Aller canal reopen?"
    order = compare(question, BRIDGE, CANAL)
    assert order is not None
    assert not order.known


def test_what_was_only_asked_for_has_not_happened() -> None:
    asked = make("asked", "Norland asked to join the Pact on Monday.", published=date(2020, 3, 3))
    joined = make("joined", "Norland joined the Pact on Tuesday.", published=date(2023, 5, 3))
    other = make("other", "Ostia joined the Pact on Friday.", published=date(2021, 6, 5))
    order = compare(
        "Did Norland join the Pact before or after Ostia joined the Pact?", asked, joined, other
    )
    assert order is not None
    assert order.line.startswith("After, by 697 days")


def test_days_of_one_month_are_about_so_far_apart() -> None:
    start = make("start", "The probe Vela was launched last month.", published=date(2023, 6, 1))
    end = make("end", "The probe Vela burned up on Monday.", published=date(2024, 8, 20))
    order = compare("How long after the probe Vela was launched did it burn up?", start, end)
    assert order is not None
    assert order.line.startswith("About 15 months: ")
