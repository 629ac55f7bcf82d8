"""`/api/v1/ask`: one JSON object, or events with numbers that a cut-off client resumes from."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from rag.archive.exchanges import Exchange
from rag.errors import DatelineError
from rag.events import Turn
from rag.types import Answer
from ui.api.askers import who_asks
from ui.api.models.answers import AnswerOut
from ui.api.models.questions import AskIn
from ui.api.problems import Refused, raised
from ui.api.runs import Keys, Repeated, Run, Runs
from ui.api.service import Service
from ui.api.unversioned import event_record
from ui.desk import Failed

log = logging.getLogger(__name__)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="a request that is sent again with the same key is done once",
    ),
]
After = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=20, description="the last event that arrived"),
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer, or the events of its making",
        "content": {"text/event-stream": {"schema": {"type": "object"}}},
    }
}


class Kept:
    """Keeps the question and the answer of a run, where it is wished."""

    def __init__(self, service: Service, asked: AskIn) -> None:
        self._service = service
        self.exchange: Exchange | None = None
        if (asked.keep or asked.conversation) and service.kept is not None:
            self.exchange = service.kept.begin(
                asked.question,
                conversation=asked.conversation,
                filters=asked.filters(),
                as_of=asked.as_of,
            )

    def end(self, end: Answer | Failed) -> None:
        """Keep what came of the question; whatever fails here does not cost the answer."""
        if self.exchange is None or self._service.kept is None:
            return
        try:
            if isinstance(end, Answer):
                cited = [c for s in end.statements for c in s.citations]
                digests = {c.source.article_id: self._service.citer.digest(c) for c in cited}
                self._service.kept.finish(self.exchange.id, end, digests)
            else:
                self._service.kept.end(self.exchange.id, "failed", end.message)
        except DatelineError:
            log.exception("an answer is not kept")

    def record(self, answer: Answer) -> dict[str, Any]:
        """Return the answer as JSON, with the names under which it is kept."""
        names = {
            "id": self.exchange.id if self.exchange else None,
            "conversation": self.exchange.conversation if self.exchange else None,
        }
        return names | self._service.citer.answer(answer)


class Asks:
    """The runs of `POST ask`, each with what writes its answer."""

    def __init__(self, service: Service, runs: Runs) -> None:
        self._service = service
        self._runs = runs
        self._kept: dict[str, Kept] = {}

    def begin(self, asked: AskIn, who: str) -> Run:
        """Put a question in the line."""
        history = _earlier(self._service, asked)
        ticket = self._service.ask(asked.put(history), who)
        kept = Kept(self._service, asked)
        run = self._runs.begin(ticket, kept.end)
        self._kept[run.id] = kept
        for name in [name for name in self._kept if not self._runs.known(name)]:
            del self._kept[name]
        return run

    def get(self, name: str) -> Run:
        """Return a run that a client may resume."""
        run = self._runs.get(name)
        if run is None or name not in self._kept:
            raise Refused(404, "This question is not known any more; please ask it again.")
        return run

    def record(self, run: Run) -> Callable[[Answer], dict[str, Any]]:
        """Return what writes the answer of a run."""
        return self._kept[run.id].record


def ask_routes(service: Service, runs: Runs, keys: Keys) -> APIRouter:
    """Return the routes by which questions are asked."""
    router = APIRouter(tags=["ask"])
    asks = Asks(service, runs)

    @router.post("/ask", response_model=AnswerOut, responses=_STREAM)
    async def ask(asked: AskIn, request: Request, idempotency_key: Key = None) -> Response:
        """Ask a question. Only the event `answer` is final: what came before is on its way."""
        body = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()
        key = idempotency_key and f"ask {idempotency_key}"
        run = once(keys, key, body, lambda: asks.begin(asked, who_asks(request)))
        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            run.resumable = True
            return _stream(run, 0, asks.record(run))
        run.resumable = run.resumable or key is not None
        end = await run.end(None if key else request.is_disconnected)
        if isinstance(end, Answer):
            return JSONResponse(asks.record(run)(end), headers={"X-Run": run.id})
        raise raised(end) if end else Refused(503, "The question was given up; please ask again.")

    @router.get(
        "/ask/{run}/events",
        responses=_STREAM,
        response_class=Response,
    )
    async def resume(run: str, last_event_id: After = None) -> Response:
        """Go on with the events of a question behind the one that arrived last."""
        found = asks.get(run)
        if last_event_id and not (last_event_id.isascii() and last_event_id.isdigit()):
            raise Refused(422, "Last-Event-ID is not the number of an event.")
        return _stream(found, int(last_event_id or 0), asks.record(found))

    return router


def once(keys: Keys, key: str | None, body: str, do: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Do something once for an idempotency key, and refuse the key for another body."""
    try:
        return keys.once(key, body, do)
    except Repeated:
        raise Refused(422, "This Idempotency-Key was used for another request.") from None


def _earlier(service: Service, asked: AskIn) -> tuple[Turn, ...]:
    """Return the turns of the conversation that a question goes on with; raises `NotFound`."""
    if not asked.conversation or service.kept is None:
        return ()
    exchanges = service.kept.exchanges(asked.conversation)
    return tuple(Turn(question=e.question, answer=e.answer.text) for e in exchanges if e.answer)


def _stream(run: Run, after: int, record: Callable[[Answer], dict[str, Any]]) -> Response:
    headers = {"X-Run": run.id, "Cache-Control": "no-store"}
    written = _written(run, after, record)
    return StreamingResponse(written, media_type="text/event-stream", headers=headers)


async def _written(
    run: Run, after: int, record: Callable[[Answer], dict[str, Any]]
) -> AsyncIterator[str]:
    yield f": run {run.id}\n\n"
    async with aclosing(run.follow(after)) as events:
        async for item in events:
            if item is None:
                yield ": still working\n\n"
                continue
            name, data = _event(item.event, record)
            yield f"id: {item.number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


def _event(event: object, record: Callable[[Answer], dict[str, Any]]) -> tuple[str, Any]:
    if isinstance(event, Answer):
        return "answer", record(event)
    if isinstance(event, Failed):
        refused = raised(event)
        return "error", {"status": refused.status_code, "detail": refused.detail}
    return event_record(event)
