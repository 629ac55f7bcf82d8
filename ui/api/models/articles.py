"""Articles, their revisions and what differs between these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.api.models.answers import (
    CitedOut,
    ConflictOut,
    CoverageOut,
    EventOut,
    ListingOut,
    SourceOut,
)
from ui.api.models.shared import Given


class ArticlePage(Given):
    """Articles, newest first and undated last."""

    items: list[SourceOut]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class ArticleOut(Given):
    """One revision of an article; all offsets point into `text`."""

    id: str
    digest: str
    text: str
    title: str | None
    publisher: str | None
    authors: list[str]
    published: str | None
    updated: str | None
    ingested: str | None
    url: str | None
    language: str | None
    date_source: str | None
    notes: list[str]
    printed: str | None = Field(description="where it stood in print, as an export says; else null")
    withdrawn: str | None = Field(description="why it is no longer quoted; null while it stands")
    edited: list[str] = Field(description="the fields that were stated by hand")


class RevisionOut(Given):
    """One text that an article has had."""

    digest: str
    ingested: str | None
    characters: int
    current: bool


class RevisionsOut(Given):
    """The texts of an article, oldest first."""

    article_id: str
    revisions: list[RevisionOut]


class ChangeOut(Given):
    """One place where two texts differ."""

    kind: Literal["removed", "added", "changed"]
    old: str
    new: str


class DiffOut(Given):
    """What was taken out, put in and reworded between two revisions."""

    article_id: str
    old: str
    new: str
    changes: list[ChangeOut]


# What the archive has of a topic: passages, names, claims, and all on one sheet.
class FoundOut(SourceOut):
    """A passage that a search found."""

    digest: str
    start: int
    end: int
    text: str
    address: str


class FoundPage(Given):
    """Passages, best first."""

    items: list[FoundOut]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class EntityOut(Given):
    """Somebody or something that articles name."""

    kind: Literal["person", "organisation", "place"]
    key: str = Field(description="the same for all spellings")
    name: str
    articles: int
    mentions: int


class EntityPage(Given):
    """Entities, those in most articles first."""

    items: list[EntityOut]
    total: int
    next: str | None = Field(description="the cursor of the next page; null at the end")


class MonthOut(Given):
    """How many articles a month has."""

    month: str
    articles: int


class OutletCount(Given):
    """How many articles an outlet has."""

    outlet: str
    articles: int


class DossierOut(Given):
    """All that the archive has of a topic."""

    topic: str
    articles: int
    counted: str = Field(description="what was counted, in words")
    months: list[MonthOut]
    outlets: list[OutletCount]
    first: SourceOut | None
    latest: SourceOut | None
    key: list[EventOut] = Field(description="key sentences in the order of what happened")
    named: list[EntityOut] = Field(description="people, organisations and places beside it")
    conflicts: list[ConflictOut]
    questions: list[str] = Field(description="some that these articles can answer")


class ClaimOut(SourceOut):
    """One value as one sentence gives it."""

    who: str = Field(description="the speaker whom the sentence names, else the outlet")
    what: str
    value: str = Field(description="as it is written")
    number: float
    unit: str
    bound: str = Field(description="exact, about, least or most")
    said: str | None = Field(description="the day of the report")
    since: str | None
    until: str | None
    digest: str
    start: int
    end: int
    quote: str
    story: str = Field(description="shared by copies of one report: they are one source")


class ClaimsOut(Given):
    """Claims on a topic, by the day of the report."""

    items: list[ClaimOut]


class HoldingsOut(CoverageOut):
    """What the archive holds."""

    publishers: list[str]
    months: list[MonthOut]
    generation: int


# What the tools of the Model Context Protocol return beside the rest.
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
