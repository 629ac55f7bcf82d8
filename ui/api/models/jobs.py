"""What is to be indexed, and how far it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rag.settings import IndexEngine
from ui.api.models.shared import Given, Taken, Words


class JobIn(Taken):
    """What is to be indexed; all that is named together is one job."""

    kind: Literal["index", "rebuild"] = "index"
    upload: str | None = Field(
        None, max_length=64, description="a batch of files that were sent to /api/uploads"
    )
    folders: list[Annotated[Words, Field(max_length=2000)]] = Field([], max_length=50)
    urls: list[Annotated[Words, Field(max_length=2000)]] = Field([], max_length=200)
    collection: Words = Field(
        "",
        max_length=80,
        description="the collection that all goes into; who may read several must name it",
    )


class LineOut(Given):
    """What became of one file or record."""

    name: str
    outcome: str
    reason: str
    article_id: str | None


class JobOut(Given):
    """A job, and how far it is."""

    id: int
    what: str
    phase: Literal["waiting", "reading", "embedding", "indexing", "done", "failed"]
    running: bool
    done: int
    total: int
    seconds_left: float | None = Field(description="of this phase; null where unknown")
    totals: dict[str, int] = Field(description="how many files or records had each outcome")
    failures: list[LineOut]
    lines: list[LineOut] = Field(description="the newest, failures before all others")
    error: str


class HealthOut(Given):
    """How the server is."""

    state: Literal["loading", "ready", "busy", "unreachable", "failed"]
    message: str
    model: str
    waiting: int
    index: IndexEngine | Literal["scan", ""]
    """What searches by meaning; `scan`, which is slower, while the index is not there."""


class ReadyOut(Given):
    """Whether questions are answered now."""

    ready: bool
    state: str
