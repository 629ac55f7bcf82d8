"""What is asked of this week is not answered by what was reported last year."""

from dataclasses import replace
from datetime import date

import pytest

from rag.answer.timely import elsewhen, stale
from rag.question.query import read
from rag.types import Citation, Source, Span, Statement, Verdict

ASKED = date(2024, 5, 30)


def said(*published: date | None) -> list[Statement]:
    """A statement cited to an article of each of these days."""
    cited = tuple(
        Citation(
            number=n,
            source=Source(article_id=f"a{n}", title=None, publisher=None, published=p),
            span=Span(start=0, end=1),
            quote="x",
        )
        for n, p in enumerate(published, 1)
    )
    return [Statement(text="x", citations=cited, verdict=Verdict(support="supported", score=1.0))]


def too_old(question: str, *published: date | None, asked: date | None = ASKED) -> bool:
    return bool(stale(replace(read(question), asked_on=asked), said(*published)))


@pytest.mark.parametrize(
    ("question", "oldest"),
    [
        ("Who tested positive this week?", date(2024, 5, 9)),
        ("Who resigned yesterday?", date(2024, 5, 9)),
        ("Who resigned last month?", date(2024, 3, 29)),
        ("Who recently resigned?", date(2024, 2, 28)),
    ],
)
def test_news_must_be_of_the_days_before_the_question(question: str, oldest: date) -> None:
    assert not too_old(question, oldest)
    assert too_old(question, date.fromordinal(oldest.toordinal() - 1))
    assert not too_old(question, date(2020, 1, 1), oldest)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the minister now?",
        "Who built the bridge?",
        "What did USA Today report?",
    ],
)
def test_a_state_of_things_may_have_been_reported_long_ago(question: str) -> None:
    assert not too_old(question, date(2020, 1, 1))


def test_without_a_day_nothing_is_too_old() -> None:
    assert not too_old("Who resigned this week?", None)
    assert not too_old("Who resigned this week?", date(2020, 1, 1), None)
    assert not too_old("Who resigned this week?", date(2020, 1, 1), asked=None)


def test_the_reader_is_told_both_days() -> None:
    late = stale(replace(read("Who resigned this week?"), asked_on=ASKED), said(date(2023, 7, 4)))
    assert "4 July 2023" in late
    assert "30 May 2024" in late


def off(question: str, *published: date | None, text: str = "The board met.") -> bool:
    return bool(elsewhen(read(question), said(*published), lambda _: text))


@pytest.mark.parametrize(
    "question",
    [
        "Who voted against it in September 2024?",
        "Who voted against it in June 2022 and in September 2024?",
        "Who voted against it on 18 September 2024?",
        "Who voted against it on Sept. 18, 2024?",
        "Who voted against it on 2024-09-18?",
        "Who voted against it on Wednesday, 18 September 2024?",
    ],
)
def test_a_month_is_answered_by_articles_of_its_days(question: str) -> None:
    assert not off(question, date(2024, 9, 18))
    assert not off(question, date(2024, 10, 2))
    assert off(question, date(2024, 12, 18))
    assert off(question, date(2024, 8, 1), date(2025, 9, 18))


def test_a_later_article_that_names_the_month_tells_of_it() -> None:
    question = "Who voted against it in September 2024?"
    assert not off(question, date(2024, 12, 18), text="As in September, one governor dissented.")
    assert not off(question, date(2024, 12, 18), text="As on Sept. 18, one governor dissented.")
    assert not off(question, None)


@pytest.mark.parametrize(
    "question",
    [
        "What was found after the September 2024 vote?",
        "Who voted against it in 2024?",
        "In September 2024 the board voted; who objected to that later?",
        "Who voted against it?",
    ],
)
def test_a_date_that_is_only_spoken_of_restricts_nothing(question: str) -> None:
    assert not off(question, date(2024, 12, 18))


def test_the_reader_is_told_which_month_is_not_spoken_of() -> None:
    question = read("Who voted against it in September 2024?")
    reason = elsewhen(question, said(date(2024, 12, 18)), lambda _: "")
    assert "18 December 2024" in reason
    assert "September 2024" in reason


def test_a_mayor_does_not_name_the_month_of_may() -> None:
    assert off("Who voted against it in May 2024?", date(2024, 12, 18), text="The Mayor voted.")
