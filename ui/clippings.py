"""The clip list: quotes that were kept across questions, on the page and in files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from markupsafe import Markup

from rag.archive.clips import Articles, Clips, Shown, State, clips_of
from rag.search.select import source_of
from rag.types import day
from ui import exports
from ui.bibliography import bibliography
from ui.markup import (
    EMPTY,
    byline,
    fragment,
    href,
    label,
    opener,
    outlet,
    plain_when,
    title,
    together,
    words,
)
from ui.past import saved
from ui.report import Block, Run

TITLE = "Quotes kept"
_STATES: dict[State, str] = {
    "stands": "",
    "changed": "The article has changed since and no longer has these words.",
    "withdrawn": "The article was withdrawn.",
    "deleted": "Deleted with its article.",
}


def clippings(found: Sequence[Shown]) -> Markup:
    """Return the clip list for the page; one line that says how it fills while it is empty."""
    if not found:
        return Markup(
            '<p class="dl-hint dl-no-clips">“Keep quote”, above an article, gathers its exact '
            "words here, to be copied or saved together.</p>"
        )
    count = "1 quote kept" if len(found) == 1 else f"{len(found)} quotes kept"
    return Markup(
        '<section class="dl-clips" aria-label="{}"><h2>{}</h2><ul>{}</ul>'
        '<div class="dl-buttons"><button type="button" class="dl-plain" data-copy="{}" '
        'data-rich="./api/quotes/clips.html">Copy all</button>{}</div></section>'
    ).format(
        TITLE,
        count,
        together(map(_clip, found)),
        markdown(found),
        saved("clips", "Save as …", "quotes"),
    )


def _clip(shown: Shown) -> Markup:
    clip, article = shown.clip, shown.article
    drop = Markup(
        '<button type="button" class="dl-quiet" data-do="unclip" data-clip="{}" '
        'aria-label="Remove: {}">Remove</button>'
    ).format(clip.id, label(clip.quote, "a deleted quote")[:80])
    mark = (
        Markup('<span class="dl-mark">{}</span>').format(_STATES[shown.state])
        if shown.state != "stands"
        else EMPTY
    )
    if article is None:
        return Markup('<li class="dl-clip" data-state="deleted">{}{}</li>').format(mark, drop)
    asked = (
        Markup('<span class="dl-from" dir="auto">for “{}”</span>').format(label(clip.question))
        if clip.question
        else EMPTY
    )
    return Markup(
        '<li class="dl-clip" data-state="{}"><button class="dl-card" {}>'
        '<span class="dl-from">{}</span><span class="dl-title" dir="auto">{}</span>'
        '<span class="dl-quote" dir="auto">{}</span></button>{}<div class="dl-entry-row">{}{}</div>'
        "</li>"
    ).format(
        shown.state,
        opener(clip.article_id, clip.span),
        byline(source_of(article)),
        title(source_of(article)),
        words(clip.quote),
        mark,
        asked,
        drop,
    )


def blocks(found: Sequence[Shown]) -> Iterator[Block]:
    """Yield the clip list for files: a footnote an article, and under it what was kept of it."""
    numbers: dict[str, list[Shown]] = {}
    for shown in found:
        if shown.article is not None:
            numbers.setdefault(shown.clip.article_id, []).append(shown)
    for number, kept in enumerate(numbers.values(), 1):
        article, first = kept[0].article, kept[0].clip
        assert article is not None  # noqa: S101 - left out above
        s = source_of(article)
        name = Run(title(s), "plain", fragment(s.url, first.quote) or href(s.url))
        yield Block(
            "source", (Run(f"{outlet(s)}, "), name, Run(f", {plain_when(s.published)}")), number
        )
        for shown in kept:
            mark = f" {_STATES[shown.state]}" if shown.state != "stands" else ""
            place = f" ({shown.clip.article_id}, characters {shown.clip.span.start} to "
            tail = Run(f"{place}{shown.clip.span.end}){mark}", "soft")
            yield Block("quote", (Run(f"“{label(shown.clip.quote)}”"), tail))


def markdown(found: Sequence[Shown]) -> str:
    """Return the clip list as Markdown."""
    return exports.lines(blocks(found))


_COLUMNS = (
    "quote", "state", "outlet", "title", "authors", "published", "question", "kept", "article",
    "start", "end", "url",
)  # fmt: skip


def table(found: Sequence[Shown]) -> str:
    """Return the clip list as rows of a table; nothing in it is a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_COLUMNS)
    for row in map(_row, found):
        rows.writerow(exports.cell(row[name]) for name in _COLUMNS)
    return out.getvalue()


def _row(shown: Shown) -> dict[str, Any]:
    clip, article = shown.clip, shown.article
    known = day(article.published) if article else None
    return {
        "quote": clip.quote,
        "state": shown.state,
        "outlet": (article.publisher if article else None) or "",
        "title": (article.title if article else None) or "",
        "authors": "; ".join(article.authors) if article else "",
        "published": known.isoformat() if known else "",
        "question": clip.question,
        "kept": clip.made.isoformat(),
        "article": clip.article_id,
        "start": clip.span.start,
        "end": clip.span.end,
        "url": (href(article.url) if article else None) or "",
    }


def written(kind: str, found: Sequence[Shown]) -> bytes:
    """Write the clip list in one of `exports.KINDS`."""
    if kind == "docx":
        from ui.word import document

        return document(TITLE, blocks(found))
    sources = {s.clip.article_id: s.article for s in found if s.article is not None}
    made = {
        "md": lambda: f"# {TITLE}\n\n{markdown(found)}\n",
        "html": lambda: exports.sheet(TITLE, [blocks(found)]),
        "json": lambda: json.dumps([_row(s) for s in found], indent=2, ensure_ascii=False) + "\n",
        "csv": lambda: table(found),
        "csl": lambda: bibliography((source_of(a), a.authors) for a in sources.values()),
    }[kind]()
    return made.encode("utf-8", "replace")


def clip_routes(clips: Clips, articles: Articles | None) -> APIRouter:
    """Return the route by which the clip list is saved."""
    router = APIRouter()

    @router.get("/api/quotes/clips.{kind}")
    def save(kind: str) -> Response:
        if kind not in exports.KINDS or articles is None:
            raise HTTPException(404, f"quotes are saved as one of {', '.join(exports.KINDS)}")
        ending = "csl.json" if kind == "csl" else kind
        name = f"quotes-{datetime.now(UTC):%Y-%m-%d}.{ending}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        found = written(kind, clips_of(clips, articles))
        return Response(found, media_type=exports.KINDS[kind], headers=headers)

    return router
