import pytest

from rag.question.parts import asking, divided


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "When did it land, and who built the probe?",
            ("When did it land", "who built the probe"),
        ),
        (
            "When did Vikram land, and what became of it?",
            ("When did Vikram land", "what became of it (Vikram)"),
        ),
        (
            "What was the rate before and after the September meeting?",
            (
                "What was the rate before the September meeting?",
                "What was the rate after the September meeting?",
            ),
        ),
        (
            "How large were the packages of June 2022 and of July 2023?",
            (
                "How large were the packages of June 2022?",
                "How large were the packages of July 2023?",
            ),
        ),
        (
            "How many trucks did the convoys of February 9 and of February 14 have?",
            (
                "How many trucks did the convoys of February 9 have?",
                "How many trucks did the convoys of February 14 have?",
            ),
        ),
        (
            "How many cuts did they expect in September, and how many in December?",
            (
                "How many cuts did they expect in September",
                "How many cuts did they expect in December",
            ),
        ),
        (
            "Who led Norland when it applied to the League and who when it joined?",
            ("Who led Norland when it applied to the League", "Who led Norland when it joined"),
        ),
        (
            "How many were missing before the correction, and how many after?",
            (
                "How many were missing before the correction",
                "How many were missing after the correction",
            ),
        ),
        (
            "Compare the votes on Finland and on Sweden.",
            ("Compare the votes on Finland", "Compare the votes on Sweden."),
        ),
    ],
)
def test_a_question_is_divided_into_those_in_it(question, parts):
    assert divided(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "How many people died?",
        "Who leads the talks on trade and on security in the region?",
        "What did the ministers of finance and of defence say?",
        "Is the law in force in May 2023 and in June 2023?",
        "Which company makes phones and laptops?",
    ],
)
def test_a_question_for_one_thing_is_left_whole(question):
    assert divided(question) == (question,)


@pytest.mark.parametrize(
    ("setting", "asked"),
    [
        ("Sen. Feinstein will not run again.", "What year was she first elected?"),
        ("Lula defeated Bolsonaro in Brazil.", "He was also president in:"),
        ("A storm is dumping rain on the South.", "What is its name"),
    ],
)
def test_what_only_sets_the_scene_does_not_ask(setting, asked):
    assert asking(f"{setting} {asked}") == asked


def test_the_scene_may_be_set_afterwards():
    assert asking("Who won? The race was on Sunday.") == "Who won?"


@pytest.mark.parametrize(
    "question", ["When did it land, and who built it?", "Tell me of the U.S. Army.", "Why? How?"]
)
def test_a_question_without_a_setting_asks_as_a_whole(question):
    assert asking(question) == question


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What did the mayor and the union say about the tram?",
            ("What did the mayor say about the tram?", "What did the union say about the tram?"),
        ),
        (
            "How did police and the organisers differ on the march?",
            ("What did police say on the march?", "What did the organisers say on the march?"),
        ),
        (
            "Did both Norland and Ostia have a navy?",
            ("Did Norland have a navy?", "Did Ostia have a navy?"),
        ),
    ],
)
def test_two_who_are_asked_about_together_are_asked_about_each(
    question: str, parts: tuple[str, ...]
) -> None:
    assert divided(question) == parts


def test_two_of_which_one_is_more_are_asked_about_apart() -> None:
    asked = divided("Which was hotter, the record of Calder or that of Dunmore?")
    assert asked == (
        "How much hotter was the record of Calder?",
        "How much hotter was the record of Dunmore?",
    )
    assert len(divided("Which was earlier, the fire or the flood?")) == 1
