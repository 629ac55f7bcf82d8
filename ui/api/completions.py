"""`/v1/chat/completions` and `/v1/models`: OpenAI's chat protocol, with citations that survive it.

Text cannot be taken back in this protocol, so nothing is sent before the whole answer is checked;
what happens meanwhile is told by status events.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from rag.events import TextDelta
from rag.types import Answer, Tokens
from ui.api.askers import who_asks
from ui.api.chats import ChatIn, ModelOut, ModelsOut, check_length
from ui.api.chores import chore, is_chore
from ui.api.citing import Citer, Json
from ui.api.offered import WITHIN, offered, within
from ui.api.problems import Refused, error_record, raised
from ui.api.progress import status
from ui.api.runs import Run, Runs
from ui.api.service import Service
from ui.api.wording import Worded, searched, shown_source, worded
from ui.desk import Failed

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A chat completion, or its chunks as events",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    }
}


def completion_routes(service: Service, runs: Runs) -> APIRouter:
    """Return the routes of the chat protocol."""
    router = APIRouter(tags=["OpenAI-compatible"])

    @router.get("/models", response_model=ModelsOut)
    def models() -> ModelsOut:
        """List the models that who asks can name.

        They are `dateline`, `dateline-extractive` without a language model, and for each collection
        that may be read `dateline/COLLECTION`.
        """
        return ModelsOut(data=[ModelOut(id=name) for name in offered(service)])

    @router.get("/models/{name}", response_model=ModelOut)
    def model(name: str) -> ModelOut:
        """Say whether a model is there."""
        within(service, name)
        return ModelOut(id=name)

    @router.get(f"/models/{WITHIN}{{collection:path}}", response_model=ModelOut)
    def model_of_collection(collection: str) -> ModelOut:
        """Say whether a collection can be asked by who asks; its name may hold any sign."""
        return model(f"{WITHIN}{collection}")

    @router.post("/chat/completions", responses=_STREAM, response_class=Response)
    async def complete(asked: ChatIn, request: Request) -> Response:
        """Answer the last message of a conversation from the archive."""
        collection = await run_in_threadpool(within, service, asked.model)
        put = asked.put(asked.messages, collection)
        if is_chore(put.question):
            return _chore(chore(put.question), asked)
        check_length(put.question)
        run = runs.begin(service.ask(put, who_asks(request)))
        writer = Writer(
            run.id, asked, service.citer.at(str(request.base_url)), _footed(service, request)
        )
        if asked.stream:
            chunks = _chunks(run, writer, drafts=service.draft == "reasoning")
            return StreamingResponse(chunks, media_type="text/event-stream")
        end = await run.end(request.is_disconnected)
        if not isinstance(end, Answer):
            raise raised(end) if end else Refused(503, "The question was given up.")
        return JSONResponse(writer.whole(end))

    return router


def _footed(service: Service, request: Request) -> bool:
    """Say whether a list of sources closes the text: not for Open WebUI, which shows its own."""
    if service.footer == "auto":
        return not any(name.startswith("x-openwebui-") for name in request.headers)
    return service.footer == "on"


class Writer:
    """Writes one answer in the form of chat completions."""

    def __init__(self, name: str, asked: ChatIn, citer: Citer, footer: bool) -> None:
        self._citer = citer
        self._footer = footer
        self._asked = asked
        self._head = {"id": f"chatcmpl-{name}", "created": int(time.time()), "model": asked.model}

    def whole(self, answer: Answer) -> Json:
        """Return the answer as one object."""
        told = worded(answer, self._citer, footer=self._footer)
        noted = [a for _, some in _annotated(told) for a in some]
        message = {
            "role": "assistant",
            "content": told.content,
            "refusal": None,
            "annotations": noted,
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [choice],
            "usage": usage(answer.tokens),
            **self._proof(answer, told),
            "sources": [shown_source(r) for r in told.sources],
        }

    def status(self, text: str, *, done: bool = False) -> Json:
        """Return a chunk that says what is done meanwhile; only Open WebUI reads it."""
        event = {"type": "status", "data": {"description": text, "done": done}}
        return self.chunk({}, event=event)

    def chunks(self, answer: Answer) -> Iterator[Json]:
        """Yield the chunks of a checked answer, sentence by sentence."""
        told = worded(answer, self._citer, footer=self._footer)
        shown: set[int] = set()
        for sentence, noted in _annotated(told):
            yield self.chunk({"content": sentence.lead + sentence.text})
            for record, annotation in zip(sentence.cited, noted, strict=True):
                event = None
                if record["number"] not in shown:
                    shown.add(record["number"])
                    event = {"type": "source", "data": shown_source(record)}
                yield self.chunk({"annotations": [annotation]}, event=event)
        if told.tail:
            yield self.chunk({"content": told.tail})
        yield self.chunk({}, finish="stop") | self._proof(answer, told)
        options = self._asked.stream_options
        if options is not None and options.include_usage:
            last = {**self._head, "object": "chat.completion.chunk", "choices": []}
            yield {**last, "usage": usage(answer.tokens)}

    def chunk(
        self, delta: Mapping[str, Any], *, finish: str | None = None, event: Json | None = None
    ) -> Json:
        """Return one chunk."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        more = {"event": event} if event else {}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice], **more}

    def _proof(self, answer: Answer, told: Worded) -> Json:
        return {
            "citations": [r["address"] for r in told.sources],
            "search_results": searched(told.sources),
            "dateline": self._citer.answer(answer),
        }


