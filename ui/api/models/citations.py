"""Where words stand, and what became of them since."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ui.api.models.shared import Given


class SourceOut(Given):
    """The label of an article."""

    article_id: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None


class CitationOut(SourceOut):
    """The exact words behind a statement; `number` is that of the evidence."""

    number: int
    start: int
    end: int
    quote: str


class CitedOut(Given):
    """One citation of an answer with all that is known of it: the same record at every door."""

    number: int = Field(description="the [n] of the text")
    statement: str
    article_id: str
    digest: str = Field(description="SHA-256 of the text in which the quote stands")
    start: int
    end: int
    quote: str
    title: str | None
    publisher: str | None
    published: str | None
    source_url: str | None
    verdict: str
    score: float
    address: str = Field(description="shows these words of this revision for ever")


class PieceOut(Given):
    """A run of words in a comparison."""

    kind: Literal["same", "removed", "added"]
    text: str


class StandingOut(Given):
    """What became of some words of one revision."""

    state: Literal["stands", "changed", "withdrawn"]
    article_id: str
    digest: str
    start: int
    end: int
    quote: str
    title: str | None
    publisher: str | None
    published: str | None
    source_url: str | None
    current_digest: str
    now: dict[str, Any] | None
    diff: list[PieceOut]


class AnnotationOut(Given):
    """A W3C Web Annotation of the words at a place, with what became of them in `dateline`."""

    context: str = Field(alias="@context")
    id: str
    type: str
    motivation: str
    body: dict[str, Any]
    target: dict[str, Any]
    dateline: StandingOut
