"""Articles, their revisions and what differs between these."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.api.models.citations import SourceOut
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