def _annotated(told: Worded) -> Iterator[tuple[Any, list[Json]]]:
    """Yield each sentence with its annotations; `index` counts them, as the client's stream needs.

    Source: `accumulate_delta` of the openai package fails at a list entry without `index`.
    """
    index = 0
    for sentence in told.sentences:
        noted = []
        for record in sentence.cited:
            cited = {
                "start_index": sentence.start,
                "end_index": sentence.end,
                "title": record["title"] or record["publisher"] or record["article_id"],
                "url": record["address"],
                "dateline": record,
            }
            noted.append({"index": index, "type": "url_citation", "url_citation": cited})
            index += 1
        yield sentence, noted


def usage(tokens: Tokens) -> Json:
    """Return the tokens of an answer as chat completions count them."""
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.generated,
        "total_tokens": tokens.prompt + tokens.generated,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
    }


async def _chunks(run: Run, writer: Writer, *, drafts: bool) -> AsyncIterator[str]:
    """Yield the stream of a run; one that fails ends with an error, never with `[DONE]` alone.

    Args:
        run: The question on its way.
        writer: Writes what is told of it.
        drafts: Whether the model's words are told before they are checked, apart from the answer.
    """
    yield _data(writer.chunk({"role": "assistant", "content": ""}))
    said = ""
    async with aclosing(run.follow()) as events:
        async for item in events:
            if item is None:
                yield ": still working\n\n"
            elif isinstance(item.event, Answer):
                yield _data(writer.status("Checked", done=True))
                for chunk in writer.chunks(item.event):
                    yield _data(chunk)
                yield "data: [DONE]\n\n"
                return
            elif isinstance(item.event, Failed):
                refused = raised(item.event)
                yield _data(error_record(refused.status_code, refused.detail))
                return
            elif drafts and isinstance(item.event, TextDelta):
                yield _data(writer.chunk({"reasoning_content": item.event.text}))
            elif (told := status(item.event)) and told != said:
                said = told
                yield _data(writer.status(told))
        yield _data(error_record(503, "The question was given up."))


def _chore(text: str, asked: ChatIn) -> Response:
    head = {"id": "chatcmpl-chore", "created": int(time.time()), "model": asked.model}
    if not asked.stream:
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        body = {**head, "object": "chat.completion", "choices": [choice], "usage": usage(Tokens())}
        return JSONResponse(body)
    head["object"] = "chat.completion.chunk"
    delta = {"role": "assistant", "content": text}
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    return Response(
        "".join(map(_data, chunks)) + "data: [DONE]\n\n", media_type="text/event-stream"
    )


def _data(record: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(record)}\n\n"
