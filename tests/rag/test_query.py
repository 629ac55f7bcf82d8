from datetime import date

import pytest

from rag.errors import QuestionError
from rag.question.query import LONGEST, read
from rag.types import Filter


def test_as_of_closes_the_end_of_the_filter() -> None:
    query = read("How many had died as of 16 February 2024?")
    assert query.filters == Filter(until=date(2024, 2, 16))
    assert query.as_of == date(2024, 2, 16)
    assert query.inferred


def test_published_in_a_month_becomes_a_filter_of_that_month() -> None:
    query = read("What did articles from February 2023 say about the earthquake?")
    assert query.filters == Filter(since=date(2023, 2, 1), until=date(2023, 2, 28))


def test_published_between_two_dates_becomes_a_filter() -> None:
    query = read("reports between 1 May 2022 and 2022-06-30 on HIMARS")
    assert query.filters == Filter(since=date(2022, 5, 1), until=date(2022, 6, 30))


@pytest.mark.parametrize(
    "question",
    [
        "What happened in March 2024?",
        "How many cases were reported in 2022?",
        "Did the Fed raise rates after 16 March 2022 and before 27 July 2022?",
        "How many of the 2000 jobs will go by 2030?",
    ],
)
def test_a_date_of_the_event_restricts_nothing(question: str) -> None:
    assert read(question).filters == Filter()


def test_the_date_of_the_event_is_kept_as_a_mention() -> None:
    assert read("What happened in March 2024?").mentions == ((date(2024, 3, 1), date(2024, 3, 31)),)


def test_according_to_an_outlet_of_the_archive_becomes_a_filter() -> None:
    query = read("How many died according to the Harbor Ledger?", publishers=["Harbor Ledger"])
    assert query.filters.publishers == ("Harbor Ledger",)


def test_according_to_a_person_restricts_nothing() -> None:
    query = read("How many died according to the mayor?", publishers=["Harbor Ledger"])
    assert query.filters == Filter()


def test_a_filter_of_the_caller_wins_over_the_words() -> None:
    given = Filter(since=date(2024, 1, 1))
    query = read("How many as of 16 February 2024?", filters=given)
    assert query.filters == given
    assert query.as_of is None
    assert not query.inferred


def test_a_day_that_the_calendar_lacks_is_an_error_that_shows_how_to_write_one() -> None:
    with pytest.raises(QuestionError, match="write it like 2024-05-30"):
        read("Who led as of February 31, 2024?")


@pytest.mark.parametrize("question", ["", "  \n ", "?!"])
def test_an_empty_question_is_an_error(question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        read(question)


def test_a_question_as_long_as_a_document_is_an_error() -> None:
    with pytest.raises(QuestionError, match="shorten"):
        read("why " * LONGEST)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Did the strike come before or after the vote?", "order"),
        ("How many days passed between the launch and the landing?", "duration"),
        ("Did the policy on ATACMS change between the two articles?", "change"),
        ("Give me a timeline of the Artemis delays", "timeline"),
        ("Trace how the dispute over the mine developed.", "timeline"),
        ("Please trace the career of Ann Lee.", "timeline"),
        ("Trace amounts of what metal were found in the river?", "fact"),
        ("Trace minerals of what kind are in the water?", "fact"),
        ("A trace of which chemical was found?", "fact"),
        ("Which witness could the police not trace?", "fact"),
        ("Which singer won three successive awards?", "fact"),
        ("What happened to the Titan, from its dive to the debris?", "timeline"),
        ("How did the toll develop between February 6 and 14?", "timeline"),
        ("How did the forecast change between March and June?", "change"),
        ("In what ways could tourists damage the carvings?", "open"),
        ("What significant legal challenges did the company face?", "open"),
        ("How deep is the wreck?", "fact"),
        ("What company raised concerns about the app?", "fact"),
        ("What year did the impact of the comet happen?", "fact"),
        ("What happened to the flight from Cairo to Paris?", "open"),
        ("Is Sweden a member of NATO?", "yesno"),
        ("Why did the bridge fall?", "open"),
        ("How many soldiers were invited?", "fact"),
        ("Who criticised the decision?", "fact"),
    ],
)
def test_the_kind_of_question_is_read_from_its_words(question: str, kind: str) -> None:
    assert read(question).kind == kind


def test_terms_leave_out_what_only_asks() -> None:
    assert read("What did Le Figaro report about the missiles?").terms == (
        "le",
        "figaro",
        "missiles",
    )


def test_latest_asks_for_the_state_of_things_now() -> None:
    assert read("What is the latest death toll?").recent
    assert not read("What was the death toll on 6 February?").recent
