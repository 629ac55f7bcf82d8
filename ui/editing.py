"""The HTTP API's `dateline edit`: what no source of an article states, stated by hand.

PATCH /api/articles/ID   {"published": "2024-05-29", "outlet": "...", "title": "...",
                          "authors": ["..."]}
PATCH /api/articles      the same, and {"where": ["publisher=unknown"]}

Either answers {"job": 3}; GET /api/jobs/3 says what became of it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.archive.edits import Edits
from rag.errors import SettingsError
from rag.language.characters import encodable
from ui.intake import Intake


def _encodable(value: object) -> object:
    return encodable(value) if isinstance(value, str) else value


Words = Annotated[str, Field(max_length=500), BeforeValidator(_encodable)]


class Stated(BaseModel):
    """What is stated of an article; "unknown" takes a value away."""

    model_config = ConfigDict(extra="forbid")

    published: Words | None = None
    outlet: Words | None = None
    title: Words | None = None
    authors: Annotated[list[Words], Field(max_length=20)] | None = None


class Many(Stated):
    """The same of all articles for which each condition holds."""

    where: Annotated[list[Words], Field(min_length=1, max_length=20)]


def edit_routes(intake: Intake) -> APIRouter:
    """Return the routes by which articles are edited."""
    router = APIRouter(prefix="/api")

    @router.patch("/articles/{article_id}", status_code=202)
    def one(article_id: str, stated: Stated) -> dict[str, int]:
        return _job(intake, [article_id], [], stated)

    @router.patch("/articles", status_code=202)
    def many(stated: Many) -> dict[str, int]:
        return _job(intake, [], stated.where, stated)

    return router


def _job(intake: Intake, ids: list[str], where: list[str], given: Stated) -> dict[str, int]:
    try:
        return {"job": intake.edit(ids, where, edits_of(given))}
    except SettingsError as error:
        raise HTTPException(422, str(error)) from error


def edits_of(given: Stated) -> Edits:
    """Return what a person states as edits.

    Raises:
        SettingsError: it is nothing, or the day is none.
    """
    from rag.maintenance.edit import stated

    edits = stated(**given.model_dump(include=set(Stated.model_fields)))
    if not edits:
        raise SettingsError("say what to state: published, outlet, title or authors")
    return edits
