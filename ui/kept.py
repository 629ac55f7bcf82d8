"""The HTTP API of what was asked before: conversations listed and saved, one answer by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from rag.archive.conversations import Conversations
from rag.archive.exchanges import Conversation, Exchange
from rag.errors import NotFound
from ui.bibliography import Authors, authors_of, nobody
from ui.exports import KINDS, alone, exchange_json, filename, label_json, written

if TYPE_CHECKING:
    from rag.archive.archive import Archive


def kept_routes(kept: Conversations, archive: Archive | None = None) -> APIRouter:
    """Return the routes over the conversations of one archive."""
    authors = authors_of(archive) if archive else nobody
    router = APIRouter()

    @router.get("/answer/{exchange}")
    def permalink(exchange: str) -> Response:
        return RedirectResponse(f"../?answer={_name(exchange)}", 303)

    @router.get("/api/answers/{exchange}.{kind}")
    def save_answer(exchange: str, kind: str) -> Response:
        found = _exchange(kept, exchange)
        return _file(kind, alone(found), [found], authors)

    @router.get("/api/answers/{exchange}")
    def answer(exchange: str) -> dict[str, Any]:
        return exchange_json(_exchange(kept, exchange))

    @router.get("/api/conversations")
    def conversations(q: str = "") -> list[dict[str, Any]]:
        return [label_json(c) for c in kept.listed(q)]

    @router.get("/api/conversations/{conversation}.{kind}")
    def save(conversation: str, kind: str) -> Response:
        try:
            named, asked = kept.conversation(conversation), kept.exchanges(conversation)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        return _file(kind, named, asked, authors)

    return router


def _exchange(kept: Conversations, name: str) -> Exchange:
    try:
        return kept.exchange(name)
    except NotFound as error:
        raise HTTPException(404, str(error)) from error


def _file(
    kind: str, named: Conversation, exchanges: Sequence[Exchange], authors: Authors
) -> Response:
    if kind not in KINDS:
        raise HTTPException(404, f"it is saved as one of {', '.join(KINDS)}")
    headers = {"content-disposition": f'attachment; filename="{filename(named, kind)}"'}
    made = written(kind, named, exchanges, authors)
    return Response(made, media_type=KINDS[kind], headers=headers)


def _name(raw: str) -> str:
    return "".join(c for c in raw if c.isalnum())[:64]
