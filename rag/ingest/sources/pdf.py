"""PDF -> draft: pdfium finds the characters, their places make lines and paragraphs of them."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.errors import SourceError
from rag.ingest.clean import one_line
from rag.ingest.sources import fields
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import CHARACTERS, load, too_long

PAGES = 400
"""Most pages of a file; more is a book."""
PAGE_CHARACTERS = 200_000
"""Most characters of a page."""
READABLE = 2.0
"""Points: smaller type is not there to be read."""

_SHORT = 30
"""A line at the edge of a page whose numbers may differ from those of the other pages."""
_DIVIDED = "\x02\ufffe"
"""What pdfium gives for the hyphen of a word that is divided between two lines."""
_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_FILE_NAME = re.compile(
    r"(?:microsoft word|untitled|.*\.(?:docx?|indd|pdf|qxp|tmp|rtf)$)", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(r"(?:page )?\d{1,4}(?: ?(?:of|/) ?\d{1,4})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a page; places in points, from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    page: int


def read(given: Given) -> Draft:
    """Return the article of a PDF file. Its dates are those of the file, so it has none.

    Raises:
        SourceError: it is no PDF, is locked, is too long, or holds pictures of text only.
    """
    name = given.origin
    try:
        with pdfium.PdfDocument(load(given)) as document:
            lines, left_out = _lines(document, name)
            stated = fields.words(document.get_metadata_dict().get("Title", ""))
            authors = fields.people(document.get_metadata_dict().get("Author", ""))
    except pdfium.PdfiumError as error:
        raise SourceError(f"{name} cannot be read as PDF: {error}") from error
    if not lines:
        raise SourceError(f"{name}: there is no text in this PDF, only pictures perhaps")
    lines = _without_margins(lines)
    heading, body = _headline(lines)
    title = stated if stated and _is_title(stated, heading) else heading
    if heading and title != heading:
        body = lines
    return Draft(
        origin=name,
        text="\n\n".join(_paragraphs(body)),
        title=title,
        authors=authors,
        url=given.url,
        notes=(f"Unreadable text was left out: {left_out} characters.",) if left_out else (),
    )


def _is_title(stated: str, heading: str | None) -> bool:
    """Say whether what a file states is its title, and not the name that some program gave it."""
    return not _FILE_NAME.match(stated) and (heading is None or len(stated.split()) > 1)


def _lines(document: pdfium.PdfDocument, name: str) -> tuple[list[_Line], int]:
    """Return the lines of all pages, and how many characters no reader would see."""
    if len(document) > PAGES:
        raise SourceError(f"{name} has {len(document):,} pages, more than {PAGES} are no article")
    lines: list[_Line] = []
    left_out = total = 0
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        total += text.count_chars()
        if text.count_chars() > PAGE_CHARACTERS or total > CHARACTERS:
            raise SourceError(too_long(name, f"{total:,} characters by page {number + 1}"))
        found, unseen = _of_page(text, page, number)
        lines += found
        left_out += unseen
        text.close()
        page.close()
    return lines, left_out


def _of_page(
    text: pdfium.PdfTextPage, page: pdfium.PdfPage, number: int
) -> tuple[list[_Line], int]:
    left, bottom, right, top = page.get_bbox()
    lines: list[_Line] = []
    row: list[tuple[str, int]] = []
    unseen = 0
    for index in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text, index))
        if char in _DIVIDED:
            row.append(("-", index))
        if char in _DIVIDED or char in "\r\n":
            lines += _line(text, row, number)
            row = []
        elif char.isspace() or _is_seen(text, index, (left, bottom, right, top)):
            row.append((char, index))
        else:
            unseen += 1
    return lines + list(_line(text, row, number)), unseen


def _is_seen(text: pdfium.PdfTextPage, index: int, page: tuple[float, float, float, float]) -> bool:
    """Say whether a character stands on the page, large and dark enough to be read."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if raw.FPDFText_GetFillColor(text, index, red, green, blue, alpha) and (
        alpha.value == 0 or min(red.value, green.value, blue.value) >= 250
    ):
        return False
    x, y = ctypes.c_double(), ctypes.c_double()
    if raw.FPDFText_GetCharOrigin(text, index, x, y):
        left, bottom, right, top = page
        if not (left - 1 <= x.value <= right + 1 and bottom - 1 <= y.value <= top + 1):
            return False
    return bool(raw.FPDFText_IsGenerated(text, index)) or _size(text, index) >= READABLE


