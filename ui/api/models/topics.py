"""What the archive has of a topic: passages, names, claims, and all on one sheet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.api.models.answers import ConflictOut, CoverageOut, EventOut
from ui.api.models.citations import SourceOut
from ui.api.models.shared import Given


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
