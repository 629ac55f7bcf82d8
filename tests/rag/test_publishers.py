"""Which outlets does a question name, and which of them does the archive lack?"""

import pytest

from rag.question.publishers import lacking, missing, named, short
from rag.question.query import read

HELD = ("The Harbour Post", "Delta News - World & Business", "Coast | Daily Briefing", "The Age")


@pytest.mark.parametrize(
    ("publisher", "said"),
    [
        ("The Harbour Post", "Harbour Post"),
        ("Delta News - World & Business", "Delta News"),
        ("Coast | Daily Briefing", "Coast"),
        ("Mid-Week", "Mid-Week"),
    ],
)
def test_an_outlet_is_said_without_article_section_and_motto(publisher: str, said: str) -> None:
    assert short(publisher) == said


def test_outlets_are_found_in_the_order_of_the_question() -> None:
    question = "Did Delta News and 'The Harbour Post' both report a strike?"
    assert named(question, HELD) == ("Delta News - World & Business", "The Harbour Post")


def test_an_outlet_named_like_a_common_word_needs_its_capital() -> None:
    assert named("At what age did the mayor retire?", HELD) == ()
    assert named("What did The Age say of the mayor?", HELD) == ("The Age",)


def test_a_second_outlet_named_beside_a_source_is_read_too() -> None:
    query = read("Who resigned, as reported by Delta News and The Harbour Post?", publishers=HELD)
    assert set(query.filters.publishers) == {"Delta News - World & Business", "The Harbour Post"}


def test_an_outlet_that_nothing_is_from_is_lacking() -> None:
    question = "Do the article from The Harbour Post and the Meridian report agree on the strike?"
    assert lacking(question, HELD, ["The strike ended."]) == ("Meridian",)


def test_a_body_that_an_article_speaks_of_is_no_missing_outlet() -> None:
    question = "What does the Meridian report say of the strike?"
    assert lacking(question, HELD, ["The Meridian commission published its report."]) == ()


def test_reports_that_cannot_be_set_side_by_side_are_missing() -> None:
    question = "Considering an article by Meridian and a report by Northern Star, who won?"
    assert missing(question, HELD, ["Ann Lee won."]) == (
        "The archive has no article by Meridian or Northern Star on this."
    )


def test_one_outlet_alone_may_be_answered_by_another() -> None:
    assert missing("Who won, as per a report by Meridian?", HELD, ["Ann Lee won."]) == ""


def test_an_archive_without_outlets_cannot_tell() -> None:
    question = "Considering an article by Meridian and a report by Northern Star, who won?"
    assert missing(question, ("",), ["Ann Lee won."]) == ""
