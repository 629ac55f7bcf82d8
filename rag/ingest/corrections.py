"""What an article says of its own corrections: notes that its readers, and a watch, are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rag.language.characters import one_line

LONGEST = 500
"""Characters of a correction that are kept as a note; the article has the whole of it."""
_MOST = 5
_HEADED = re.compile(
    r"^\W{0,3}(?:corrections?|clarifications?|errat(?:um|a))\b[^:\n]{0,60}:\s*(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_EARLIER = re.compile(
    r"\b(?:an|the|this) (?:earlier|previous) version of (?:this|the) (?:article|story|report)\b"
    r"|^\W{0,3}this (?:article|story|report) (?:has been|was) (?:corrected|amended)\b",
    re.IGNORECASE,
)


def stated(text: str) -> tuple[str, ...]:
    """Return the corrections that an article's text tells, each as a note."""
    found = []
    for paragraph in text.split("\n\n"):
        headed = _HEADED.match(paragraph)
        if headed is not None:
            found.append(_note(headed["said"]))
        elif _EARLIER.search(paragraph):
            found.append(_note(paragraph))
    return tuple(dict.fromkeys(found))[:_MOST]


def of_page(about: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the corrections that a page states for search engines (schema.org `correction`)."""
    return tuple(dict.fromkeys(_note(words, day) for words, day in _comments(about)))[:_MOST]


def _comments(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    value = about.get("correction")
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            yield each, ""
        elif isinstance(each, Mapping):
            said = each.get("text") or each.get("description") or each.get("name")
            day = each.get("datePublished") or each.get("dateCreated")
            if isinstance(said, str):
                yield said, day[:10] if isinstance(day, str) else ""


def _note(said: str, day: str = "") -> str:
    line = one_line(said)
    short = line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
    return f"Correction ({day}): {short}" if day else f"Correction: {short}"
