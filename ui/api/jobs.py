"""`/api/v1`: what changes the archive: jobs, and the deletion of an article."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response, StreamingResponse

from rag.errors import SettingsError
from ui.api.asks import Key, once
from ui.api.messages import public
from ui.api.models.jobs import JobIn, JobOut
from ui.api.problems import Refused
from ui.api.reading import Id
from ui.api.runs import Keys
from ui.api.service import Service
from ui.editing import Many, Stated, edits_of
from ui.intake import Intake, Job
from ui.means import Means
from ui.upload import NoBatch, Uploads

Number = Annotated[int, Path(ge=1, le=10**9)]
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The job each time that it has changed",
        "content": {"text/event-stream": {"schema": {"type": "object"}}},
    }
}


def job_routes(service: Service, keys: Keys, uploads: Uploads | None) -> APIRouter:
    """Return the routes of a server whose archive may be changed, or that say that it may not."""
    router = APIRouter(tags=["jobs"])

    @router.post("/jobs", status_code=202, response_model=JobOut)
    def begin(wanted: JobIn, idempotency_key: Key = None) -> dict[str, Any]:
        """Index what is named, or make the index of vectors anew."""
        taking = _intake(service)
        body = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
        key = idempotency_key and f"job {idempotency_key}"
        number = once(keys, key, body, lambda: _begin(wanted, taking, service, uploads))
        return job_json(_job(service, number))

    @router.get("/jobs/{number}", response_model=JobOut)
    def state(number: Number) -> dict[str, Any]:
        """Say how far a job is, and what became of each file."""
        return job_json(_job(service, number))

    @router.get("/jobs/{number}/events", responses=_EVENTS, response_class=Response)
    def events(number: Number) -> Response:
        """Follow a job until it is over."""
        _job(service, number)
        return StreamingResponse(
            _followed(_intake(service), number), media_type="text/event-stream"
        )

    @router.delete("/articles/{article_id}", status_code=202, response_model=JobOut)
    def delete(article_id: Id, idempotency_key: Key = None) -> dict[str, Any]:
        """Delete an article with all its revisions, for good; its citations answer 410 then."""
        taking = _intake(service)

        def do() -> int:
            service.article(article_id)
            return taking.delete(article_id)

        key = idempotency_key and f"delete {idempotency_key}"
        return job_json(_job(service, once(keys, key, article_id, do)))

    @router.patch("/articles/{article_id}", status_code=202, response_model=JobOut)
    def edit(article_id: Id, given: Stated, idempotency_key: Key = None) -> dict[str, Any]:
        """State day, outlet, title or authors of an article by hand; "unknown" takes one away.

        It holds for what is read of the article later too. Its text stays as it is.
        """
        _intake(service)
        service.article(article_id)
        return _edited(service, keys, [article_id], given, idempotency_key)

    @router.patch("/articles", status_code=202, response_model=JobOut)
    def edit_many(given: Many, idempotency_key: Key = None) -> dict[str, Any]:
        """State the same of all articles for which each condition holds: `publisher=unknown`."""
        return _edited(service, keys, [], given, idempotency_key)

    return router


def _edited(
    service: Service, keys: Keys, ids: list[str], given: Stated, sent: str | None
) -> dict[str, Any]:
    from rag.maintenance.edit import conditions

    taking = _intake(service)
    where = given.where if isinstance(given, Many) else []
    try:
        edits = edits_of(given)
        conditions(where)
    except SettingsError as error:
        raise Refused(422, public(str(error))) from None
    body = hashlib.sha256(f"{ids}{given.model_dump_json()}".encode()).hexdigest()
    key = sent and f"edit {sent}"
    number = once(keys, key, body, lambda: taking.edit(ids, where, edits))
    return job_json(_job(service, number))


def _intake(service: Service) -> Intake:
    if service.intake is None:
        raise Refused(403, "This server only reads its archive.")
    return service.intake


def _job(service: Service, number: int) -> Job:
    found = service.intake.job(number) if service.intake else None
    if found is None:
        raise Refused(404, f"There is no job {number}.")
    return found


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as JSON."""
    lines = [asdict(line) | {"reason": public(line.reason)} for line in job.lines]
    return {
        "id": job.number,
        "what": public(job.what),
        "phase": job.phase,
        "running": job.running,
        "done": job.done,
        "total": job.total,
        "seconds_left": job.eta,
        "totals": dict(job.totals),
        "failures": [line for line in lines if line["outcome"] in ("failed", "unread")],
        "lines": lines[-100:],
        "error": public(job.error),
    }


def _begin(wanted: JobIn, intake: Intake, service: Service, uploads: Uploads | None) -> int:
    if wanted.kind == "rebuild":
        return intake.rebuild()
    if wanted.upload:
        if uploads is None or wanted.folders or wanted.urls:
            raise Refused(422, "An upload is a job of its own.")
        try:
            return uploads.index(wanted.upload, wanted.collection)
        except NoBatch as error:
            raise Refused(404, str(error)) from None
    if not (wanted.folders or wanted.urls):
        raise Refused(422, "Name an upload, folders or urls to index.")
    from ui.shelf import place

    means = Means(folders=tuple(service.folders), addresses=service.addresses)
    items = [place(name, means) for name in (*wanted.folders, *wanted.urls)]
    return intake.add(items, collection=wanted.collection)


def _followed(intake: Intake, number: int) -> Iterator[str]:
    for count, job in enumerate(intake.watch(number), 1):
        yield f"id: {count}\nevent: job\ndata: {json.dumps(job_json(job))}\n\n"
