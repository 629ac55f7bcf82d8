"""Values, deeds and doers are read in their own clause, and small words are weighed."""

from __future__ import annotations

from datetime import date

import pytest

from rag.language.predicates import deeds, doers, predicates
from rag.language.thesaurus import same
from rag.language.words import stem
from rag.verify.verifier import Premise, RuleVerifier


def check(statement, *texts, question=""):
    premises = [Premise(text=t, context=" ".join(texts)) for t in texts]
    return RuleVerifier().check(statement, premises, question=question)


DEAD = "Twelve people were killed and 40 injured when a ferry hit a pier in Trier on Monday."
TRADE = "Exports fell by 3 percent in May, while imports rose by 2 percent."
BRIDGE = "The bridge, which was built in 1964, will close in June 2026."
STOLEN = "The painting was stolen from a flat in Ghent and found in a barn near Lille."
OFFER = "The company offered three percent, but the union said that its members needed five."
PLAN = "The plan was backed by the Greens and opposed by the Farmers."


@pytest.mark.parametrize(
    ("source", "right", "wrong"),
    [
        (DEAD, "Twelve people were killed.", "40 people were killed."),
        (TRADE, "Imports rose by 2 percent.", "Imports rose by 3 percent."),
        (BRIDGE, "The bridge was built in 1964.", "The bridge will close in 1964."),
        (
            STOLEN,
            "The painting was found in a barn near Lille.",
            "The painting was found in Ghent.",
        ),
        (OFFER, "The company offered three percent.", "The union offered three percent."),
        (
            "The mine opened in 1962, and it closed for good in 2004.",
            "The mine closed in 2004.",
            "The mine closed in 1962.",
        ),
        (
            "The canal is 18 kilometres long and crosses a lake, which is 11 kilometres wide.",
            "The canal is 18 kilometres long.",
            "The canal is 11 kilometres long.",
        ),
        (
            "Divers from Malta found the gold off Crete.",
            "Divers found the gold off Crete.",
            "Divers found the gold off Malta.",
        ),
        (
            "Villagers said that soldiers had burned the mill; the army has been silent.",
            "Villagers said that soldiers had burned the mill.",
            "The army said that soldiers had burned the mill.",
        ),
        (
            "Anna Lind beat Rosa Diaz in three sets in Rome.",
            "Rosa Diaz was beaten by Anna Lind in three sets.",
            "Rosa Diaz beat Anna Lind in three sets.",
        ),
        (
            "Rosa Diaz was hired by the coach Anna Lind in May.",
            "The coach Anna Lind hired Rosa Diaz in May.",
            "Rosa Diaz hired Anna Lind in May.",
        ),
    ],
)
def test_a_value_and_a_doer_belong_to_the_clause_that_they_stand_in(source, right, wrong):
    assert check(right, source).support == "supported"
    assert check(wrong, source).support in {"unsupported", "contradicted"}


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        ("The flood killed 12 people in Peru and 30 in Chile.", "The flood killed 30 in Chile."),
        (
            "The firm made 5 million euros in 2019 and 6 million in 2020.",
            "The firm made 6 million euros in 2020.",
        ),
        (
            "The club bought the striker in May and sold the keeper in June.",
            "The club sold the keeper in June.",
        ),
        ("Ann Berg married Tom Dahl in Rome.", "Tom Dahl married Ann Berg in Rome."),
        ("A landslide killed 23 people in Koru.", "23 people died in a landslide in Koru."),
        ("The deal is dead, the firm told reporters.", "The firm said that the deal is dead."),
    ],
)
def test_what_two_clauses_share_is_not_held_against_either(source, statement):
    assert check(statement, source).support == "supported"


def test_a_deed_that_was_done_by_another_is_flagged():
    assert check("The Greens backed the plan.", PLAN).support == "supported"
    assert check("The Greens opposed the plan.", PLAN).reasons == (
        "the source says that another did it",
    )


