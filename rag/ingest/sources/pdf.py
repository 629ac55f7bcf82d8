"""PDF -> draft: pdfium finds the characters, their places make lines and paragraphs of them."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium
from pypdfium2 import raw

from rag.errors import SourceError
from rag.ingest.sources import fields, headlines
from rag.ingest.sources.columns import Line, ordered
from rag.ingest.sources.draft import Draft, Given
from rag.ingest.sources.files import CHARACTERS, load, too_long
from rag.ingest.sources.text import is_headline
from rag.language.characters import one_line

# Pictures of text -> text, by the tesseract of this computer where there is one.
PROGRAM = "tesseract"
SCALE = 200 / 72
"""Pixels a point: 200 an inch, at which newspaper type is still told apart."""
PIXELS = 40_000_000
"""Most pixels of a page."""
LANGUAGES = 4
"""Most languages that it looks for at once: each takes its time."""
SECONDS = 60.0
"""Of one file; the pages after that are named as not read."""


class Recogniser:
    """Reads the pages of one file, as long as there is time."""

    def __init__(self) -> None:
        """Look whether the program is here."""
        self._program = shutil.which(PROGRAM)
        self._until = time.monotonic() + SECONDS

    def read(self, page: pdfium.PdfPage) -> str:
        """Return the text of a page; empty when there is none, or no more time."""
        left = self._until - time.monotonic()
        width, height = page.get_size()
        if self._program is None or left <= 0 or width * height * SCALE**2 > PIXELS:
            return ""
        try:
            done = subprocess.run(  # noqa: S603 - a program of this computer, found by its name
                [self._program, "-", "-", *_languages(self._program)],
                input=_picture(page),
                capture_output=True,
                timeout=left,
                check=True,
                env={"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1"},
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.decode("utf-8", "replace").replace("\f", "").strip()


@cache
def _languages(program: str) -> tuple[str, ...]:
    """Return the option that names the languages which are installed; it knows English alone."""
    try:
        done = subprocess.run(  # noqa: S603 - a program of this computer, found by its name
            [program, "--list-langs"], capture_output=True, timeout=SECONDS / 10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    listed = done.stdout.decode("utf-8", "replace").split("\n")[1:]
    known = [name for name in map(str.strip, listed) if name and name not in ("osd", "equ")]
    return ("-l", "+".join(known[:LANGUAGES])) if len(known) > 1 else ()


def _picture(page: pdfium.PdfPage) -> bytes:
    """Return a page as a grey picture in the plainest of formats (PGM)."""
    bitmap = page.render(scale=SCALE, grayscale=True)
    data, step, width = bytes(bitmap.buffer), bitmap.stride, bitmap.width
    rows = (data[y * step : y * step + width] for y in range(bitmap.height))
    return b"P5 %d %d 255\n" % (width, bitmap.height) + b"".join(rows)


PAGES = 400
"""Most pages of a file; more is a book."""
PAGE_CHARACTERS = 200_000
"""Most characters of a page."""
READABLE = 2.0
"""Points: smaller type is not there to be read."""

GAP = 0.9
"""A gap of more than this part of the type's size may lie between two columns."""

