from datetime import date

import pytest

from rag.answer.told.change import compare
from rag.search.candidates import Candidate
from rag.types import Article, Span


def said(text: str, article: str, published: date | None = None, words: float = 0.5) -> Candidate:
    """A sentence that is the whole of its article, as a candidate."""
    return Candidate(
        article=Article(id=article, digest=article, text=text, published=published),
        cluster=article,
        position=0,
        span=Span(start=0, end=len(text)),
        rank=1.0,
        words=words,
        around=words,
        form=0.0,
    )


BAN = "The ban on strikes inside Russia has not changed, the spokesperson said."
LIFTED = "He allowed strikes inside Russia, which he had restricted until last week."
ASKED = "Did the ban on strikes inside Russia change?"


def test_a_source_that_tells_of_a_change_leads_with_yes() -> None:
    found = compare(ASKED, [said(BAN, "a"), said(LIFTED, "b")])
    assert found is not None
    evidence, statements = found
    assert statements[0].text == f"Yes: {LIFTED}"
    assert {s.citations[0].quote for s in statements} == {BAN, LIFTED}
    assert len(evidence) == 2


def test_reports_that_all_deny_a_change_lead_with_no() -> None:
    other = "The ban on strikes inside Russia remains in place, officials said."
    found = compare(ASKED, [said(BAN, "a"), said(other, "b")])
    assert found is not None
    assert found[1][0].text.startswith("No: ")


def test_reports_without_a_word_of_change_stand_side_by_side_oldest_first() -> None:
    early = said("The rate is 5 percent.", "a", date(2024, 1, 1))
    late = said("The rate is 4 percent.", "b", date(2024, 9, 1))
    found = compare("Has the rate changed?", [late, early])
    assert found is not None
    assert [s.text for s in found[1]] == ["The rate is 5 percent.", "The rate is 4 percent."]


def test_one_article_alone_cannot_show_a_change() -> None:
    assert compare(ASKED, [said(BAN, "a")]) is None


@pytest.mark.parametrize("question", ["What changed?", "Who changed the ban?", "How many died?"])
def test_other_questions_are_left_to_the_model(question: str) -> None:
    assert compare(question, [said(BAN, "a"), said(LIFTED, "b")]) is None