@pytest.mark.parametrize(
    ("question", "source", "statement"),
    [
        (
            "How many tanks were destroyed?",
            "The army showed 40 tanks at the parade in the capital on Sunday.",
            "40 tanks were destroyed.",
        ),
        (
            "How many tanks were destroyed?",
            "The army showed 40 tanks at the parade in the capital on Sunday.",
            "40",
        ),
        (
            "Who was arrested?",
            "Police questioned the trader Omar Said for two hours and let him go home.",
            "Omar Said",
        ),
        (
            "What did Dahl steer?",
            "Tom Dahl restored the yacht of the late king and moored it in Cannes.",
            "Tom Dahl steered the yacht.",
        ),
    ],
)
def test_a_deed_that_only_the_question_speaks_of_is_not_supported(question, source, statement):
    assert check(statement, source, question=question).support != "supported"


@pytest.mark.parametrize(
    ("source", "statement", "word"),
    [
        ("Several shops closed after the flood.", "All shops closed after the flood.", "Several"),
        ("The dam is one of the largest in Asia.", "The dam is the largest in Asia.", "among"),
        ("A cook survived the sinking.", "Only a cook survived the sinking.", "Only"),
        (
            "The jet crashed near Medan, and rain kept rescuers from the hill.",
            "The jet crashed near Medan because of rain.",
            "cause",
        ),
        (
            "Police suspect that hackers broke into the mail servers in August.",
            "Hackers broke into the mail servers in August.",
            "suspect",
        ),
        (
            "Prosecutors say the mayor took bribes from builders, which he denies.",
            "The mayor took bribes from builders.",
            "denies",
        ),
        ("Oslo wants to host the games.", "Oslo will host the games.", "wants"),
        (
            "The board cut the fee to 4 euros at its meeting in March 2021.",
            "Before the meeting in March 2021, the fee was 4 euros.",
            "before",
        ),
    ],
)
def test_a_small_word_that_says_more_than_the_source_is_flagged(source, statement, word):
    found = check(statement, source)
    assert found.support == "partly"
    assert word in " ".join(found.reasons)


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        (
            "A strike in Peru stopped two mines, which drove the price of tin up.",
            "Two mines stopped because of a strike in Peru.",
        ),
        ("Nine people died of smoke poisoning.", "Nine people died because of smoke poisoning."),
        (
            "The trial was put off as a juror had fallen ill.",
            "The trial was delayed because a juror had fallen ill.",
        ),
        ("With no buyer in sight, the mill shut.", "The mill closed because of no buyer."),
        ("All 14 schools closed in the heat.", "All schools closed in the heat."),
        ("Prosecutors accused the trader of fraud.", "The trader was accused of fraud."),
        (
            "The board cut the fee from 5 euros to 4 in March 2021.",
            "Before March 2021, the fee was 5 euros.",
        ),
        ("The Orla left Kiel for Riga on Sunday.", "The Orla was bound for Riga."),
    ],
)
def test_a_small_word_that_the_source_says_in_its_own_way_is_not_flagged(source, statement):
    assert check(statement, source).support == "supported"


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        (
            "The state will build 900 flats in Bonn.",
            "The state promised to build 900 flats in Bonn.",
        ),
        ("The ministry said it would send 40 tents.", "The ministry promised to send 40 tents."),
        ("Voters face no new taxes, Lamb said.", "Lamb ruled out new taxes for voters."),
        ("The fair in Bern drew 1,214 visitors.", "1,214 people visited the fair in Bern."),
        ("The firm founded a school in Bonn.", "The firm established a school in Bonn."),
        ("The council announced the introduction of a toll.", "The council introduced a toll."),
        (
            "Rebels released two engineers on Friday.",
            "Two engineers were freed by rebels on Friday.",
        ),
    ],
)
def test_a_paraphrase_in_the_words_of_news_is_supported(source, statement):
    assert check(statement, source).support == "supported"


def test_a_pronoun_stands_for_the_subject_that_the_sentence_before_has() -> None:
    first, second = "A tower was found under the square in Trier.", "It is thought to be Roman."
    assert check("The tower in Trier is thought to be Roman.", first, second).support == "supported"


