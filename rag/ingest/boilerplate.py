"""Lines that news sites put around the reporting: which whole paragraphs say nothing.

Precision first. A pattern must match a whole paragraph, from its first character to its last, so
that no sentence of reporting is lost to a word that it shares with an advertisement. Corrections,
clarifications, captions and the names under quotes are reporting and stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from rag.language.sentences import split

LONGEST = 500
"""A paragraph longer than this is never boilerplate; this bounds the time of the patterns too."""

_MARKS = r"[^\w“‘\"'@#$€£]{0,8}"
"""Bullets, arrows and dashes that may stand before the words."""


def _words() -> dict[str, Any]:
    return tomllib.loads(files("rag.ingest").joinpath("boilerplate.toml").read_text("utf-8"))


def _one_line(pattern: str) -> str:
    """Join the lines of a pattern: one that begins with "..." goes on the line above."""
    return pattern.strip("\n").replace("\n...", "")


def _alternatives(patterns: str, parts: Mapping[str, str]) -> str:
    joined = "|".join(_one_line(patterns).splitlines())
    for name, part in parts.items():
        joined = joined.replace(f"{{{name}}}", part)
    return f"(?:{joined})"


def _compiled() -> tuple[dict[str, re.Pattern[str]], re.Pattern[str]]:
    """Return the patterns of whole paragraphs by their kinds, and that of what hangs at an end."""
    words = _words()
    whole, end = words.pop("whole"), words.pop("end")
    parts = {name: _one_line(part) for name, part in words.pop("parts").items()}
    parts |= {name: f"(?:{'|'.join(abroad)})" for name, abroad in words.items()}
    kinds = {
        kind: re.compile(_MARKS + _alternatives(patterns, parts), re.IGNORECASE)
        for kind, patterns in whole.items()
    }
    tail = rf"(?<=[.!?…”\"’)])\s{{1,4}}({_alternatives(end['tail'], parts)})\Z"
    return kinds, re.compile(tail, re.IGNORECASE)


_KINDS, _TAIL = _compiled()
_WORD = re.compile(r"[^\W_]")


def kind_of(paragraph: str) -> str | None:
    """Name the kind of boilerplate that the whole paragraph is, or None when it is reporting."""
    if not _WORD.search(paragraph):
        return "rule"
    if len(paragraph) > LONGEST:
        return None
    return next((k for k, pattern in _KINDS.items() if pattern.fullmatch(paragraph)), None)


def without_tail(paragraph: str) -> str:
    """Return the paragraph without the "Read more" and "CLICK HERE ..." that hang at its end."""
    end = len(paragraph)
    while (tail := _TAIL.search(paragraph, max(0, end - 120), end)) is not None:
        near = max(0, end - 400)
        if near + split(paragraph[near:end])[-1].start != tail.start(1):
            break  # "Ohio Gov. Ann Lee/AP": no sentence ends there.
        end = tail.start()
    return paragraph[:end]
