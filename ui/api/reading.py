"""`/api/v1`: what the archive holds, found, read and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import JSONResponse, Response

from rag.answer.claims import as_csv, claim_json
from rag.answer.dossier import dossier_json
from rag.errors import NotFound
from rag.ingest.difference import changes
from rag.language.characters import encodable
from rag.language.kinds import Kind
from rag.record import iso
from rag.types import day
from ui.api.models.answers import AnswerOut
from ui.api.models.articles import (
    ArticleOut,
    ArticlePage,
    ClaimsOut,
    DiffOut,
    DossierOut,
    EntityPage,
    FoundPage,
    HoldingsOut,
    RevisionsOut,
)
from ui.api.models.shared import MOST_CHARACTERS, Asked, FirstDay, LastDay, Within, Words
from ui.api.places import found_json, holdings, offset_of, packed, place_of, source_json
from ui.api.problems import Refused
from ui.api.service import MOST_FOUND, Service
from ui.api.unversioned import article_json

T = TypeVar("T")

DEEP = 10_000
"""No cursor points further into a list."""

Id = Annotated[str, Path(max_length=400)]
Digest = Annotated[
    str | None,
    Query(min_length=12, max_length=64, description="of a revision, or its first 12 digits"),
]
Since = Annotated[FirstDay | None, Query(description="published on or after this day")]
Until = Annotated[LastDay | None, Query(description="published on or before this day")]
Publishers = Annotated[
    list[Words], Query(max_length=50, description="only these outlets; may be repeated")
]
Cursor = Annotated[
    str | None, Query(max_length=600, description="`next` of the page before this one")
]
Text = Annotated[Asked, Query(description=f"up to {MOST_CHARACTERS} characters")]
_TABLES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The claims, as JSON, JSON lines or CSV",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged since the ETag"}}


def reading_routes(service: Service) -> APIRouter:
    """Return the routes by which the archive is searched."""
    router = APIRouter(tags=["archive"])

    @router.get("/search", response_model=FoundPage)
    def search(
        q: Text,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = [],  # noqa: B006 - FastAPI copies it
        limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 10,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        """Find passages by their words and their meaning, best first; no model is asked."""
        filters = within(since, until, publishers)
        offset = _read(offset_of, cursor)
        found, more = service.search(q, filters=filters, limit=limit, offset=offset)
        following = packed([offset + len(found)]) if more and found else None
        return {"items": [found_json(service, f) for f in found], "next": following}

    @router.get("/coverage", response_model=HoldingsOut)
    def coverage() -> dict[str, Any]:
        """Say how many articles there are, of which days and outlets."""
        return holdings(service)

    return router


def topic_routes(service: Service) -> APIRouter:
    """Return the routes that say what the archive has of a topic; no model is asked."""
    router = APIRouter(tags=["archive"])

    @router.get("/timeline", response_model=AnswerOut)
    def timeline(
        q: Text,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = [],  # noqa: B006
        as_of: LastDay | None = None,
    ) -> JSONResponse:
        """Tell a course of events, one cited sentence for each; no model is asked."""
        answer = service.timeline(q, filters=within(since, until, publishers), as_of=as_of)
        return JSONResponse({"id": None, "conversation": None} | service.citer.answer(answer))

    @router.get("/dossier", response_model=DossierOut)
    def dossier(
        q: Text,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = [],  # noqa: B006
        as_of: LastDay | None = None,
    ) -> dict[str, Any]:
        """Say all that the archive has of a topic; no model is asked."""
        filters = within(since, until, publishers)
        return dossier_json(service.dossier(q, filters=filters, as_of=as_of))

    @router.get("/claims", response_model=ClaimsOut, responses=_TABLES)
    def claims(
        q: Text,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = [],  # noqa: B006
        as_of: LastDay | None = None,
        format: Literal["json", "jsonl", "csv"] = "json",  # noqa: A002 - its name in the address
    ) -> Response | dict[str, Any]:
        """List the figures that reports give on a topic: who says what, when, in which words."""
        found = service.claims(q, filters=within(since, until, publishers), as_of=as_of)
        records = [claim_json(claim) for claim in found]
        if format == "csv":
            return Response(as_csv(found), media_type="text/csv; charset=utf-8")
        if format == "jsonl":
            text = "".join(f"{json.dumps(record)}\n" for record in records)
            return Response(text, media_type="application/x-ndjson")
        return {"items": records}

    @router.get("/entities", response_model=EntityPage)
    def entities(
        q: Annotated[str, Query(max_length=300, description="words of a name")] = "",
        kind: Kind | None = None,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = [],  # noqa: B006
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        """List the people, organisations and places that articles name, the most named first."""
        offset = _read(offset_of, cursor)
        found, total = service.reading().entities(
            like=encodable(q),
            kind=kind,
            within=within(since, until, publishers),
            limit=limit,
            offset=offset,
        )
        behind = offset + len(found)
        following = packed([behind]) if found and behind < min(total, DEEP) else None
        return {"items": [asdict(e) for e in found], "total": total, "next": following}

    return router


def article_routes(service: Service) -> APIRouter:
    """Return the routes by which articles are read."""
    router = APIRouter(tags=["archive"])

    @router.get("/articles", response_model=ArticlePage)
    def articles(
        limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Cursor = None
    ) -> dict[str, Any]:
        """List the articles, newest first and undated last."""
        found = service.reading().page(limit + 1, _read(place_of, cursor))
        shown = found[:limit]
        more = len(found) > limit
        return {
            "items": [source_json(s) for s in shown],
            "next": packed([iso(day(shown[-1].published)), shown[-1].article_id]) if more else None,
        }

    @router.get("/articles/{article_id}", response_model=ArticleOut, responses=_UNCHANGED)
    def article(
        article_id: Id,
        digest: Digest = None,
        if_none_match: Annotated[str | None, Header(max_length=2000)] = None,
    ) -> Response:
        """Read an article, or one of its earlier revisions; its ETag is the digest of the text."""
        found = service.article(article_id, digest)
        headers = {"ETag": f'"{found.digest}"', "Cache-Control": "private, no-cache"}
        if if_none_match and f'"{found.digest}"' in if_none_match:
            return Response(status_code=304, headers=headers)
        record = article_json(found)
        return JSONResponse({k: v for k, v in record.items() if k != "origin"}, headers=headers)

    @router.get("/articles/{article_id}/revisions", response_model=RevisionsOut)
    def revisions(article_id: Id) -> dict[str, Any]:
        """List the texts that an article has had, oldest first."""
        archive = service.reading()
        now = archive.article(article_id).digest
        texts = [archive.article(article_id, digest) for digest in archive.revisions(article_id)]
        listed = [
            {
                "digest": t.digest,
                "ingested": iso(t.ingested),
                "characters": len(t.text),
                "current": t.digest == now,
            }
            for t in texts
        ]
        return {"article_id": article_id, "revisions": listed}

    @router.get("/articles/{article_id}/diff", response_model=DiffOut)
    def diff(
        article_id: Id,
        old: Annotated[Digest, Query(description="default: the revision before `new`")] = None,
        new: Annotated[Digest, Query(description="default: the current text")] = None,
    ) -> dict[str, Any]:
        """Compare two revisions of an article, sentence by sentence."""
        after = service.article(article_id, new)
        before = service.article(article_id, old or _before(service, article_id, after.digest))
        return {
            "article_id": article_id,
            "old": before.digest,
            "new": after.digest,
            "changes": [asdict(c) for c in changes(before.text, after.text)],
        }

    return router


def within(since: date | None, until: date | None, publishers: list[str]) -> Any:  # noqa: ANN401
    """Return the filter of a query; None when nothing was set."""
    if since and until and since > until:
        raise Refused(422, f"since ({since}) is after until ({until})")
    return Within(since=since, until=until, publishers=publishers).filters()


def _read(place: Callable[[str | None], T], cursor: str | None) -> T:
    try:
        return place(cursor)
    except ValueError as error:
        raise Refused(422, str(error)) from None


def _before(service: Service, article_id: str, digest: str) -> str:
    digests = service.reading().revisions(article_id)
    at = digests.index(digest)
    if at == 0:
        raise NotFound(f"article {article_id!r} has no text before this one to compare with")
    return digests[at - 1]
