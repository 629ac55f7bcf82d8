"""`/api/v1`: what was asked before, and whether its answers still hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from rag.archive.conversations import Conversations
from rag.archive.exchanges import Exchange
from ui.api.models.answers import ConversationFull, ConversationsOut, ExchangeOut, ReplayOut
from ui.api.models.shared import Words
from ui.api.problems import Refused
from ui.api.service import Service
from ui.exports import label_json, standing_json

Name = Annotated[str, Path(max_length=64)]


def kept_routes(service: Service) -> APIRouter:
    """Return the routes over kept conversations."""
    router = APIRouter(tags=["conversations"])

    def kept() -> Conversations:
        if service.kept is None:
            raise Refused(404, "This server keeps no conversations.")
        return service.kept

    @router.get("/conversations", response_model=ConversationsOut)
    def conversations(
        q: Annotated[Words, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> dict[str, Any]:
        """List kept conversations that hold all words of `q`, the latest first."""
        return {"items": [label_json(c) for c in kept().listed(q, limit=limit)]}

    @router.get("/conversations/{name}", response_model=ConversationFull)
    def conversation(name: Name) -> dict[str, Any]:
        """Read a conversation with its answers."""
        exchanges = [_exchange(service, e) for e in kept().exchanges(name)]
        return label_json(kept().conversation(name)) | {"exchanges": exchanges}

    @router.get("/answers/{name}", response_model=ExchangeOut)
    def answer(name: Name) -> dict[str, Any]:
        """Read a kept answer."""
        return _exchange(service, kept().exchange(name))

    @router.get("/answers/{name}/replay", response_model=ReplayOut)
    def replay(name: Name) -> dict[str, Any]:
        """Hold a kept answer against the archive of today; no model is asked."""
        found = kept().exchange(name)
        if found.answer is None:
            raise Refused(404, f"The question {name!r} has no answer that could be replayed.")
        replayed = service.replay(found.answer)
        changes = [asdict(c) for c in replayed.changes]
        return {"id": name, "holds": replayed.holds, "changes": changes}

    return router


def _exchange(service: Service, e: Exchange) -> dict[str, Any]:
    names = {"id": e.id, "conversation": e.conversation}
    return names | {
        "asked": e.asked.isoformat(),
        "question": e.question,
        "state": e.state,
        "message": e.message,
        "answer": names | service.citer.answer(e.answer) if e.answer else None,
        "digests": dict(e.digests or {}),
        "standing": standing_json(e),
    }
