"""PDF pages of columns are read column by column; pictures of pages are named, or recognised."""

import os
import shutil
import stat
from datetime import date

import pypdfium2 as pdfium
import pytest

from rag.errors import SourceError
from rag.ingest.sources.columns import CELL, Line, ordered
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.reading import read, readings
from rag.ingest.sources.worker import Limits, Reader
from tests.rag.documents import lines, pdf

LEFT = (
    "Engineers who inspected the dam", "above Tolva found eleven cracks",
    "in its spillway, the ministry", "said on Wednesday afternoon.",
)  # fmt: skip
RIGHT = (
    "Repairs will cost 12 million", "euros and take until autumn of",
    "next year. Farmers below it", "were told to move their cattle.",
)  # fmt: skip
THIRD = (
    "The camp by the river with its", "two hundred places is closed",
    "until the water is lower, and", "the road to it is barred.",
)  # fmt: skip
PICTURE = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"


@pytest.fixture
def results(tmp_path):
    def written(*pages):
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf(*pages))
        return list(read(path))

    return written


def across(*columns, top=700, width=180, size=10):
    """Write columns as some programs do: the first line of each, then the second of each."""
    return "\n".join(
        lines(text, top=top - 14 * row, left=50 + width * at, size=size)
        for row, texts in enumerate(zip(*columns, strict=True))
        for at, text in enumerate(texts)
    )


def joined(*columns):
    return " ".join(" ".join(column) for column in columns)


@pytest.mark.parametrize("columns", [(LEFT, RIGHT), (LEFT, RIGHT, THIRD)])
def test_columns_drawn_line_by_line_are_read_one_after_the_other(results, columns):
    (draft,) = results(across(*columns))
    assert " ".join(draft.text.split()) == joined(*columns)


def test_a_headline_over_the_columns_stays_above_them_and_a_second_one_ends_them(results):
    page = [lines("Dam above Tolva has eleven cracks, ministry says", top=740, left=50, size=18)]
    page += [
        across(LEFT, RIGHT),
        lines(
            "Elsewhere in the valley the rivers were still and the ferries ran to time on all days",
            top=630,
            left=50,
            size=10,
        ),
    ]
    page += [across(THIRD, LEFT, top=600)]
    (draft,) = results("\n".join(page))
    assert draft.title == "Dam above Tolva has eleven cracks, ministry says"
    middle = "Elsewhere in the valley the rivers were still and the ferries ran to time on all days"
    assert " ".join(draft.text.split()) == f"{joined(LEFT, RIGHT)} {middle} {joined(THIRD, LEFT)}"


def test_a_word_that_is_divided_at_the_end_of_a_line_is_joined_within_its_column(results):
    left = ("Ferry crews stayed on strike for", "a third day, leaving many com-", "muters at home.")
    right = (
        "The union wants a raise of nine",
        "percent. Its head said the off-",
        "er was no joke.",
    )
    (draft,) = results(across(left, right, width=220))
    assert "many commuters at home." in draft.text
    assert "the offer was no joke." in draft.text


def test_a_table_stays_a_table(results):
    rows = [("Dam", "Cracks", "Built"), ("Tolva", "11", "1961"), ("Mora", "3", "1974")]
    rows += [("Halm", "0", "1988"), ("Clare", "7", "1990")]
    (draft,) = results(across(*zip(*rows, strict=True)))
    assert "Tolva 11 1961" in " ".join(draft.text.split())


def test_columns_drawn_one_after_the_other_are_left_as_they_are(results):
    page = (
        lines(*LEFT, top=700, left=50, size=10) + "\n" + lines(*RIGHT, top=700, left=300, size=10)
    )
    (draft,) = results(page)
    assert " ".join(draft.text.split()) == joined(LEFT, RIGHT)


