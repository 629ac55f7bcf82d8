"""The first HTTP API: ask, read an article, health; `/api/v1` is the one to use now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from rag.answer.pipeline import EvidenceFound, Searched, StatementChecked, TextDelta, Understood
from rag.errors import DatelineError, NotFound
from rag.language.characters import encodable
from rag.record import iso, to_json
from rag.types import Answer, Article
from ui.api.askers import who_asks
from ui.api.messages import public
from ui.api.models.shared import Asked, LastDay, Within
from ui.desk import Busy, Desk, Failed, Ticket, Waiting
from ui.health import Health

if TYPE_CHECKING:
    from rag.archive.archive import Archive


async def malformed(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request without repeating it: what was sent may not be sendable."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    told = [{"loc": [encodable(str(at)) for at in e["loc"]], "msg": e["msg"]} for e in found]
    return JSONResponse({"detail": told}, status_code=422)


class Question(Within):
    """What `POST /api/ask` takes."""

    question: Asked
    as_of: LastDay | None = None
    stream: bool = Field(False, description="server-sent events instead of one JSON object")


def routes(desk: Desk, archive: Archive | None, health: Callable[[], Health]) -> APIRouter:
    """Return the routes of the API over a desk and an archive."""
    router = APIRouter(prefix="/api")

    @router.get("/health")
    def state() -> dict[str, Any]:
        return asdict(health())

    @router.get("/articles/{article_id}")
    def article(article_id: str, digest: str | None = None) -> dict[str, Any]:
        if archive is None:
            raise HTTPException(404, "there is no archive yet")
        try:
            return article_json(archive.article(article_id, digest))
        except NotFound as error:
            raise HTTPException(404, public(str(error))) from error

    @router.post("/ask", response_model=None)
    def ask(asked: Question, request: Request) -> Response:
        try:
            ticket = desk.ask(
                asked.question, who=who_asks(request), filters=asked.filters(), as_of=asked.as_of
            )
        except Busy as error:
            return JSONResponse({"error": str(error)}, 429, {"Retry-After": str(error.seconds)})
        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            return StreamingResponse(_events(ticket), media_type="text/event-stream")
        return _whole(ticket)

    return router


def article_json(article: Article) -> dict[str, Any]:
    """Return an article as `dateline show --json` prints it: offsets point into its `text`."""
    moments = {name: iso(getattr(article, name)) for name in ("published", "updated", "ingested")}
    return asdict(article) | moments | {"origin": None, "printed": article.printed}


def _whole(ticket: Ticket) -> Response:
    *_, last = ticket
    if isinstance(last, Answer):
        return JSONResponse(to_json(last))
    return JSONResponse({"error": last.message}, 422)


def _events(ticket: Ticket) -> Iterator[str]:
    try:
        for event in ticket:
            name, data = event_record(event)
            yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
    finally:
        ticket.stop()


def event_record(event: object) -> tuple[str, Any]:
    """Return the name of an event of an answer in the making, and what it tells."""
    told: tuple[str, Any]
    match event:
        case Waiting(ahead=ahead):
            told = "waiting", {"ahead": ahead}
        case Understood() | Searched():
            told = _read(event)
        case EvidenceFound(evidence=evidence):
            told = "evidence", to_json(_partial(evidence=evidence))["evidence"]
        case TextDelta(text=text):
            told = "text", {"text": text, "checked": False}
        case StatementChecked(statement=statement, kept=kept):
            one = to_json(_partial(statements=(statement,)))["statements"][0]
            told = "statement", {**one, "kept": kept}
        case Answer():
            told = "answer", to_json(event)
        case Failed(message=message):
            told = "error", {"error": message}
        case _:
            raise DatelineError(f"unknown event {type(event).__name__!r}")
    return told


def _partial(**known: Any) -> Answer:  # noqa: ANN401
    return Answer(question="", outcome="answered", reason="", **known)


def _read(event: Understood | Searched) -> tuple[str, Any]:
    """Return how a question was read, and what was searched for besides."""
    if isinstance(event, Searched):
        return "search", asdict(event.search)
    return "understood", _understood(event)


def _understood(read: Understood) -> dict[str, Any]:
    record = to_json(
        _partial(
            asked_as=read.question, filters=read.filters, as_of=read.as_of, inferred=read.inferred
        )
    )
    return {name: record[name] for name in ("asked_as", "filters", "as_of", "inferred")}
