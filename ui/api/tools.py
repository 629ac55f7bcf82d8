"""Tools of the Model Context Protocol that find and read: searches, articles, a draft's check."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from rag.record import iso
from rag.types import Article
from ui.api.calls import QUOTED, READS, Publishers, Query, Since, Until, article_id, done, within
from ui.api.citing import Json
from ui.api.drafts import draft_json
from ui.api.models.answers import CheckOut
from ui.api.models.articles import ArticlePart, ConnectorArticle, ConnectorResults, FoundPage
from ui.api.places import found_json, offset_of, packed
from ui.api.service import MOST_FOUND, Service
from ui.markup import label

PART = 8000
"""Most characters of an article in one call."""


def reading_tools(server: MCPServer[Any], service: Service) -> None:
    """Add the tools by which a client reads for itself."""
    _finding(server, service)
    _drafting(server, service)
    _connector(server, service)


def _finding(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Search the archive", annotations=READS)
    async def search_archive(
        query: Query,
        since: Since = None,
        until: Until = None,
        publishers: Publishers = None,
        limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 10,
        cursor: Annotated[str | None, Field(max_length=600)] = None,
    ) -> FoundPage:
        """Find passages by their words and their meaning, best first."""
        filters = within(since, until, publishers)
        offset = _place(cursor)
        found, more = await done(
            lambda: service.search(query, filters=filters, limit=limit, offset=offset)
        )
        following = packed([offset + len(found)]) if more and found else None
        items = [found_json(service, f) for f in found]
        return FoundPage.model_validate({"note": QUOTED, "items": items, "next": following})

    @server.tool(title="Read an article", annotations=READS)
    async def get_article(
        id: Annotated[str, Field(max_length=400)],  # noqa: A002 - its name in the protocol
        digest: Annotated[str | None, Field(min_length=12, max_length=64)] = None,
        start: Annotated[int, Field(ge=0)] = 0,
        end: Annotated[int | None, Field(ge=0)] = None,
    ) -> ArticlePart:
        """Read an article, 8,000 characters at most in one call; go on with `start`."""
        article = await done(lambda: service.article(article_id(id), digest))
        return ArticlePart.model_validate(_part(article, start, end))


def _drafting(server: MCPServer[Any], service: Service) -> None:
    @server.tool(title="Check a draft", annotations=READS)
    async def check(
        text: Annotated[str, Field(min_length=1, max_length=20_000)],
        since: Since = None,
        until: Until = None,
        publishers: Publishers = None,
    ) -> CheckOut:
        """Hold a text against the archive, sentence by sentence; no model is asked.

        Each sentence is supported, contradicted, changed_since (an earlier report against the
        latest), one_source, not_in_archive or no_claim, with the words that show it.
        """
        filters = within(since, until, publishers)
        checked = await done(lambda: service.check(text, filters=filters))
        return CheckOut.model_validate(draft_json(checked, service.citer))


def _connector(server: MCPServer[Any], service: Service) -> None:
    """Add the two tools in the form that ChatGPT's connectors want."""

    @server.tool(title="Search", annotations=READS)
    async def search(query: Query) -> ConnectorResults:
        """Search the archive; returns ids for `fetch`."""
        found, _ = await done(lambda: service.search(query, filters=None, limit=MOST_FOUND))
        first = {f.source.article_id: f for f in reversed(found)}
        results = [
            {
                "id": f.source.article_id,
                "title": label(f.source.title, "Untitled article"),
                "url": service.citer.address(
                    f.source.article_id, f.digest, f.span.start, f.span.end
                ),
            }
            for f in found
            if first[f.source.article_id] is f
        ]
        return ConnectorResults.model_validate({"results": results})

    @server.tool(title="Fetch", annotations=READS)
    async def fetch(id: Annotated[str, Field(max_length=400)]) -> ConnectorArticle:  # noqa: A002
        """Fetch one article by the id that `search` returned."""
        article = await done(lambda: service.article(article_id(id)))
        url = service.citer.address(article.id, article.digest, 0, len(article.text))
        told = {
            "publisher": label(article.publisher),
            "published": iso(article.published) or "",
            "digest": article.digest,
            "note": QUOTED,
        }
        return ConnectorArticle(
            id=article.id,
            title=label(article.title, "Untitled article"),
            text=article.text,
            url=article.url or url,
            metadata=told,
        )


def _place(cursor: str | None) -> int:
    try:
        return offset_of(cursor)
    except ValueError as error:
        raise ToolError(str(error)) from None


def _part(article: Article, start: int, end: int | None) -> Json:
    stop = min(len(article.text), start + PART, end if end is not None else len(article.text))
    stop = max(stop, min(start, len(article.text)))
    return {
        "note": QUOTED,
        "article_id": article.id,
        "digest": article.digest,
        "title": article.title,
        "publisher": article.publisher,
        "published": iso(article.published),
        "url": article.url,
        "start": min(start, len(article.text)),
        "end": stop,
        "characters": len(article.text),
        "text": article.text[start:stop],
    }
