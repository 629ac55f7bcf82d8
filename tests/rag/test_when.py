"""Dates are read as days, and relative ones against the day of the article."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rag.language.eventday import by_distance
from rag.language.when import dates
from rag.language.words import stem
from rag.question.asked import asked
from rag.question.query import read

THURSDAY = date(2024, 11, 21)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on Dec. 1, 2024", date(2024, 12, 1), date(2024, 12, 1)),
        ("on 1 December 2024", date(2024, 12, 1), date(2024, 12, 1)),
        ("on the 1st of December 2024", date(2024, 12, 1), date(2024, 12, 1)),
        ("2024-12-01", date(2024, 12, 1), date(2024, 12, 1)),
        ("in December 2024", date(2024, 12, 1), date(2024, 12, 31)),
        ("in 2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("in the 1990s", date(1990, 1, 1), date(1999, 12, 31)),
    ],
)
def test_a_full_date_needs_no_article(text, first, last):
    (found,) = dates(text)
    assert (found.first, found.last, found.stated) == (first, last, True)
    assert found.span.of(text) == found.text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on Tuesday", date(2024, 11, 19), date(2024, 11, 19)),
        ("on Thursday", THURSDAY, THURSDAY),
        ("last Thursday", date(2024, 11, 14), date(2024, 11, 14)),
        ("it will open on Monday", date(2024, 11, 25), date(2024, 11, 25)),
        ("next Thursday", date(2024, 11, 28), date(2024, 11, 28)),
        ("yesterday", date(2024, 11, 20), date(2024, 11, 20)),
        ("tomorrow", date(2024, 11, 22), date(2024, 11, 22)),
        ("last week", date(2024, 11, 11), date(2024, 11, 17)),
        ("this month", date(2024, 11, 1), date(2024, 11, 30)),
        ("last year", date(2023, 1, 1), date(2023, 12, 31)),
        ("three days ago", date(2024, 11, 18), date(2024, 11, 18)),
        ("two months ago", date(2024, 9, 1), date(2024, 9, 30)),
        ("in March", date(2024, 3, 1), date(2024, 3, 31)),
        ("in December", date(2023, 12, 1), date(2023, 12, 31)),
        ("on November 5", date(2024, 11, 5), date(2024, 11, 5)),
        ("on Dec. 1", date(2024, 12, 1), date(2024, 12, 1)),
        ("on 29 February", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_relative_date_is_resolved_against_the_article(text, first, last):
    (found,) = dates(text, THURSDAY)
    assert (found.first, found.last, found.stated) == (first, last, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The company will cut jobs, officials said on Tuesday.", [date(2024, 11, 19)]),
        ("He will, the spokesman said Wednesday, resign.", [date(2024, 11, 20)]),
        (
            "On Tuesday, officials said the plant will close on Monday.",
            [date(2024, 11, 19), date(2024, 11, 25)],
        ),
        (
            "It will open on Tuesday. Lopez spoke on Tuesday.",
            [date(2024, 11, 26), date(2024, 11, 19)],
        ),
        ("The board will meet on Thursday.", [THURSDAY]),
        ("The board told staff to expect a vote by Friday.", [date(2024, 11, 22)]),
    ],
)
def test_will_speaks_of_the_day_in_its_own_sentence_and_said_of_one_that_has_been(text, expected):
    assert [d.first for d in dates(text, THURSDAY)] == expected


@pytest.mark.parametrize("text", ["on Tuesday", "last week", "yesterday", "on Dec. 1", "in March"])
def test_without_a_date_of_the_article_it_stays_as_it_stands(text):
    (found,) = dates(text)
    assert not found.known


def test_a_moment_counts_as_the_day_of_its_own_zone():
    late = datetime(2024, 11, 21, 23, 30, tzinfo=UTC)
    assert dates("yesterday", late)[0].first == date(2024, 11, 20)


@pytest.mark.parametrize(
    "text", ["it may rain", "they march in line", "31 February 2024", "$2024", "2,024 people"]
)
def test_what_only_looks_like_a_date_is_none(text):
    assert not any(d.month for d in dates(text, THURSDAY))
    assert not any(d.text.startswith("2024") and "$" in text for d in dates(text, THURSDAY))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("The line said on Tuesday that in early July, flights to Riga will begin.", 2025),
        ("In early July, trains to Riga will begin to run.", 2025),
        ("In July, flights to Riga, Latvia, and Turku, Finland, will begin.", 2025),
        ("Trains to Riga, which began in July, will stop at the border.", 2024),
        ("In July, the company opened a plant that will make cars.", 2024),
        ("In July, the minister resigned, and an election will follow.", 2024),
        ("In July, the firm sold a plant and will build another.", 2024),
        ("In July, trains to Riga stopped; buses will run instead.", 2024),
    ],
)
def test_a_month_that_opens_its_clause_is_as_far_as_the_clause_looks(text, year):
    assert dates(text, THURSDAY)[-1].first == date(year, 7, 1)


def test_a_day_is_told_by_its_distance_from_another():
    text = "The dam was rebuilt on Friday, two weeks after the army had left."
    found = by_distance(text, date(2024, 3, 9), {stem("left")})
    assert found is not None
    assert found.first < date(2024, 2, 23) < found.last
    assert (found.length, found.since) == ("two weeks before", date(2024, 3, 8))
    assert by_distance(text, date(2024, 3, 9), {stem("rebuilt")}) is None
    assert by_distance("The dam broke two weeks after rain.", date(2024, 3, 9), {"rain"}) is None


@pytest.mark.parametrize(
    ("question", "ahead", "start", "spoken"),
    [
        ("When was work on the dam to begin?", True, False, False),
        ("When was the road to Riga closed?", False, False, False),
        ("Since when has the dam been closed?", False, True, False),
        ("When was the sale announced?", False, False, True),
    ],
)
def test_which_day_is_asked_for(question, ahead, start, spoken):
    wanted = asked(read(question))
    assert wanted is not None
    assert (wanted.ahead, wanted.start, wanted.spoken) == (ahead, start, spoken)
