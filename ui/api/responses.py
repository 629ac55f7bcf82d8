"""`/v1/responses`: OpenAI's newer protocol; the one by which LangChain hands citations on."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from rag.types import Answer, Tokens
from ui.api.askers import who_asks
from ui.api.chats import ResponseIn, check_length
from ui.api.chores import is_chore
from ui.api.citing import Citer, Json
from ui.api.offered import within
from ui.api.problems import Refused, error_record, raised
from ui.api.runs import Run, Runs
from ui.api.service import Service
from ui.api.wording import Sentence, Worded, worded
from ui.desk import Failed

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A response, or the events of its making",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    }
}


def response_routes(service: Service, runs: Runs) -> APIRouter:
    """Return the route of the responses protocol."""
    router = APIRouter(tags=["OpenAI-compatible"])

    @router.post("/responses", responses=_STREAM, response_class=Response)
    async def respond(asked: ResponseIn, request: Request) -> Response:
        """Answer the last message of the input from the archive."""
        collection = await run_in_threadpool(within, service, asked.model)
        put = asked.put(asked.messages(), collection)
        if is_chore(put.question):
            raise Refused(400, "Chores are answered by /v1/chat/completions.")
        check_length(put.question)
        run = runs.begin(service.ask(put, who_asks(request)))
        writer = Writer(
            run.id, asked, service.citer.at(str(request.base_url)), service.footer == "on"
        )
        if asked.stream:
            return StreamingResponse(_events(run, writer), media_type="text/event-stream")
        end = await run.end(request.is_disconnected)
        if not isinstance(end, Answer):
            raise raised(end) if end else Refused(503, "The question was given up.")
        return JSONResponse(writer.whole(end))

    return router


class Writer:
    """Writes one answer in the form of responses."""

    def __init__(self, name: str, asked: ResponseIn, citer: Citer, footer: bool) -> None:
        self._citer = citer
        self._footer = footer
        self._id, self._item = f"resp_{name}", f"msg_{name}"
        self._number = -1
        self._head = {
            "id": self._id,
            "object": "response",
            "created_at": int(time.time()),
            "model": asked.model,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": asked.metadata or {},
            "parallel_tool_calls": False,
            "temperature": None,
            "top_p": None,
            "tool_choice": "none",
            "tools": [],
            "text": {"format": {"type": "text"}},
        }

    def whole(self, answer: Answer) -> Json:
        """Return the answer as one object."""
        return self._completed(answer, worded(answer, self._citer, footer=self._footer))

    def created(self) -> Iterator[str]:
        """Yield what is sent before anything is known."""
        begun = {**self._head, "status": "in_progress", "output": [], "usage": None}
        yield self.event("response.created", response=begun)
        yield self.event("response.in_progress", response=begun)

    def events(self, answer: Answer) -> Iterator[str]:
        """Yield the events of a checked answer, sentence by sentence."""
        told = worded(answer, self._citer, footer=self._footer)
        whole = self._completed(answer, told)
        empty = {"id": self._item, "type": "message", "role": "assistant", "content": []}
        added = {**empty, "status": "in_progress"}
        yield self.event("response.output_item.added", output_index=0, item=added)
        at = {"item_id": self._item, "output_index": 0, "content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield self.event("response.content_part.added", **at, part=part)
        yield from self._text(told, at)
        item = whole["output"][0]
        part = item["content"][0]
        yield self.event("response.output_text.done", **at, text=told.content, logprobs=[])
        yield self.event("response.content_part.done", **at, part=part)
        yield self.event("response.output_item.done", output_index=0, item=item)
        yield self.event("response.completed", response=whole)

    def failed(self, status: int, message: str) -> str:
        """Return the event of a failure, in the form that the client's library raises on."""
        record = error_record(status, message)
        told = record["error"]
        return self.event("error", code=told["type"], message=told["message"], param=None, **record)

    def event(self, kind: str, **fields: Any) -> str:  # noqa: ANN401
        """Return one event with the next number."""
        self._number += 1
        told = {"type": kind, "sequence_number": self._number, **fields}
        return f"event: {kind}\ndata: {json.dumps(told)}\n\n"

    def _text(self, told: Worded, at: Json) -> Iterator[str]:
        index = 0
        for sentence in told.sentences:
            delta = sentence.lead + sentence.text
            yield self.event("response.output_text.delta", **at, delta=delta, logprobs=[])
            for annotation in noted(sentence):
                yield self.event(
                    "response.output_text.annotation.added",
                    **at,
                    annotation_index=index,
                    annotation=annotation,
                )
                index += 1
        if told.tail:
            yield self.event("response.output_text.delta", **at, delta=told.tail, logprobs=[])

    def _completed(self, answer: Answer, told: Worded) -> Json:
        content = {
            "type": "output_text",
            "text": told.content,
            "annotations": [a for s in told.sentences for a in noted(s)],
            "logprobs": [],
        }
        message = {
            "id": self._item,
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [content],
        }
        return {
            **self._head,
            "status": "completed",
            "output": [message],
            "usage": _usage(answer.tokens),
            "dateline": self._citer.answer(answer),
        }


def noted(sentence: Sentence) -> list[Json]:
    """Return the annotations of a sentence; a key `cited_text` would be swallowed by LangChain."""
    return [
        {
            "type": "url_citation",
            "start_index": sentence.start,
            "end_index": sentence.end,
            "title": record["title"] or record["publisher"] or record["article_id"],
            "url": record["address"],
            "dateline": record,
        }
        for record in sentence.cited
    ]


def _usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": 0},
        "output_tokens": tokens.generated,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens.prompt + tokens.generated,
    }


async def _events(run: Run, writer: Writer) -> AsyncIterator[str]:
    for event in writer.created():
        yield event
    async with aclosing(run.follow()) as events:
        async for item in events:
            if item is None:
                yield ": still working\n\n"
            elif isinstance(item.event, Answer):
                for event in writer.events(item.event):
                    yield event
                return
            elif isinstance(item.event, Failed):
                refused = raised(item.event)
                yield writer.failed(refused.status_code, refused.detail)
                return
        yield writer.failed(503, "The question was given up.")
