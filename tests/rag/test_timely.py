"""What is asked of this week is not answered by what was reported last year."""

from dataclasses import replace
from datetime import date

import pytest

from rag.query import read
from rag.timely import stale
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
