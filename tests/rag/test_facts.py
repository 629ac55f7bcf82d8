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
        ("What did the court decide?", "thing"),
        ("What did the central bank do when the banks failed?", "thing"),
        ("What will the company sell?", "thing"),
        ("What has the union demanded of the port?", "thing"),
        ("On what grounds did the court acquit him?", "thing"),
        ("What was the airline fined for?", "thing"),
        ("What does the ministry want the city to build?", "thing"),
        ("What did the minister who resigned in May sign?", "thing"),
        ("What did the former president veto?", "thing"),
        ("What can the state do?", "thing"),
        ("What did the report find?", "thing"),
        ("What court ruling did the club appeal against?", "thing"),
        ("What crime did the court convict him of?", "thing"),
        ("What kind of company is Halden Freight?", "thing"),
        ("What did the company say?", "quote"),
        ("What did the minister call the plan?", "quote"),
        ("Which court decided it?", "organisation"),
        ("What state agency issued the warning?", "organisation"),
        ("What was the first airline to cancel flights?", "organisation"),
        ("What is the company that bought the mine?", "organisation"),
        ("He played for which club from May 2019 to 2021?", "organisation"),
        ("What country did the minister visit?", "place"),
        ("Which country’s parliament passed the law?", "place"),
        ("What is the largest city in the province?", "place"),
        ("What former minister was acquitted?", "person"),
        ("Which ministry official resigned?", "person"),
        ("What did the board decide, and who objected?", "person"),
        ("What did the court decide and when?", "date"),
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
