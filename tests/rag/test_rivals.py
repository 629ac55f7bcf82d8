"""Values of any kind that exclude each other, and what an answer makes of them."""

from datetime import date

import pytest

from rag.answer.differ.disputed import OUTVOTED, disputed, lead
from rag.answer.differ.matching import gives, one_value
from rag.answer.differ.rivals import rivals
from rag.language.sentences import split
from rag.question.query import read
from rag.search.candidates import Candidate
from rag.types import Answer, Article, Conflict, Statement, Verdict

WON = "Who won the Harbour Regatta in 2021?"


def article(name: str, text: str, published: date | None = None) -> Article:
    return Article(
        id=name, digest=f"{name:0<64}", text=text, publisher=f"The {name}", published=published
    )


def candidates(*articles: Article, clusters: dict[str, str] | None = None) -> list[Candidate]:
    return [
        Candidate(
            article=a,
            cluster=(clusters or {}).get(a.id, a.id),
            position=i,
            span=span,
            rank=1.0,
            words=1.0,
            around=1.0,
            form=1.0,
        )
        for a in articles
        for i, span in enumerate(split(a.text))
    ]


def differing(question: str, *articles: Article) -> list[str]:
    found = rivals(read(question), candidates(*articles))
    return [r.value for r in found.readings] if found else []


def test_two_names_in_the_same_words_are_rivals() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021 by a length.")
    two = article("two", "Bo Tran won the Harbour Regatta in 2021 by a length.")
    assert differing(WON, one, two) == ["Ann Lee", "Bo Tran"]


def test_the_value_that_more_articles_give_comes_first() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021 by a length.")
    two = article("two", "Bo Tran won the Harbour Regatta in 2021 by a length.")
    three = article("three", "In 2021 the regatta in the harbour was won by Bo Tran.")
    assert differing(WON, one, two, three) == ["Bo Tran", "Ann Lee"]


def test_sentences_that_differ_in_the_year_too_are_about_two_races() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021 by a length.")
    two = article("two", "Bo Tran won the Harbour Regatta in 2020 by a length.")
    assert differing(WON, one, two) == []


def test_a_word_more_in_the_middle_is_no_other_value() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021 by a length.")
    two = article("two", "Bo Tran never won the Harbour Regatta in 2021 by a length.")
    assert differing(WON, one, two) == []


def test_a_longer_form_of_one_name_is_no_rival() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021 by a length.")
    two = article("two", "Skipper Ann Lee won the Harbour Regatta in 2021 by a length.")
    assert differing(WON, one, two) == []


def test_one_article_does_not_disagree_with_itself() -> None:
    text = "Ann Lee won the Harbour Regatta in 2021. Bo Tran won the Harbour Regatta in 2021."
    assert differing(WON, article("one", text)) == []


def test_what_the_question_itself_says_is_no_value() -> None:
    one = article("one", "The Harbour Regatta in 2021 was won by a crew of six on Sunday.")
    two = article("two", "The Harbour Cup in 2021 was won by a crew of six on Sunday.")
    assert differing(WON, one, two) == []


def test_a_whole_amount_is_shown_not_its_digits() -> None:
    one = article("one", "The port had revenue of $10.4 billion in the first quarter.")
    two = article("two", "The port had revenue of $1.39 billion in the first quarter.")
    found = differing("What was the port's revenue in the first quarter?", one, two)
    assert found == ["$10.4 billion", "$1.39 billion"]


def test_who_is_in_office_changes_with_the_days() -> None:
    old = article("old", "The mayor of the port town is Ann Lee.", date(2021, 5, 2))
    new = article("new", "The mayor of the port town is Bo Tran.", date(2024, 5, 2))
    found = rivals(read("Who is the mayor of the port town?"), candidates(new, old))
    assert found is not None
    assert (found.kind, [r.value for r in found.readings]) == (
        "changed over time",
        ["Ann Lee", "Bo Tran"],
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann Lee", "Lee", True),
        ("Ann Lee", "Bo Lee", False),
        ("Dec. 1, 2017", "1 December 2017", True),
        ("December 1, 2017", "December 2, 2018", False),
        ("1,200", "1200", True),
    ],
)
def test_spellings_of_a_value_are_one(one: str, other: str, same: bool) -> None:
    assert one_value(one, other) is same


def test_a_sentence_gives_a_day_in_another_spelling() -> None:
    assert gives("It opened on 1 December 2017.", "Dec. 1, 2017")
    assert not gives("It opened on 2 December 2018.", "Dec. 1, 2017")


def conflict(*articles: Article) -> Conflict:
    found = rivals(read(WON), candidates(*articles))
    assert found is not None
    return found


def test_both_values_are_told_with_their_sources() -> None:
    one = article("one", "Ann Lee won the Harbour Regatta in 2021.", date(2021, 6, 1))
    two = article("two", "Bo Tran won the Harbour Regatta in 2021.")
    told = lead(conflict(one, two))
    assert told.text == "Sources disagree: Ann Lee (The one, 1 June 2021); Bo Tran (The two)."
    assert [c.source.article_id for c in told.citations] == ["one", "two"]


def test_an_outvoted_value_is_left_to_the_list_and_said_to_be_there() -> None:
    found = conflict(
        article("one", "Ann Lee won the Harbour Regatta in 2021 by a length."),
        article("two", "Bo Tran won the Harbour Regatta in 2021 by a length."),
        article("three", "In 2021 the regatta in the harbour was won by Bo Tran."),
    )
    sure = Verdict(support="supported", score=1.0)
    said = Statement(text="Ann Lee won it.", citations=(), verdict=sure)
    answer = disputed(
        Answer(question=WON, outcome="answered", reason="", statements=(said,)), found
    )
    assert answer.text == "Most sources say Bo Tran (The two and 1 more); one says it differently."
    assert [s.verdict.reasons for s in answer.dropped] == [(OUTVOTED,)]
    assert [r.value for r in found.readings] == ["Bo Tran", "Ann Lee"]


def test_other_forms_of_one_word_are_no_other_values() -> None:
    one = article("Herald", "The island was battered by storms, causing floods that took homes.")
    two = article("Star", "The island was battered by storms that caused floods that took homes.")
    assert rivals(read("What battered the island with storms?"), candidates(one, two)) is None


def test_words_that_call_nothing_are_no_values() -> None:
    shared = "the most powerful rocket in history to leave the pad at the harbour"
    one = article("one", f"The rocket rose early on Thursday and became {shared}.")
    two = article("two", f"The rocket rose early on Thursday, making it {shared}.")
    asked = "What is the most powerful rocket in history that left the harbour?"
    assert differing(asked, one, two) == []
    red = article("red", f"On Thursday the red booster was {shared}.")
    blue = article("blue", f"On Thursday the blue booster was {shared}.")
    assert differing(asked, red, blue) == ["red", "blue"]
