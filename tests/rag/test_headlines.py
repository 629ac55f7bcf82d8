"""Word, RTF and PDF files give outlet, day and byline where their first lines are nothing else."""

from datetime import UTC, date, datetime

import pytest

from rag.ingest.sources.draft import Draft
from rag.ingest.sources.headlines import stated
from rag.ingest.sources.reading import read
from tests.rag.documents import docx, lines, paragraph, pdf

STORY = "Engineers found eleven cracks in the Tolva dam, the water ministry said on Wednesday."


def told(*first, title="Dam has cracks"):
    draft = stated(Draft(origin="x", text="\n\n".join((*first, STORY)), title=title))
    return draft.publisher, draft.published, draft.authors, draft.text


@pytest.mark.parametrize(
    "first",
    [
        ("Tolva Courier", "29 May 2024", "By Ana Reis"),
        ("Tolva Courier, 29 May 2024", "By Ana Reis"),
        ("By Ana Reis", "Tolva Courier | Wednesday, May 29, 2024"),
        ("29 May 2024 – Tolva Courier", "Author: Ana Reis"),
        ("By Ana Reis, Tolva Courier, 29 May 2024",),
        ("By Ana Reis | Tolva Courier | May 29, 2024",),
        ("Tolva Courier", "By Ana Reis, 29 May 2024"),
        ("Source: Tolva Courier", "Published: 2024-05-29", "By: Ana Reis"),
        ("Tolva Courier\nMay 29, 2024 Wednesday\nby Ana Reis",),
    ],
)
def test_outlet_day_and_byline_are_read_from_the_head(first):
    assert told(*first) == ("Tolva Courier", date(2024, 5, 29), ("Ana Reis",), STORY)


@pytest.mark.parametrize(
    "first",
    [
        ("Festival on 10 August 2024",),
        ("Updated: 29 May 2024",),
        ("Printed on 3 June 2024",),
        ("The Mayor of Tolva",),
        ("By the river",),
        ("Downloaded, 3 June 2024 at home",),
        ("It began on 29 May 2024.", "Tolva Courier, 29 May 2024"),
    ],
)
def test_what_may_be_something_else_is_left_where_it_is(first):
    publisher, published, authors, text = told(*first)
    assert (publisher, published) == (None, None)
    assert text == "\n\n".join((*first, STORY))
    assert authors == ()


def test_a_head_without_a_text_is_the_text():
    draft = Draft(origin="x", text="29 May 2024")
    assert stated(draft) == draft


def test_word_and_pdf_files_are_dated_by_their_first_lines(tmp_path):
    head = ("Tolva Courier, 29 May 2024, 10:15 GMT", "By Tom Vale", STORY)
    (tmp_path / "a.docx").write_bytes(docx("".join(map(paragraph, head))))
    (draft,) = read(tmp_path / "a.docx")
    assert (draft.publisher, draft.authors) == ("Tolva Courier", ("Tom Vale",))
    assert draft.published == datetime(2024, 5, 29, 10, 15, tzinfo=UTC)
    assert (draft.date_source, draft.text) == ("first lines", STORY)
    page = [lines("Dam has cracks", size=20), lines("Tolva Courier", "May 29, 2024", top=740)]
    page.append(lines(STORY, STORY, STORY, top=712))
    (tmp_path / "a.pdf").write_bytes(pdf("\n".join(page)))
    (draft,) = read(tmp_path / "a.pdf")
    assert (draft.title, draft.publisher) == ("Dam has cracks", "Tolva Courier")
    assert (draft.published, draft.text) == (date(2024, 5, 29), f"{STORY} {STORY} {STORY}")
