"""The HTTP API of what was asked before: conversations listed and saved, one answer by its name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import RedirectResponse, Response

from rag.archive.conversations import Conversations
from rag.archive.exchanges import Conversation
from rag.errors import NotFound
from ui.exports import KINDS, exchange_json, filename, written


def kept_routes(kept: Conversations) -> APIRouter:
    """Return the routes over the conversations of one archive."""
    router = APIRouter()

    @router.get("/answer/{exchange}")
    def permalink(exchange: str) -> Response:
        return RedirectResponse(f"../?answer={_name(exchange)}", 303)

    @router.get("/api/answers/{exchange}")
    def answer(exchange: str) -> dict[str, Any]:
        try:
            return exchange_json(kept.exchange(exchange))
        except NotFound as error:
            raise HTTPException(404, str(error)) from error

    @router.get("/api/conversations")
    def conversations(q: str = "") -> list[dict[str, Any]]:
        return [_label(c) for c in kept.listed(q)]

    @router.get("/api/conversations/{conversation}.{kind}")
    def save(conversation: str, kind: str) -> Response:
        if kind not in KINDS:
            raise HTTPException(404, f"a conversation is saved as one of {', '.join(KINDS)}")
        try:
            label = kept.conversation(conversation)
            text = written(kind, label, kept.exchanges(conversation))
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        name = filename(label, kind)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type=KINDS[kind], headers=headers)

    return router


def _name(raw: str) -> str:
    return "".join(c for c in raw if c.isalnum())[:64]


def _label(c: Conversation) -> dict[str, Any]:
    return {
        "id": c.id,
        "title": c.title,
        "created": c.created.isoformat(),
        "updated": c.updated.isoformat(),
        "questions": c.questions,
        "changed": c.changed,
    }
