"""Puts the doors into an application: routes, errors, limits, the description of it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.routing import RouteContext, iter_route_contexts
from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import __version__
from rag.errors import DatelineError
from rag.settings import ApiSettings
from ui.api import problems
from ui.api.asks import ask_routes
from ui.api.checking import check_routes
from ui.api.cited import cited_routes
from ui.api.completions import completion_routes
from ui.api.jobs import job_routes
from ui.api.kept import kept_routes
from ui.api.limits import BODY_BYTES, Limits
from ui.api.manual import manual
from ui.api.mcp import build
from ui.api.models.jobs import HealthOut, ReadyOut
from ui.api.models.shared import Problem
from ui.api.problems import Refused, is_openai, is_typed
from ui.api.reading import article_routes, reading_routes, topic_routes
from ui.api.responses import response_routes
from ui.api.runs import Keys, Runs
from ui.api.service import Service
from ui.api.watches import feed_routes, watch_routes
from ui.health import NO_ARCHIVE

if TYPE_CHECKING:
    from ui.upload import Uploads

PREFIX = "/api/v1"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def install(
    app: FastAPI,
    service: Service,
    uploads: Uploads | None = None,
    settings: ApiSettings | None = None,
) -> None:
    """Add every door to an application; what it had before stays as it was."""
    settings = settings or ApiSettings()
    runs, keys = Runs(service.where), Keys()
    problems.install(app)
    for router in (
        ask_routes(service, runs, keys),
        reading_routes(service),
        topic_routes(service),
        article_routes(service),
        job_routes(service, keys, uploads),
        kept_routes(service),
        check_routes(service),
        watch_routes(service),
        _state_routes(service),
    ):
        app.include_router(router, prefix=PREFIX)
    for router in (completion_routes(service, runs), response_routes(service, runs)):
        app.include_router(router, prefix="/v1")
    app.include_router(cited_routes(service))
    app.include_router(feed_routes(service))
    _speak(app, service)
    _describe(app)
    _close(app)
    app.add_middleware(Limits, per_minute=settings.rate_per_minute)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["*"],
            expose_headers=["ETag", "X-Run", "Retry-After"],
        )


class _Mcp:
    """The Model Context Protocol over HTTP: with or without a slash, anew for each life."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None  # noqa: S101 - the application lives, or nobody could call
        inside = {**scope, "path": "/", "raw_path": b"/", "root_path": ""}
        await _while_there(self._app, inside, receive, send)

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Answer as long as the block lasts; without it every call fails."""
        server = build(self._service)
        # The guard has looked at host and origin already, and knows the name behind a proxy.
        safe = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        self._app = server.streamable_http_app(
            streamable_http_path="/",
            stateless_http=True,
            json_response=True,
            transport_security=safe,
            max_request_body_size=BODY_BYTES,
        )
        async with server.session_manager.run():
            yield


async def _while_there(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Run an application as long as its client is there: else its question would keep its place."""
    given, taken = anyio.create_memory_object_stream[Message](0)
    async with given, taken, anyio.create_task_group() as tasks:

        async def listen() -> None:
            while (message := await receive())["type"] != "http.disconnect":
                await given.send(message)
            tasks.cancel_scope.cancel()

        tasks.start_soon(listen)
        await app(scope, taken.receive, send)
        tasks.cancel_scope.cancel()


def _speak(app: FastAPI, service: Service) -> None:
    """Add the Model Context Protocol at `/mcp`, which lives and ends with the application."""
    door = _Mcp(service)
    app.router.routes += [Route("/mcp", door), Route("/mcp/", door)]
    outer = app.router.lifespan_context

    @asynccontextmanager
    async def living(whole: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - starlette's own type
        async with outer(whole) as state, door.living():
            yield state

    app.router.lifespan_context = living


_ANSWERING = ("ready", "busy", "unreachable")


def _state_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["state"])

    @router.get("/health", response_model=HealthOut)
    def health() -> dict[str, Any]:
        """Say how the server is; it answers as long as the process lives."""
        try:
            index = service.index()
        except DatelineError:  # of the archive, which is told by each question
            index = ""
        return asdict(service.health()) | {"index": index}

    @router.get("/ready", response_model=ReadyOut, responses={503: {"model": ReadyOut}})
    def ready() -> JSONResponse:
        """Say whether questions are answered now: 200 when they are, else 503."""
        state: str = service.health().state
        if state in _ANSWERING and not service.readable():
            state = NO_ARCHIVE
        good = state in _ANSWERING
        told = {"ready": good, "state": state}
        return JSONResponse(told, 200 if good else 503, None if good else {"Retry-After": "5"})

    return router


def _close(app: FastAPI) -> None:
    """Answer what no route of the doors takes in the form of its door."""

    def nothing(request: Request) -> Response:
        allowed = {
            method
            for route in _doors(app)
            if _fits(route, request.url.path)
            for method in route.methods or ()
        }
        if allowed - {request.method}:
            told = f"{request.method} is not known here, but {_list(allowed)}."
            raise Refused(405, told, headers={"Allow": _list(allowed)})
        path = request.url.path
        if path.endswith("/") and any(_fits(route, path.rstrip("/")) for route in _doors(app)):
            return RedirectResponse(request.url.replace(path=path.rstrip("/")), 307)
        hint = " The doors are chat/completions, responses and models." if is_openai(path) else ""
        raise Refused(404, f"There is nothing at this address.{hint}")

    for path in (f"{PREFIX}/{{rest:path}}", "/v1/{rest:path}", "/c/{rest:path}"):
        app.add_api_route(
            path, nothing, methods=_METHODS, include_in_schema=False, name="no_such_door"
        )


def _fits(route: RouteContext, path: str) -> bool:
    return bool(compile_path(str(route.path))[0].match(path))


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _describe(app: FastAPI) -> None:
    """Describe the doors in OpenAPI, with the one form that each gives its errors."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title="Dateline",
                version=__version__,
                summary="Answers about an archive of news, tied to the words that support them.",
                routes=_doors(app),
            )
            app.openapi_schema = _with_errors(schema)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(manual(described()))

    for path in ("/openapi.json", "/api/openapi.json"):
        app.add_api_route(path, lambda: JSONResponse(described()), include_in_schema=False)


def _doors(app: FastAPI) -> list[RouteContext]:
    """Return the routes of the doors, those left out that only refuse."""
    return [
        route
        for route in iter_route_contexts(app.routes)
        if (is_openai(str(route.path)) or is_typed(str(route.path)))
        and getattr(route, "name", "") != "no_such_door"
    ]


def _with_errors(schema: dict[str, Any]) -> dict[str, Any]:
    known = schema.setdefault("components", {}).setdefault("schemas", {})
    known["Problem"] = Problem.model_json_schema()
    known["OpenAIError"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "object", "required": ["message", "type"]}},
    }
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
    for path, operations in schema["paths"].items():
        openai = is_openai(path)
        kind = "application/json" if openai else "application/problem+json"
        name = "OpenAIError" if openai else "Problem"
        told = {
            "description": "An error",
            "content": {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}},
        }
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = told
    return schema
