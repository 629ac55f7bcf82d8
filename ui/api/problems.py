"""Errors at the doors: one status for each kind, one form for each door, no path of the machine."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rag.errors import (
    ArchiveBusy,
    ArchiveContended,
    ArchiveFull,
    ArchiveMissing,
    ArchiveUnreachable,
    DatelineError,
    Erased,
    ModelError,
    NotAllowed,
    NotFound,
    QuestionError,
    SourceError,
    WhereUnclear,
)
from rag.language.characters import encodable
from ui.api.messages import public
from ui.api.unversioned import malformed
from ui.desk import INTERNAL, Busy, Failed

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger(__name__)

RETRY_AFTER = "20"
"""Seconds after which a busy server should be asked again."""
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (Erased, 410),
    (NotFound, 404),
    (NotAllowed, 403),
    (Busy, 429),
    (ArchiveMissing, 503),
    (ArchiveBusy, 503),
    (ArchiveContended, 503),
    (ArchiveUnreachable, 503),
    (ArchiveFull, 507),
    (ModelError, 502),
    (QuestionError, 422),
    (SourceError, 422),
    (WhereUnclear, 422),
)
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def status_of(error: Exception | None) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def raised(failed: Failed) -> Refused:
    """Return the refusal for a question that failed."""
    status = 500 if failed.message == INTERNAL else status_of(failed.error)
    return Refused(status, failed.message)


class Refused(HTTPException):
    """A request that is not served; `code` and `param` are for the OpenAI-compatible doors."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        given = dict(headers or {})
        if status in (429, 503):
            given.setdefault("Retry-After", RETRY_AFTER)
        super().__init__(status, public(detail), given or None)
        self.code = code
        self.param = param


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as RFC 9457 has it."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": public(detail),
    }
    if errors is not None:
        told["errors"] = list(errors)
    return JSONResponse(told, status, headers, media_type="application/problem+json")


def openai_error(
    status: int,
    message: str,
    *,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error in OpenAI's form."""
    return JSONResponse(error_record(status, message, code, param), status, headers)


def error_record(
    status: int, message: str, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """Return the body of an error in OpenAI's form."""
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": public(message), "type": kind, "param": param, "code": code}}


def refusal(
    path: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response | None:
    """Return an error in the form of the door that a path belongs to; None for other paths."""
    if is_openai(path):
        return openai_error(status, detail, headers=headers)
    if is_typed(path):
        return problem(status, detail, headers=headers)
    return None


def is_openai(path: str) -> bool:
    """Say whether a path belongs to the OpenAI-compatible doors."""
    return path == "/v1" or path.startswith("/v1/")


def is_typed(path: str) -> bool:
    """Say whether a path belongs to the doors that answer with problem+json."""
    return path in ("/api/v1", "/mcp") or path.startswith(("/api/v1/", "/c/", "/mcp/"))


def install(app: FastAPI) -> None:
    """Let every error of an application leave in the form of its door."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(DatelineError, _known)
    app.add_exception_handler(Exception, _unknown)


_NO_JSON = "the body is not read as JSON: send it with the header Content-Type: application/json"


def _is_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "")


async def _invalid(request: Request, error: Exception) -> Response:
    path = request.url.path
    if not (is_openai(path) or is_typed(path)) or not isinstance(error, RequestValidationError):
        return await malformed(request, error)
    told = [
        {"loc": [encodable(str(at)) for at in e["loc"]], "msg": encodable(e["msg"])}
        for e in error.errors()
    ]
    if told and told[0]["loc"] == ["body"] and not _is_json(request):
        told[0]["msg"] = _NO_JSON
    first = told[0] if told else {"loc": [], "msg": "the request is malformed"}
    at = ".".join(str(part) for part in first["loc"][1:])
    said = f"{at}: {first['msg']}" if at else str(first["msg"])
    if is_openai(path):
        return openai_error(400, said, code="invalid_value", param=at or None)
    return problem(422, said, errors=told)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    path, headers = request.url.path, error.headers
    if is_openai(path):
        code, param = getattr(error, "code", None), getattr(error, "param", None)
        return openai_error(
            error.status_code, error.detail, code=code, param=param, headers=headers
        )
    if is_typed(path):
        return problem(error.status_code, error.detail, headers=headers)
    return JSONResponse({"detail": error.detail}, error.status_code, headers)


async def _known(request: Request, error: Exception) -> Response:
    later = {"Retry-After": str(error.seconds)} if isinstance(error, Busy) else None
    return await _refused(request, Refused(status_of(error), str(error), headers=later))


async def _unknown(request: Request, _: Exception) -> Response:
    return await _refused(request, Refused(500, INTERNAL))
