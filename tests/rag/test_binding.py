"""The subject of one sentence with the predicate of another is not supported."""

from __future__ import annotations

import pytest

from rag.verify.verifier import Premise, RuleVerifier


def verdict(statement: str, *sources: str):
    article = " ".join(sources)
    return RuleVerifier().check(statement, [Premise(text=s, context=article) for s in sources])


@pytest.mark.parametrize(
    ("first", "second", "statement", "whom"),
    [
        (
            "John Smith criticised the plan on Monday.",
            "Jane Doe led the agency for nine years.",
            "John Smith led the agency for nine years.",
            "Jane Doe",
        ),
        (
            "John Smith was named head of Acme.",
            "Acme hired Maria Lopez as finance director last year.",
            "John Smith was hired as finance director last year.",
            "Maria Lopez",
        ),
        (
            "Raheem Sterling spoke of his contract.",
            "Paul Scholes won the league eleven times with Manchester United.",
            "Raheem Sterling won the league with Manchester United.",
            "Paul Scholes",
        ),
    ],
)
def test_a_predicate_of_somebody_else_is_refused_with_his_name(first, second, statement, whom):
    found = verdict(statement, first, second)
    assert found.support == "unsupported"
    assert any(whom in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("first", "second", "statement"),
    [
        (
            "Jane Doe spoke on Monday.",
            "She led the agency for nine years.",
            "Jane Doe led the agency for nine years.",
        ),
        (
            "Boeing said it had changed the valve.",
            "The company will fly the capsule in May.",
            "Boeing will fly the capsule in May.",
        ),
        (
            "Maria Lopez opened the tunnel in Ghent on Monday.",
            "She was elected in 2019.",
            "Maria Lopez was elected in 2019.",
        ),
    ],
)
def test_a_pronoun_or_the_company_links_it_to_the_sentence_before(first, second, statement):
    assert verdict(statement, first, second).support == "supported"


def test_a_pronoun_that_may_mean_two_people_leaves_a_doubt():
    found = verdict(
        "John Smith led the agency for nine years.",
        "John Smith criticised Jane Doe on Monday.",
        "She led the agency for nine years.",
    )
    assert found.support != "supported"