_SHORT = 30
"""A line at the edge of a page whose numbers may differ from those of the other pages."""
_DIVIDED = "\x02\ufffe"
"""What pdfium gives for the hyphen of a word that is divided between two lines."""
_END = re.compile(r"[.!?:…][\"'”’)\]]*$")
_FILE_NAME = re.compile(
    r"(?:microsoft word|untitled|.*\.(?:docx?|indd|pdf|qxp|tmp|rtf)$)", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(r"(?:page )?\d{1,4}(?: ?(?:of|/) ?\d{1,4})?", re.IGNORECASE)


SCANNED = 40
"""A page of fewer characters, with a picture on it, is a picture of a page."""


@dataclass(slots=True)
class _Pages:
    """What the pages of a file hold."""

    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    """Characters that no reader would see."""
    pictures: list[int] = field(default_factory=list)
    """Numbers of the pages that are pictures of text, and were not read."""
    recognised: dict[int, list[str]] = field(default_factory=dict)
    """Paragraphs of the pages that were read from pictures."""
    headed: bool = False
    """The first of these is a line by itself, as headlines are."""


def read(given: Given) -> Draft:
    """Return the article of a PDF file. Its dates are those of the file, so it has none.

    Raises:
        SourceError: it is no PDF, is locked, is too long, or holds pictures of text only.
    """
    name = given.origin
    try:
        with pdfium.PdfDocument(load(given)) as document:
            pages = _pages(document, name)
            stated = fields.words(document.get_metadata_dict().get("Title", ""))
            authors = fields.people(document.get_metadata_dict().get("Author", ""))
    except pdfium.PdfiumError as error:
        locked = "assword" in str(error)
        why = "it is locked with a password" if locked else "it is damaged, or is something else"
        raise SourceError(f"{name} cannot be read as PDF: {why}") from error
    if not pages.lines and not pages.recognised:
        raise SourceError(f"{name}: {_nothing(pages)}")
    title, texts = _texts(pages, stated)
    return Draft(
        origin=name,
        text="\n\n".join(texts),
        title=title,
        authors=authors,
        url=given.url,
        notes=tuple(_notes(pages)),
    )


def _texts(pages: _Pages, stated: str | None) -> tuple[str | None, list[str]]:
    """Return the title and the paragraphs, those read from pictures after all others."""
    recognised = [text for _, texts in sorted(pages.recognised.items()) for text in texts]
    if not pages.lines:
        if stated and _is_title(stated, None):
            return stated, recognised
        if pages.headed and len(recognised) > 1 and is_headline(recognised[0]):
            return recognised[0], recognised[1:]
        return None, recognised
    lines = _without_margins(pages.lines)
    heading, body = _headline(lines)
    title = stated if stated and _is_title(stated, heading) else heading
    if heading and title != heading:
        body = lines
    head = next((n for n, line in enumerate(body) if not headlines.states(line.text)), len(body))
    first = [line.text for line in body[:head]]
    return title, [*first, *_paragraphs(body[head:]), *recognised]


def _nothing(pages: _Pages) -> str:
    if not pages.pictures:
        return "there is no text in this PDF"
    return (
        "its pages are pictures and it needs text recognition: install "
        f"{PROGRAM} on this computer and index it again"
    )


def _notes(pages: _Pages) -> Iterator[str]:
    """Say what a reader should know of how the text was read."""
    if pages.left_out:
        yield f"Unreadable text was left out: {pages.left_out} characters."
    if pages.recognised:
        numbers = ", ".join(map(str, sorted(pages.recognised)))
        yield f"Read from pictures by text recognition, so words may be wrong: page {numbers}."
    if pages.pictures:
        numbers = ", ".join(map(str, pages.pictures))
        yield f"Not read, since it is a picture and needs text recognition: page {numbers}."


def _is_title(stated: str, heading: str | None) -> bool:
    """Say whether what a file states is its title, and not the name that some program gave it."""
    return not _FILE_NAME.match(stated) and (heading is None or len(stated.split()) > 1)


def _pages(document: pdfium.PdfDocument, name: str) -> _Pages:
    """Return the lines of all pages, and which pages are pictures."""
    if len(document) > PAGES:
        raise SourceError(f"{name} has {len(document):,} pages, more than {PAGES} are no article")
    pages, recogniser = _Pages(), Recogniser()
    total = 0
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        total += text.count_chars()
        if text.count_chars() > PAGE_CHARACTERS or total > CHARACTERS:
            raise SourceError(too_long(name, f"{total:,} characters by page {number + 1}"))
        rows, unseen = _of_page(text, page, number)
        if sum(len(part.text) for row in rows for part in row) < SCANNED and _is_picture(page):
            _recognise(page, number + 1, pages, recogniser)
        pages.lines += ordered(rows)
        pages.left_out += unseen
        text.close()
        page.close()
    return pages


def _is_picture(page: pdfium.PdfPage) -> bool:
    """Say whether pictures cover a good part of a page."""
    width, height = page.get_size()
    covered = 0.0
    for picture in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return bool(covered >= 0.3 * width * height)


def _of_picture(lines: list[str]) -> list[str]:
    """Return the paragraph that lines are, or each by itself where they are the head's."""
    if all(map(headlines.states, filter(str.strip, lines))):
        return [one_line(line) for line in lines]
    return [one_line(" ".join(lines))]


def _recognise(page: pdfium.PdfPage, number: int, pages: _Pages, by: Recogniser) -> None:
    text = by.read(page)
    if text:
        parts = [part.split("\n") for part in re.split(r"\n\s*\n", text)]
        pages.headed |= not pages.recognised and len(parts[0]) == 1
        pages.recognised[number] = [each for lines in parts for each in _of_picture(lines)]
    else:
        pages.pictures.append(number)


def _of_page(
    text: pdfium.PdfTextPage, page: pdfium.PdfPage, number: int
) -> tuple[list[list[Line]], int]:
    """Return the rows of a page, divided at wide gaps, and how many characters nobody sees."""
    left, bottom, right, top = page.get_bbox()
    rows: list[list[Line]] = []
    row: list[tuple[str, int]] = []
    unseen = 0
    for index in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text, index))
        if char in _DIVIDED:
            row.append(("-", index))
        if char in _DIVIDED or char in "\r\n":
            rows.append(_parts(text, row, number))
            row = []
        elif char.isspace() or _is_seen(text, index, (left, bottom, right, top)):
            row.append((char, index))
        else:
            unseen += 1
    rows.append(_parts(text, row, number))
    return [parts for parts in rows if parts], unseen