def test_every_part_of_every_row_is_kept_once():
    def part(text, left):
        return Line(text=text, left=left, right=left + 90, bottom=0, size=10, page=0)

    long = "x" * CELL
    rows = [[part(f"{long}{row}{at}", 100 * at) for at in range(3)] for row in range(5)]
    rows.insert(2, [Line(text="across", left=0, right=290, bottom=0, size=10, page=0)])
    found = [line.text for line in ordered(rows)]
    assert sorted(found) == sorted(line.text for row in rows for line in row)
    assert found[:2] == [f"{long}00", f"{long}10"]


# pictures


def test_a_scanned_file_says_what_it_needs(results, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    (error,) = results(PICTURE, PICTURE)
    assert isinstance(error, SourceError)
    assert "its pages are pictures and it needs text recognition: install tesseract" in str(error)


def test_a_scanned_page_among_others_is_named(results, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    (draft,) = results(lines(*LEFT), PICTURE)
    assert draft.notes == ("Not read, since it is a picture and needs text recognition: page 2.",)


def test_an_empty_page_is_no_picture(results):
    (error,) = results("")
    assert "there is no text in this PDF" in str(error)
    (draft,) = results(lines(*LEFT), "")
    assert draft.notes == ()


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    """A program that says how large the picture is that it was given."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\nread kind width height depth\n"
        'test "$kind" = P5 && printf "The river rose to %s metres.\\n\\nIt fell.\\n\\f" "$width"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_a_scanned_page_is_read_where_this_computer_can(results, tesseract):
    (draft,) = results(lines(*LEFT), PICTURE)
    assert draft.text == f"{joined(LEFT)}\n\nThe river rose to 1653 metres.\n\nIt fell."
    assert draft.notes == (
        "Read from pictures by text recognition, so words may be wrong: page 2.",
    )
    assert next(readings(draft.original)) == draft


def photographed(page):
    """Return a page that is one picture of another: rendered, and drawn as grey samples."""
    drawn = pdfium.PdfDocument(pdf(page))[0].render(scale=150 / 72, grayscale=True)
    step, width, height = drawn.stride, drawn.width, drawn.height
    data = bytes(drawn.buffer)
    samples = "".join(data[y * step : y * step + width].hex() for y in range(height))
    head = f"/W {width} /H {height} /CS /G /BPC 8 /F /AHx"
    return f"q 595 0 0 842 0 0 cm BI {head} ID {samples}> EI Q"


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not on this machine")
def test_the_tesseract_of_this_machine_reads_a_scanned_article(tmp_path):
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(photographed(lines(*LEFT, *RIGHT, size=14, lead=20))))
    with Reader(Limits()) as reader:
        (draft,) = reader.read(Given(origin=str(path), format="pdf"))
    assert isinstance(draft, Draft), str(draft)
    read_words = set(" ".join(draft.text.split()).replace(",", "").replace(".", "").split())
    wanted = set(" ".join((*LEFT, *RIGHT)).replace(",", "").replace(".", "").split())
    assert len(wanted & read_words) >= 0.9 * len(wanted)
    assert draft.notes == (
        "Read from pictures by text recognition, so words may be wrong: page 1.",
    )


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not on this machine")
def test_a_scanned_article_has_the_title_outlet_and_day_of_its_head(tmp_path):
    head = ("Dam above Tolva has cracks", "", "Tolva Courier, 29 May 2024", "By Ana Reis", "")
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(photographed(lines(*head, *LEFT, *RIGHT, size=15, lead=22))))
    (draft,) = read(path)
    assert (draft.title, draft.publisher) == ("Dam above Tolva has cracks", "Tolva Courier")
    assert (draft.published, draft.authors) == (date(2024, 5, 29), ("Ana Reis",))
    assert draft.text.startswith("Engineers who inspected")


def test_pictures_are_read_in_the_reading_process_too(tmp_path, tesseract):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(PICTURE))
    with Reader(Limits()) as reader:
        (draft,) = reader.read(Given(origin=str(path), format="pdf"))
    assert isinstance(draft, Draft)
    assert draft.text.startswith("The river rose to 1653 metres.")
