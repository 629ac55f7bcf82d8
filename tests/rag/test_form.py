import pytest

from rag.question.form import AnswerForm


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("How many soldiers were invited?", "It invited 10,000 soldiers.", "It invited soldiers."),
        ("When did the bridge fall?", "It fell on March 26, 2024.", "It fell at night."),
        (
            "Who criticised the decision?",
            "Donald Trump Jr. called it reckless.",
            "It was reckless.",
        ),
        ("Why did the rover stop?", "It stopped because its battery died.", "It stopped."),
        ("How much did the repair cost?", "The repair cost $1.7 billion.", "It cost a lot."),
    ],
)
def test_a_sentence_holds_the_form_or_lacks_it(question: str, holds: str, lacks: str) -> None:
    form = AnswerForm(question)
    assert form.tells
    assert form.held_by(holds)
    assert not form.held_by(lacks)


def test_what_the_question_itself_names_is_no_answer() -> None:
    assert not AnswerForm("Who met Antony Blinken?").held_by("Antony Blinken met them.")
    assert not AnswerForm("How many of the 50 left?").held_by("All 50 were there.")
