"""What the tools of the Model Context Protocol return beside the rest."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.api.models.answers import ConflictOut, EventOut, ListingOut
from ui.api.models.citations import CitedOut, SourceOut
from ui.api.models.shared import Given


class AnswerTold(Given):
    """An answer as a model reads it; the text has markers and the list of sources."""

    question: str
    outcome: Literal["answered", "partial", "declined"]
    reason: str
    text: str
    late: bool = Field(description="the deadline passed: the sources' own sentences")
    citations: list[CitedOut]
    confidence: float
    extractive: bool
    model: str
    conflicts: list[ConflictOut]
    timeline: list[EventOut]
    listing: ListingOut | None
    nearest: list[SourceOut]


class ArticlePart(SourceOut):
    """A part of an article."""

    note: str
    digest: str
    start: int
    end: int
    characters: int = Field(description="of the whole text")
    text: str


class ConnectorResult(Given):
    """An article that a search found."""

    id: str
    title: str
    url: str


class ConnectorResults(Given):
    """What a search found, in the form of ChatGPT's connectors."""

    results: list[ConnectorResult]


class ConnectorArticle(Given):
    """An article in the form of ChatGPT's connectors."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]