def _parts(text: pdfium.PdfTextPage, row: list[tuple[str, int]], page: int) -> list[Line]:
    """Return a row as lines, divided where the gap between two words is wide."""
    parts: list[list[tuple[str, int]]] = [[]]
    before: int | None = None
    for char, index in row:
        if not char.isspace():
            spaced = bool(parts[-1]) and parts[-1][-1][0].isspace()
            if before is not None and spaced and _gap(text, before, index) > GAP:
                parts.append([])
            before = index
        parts[-1].append((char, index))
    return [line for part in parts for line in _line(text, part, page)]


def _gap(text: pdfium.PdfTextPage, before: int, after: int) -> float:
    """Return how wide the gap between two characters is, by the size of their type."""
    size = _size(text, after) or 1.0
    return float(text.get_charbox(after)[0] - text.get_charbox(before)[2]) / size


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


def _line(text: pdfium.PdfTextPage, row: list[tuple[str, int]], page: int) -> Iterator[Line]:
    shown = [index for char, index in row if not char.isspace()]
    # pdfium gives what is beyond the 16 bits of Windows' characters in two halves.
    words = "".join(char for char, _ in row).encode("utf-16", "surrogatepass")
    line = one_line(words.decode("utf-16", "replace"))
    if line:
        first, last = text.get_charbox(shown[0]), text.get_charbox(shown[-1])
        y = ctypes.c_double()
        raw.FPDFText_GetCharOrigin(text, shown[0], ctypes.c_double(), y)
        size = _size(text, shown[0])
        yield Line(text=line, left=first[0], right=last[2], bottom=y.value, size=size, page=page)


def _without_margins(lines: list[Line]) -> list[Line]:
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


def _headline(lines: list[Line]) -> tuple[str | None, list[Line]]:
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


def _paragraphs(lines: list[Line]) -> list[str]:
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


def _begins(before: Line, line: Line, usual: float) -> bool:
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
