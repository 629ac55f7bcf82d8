"""Pictures of text -> text, by the tesseract of this computer where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from functools import cache

import pypdfium2 as pdfium

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

    @property
    def is_there(self) -> bool:
        """Whether this computer can read pictures of text at all."""
        return self._program is not None

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
