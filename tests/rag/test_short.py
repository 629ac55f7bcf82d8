"""The short answer is made of words of the statement, and is what the question asks for."""

from __future__ import annotations

import pytest

from rag.answer.told.short import short, shortened
from rag.models.reader import Reader, load
from rag.settings import RerankSettings
from rag.types import Answer, Conflict, Statement, Verdict


@pytest.fixture(scope="module")
def reader() -> Reader:
    found = load(RerankSettings())
    if found is None:
        pytest.skip("the reranker is not on this machine (dateline models pull)")
    return found


@pytest.mark.parametrize(
    ("question", "statement", "expected"),
    [
        ("How many jobs will go?", "The plant will cut up to 300 jobs.", "up to 300"),
        ("Who won the race?", "Ann Lee won the race in Leeds on Monday.", "Ann Lee"),
        (
            "How far can the rockets reach?",
            "The rockets can reach about 70 kilometers.",
            "about 70 kilometers",
        ),
        ("When did Finland join NATO?", "Finland joined NATO on 4 April 2023.", "4 April 2023"),
        ("What year did it open?", "The tunnel opened on 4 March 2021.", "2021"),
        (
            "In which city did the ship hit a bridge?",
            "The ship hit a bridge in Baltimore.",
            "Baltimore",
        ),
        ("Is Sweden a member of NATO?", "Sweden is a member of NATO.", "Yes"),
        ("Has the ban changed?", "The ban has not changed.", "No"),
        (
            "Why did the bridge fall?",
            "The bridge fell because a ship lost power.",
            "a ship lost power",
        ),
        ("What is the spacecraft called?", "The spacecraft is called Odysseus.", "Odysseus"),
        ("How old was the winner?", "Bo Lee, 19, won the race.", "19"),
        (
            "Which airport set a record for rain?",
            "Port Clare International Airport set a record for rain.",
            "Port Clare International Airport",
        ),
        (
            "What did a diner find in a dish?",
            "A diner found a purple pearl in a dish.",
            "a purple pearl",
        ),
        (
            "There is a new option for burials. What is it?",
            "They will soon have a new option for burials: human composting.",
            "human composting",
        ),
        (
            "Which film did Nye call close to the truth?",
            "Nye said “Don't Look Up” is close to the truth.",
            "Don't Look Up",
        ),
        ("Which firm recalls cars?", "Volta is to recall cars.", "Volta"),
        ("Which company built it?", "It was built by Boeing.", "Boeing"),
    ],
)
def test_the_short_answer_is_the_part_that_was_asked_for(reader, question, statement, expected):
    assert short(question, statement, reader) == expected


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("How many died?", "The storm hit Samar."),
        ("When did it open?", "The tunnel is closed."),
        ("Who won?", "The match was called off."),
    ],
)
def test_where_no_such_words_stand_there_is_none(reader, question, statement):
    assert short(question, statement, reader) is None


def test_an_answer_on_which_sources_disagree_stays_whole(reader):
    told = Statement(
        text="The toll is 9.", citations=(), verdict=Verdict(support="supported", score=1.0)
    )
    answer = Answer(question="How many died?", outcome="answered", reason="", statements=(told,))
    assert shortened(answer, "How many died?", reader).text == "9"
    disputed = Answer(
        question="How many died?",
        outcome="answered",
        reason="",
        statements=(told,),
        conflicts=(Conflict(kind="conflict", readings=()),),
    )
    assert shortened(disputed, "How many died?", reader) == disputed


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("Residents re-elected Ann Lee on Sunday.", "Ann Lee"),
        ("Ann Lee, whom local officials had backed, was sworn in as mayor.", "Ann Lee"),
        ("Brekke won the seat.", "Brekke"),
    ],
)
def test_what_only_opens_a_sentence_is_not_taken_for_whom_is_asked_for(reader, said, who):
    assert short("Who is the mayor of Port Alder?", said, reader) == who
