import pytest

from rag.question.comparison import compared


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