def _size(text: pdfium.PdfTextPage, index: int) -> float:
    """Return the size in points at which a character is shown."""
    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(text, index))
    if raw.FPDFText_GetMatrix(text, index, matrix):
        size *= max(abs(matrix.d), abs(matrix.b))
    return size


def _line(text: pdfium.PdfTextPage, row: list[tuple[str, int]], page: int) -> Iterator[_Line]:
    shown = [index for char, index in row if not char.isspace()]
    # pdfium gives what is beyond the 16 bits of Windows' characters in two halves.
    words = "".join(char for char, _ in row).encode("utf-16", "surrogatepass")
    line = one_line(words.decode("utf-16", "replace"))
    if line:
        first, last = text.get_charbox(shown[0]), text.get_charbox(shown[-1])
        y = ctypes.c_double()
        raw.FPDFText_GetCharOrigin(text, shown[0], ctypes.c_double(), y)
        size = _size(text, shown[0])
        yield _Line(text=line, left=first[0], right=last[2], bottom=y.value, size=size, page=page)


def _without_margins(lines: list[_Line]) -> list[_Line]:
    """Leave out page numbers and what stands at the head or the foot of most pages."""
    pages = {line.page for line in lines}
    edges: Counter[str] = Counter()
    outer: set[int] = set()
    for page in pages:
        places = [i for i, line in enumerate(lines) if line.page == page]
        outer |= {*places[:2], *places[-2:]}
        edges.update({_shape(lines[i].text) for i in {*places[:2], *places[-2:]}})
    often = {text for text, count in edges.items() if count >= max(3, len(pages) / 2)}
    kept = [
        line
        for i, line in enumerate(lines)
        if not (i in outer and (_shape(line.text) in often or _PAGE_NUMBER.fullmatch(line.text)))
    ]
    return kept or lines


def _shape(text: str) -> str:
    """Return what lines at the edges of pages have in common: words, or "3 May · Page 7"."""
    return re.sub(r"\d+", "0", text.casefold()) if len(text) <= _SHORT else text


def _headline(lines: list[_Line]) -> tuple[str | None, list[_Line]]:
    """Split off the lines in the largest type, if they open the first page as a headline does."""
    usual = median(line.size for line in lines for _ in line.text.split())
    beginning = [line for line in lines[:12] if line.page == lines[0].page]
    largest = max(line.size for line in beginning)
    if largest < 1.2 * usual:
        return None, lines
    first = next(i for i, line in enumerate(beginning) if line.size == largest)
    last = first
    while last + 1 < len(lines) and abs(lines[last + 1].size - largest) < 0.1:
        last += 1
    title = " ".join(line.text for line in lines[first : last + 1])
    return (title, lines[:first] + lines[last + 1 :]) if len(title) <= 300 else (None, lines)


def _paragraphs(lines: list[_Line]) -> list[str]:
    """Join the lines of each paragraph."""
    gaps = [a.bottom - b.bottom for a, b in pairwise(lines)]
    usual = median([gap for gap in gaps if gap > 0] or [0.0])
    paragraphs: list[str] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before is None or _begins(before, line, usual):
            paragraphs.append(line.text)
        else:
            paragraphs[-1] = _joined(paragraphs[-1], line.text)
    return paragraphs


def _begins(before: _Line, line: _Line, usual: float) -> bool:
    """Say whether a line begins a new paragraph."""
    ended = _END.search(before.text) is not None
    if line.page != before.page or line.bottom > before.bottom:
        return ended  # the next page or column
    if abs(line.size - before.size) > 0.15 * before.size:
        return True
    if usual and before.bottom - line.bottom > 1.4 * usual:
        return True
    indented = line.left > before.left + 0.8 * line.size
    short = before.right < line.right - 4 * line.size
    return ended and (indented or short)


def _joined(text: str, line: str) -> str:
    """Join two lines, and a word that was divided between them."""
    if re.search(r"[a-z]-$", text) and line[:1].islower():
        return text[:-1] + line
    return f"{text} {line}"
