"""What is done while an answer is made, in words for people who wait."""

from __future__ import annotations

from rag.events import EvidenceFound, Searched, TextDelta, Understood
from ui.desk import Waiting


def status(event: object) -> str:
    """Return what an event of an answer in the making means; "" where nothing is to be said."""
    match event:
        case Waiting(ahead=ahead):
            return f"Waiting, {ahead} ahead" if ahead else "Beginning"
        case Understood():
            return "Searching the archive"
        case Searched(search=search):
            return f"Also searched for: {search.query}"
        case EvidenceFound(evidence=evidence):
            return f"Reading {len(evidence)} pieces of evidence"
        case TextDelta():
            return "Writing, nothing is checked yet"
        case _:
            return ""
