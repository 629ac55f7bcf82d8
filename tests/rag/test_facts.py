"""What a question asks for, and how long hostile text takes."""

from __future__ import annotations

import time

import pytest

from rag.language.facts import answer_type, claims, dates, names, numbers, quotes, speeches, turns


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who won the final?", "person"),
        ("Which president signed the law?", "person"),
        ("Which company bought the mine?", "organisation"),
        ("Where was the treaty signed?", "place"),
        ("In which country is the dam?", "place"),
        ("When did the court rule?", "date"),
        ("What year did it open?", "date"),
        ("How many people died?", "number"),
        ("How much did the bridge cost?", "money"),
        ("What percentage of voters stayed home?", "percent"),
        ("How long did the strike last?", "duration"),
        ("Why was the mine closed?", "reason"),
        ("How do the mines become inactive?", "manner"),
        ("Did the policy change?", "yesno"),
        ("What did the mayor say about the tunnel?", "quote"),
        ("What is the tunnel called?", "thing"),
        ("Heating will cost more due to what?", "reason"),
    ],
)
def test_the_kind_of_answer_follows_from_the_question(question, expected):
    assert answer_type(question) == expected


HOSTILE = [
    "1," * 20_000,
    "5 us " * 20_000,
    "A" * 50_000,
    "Ab Cd " * 10_000,
    "not " * 20_000,
    '"a ' * 20_000,
    "`" * 50_000,
    "said " * 10_000,
    "twenty " * 20_000,
    "in may " * 20_000,
    "U.S." * 20_000,
    "rose fell " * 2_000,
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:8]))
def test_hostile_text_costs_no_more_than_its_length(text):
    start = time.process_time()  # the clock on the wall also counts what others do
    for read in (numbers, dates, names, claims, quotes, speeches, turns):
        read(text)
    assert time.process_time() - start < 10


def test_neither_the_place_line_of_a_report_nor_the_subject_of_a_passive_speaks() -> None:
    assert (
        speeches("WASHINGTON – President Joe Biden announced his choice.")[0].name.last == "biden"
    )
    assert speeches("(CNN) The mayor, Ann Lee, said so.")[0].name.last == "lee"
    assert not speeches("Bay Rovers keeper Tom Brand was revealed on Sunday as the best player.")
    assert speeches("Tom Brand is saying that he will stay.")[0].name.last == "brand"


def test_who_claims_victory_says_nothing() -> None:
    assert not speeches("Party leader Ana Lopez has claimed victory in the election.")
    assert speeches("Party leader Ana Lopez claimed that the vote was rigged.")
