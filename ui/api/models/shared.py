"""What the bodies of the HTTP API have in common: bounds, errors, which articles may be read."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rag.language.characters import encodable
from rag.types import Filter

MOST_CHARACTERS = 2000
"""Of a question."""


def _encodable(value: object) -> object:
    return encodable(value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_encodable)]
Names = Annotated[list[Annotated[Words, Field(max_length=300)]], Field(max_length=50)]
Asked = Annotated[Words, Field(min_length=1, max_length=MOST_CHARACTERS)]


_PART = re.compile(r"(\d{4})(?:-(\d{2}))?")
"""A year, or a month of one."""


def _first_day(value: object) -> object:
    return _day_of(value, last=False)


def _last_day(value: object) -> object:
    return _day_of(value, last=True)


def _day_of(value: object, *, last: bool) -> object:
    """Return the first or last day of a year or month; what is no day is refused in plain words."""
    if not isinstance(value, str):
        return value
    part = _PART.fullmatch(value.strip())
    try:
        if part is None:
            return date.fromisoformat(value.strip()[:10])
        year, month = int(part[1]), int(part[2] or (12 if last else 1))
        return date(year, month, monthrange(year, month)[1] if last else 1)
    except ValueError:
        raise ValueError("a day is written 2024-01-31; 2024-01 and 2024 are understood") from None


FirstDay = Annotated[date, BeforeValidator(_first_day)]
"""A day, or a year or month by its first day."""
LastDay = Annotated[date, BeforeValidator(_last_day)]


class Taken(BaseModel):
    """A body that a route takes: unknown fields are refused, so that no typing error is lost."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """A body that a route returns: later versions may add fields."""

    model_config = ConfigDict(extra="allow")


class Problem(Given):
    """An error as RFC 9457 has it (`application/problem+json`)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = Field(
        None, description="of a malformed request: `loc` and `msg` of each fault"
    )


class Within(Taken):
    """Which articles may be read."""

    since: FirstDay | None = None
    until: LastDay | None = None
    publishers: Names = []
    authors: Names = []
    without: Names = []
    collections: Names = []
    entities: Names = Field(
        [], description="people, organisations, places: an article must name them all"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Within:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")
        return self

    def filters(self) -> Filter | None:
        """Return the filter; None when nothing was set, so that the question's words decide."""
        given = Filter(
            since=self.since,
            until=self.until,
            publishers=tuple(self.publishers),
            authors=tuple(self.authors),
            without=tuple(self.without),
            collections=tuple(self.collections),
            entities=tuple(self.entities),
        )
        return given or None
