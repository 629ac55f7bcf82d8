"""Questions about the archive itself, asked over a few articles of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag import NewsQA
from rag.answer.replay import replay
from rag.models.vocabulary import common
from rag.question.cut import Known
from rag.question.holdings import about_archive
from rag.question.periods import period_at
from rag.record import from_json, to_json
from rag.types import Answer, Filter

ARTICLES = [
    {
        "id": "lift1",
        "publisher": "Valley Courier",
        "published": "2024-02-03",
        "title": "Cable car of Hochberg stands still",
        "text": "The cable car of Hochberg stopped on Saturday. Mayor Lena Strobl said that a "
        "rope was worn. Forty guests were brought down.",
        "authors": ["Jan Moser"],
    },
    {
        "id": "lift2",
        "publisher": "Alpine Observer",
        "published": "2024-02-09",
        "title": "New rope for Hochberg",
        "text": "The cable car of Hochberg gets a new rope for 2 million francs, Lena Strobl said.",
        "authors": ["Rita Kunz", "Jan Moser"],
    },
    {
        "id": "vote",
        "publisher": "Valley Courier",
        "published": "2024-03-17",
        "title": "Strobl stays mayor",
        "text": "Lena Strobl was re-elected on Sunday. Apples were cheap at the market.",
        "authors": ["Rita Kunz"],
    },
    {
        "id": "tele",
        "publisher": "La Vallée",
        "published": "2024-02-10",
        "title": "Le téléphérique de Hochberg reste fermé",
        "text": "Le téléphérique de Hochberg restera fermé jusqu'en mars, a annoncé la commune.",
        "language": "fr",
    },
    {
        "id": "old",
        "title": "Hay prices",
        "text": "Hay was dear in the valley, and the farmers of Hochberg complained.",
    },
]
KNOWN = Known(
    outlets=("Valley Courier", "Alpine Observer", "cnn.com"),
    authors=("Jan Moser", "Rita Kunz"),
    today=date(2024, 3, 17),
    common=common,
)


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewsQA]:
    folder = tmp_path_factory.mktemp("valley") / "archive"
    with NewsQA.open(folder, chat="none") as opened:
        report = opened.add(ARTICLES)
        assert not report.failed
        yield opened


def ids(answer: Answer) -> list[str]:
    assert answer.listing is not None, answer.text
    return [name for row in answer.listing.rows for name in row.articles]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How many articles mention Lena Strobl?", ["vote", "lift2", "lift1"]),
        ("List all articles about the Hochberg cable car.", ["tele", "lift2", "lift1"]),
        ("How many articles do you have from the Valley Courier?", ["vote", "lift1"]),
        ("Which articles did Jan Moser write?", ["lift2", "lift1"]),
        ("What is the newest article in the archive?", ["vote"]),
        ("What is the oldest article about Hochberg?", ["lift1"]),
        ("Who wrote the article about the new rope?", ["lift2"]),
        ("What was reported in March 2024?", ["vote"]),
        ("How often did the Alpine Observer report about Hochberg?", ["lift2"]),
        ("Which articles were published between 4 February 2024 and 10 February 2024?",
         ["lift2", "tele"]),
        ("how many articles do you have about strobl", ["vote", "lift2", "lift1"]),
        ("Which articles came out last month?", ["lift1", "lift2", "tele"]),
        ("How many articles mention the Tower of Pisa?", []),
        ("Lena Strobl", ["vote", "lift2", "lift1"]),
        ("Hochberg?", ["tele", "lift2", "lift1", "old"]),
        ("strobl", ["vote", "lift2", "lift1"]),
    ],
)  # fmt: skip
def test_a_question_about_the_archive_is_counted_and_each_row_leads_to_its_article(
    qa: NewsQA, question: str, found: list[str]
) -> None:
    answer = qa.ask(question)
    assert answer.outcome == "answered"
    assert answer.verdict is not None
    assert answer.verdict.kind == "counted"
    assert ids(answer) == found
    assert answer.model == "none"
    assert answer.evidence == answer.statements == ()


@pytest.mark.parametrize("said", ["Tower of Pisa", "Who", "apples", "Hello!", "Was Strobl elected"])
def test_what_is_no_name_of_the_archive_is_asked_as_a_question(qa: NewsQA, said: str) -> None:
    assert qa.ask(said).listing is None


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who built the Tower of Pisa?", "nothing_found"),
        ("How tall is the mayor of Zug?", "nothing_found"),
        ("How tall is Lena Strobl?", "not_answered"),
    ],
)
def test_a_decline_says_whether_any_article_has_the_name(
    qa: NewsQA, question: str, kind: str
) -> None:
    answer = qa.ask(question)
    assert (answer.outcome, answer.declined) == ("declined", kind)
    assert ("mentions" in answer.reason) == (kind == "nothing_found")
    assert answer.closest


def test_outlets_and_authors_come_as_a_table_with_counts(qa: NewsQA) -> None:
    outlets = qa.ask("Which outlets reported on Hochberg?").listing
    assert outlets is not None
    assert outlets.columns == ("outlet", "articles", "first", "latest")
    assert {row.cells[0]: row.cells[1] for row in outlets.rows} == {
        "Valley Courier": "1",
        "Alpine Observer": "1",
        "La Vallée": "1",
        "outlet unknown": "1",
    }
    authors = qa.ask("Which journalists wrote about Hochberg?").listing
    assert authors is not None
    assert [(row.cells[0], row.cells[1]) for row in authors.rows] == [
        ("Jan Moser", "2"),
        ("Rita Kunz", "1"),
    ]


def test_what_is_covered_says_the_days_and_how_many_articles_have_none(qa: NewsQA) -> None:
    answer = qa.ask("What period does the archive cover?")
    assert answer.text == (
        "The archive covers 3 February 2024 to 17 March 2024: 5 articles, and 1 without a date."
    )


def test_the_longest_gap_between_articles_is_counted_in_days(qa: NewsQA) -> None:
    answer = qa.ask("What is the longest gap between articles about Lena Strobl?")
    assert answer.listing is not None
    assert answer.listing.title == (
        "The longest gap between articles that mention Lena Strobl: 37 days, "
        "from 9 February 2024 to 17 March 2024."
    )
    assert [row.cells[0] for row in answer.listing.rows] == ["37", "6"]
    assert answer.listing.rows[0].articles == ("lift2", "vote")


def test_articles_without_an_outlet_are_no_outlet(qa: NewsQA) -> None:
    answer = qa.ask("How many different outlets are in the archive?")
    assert answer.listing is not None
    assert answer.listing.title == (
        "3 outlets in the archive: Valley Courier, Alpine Observer, La Vallée; 1 more without one."
    )


def test_it_says_exactly_what_was_counted(qa: NewsQA) -> None:
    answer = qa.ask("How many articles from the Valley Courier mention Lena Strobl in March 2024?")
    assert answer.listing is not None
    assert answer.listing.title == (
        "1 article from Valley Courier published from 1 March 2024 to 31 March 2024 mentions "
        "Lena Strobl."
    )
    assert "without a date are left out" in answer.listing.counted
    assert "“Lena Strobl”" in answer.listing.counted


def test_the_person_s_own_filter_and_day_hold_for_what_is_counted(qa: NewsQA) -> None:
    only = Filter(publishers=("Alpine Observer",))
    assert ids(qa.ask("How many articles mention Hochberg?", filters=only)) == ["lift2"]
    early = qa.ask("How many articles mention Hochberg?", as_of=date(2024, 2, 5))
    assert ids(early) == ["lift1"]


def test_the_closest_article_is_looked_for_only_where_the_person_may_read(qa: NewsQA) -> None:
    only = Filter(publishers=("Alpine Observer",))
    answer = qa.ask("Who wrote the article about the mayor's triumph?", filters=only)
    assert ids(answer) == ["lift2"]
    assert answer.listing is not None
    assert "closest" in answer.listing.counted


def test_a_withdrawn_article_is_not_counted(qa: NewsQA, tmp_path: Path) -> None:
    with NewsQA.open(tmp_path / "archive", chat="none") as other:
        other.add(ARTICLES)
        from rag.archive.archive import Archive

        with Archive.create(tmp_path / "archive") as archive:
            archive.withdraw("vote", "was withdrawn")
        assert ids(other.ask("How many articles mention Lena Strobl?")) == ["lift2", "lift1"]


def test_an_answer_goes_through_json_and_can_be_counted_again(qa: NewsQA) -> None:
    answer = qa.ask("Which articles did Jan Moser write?")
    assert from_json(to_json(answer)) == answer
    assert replay(answer, qa).holds
    stored = to_json(answer)
    stored["listing"]["rows"] = stored["listing"]["rows"][:1]
    assert not replay(from_json(stored), qa).holds


@pytest.mark.parametrize(
    "question",
    [
        "How many articles of impeachment did the House approve?",
        "Which articles of the constitution mention the army?",
        "How many stories does the tower have?",
        "How many articles are in the treaty?",
        "Who wrote the report on the dam?",
        "Which newspaper published the secret papers?",
        "What is the latest on the strike?",
        "What is the latest report on inflation?",
        "How many reports of theft were filed?",
        "How often did the ministry report on the flood?",
        "What was reported about the dam in June 2024?",
        "What did the Valley Courier report about the cable car?",
        "What did Jan Moser write about the rope?",
        "What happened in June 2024?",
        "What is the first article of the constitution about?",
        "Who founded the archive?",
        "What did the article say about Strobl?",
        "How many news outlets were closed by the army?",
        "Are the miners seized near Hochberg still held?",
        "These books became a founding text for what library?",
        "How many regard themselves as farmers today?",
        "What did the court say of article 34?",
        "Which countries are mentioned in the treaty?",
        "Tell me everything about the strike",
        "how many atricles of clothing were found",
        "who wrtoe the letter",
        "how many people live in menton",
        "What is the longest gap between two moon missions?",
        "When was the longest pause in rate rises?",
        "What is the oldest thing in the museum's archive?",
        "When was the Higgs boson first mentioned?",
        "articles of association memo",
    ],
)
def test_a_question_about_the_world_is_none_about_the_archive(question: str) -> None:
    assert about_archive(question, KNOWN) is None


@pytest.mark.parametrize(
    "questions",
    [
        (
            "How many articles mention Lena Strobl?",
            "In how many articles does Lena Strobl appear?",
            "Lena Strobl: how many reports?",
            "Tell me the number of stories in which Lena Strobl is named",
            "How often is Lena Strobl mentioned?",
            "Count the pieces that refer to Lena Strobl, please.",
        ),
        (
            "Which articles did Jan Moser write?",
            "Show me everything by Jan Moser",
            "Stories signed by Jan Moser",
            "What has Jan Moser written?",
            "Is there anything under the byline of Jan Moser?",
        ),
        (
            "What is the newest article about Hochberg?",
            "Give me the most recent report on Hochberg",
            "When was the last article about Hochberg published?",
            "Latest article on Hochberg, please",
        ),
        (
            "Which outlets mention Hochberg?",
            "By which outlets was Hochberg mentioned?",
            "Which newspapers wrote about Hochberg?",
        ),
        (
            "What period does the archive cover?",
            "How far back do your articles go?",
            "From when to when do the articles range?",
            "What is the date range of the collection?",
        ),
        (
            "How many articles mention Hochberg?",
            "hw many artcles mention Hochberg",
            "hwo many articels abuot Hochberg",
            "pls cuont the artilces on Hochberg",
        ),
        (
            "What is the period of the articles on Hochberg?",
            "date range of our Hochberg articles",
            "what time span do the Hochberg articles cover",
        ),
        (
            "What is the longest gap between articles about Hochberg?",
            "longest gap in coverage of Hochberg",
            "how long was the longest stretch without an article on Hochberg",
            "biggest silence in our coverage of Hochberg?",
        ),
        (
            "Which articles were published on 9 February 2024?",
            "Articles of 9 February 2024",
        ),
        (
            "Which coverage is there of March Madness?",
            "list articles on March Madness",
        ),
        (
            "What is the oldest article in the archive?",
            "what's the oldest thing in the archive",
            "earliest thing you have",
        ),
        (
            "How many articles mention Hochberg in February 2024?",
            "articles Hochberg february 2024 count",
            "count articles Hochberg february 2024",
        ),
        (
            "When was Hochberg last mentioned in the archive?",
            "when was Hochberg last written about in our collection",
        ),
        (
            "Which outlet had Hochberg first?",
            "which paper had the Hochberg story first",
        ),
        (
            "Which articles were published before 1 March 2024?",
            "stories from before 1 March 2024",
            "documents before 1 March 2024",
        ),
        (
            "Which articles were published between 4 February 2024 and 10 February 2024?",
            "Show me what came out from 4 to 10 February 2024",
            "articles from 2024-02-04 to 2024-02-10",
        ),
    ],
)
def test_a_question_in_other_words_is_the_same_question(questions: tuple[str, ...]) -> None:
    first, *others = (about_archive(question, KNOWN) for question in questions)
    assert first is not None
    for question, other in zip(questions[1:], others, strict=True):
        assert other is not None, question
        same = replace(other, wanted="list") if first.wanted == "list" else other
        assert replace(same, unread=()) == first, question


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("How many articles are there per month?", [("2024-02", "3"), ("2024-03", "1")]),
        (
            "Which languages are the articles in?",
            [("language unknown", "3"), ("English", "1"), ("French", "1")],
        ),
        (
            "Does the Valley Courier or the Alpine Observer have more articles on Hochberg?",
            [("Alpine Observer", "1"), ("Valley Courier", "1")],
        ),
        ("Which month has the most articles?", [("2024-02", "3"), ("2024-03", "1")]),
    ],
)
def test_articles_are_counted_by_month_language_and_outlet(
    qa: NewsQA, question: str, cells: list[tuple[str, str]]
) -> None:
    found = qa.ask(question).listing
    assert found is not None
    assert [row.cells[:2] for row in found.rows] == cells


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is the longest article?", ["lift1"]),
        ("Which is the shortest article from the Valley Courier?", ["vote"]),
        ("How many articles mention Hochberg, but not Strobl?", ["tele", "old"]),
        ("Which articles do not mention Hochberg?", ["vote"]),
        ("Which articles mention francs or apples?", ["vote", "lift2"]),
        ("Which articles have no author?", ["tele", "old"]),
        ("Articles with Hochberg in the title", ["tele", "lift2", "lift1"]),
        ("How many articles are in French?", ["tele"]),
        ("How many articles by the Tall Observer mention Hochberg?", []),
    ],
)
def test_what_narrows_a_list_holds_in_any_order(
    qa: NewsQA, question: str, found: list[str]
) -> None:
    assert sorted(ids(qa.ask(question))) == sorted(found)


def test_a_verb_that_was_passed_over_is_told(qa: NewsQA) -> None:
    answer = qa.ask("How many articles were whispered by Jan Moser?")
    assert answer.listing is not None
    assert answer.listing.total == 2
    assert "Not looked for: “whispered”." in answer.listing.counted


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("between 4 and 10 February 2024", (date(2024, 2, 4), date(2024, 2, 10))),
        ("in the first quarter of 2024", (date(2024, 1, 1), date(2024, 3, 31))),
        ("since May", (date(2023, 5, 1), None)),
        ("no later than 5 May 2023", (None, date(2023, 5, 5))),
        ("prior to June 2023", (None, date(2023, 5, 31))),
        ("in the past three months", (date(2023, 12, 18), date(2024, 3, 17))),
        ("from 2023 onwards", (date(2023, 1, 1), None)),
        ("in the week of 14 February 2024", (date(2024, 2, 12), date(2024, 2, 18))),
        ("the week beginning 14 February 2024", (date(2024, 2, 14), date(2024, 2, 20))),
        ("in the week ending 14 February 2024", (date(2024, 2, 8), date(2024, 2, 14))),
        ("from before 2023", (None, date(2022, 12, 31))),
    ],
)
def test_periods_are_days_of_publication(said: str, days: tuple[date | None, date | None]) -> None:
    found = period_at(said, 0, KNOWN.today)
    assert found is not None
    assert (found.end, found.days) == (len(said), days)


@pytest.mark.parametrize("said", ["on 31 February 2024", "on March", "in 2019 and 2024"])
def test_what_is_no_one_period_is_none(said: str) -> None:
    found = period_at(said, 0, KNOWN.today)
    assert found is None or found.end < len(said)


def test_an_outlet_is_known_by_the_name_that_people_use() -> None:
    for said in ("CNN", "cnn.com"):
        found = about_archive(f"How many articles are there from {said}?", KNOWN)
        assert found is not None
        assert found.outlets == ("cnn.com",)
