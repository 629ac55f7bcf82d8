"""Long, polite requests are read as what they ask; follow-ups with names in place."""

from __future__ import annotations

import pytest

from rag.answer.rewrite import in_place, leans, standalone
from rag.question.gist import gist


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (
            (
                "I am preparing a piece for our weekend edition, and since I have read that "
                "there have been problems with dams, ferries and the like, I would like to know, "
                "before I call tomorrow, what the name of the builder of the bridge in Port Alder "
                "was, if your archive has that."
            ),
            "What was the name of the builder of the bridge in Port Alder?",
        ),
        (
            "Could you please tell me who won the election in Easton?",
            "Who won the election in Easton?",
        ),
        (
            (
                "Good morning! We run a story tomorrow. Which ferry sank near Easton in May? Many "
                "thanks for your help."
            ),
            "Which ferry sank near Easton in May?",
        ),
        ("Do you know who Ann Lee is?", "Who is Ann Lee?"),
        (
            (
                "For a podcast that I record I need facts: which country landed on the moon, and "
                "what was the name of the craft?"
            ),
            "Which country landed on the moon, and what was the name of the craft?",
        ),
    ],
)
def test_what_is_said_of_those_who_ask_is_left_out(typed: str, asked: str) -> None:
    assert gist(typed, leans) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "According to the ministry, how many missiles were shot down over Bryansk?",
        'What did she mean by "I will not resign"?',
        "What do you have about Chandrayaan?",
        "Which articles do you have from Orbit Dispatch?",
        "We would be grateful for the date on which Finland joined NATO.",
        "How many US soldiers died in the crash, which our readers saw?",
        "I was told that the bank raised rates. Is that true?",
        "What happened in Iraq when the US left?",
    ],
)
def test_all_else_stays_as_it_is_typed(typed: str) -> None:
    found = gist(typed, leans)
    assert found == typed or typed.startswith(found[:-1])


LAUNCH = "When will Artemis II launch?"
TOLD = "Artemis II will launch in April 2026, Administrator Bill Nelson said."


@pytest.mark.parametrize(
    ("question", "before", "answer", "full"),
    [
        ("And who will pilot it?", LAUNCH, TOLD, "Who will pilot Artemis II?"),
        ("What did he say about it?", LAUNCH, TOLD, "What did Bill Nelson say about Artemis II?"),
        ("How old is she?", "Who is the chair?", "Ann Lee is the chair.", "How old is Ann Lee?"),
        ("What is its budget?", "Who leads the Fed?", "Ann Lee.", "What is Fed’s budget?"),
        ("What is her plan?", "Who is Ann Lee?", "The chair.", "What is Ann Lee’s plan?"),
    ],
)
def test_a_follow_up_has_names_in_place(question: str, before: str, answer: str, full: str) -> None:
    assert in_place(question, before, answer) == full
    assert standalone(question, [(before, answer)], None) == full


def test_a_follow_up_without_a_pronoun_keeps_the_words_of_the_question_before() -> None:
    assert in_place("And in July?", LAUNCH, TOLD) is None
    assert standalone("And in July?", [(LAUNCH, TOLD)], None) == f"And in July? ({LAUNCH})"
