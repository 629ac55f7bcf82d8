"""Several things of one name: each is told apart, and no report is taken for a page on one."""

from dataclasses import replace

import pytest

from rag.answer.prompts import Style
from rag.answer.told.namesakes import tell
from rag.question.form import AnswerForm
from rag.types import Article
from tests.rag.making import sentences_of

CANYON = "Long Canyon (Arizona) Long Canyon is a gorge north of Sedona. It was surveyed in 1911."
MINE = "Long Canyon (mine) The Long Canyon is a mine that opened in 2016."
FARM = "Long Canyon, Utah Long Canyon is a farm that was founded in 1889."
LAW = "Canals Act 1911 The Canals Act 1911 was passed in December."


def article(number: int, text: str, title: str | None = None) -> Article:
    return Article(id=f"n{number}", digest=f"{number:064}", text=text, title=title)


def told(question: str, *texts: str, style: Style = "normal") -> list[str] | None:
    articles = [article(n, text) for n, text in enumerate(texts)]
    form = AnswerForm(question)
    sentences = (c for a in articles for c in sentences_of(a))
    ranked = [replace(c, form=float(form.held_by(c.text))) for c in sentences]
    found = tell(question, ranked, style)
    if found is None:
        return None
    evidence, statements = found
    held = {a.id: a.text for a in articles}
    assert all(e.text == e.span.of(held[e.source.article_id]) for e in evidence)
    assert [s.citations[0].quote for s in statements] == [e.text for e in evidence]
    return [s.text for s in statements]


def test_each_thing_of_a_name_is_told_of() -> None:
    assert told("What is Long Canyon?", CANYON, MINE, FARM) == [
        "Long Canyon (Arizona) Long Canyon is a gorge north of Sedona.",
        "Long Canyon (mine) The Long Canyon is a mine that opened in 2016.",
        "Long Canyon, Utah Long Canyon is a farm that was founded in 1889.",
    ]


def test_the_heading_stands_before_a_sentence_that_lacks_it() -> None:
    said = told("When was Long Canyon surveyed or opened?", CANYON, MINE)
    assert said is not None
    assert sorted(said) == [
        "Long Canyon (Arizona): It was surveyed in 1911.",
        "Long Canyon (mine) The Long Canyon is a mine that opened in 2016.",
    ]


def test_brackets_in_a_title_tell_apart_too() -> None:
    pages = (
        article(1, "Long Canyon is a gorge north of Sedona.", "Long Canyon (Arizona)"),
        article(2, "Long Canyon is a mine in Nevada.", "Long Canyon (mine)"),
    )
    found = tell("What is Long Canyon?", [c for a in pages for c in sentences_of(a)], "normal")
    assert found is not None
    assert [s.text for s in found[1]] == [
        "Long Canyon (Arizona): Long Canyon is a gorge north of Sedona.",
        "Long Canyon (mine): Long Canyon is a mine in Nevada.",
    ]


@pytest.mark.parametrize(
    "texts",
    [
        (CANYON, CANYON + " It is deep."),
        (CANYON, "Long Canyon is deep."),
        (
            "LONG CANYON (AP) — Fire has reached Long Canyon.",
            "LONG CANYON (Reuters) - Long Canyon burns.",
        ),
        ("Long Canyon (LCN) shares fell.", "Long Canyon (NYSE: LCN) rose on Monday."),
        ("Long Canyon, Fire Chief Bo Li said, burns.", "Long Canyon 2024 was a bad year."),
        (LAW, CANYON),
    ],
    ids=["one page twice", "one page and a report", "datelines", "tickers", "reports", "two names"],
)
def test_what_is_one_thing_or_no_page_on_it_is_left_to_the_model(texts: tuple[str, ...]) -> None:
    assert told("What is Long Canyon?", *texts) is None


def test_things_of_different_names_are_no_namesakes() -> None:
    assert told("Did the Canals Act affect Long Canyon?", CANYON, LAW) is None


def test_titles_of_reports_are_no_headings() -> None:
    reports = (
        article(1, "The minister flew to Rome on Monday.", "Ukraine war (live)"),
        article(2, "Here are five maps of the Ukraine war.", "Ukraine war (in pictures)"),
    )
    ranked = [c for a in reports for c in sentences_of(a)]
    assert tell("Is the Ukraine war over?", ranked, "normal") is None


def test_a_name_of_one_word_is_too_much_else() -> None:
    pages = ("March (film) March is a film.", "March (album) March is an album.")
    assert told("Who was elected in March?", *pages) is None
    assert told("Who is it?", "    (AP) It is a film.") is None


@pytest.mark.parametrize(
    ("question", "style"),
    [
        ("What is the mine Long Canyon?", "normal"),
        ("What is Short Canyon?", "normal"),
        ("What is Long Canyonland?", "normal"),
        ("What is Long Canyon?", "short"),
    ],
)
def test_who_says_which_or_asks_for_another_gets_no_list(question: str, style: Style) -> None:
    assert told(question, CANYON, MINE, style=style) is None