def test_a_clause_has_its_own_subject_or_that_of_the_clause_before() -> None:
    text = "The club bought the striker and sold the keeper while the crowd wept"
    assert [c.own for c in predicates(text)] == [True, False, True]
    assert [sorted(d) for d in doers(text)] == [["club"], ["club"], ["crowd"]]


def test_a_verb_has_who_does_it_and_whom_it_is_done_to() -> None:
    (sued,) = deeds("Vidra sued Ardent in May.")
    assert (sued.ahead, sued.behind, sued.passive) == ({"vidra"}, {"ardent"}, False)
    (hired,) = deeds("Diaz was hired by Lind.")
    assert (hired.ahead, hired.behind, hired.passive) == ({"diaz"}, {"lind"}, True)


def test_the_last_time_it_was_done_is_no_other_day_of_it():
    source = "The bank lowered its rate on Wednesday, its first cut since March 2020."
    assert check("The first cut came on Wednesday.", source).support != "unsupported"


def test_a_number_does_not_numb_and_a_member_has_no_verb():

    for word in ("number", "member", "factor", "career", "counter", "sector"):
        assert same(stem(word)) == stem(word)
    assert same(stem("investors")) == same(stem("invest"))


def test_an_irregular_form_has_the_stem_of_its_verb():
    for forms in ("became become", "chose choose choice", "left leave", "flew fly", "froze freeze"):
        assert len({stem(form) for form in forms.split()}) == 1


def test_what_both_have_is_no_other_day_of_it():
    source = "After years of waiting, Northlight released Starfall 2077 on 10 December 2020."
    assert check("Starfall 2077 was released on December 10, 2020.", source).support == "supported"


def test_a_number_around_which_the_question_put_its_verb_is_refused() -> None:
    said = check(
        "10,000 soldiers were killed in Varrow.",
        "About 10,000 soldiers were deployed to Varrow.",
        question="How many soldiers were killed in Varrow?",
    )
    assert said.support == "unsupported"
    assert said.reasons == ("the source does not speak of 'killed'",)


def test_to_send_is_not_to_withhold() -> None:
    said = check("Oslo withholds mines from Kyiv.", "Oslo will send Kyiv mines.")
    assert said.support == "contradicted"


def test_a_deed_that_a_question_tells_beside_what_it_asks_does_not_refuse_the_answer() -> None:
    said = check(
        "Lind was from Varrow.",
        "Lind, a lawyer from Varrow, spoke on Monday.",
        question="Lind was convicted of fraud in May. Which town was Lind from?",
    )
    assert said.support != "unsupported"


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        ("Gunmen murdered the governor of Varrow.", "The governor of Varrow was killed."),
        ("The fire in Varrow claimed three lives.", "Three people died in the fire in Varrow."),
        ("The club in Varrow fired its coach.", "The club in Varrow sacked its coach."),
    ],
)
def test_a_deed_in_its_other_usual_words_is_not_refused(source, statement) -> None:
    assert check(statement, source).support != "unsupported"


def test_what_came_out_before_the_day_tells_of_the_state_before_it() -> None:
    text = "The fee is 4 euros, the board said."
    statement, asked = "Before March 26, 2021, the fee was 4 euros.", "What was it before March 26?"
    for published, flagged in ((date(2021, 3, 1), False), (date(2021, 3, 27), True)):
        premise = Premise(text=text, context=text, published=published)
        reasons = RuleVerifier().check(statement, [premise], question=asked).reasons
        assert ("the source does not say that it was so before" in reasons) == flagged


@pytest.mark.parametrize(
    ("source", "published", "statement", "support"),
    [
        (
            "The board cut the fee from 5 euros to 4 in March 2021.",
            date(2021, 3, 9),
            "Before March 2021, the fee was 4 euros.",
            "contradicted",
        ),
        (
            "The mill, which employed 412 people, closed in 2020.",
            date(2020, 5, 9),
            "The mill employed 412 people, before closing in 2020.",
            "supported",
        ),
    ],
)
def test_before_is_read_only_where_it_opens_and_with_the_other_value(
    source, published, statement, support
) -> None:
    premises = [Premise(text=source, context=source, published=published)]
    assert RuleVerifier().check(statement, premises).support == support
