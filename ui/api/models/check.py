"""Somebody's own text, and what the archive makes of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ui.api.models.citations import CitedOut
from ui.api.models.shared import Given, Within, Words


class CheckIn(Within):
    """A text of one's own, in plain words, that is to be held against the archive."""

    text: Annotated[Words, Field(min_length=1, max_length=60_000)]


class CheckedOut(Given):
    """What the archive makes of one sentence; offsets point into the text that was sent."""

    text: str
    start: int
    end: int
    finding: Literal[
        "supported", "contradicted", "changed_since", "one_source", "not_in_archive", "no_claim"
    ]
    reasons: list[str]
    sources: int = Field(description="independent sources: copies of one story count once")
    score: float
    support: list[CitedOut]
    against: list[CitedOut]


class CheckOut(Given):
    """What the archive makes of a text, sentence by sentence."""

    schema_: int = Field(1, alias="schema")
    counts: dict[str, int]
    sentences: list[CheckedOut]
