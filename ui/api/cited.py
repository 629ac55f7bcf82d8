"""`/c/ARTICLE/DIGEST/START-END`: some words of one revision, for ever, and what became of them.

A page for people, and for programs a W3C Web Annotation with the position and the quote.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup

from rag.answer.standing import Piece, Standing, standing
from rag.errors import DatelineError, NotFound
from rag.record import iso
from rag.search.select import source_of
from rag.types import Span
from ui.api.messages import public
from ui.api.models.answers import AnnotationOut
from ui.api.problems import status_of
from ui.api.service import Service
from ui.markup import (
    EMPTY,
    fragment,
    label,
    link,
    outlet,
    plain_when,
    template,
    title,
    together,
    words,
)

_PLACE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_SAID = {
    "stands": "These words stand in the article as it is now.",
    "changed": "The article was changed: other words stand in this place now.",
    "withdrawn": "The article was changed: it has no words like these any more.",
}
_GONE = "The article was withdrawn by its sender: it is kept for the record, and not quoted."
_PAGE = template("citation.html")


def cited_routes(service: Service) -> APIRouter:
    """Return the route of citation addresses."""
    router = APIRouter(tags=["citations"])

    @router.get(
        "/c/{article_id:path}/{digest}/{place}",
        response_model=AnnotationOut,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    )
    @router.head("/c/{article_id:path}/{digest}/{place}", include_in_schema=False)
    def citation(
        request: Request,
        article_id: Annotated[str, Path(max_length=400)],
        digest: Annotated[str, Path(max_length=64)],
        place: Annotated[str, Path(max_length=20)],
    ) -> Response:
        """Show the words at a place of one revision: standing, changed, or withdrawn."""
        page = "text/html" in request.headers.get("accept", "")
        headers = {"Vary": "Accept", "Cache-Control": "private, no-cache"}
        try:
            found = standing(service.reading(), article_id, digest, _span(place))
        except DatelineError as error:
            if not page:
                raise
            return HTMLResponse(_gone(error), status_of(error), headers)
        address = service.citer.address(
            article_id, found.article.digest, found.span.start, found.span.end
        )
        if page:
            return HTMLResponse(shown(found), headers=headers)
        return JSONResponse(annotation(found, address), headers=headers)

    return router


def _span(place: str) -> Span:
    given = _PLACE.fullmatch(place)
    if given is None or int(given[1]) > int(given[2]):
        raise NotFound(f"{place!r} is no place in a text; it looks like 120-180")
    return Span(start=int(given[1]), end=int(given[2]))


def annotation(found: Standing, address: str) -> dict[str, Any]:
    """Return what became of a citation as a W3C Web Annotation.

    Source: "Web Annotation Data Model", W3C Recommendation of 23 February 2017, section 4.2.
    """
    article, now = found.article, found.now
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": address,
        "type": "Annotation",
        "motivation": "identifying",
        "body": {"type": "TextualBody", "value": _said(found), "format": "text/plain"},
        "target": {
            "source": article.url or f"urn:sha256:{article.digest}",
            "selector": [
                {"type": "TextPositionSelector", **asdict(found.span)},
                {
                    "type": "TextQuoteSelector",
                    "exact": found.quote,
                    "prefix": found.prefix,
                    "suffix": found.suffix,
                },
            ],
        },
        "dateline": {
            "state": found.state,
            "article_id": article.id,
            "digest": article.digest,
            **asdict(found.span),
            "quote": found.quote,
            "title": article.title,
            "publisher": article.publisher,
            "published": iso(article.published),
            "source_url": article.url,
            "current_digest": found.current.digest,
            "now": None if now is None else {**asdict(now), "text": now.of(found.current.text)},
            "diff": [asdict(piece) for piece in found.diff],
        },
    }


def _said(found: Standing) -> str:
    return _GONE if found.current.withdrawn else _SAID[found.state]


def shown(found: Standing) -> str:
    """Return the page of a citation."""
    article = found.article
    source = source_of(article)
    quoted = Markup(
        '<blockquote dir="auto"><span class="around">{}</span><mark>{}</mark>'
        '<span class="around">{}</span></blockquote>'
    ).format(words(found.prefix), words(found.quote), words(found.suffix))
    body = Markup(
        "<p>{}, {}</p>"
        '<p class="state {}">{}</p>{}{}<p>{}</p><p><small>{}, revision {}, characters {} to {}'
        "</small></p>"
    ).format(
        outlet(source),
        plain_when(article.published),
        found.state if found.state == "changed" else ("" if found.state == "stands" else "gone"),
        _said(found),
        quoted,
        _diff(found),
        link(fragment(article.url, found.quote), "The article at its outlet"),
        label(article.id),
        article.digest[:12],
        found.span.start,
        found.span.end,
    )
    return str(_PAGE.format(title(source), title(source), body))


def _diff(found: Standing) -> Markup:
    if not found.diff:
        return EMPTY
    pieces = together((_piece(p) for p in found.diff), Markup(" "))
    return Markup('<p>Now:</p><blockquote dir="auto">{}</blockquote>').format(pieces)


def _piece(piece: Piece) -> Markup:
    tag = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}[piece.kind]
    return Markup(tag).format(words(piece.text))  # noqa: S704 - a literal of ours


def _gone(error: DatelineError) -> str:
    told = "Erased" if status_of(error) == 410 else "Not found"
    body = Markup('<p class="state gone">{}</p>').format(public(str(error)))
    return str(_PAGE.format(told, told, body))
