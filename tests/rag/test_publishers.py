"""Which outlets does a question name, and which of them does the archive lack?"""

from collections.abc import Callable, Iterable

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


def found(*sentences: str) -> Callable[[], Iterable[str]]:
    """Return what gives these sentences."""
    return lambda: iter(sentences)


def unread() -> Iterable[str]:
    """Fail: no article may be read for this question."""
    raise AssertionError("the articles are read although it cannot matter what they say")


def test_a_name_that_is_used_as_an_outlet_and_is_none_of_the_archives_is_lacking() -> None:
    question = "Do the article from The Harbour Post and the Meridian report agree on the strike?"
    assert [name.text for name in lacking(question, HELD)] == ["Meridian"]


def test_a_report_that_is_not_there_cannot_be_set_beside_one_that_is() -> None:
    question = "Do the article from The Harbour Post and the Meridian report agree on the strike?"
    why = missing(question, HELD, found("The strike ended."))
    assert why == "The archive has no article by Meridian on this."


def test_a_body_that_an_article_mentions_is_no_missing_outlet() -> None:
    question = "Do the article from The Harbour Post and the Meridian report agree on the strike?"
    assert missing(question, HELD, found("The Meridian commission published its report.")) == ""


def test_reports_that_cannot_be_set_side_by_side_are_missing() -> None:
    question = "Considering an article by Meridian and a report by Northern Star, who won?"
    assert missing(question, HELD, found("Ann Lee won.")) == (
        "The archive has no article by Meridian or Northern Star on this."
    )


@pytest.mark.parametrize(
    "question",
    [
        "Who won the election in Port Clare?",
        "Who won, as per a report by Meridian?",
        "Did Delta News and 'The Harbour Post' both report a strike?",
    ],
)
def test_no_article_is_read_unless_two_outlets_are_named_and_one_is_not_there(
    question: str,
) -> None:
    assert missing(question, HELD, unread) == ""


def test_an_archive_without_outlets_cannot_tell() -> None:
    question = "Considering an article by Meridian and a report by Northern Star, who won?"
    assert missing(question, ("",), unread) == ""
