"""From an article to the reading pane: its text with the evidence marked, as escaped HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from rag.search.select import source_of
from rag.types import Article, Citation, Evidence, Span
from ui.markup import (
    EMPTY,
    fragment,
    href,
    label,
    link,
    opener,
    outlet,
    plain_when,
    title,
    together,
    when,
    words,
)
from ui.view import View


def citations(article: Article, quote: str) -> dict[str, str]:
    """Return a citation of an article, with the quoted words, in three notations."""
    source = source_of(article)
    name, who, day = title(source), outlet(source), plain_when(article.published)
    address = fragment(article.url, quote) or href(article.url) or ""
    said = f"“{words(quote)}” " if quote else ""
    safe = re.sub(r"([\\`*_\[\]<>])", r"\\\1", name)
    head = f"[{safe}]({address})" if address else f"*{safe}*"
    fields = {
        "title": name,
        "author": " and ".join(label(a) for a in article.authors),
        "organization": who if article.publisher else "",
        "year": str(article.published.year) if article.published else "",
        "note": f"{day}. {said}".strip(),
        "url": address,
    }
    rows = ",\n".join(f"  {k} = {{{_tex(v)}}}" for k, v in fields.items() if v)
    return {
        "Text": f"{said}{who}, {name}, {day}. {address}".strip(),
        "Markdown": f"{f'> {words(quote)}' + chr(10) * 2 if quote else ''}{who}, {head}, {day}.",
        "BibTeX": f"@misc{{{re.sub(r'[^A-Za-z0-9]', '', article.id)},\n{rows}\n}}",
    }


def _tex(text: str) -> str:
    return re.sub(r"([{}%&#$_\\])", lambda m: "\\" + m[1] if m[1] != "\\" else "/", text)


_HERE = Markup(' id="dl-here" tabindex="-1"')
_BREAK = re.compile(r"\n\s*\n|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The place to show in an article: the words that a citation points at."""

    span: Span | None = None
    beside: tuple[Span, ...] = ()
    """What else the same sentence of the answer cites here."""
    marks: tuple[tuple[Span, int], ...] = ()
    """All evidence of the answer in this article, each with its number."""


def paragraphs(text: str) -> list[Span]:
    """Return the paragraphs of a text: what stands between line breaks."""
    spans, start = [], 0
    for gap in _BREAK.finditer(text):
        spans.append(Span(start=start, end=gap.start()))
        start = gap.end()
    spans.append(Span(start=start, end=len(text)))
    return [s for s in spans if s.of(text).strip()]


def marked(text: str, within: Span, here: Here) -> Markup:
    """Return a stretch of text with the evidence in it marked; the words stay as they are."""
    edges = {within.start, within.end}
    shown = (*(s for s, _ in here.marks), *here.beside, *([here.span] if here.span else []))
    for span in shown:
        edges |= {e for e in (span.start, span.end) if within.start < e < within.end}
    cuts = sorted(edges)
    return together(_piece(text, Span(start=a, end=b), here) for a, b in pairwise(cuts))


def _piece(text: str, piece: Span, here: Here) -> Markup:
    shown = words(piece.of(text))
    number = next((n for s, n in here.marks if s.covers(piece)), None)
    if here.span is not None and here.span.covers(piece):
        anchor = _HERE if piece.start == here.span.start else EMPTY
        return Markup('<mark class="dl-current"{}>{}</mark>').format(anchor, shown)
    if any(s.covers(piece) for s in here.beside):
        return Markup('<mark class="dl-current">{}</mark>').format(shown)
    if number is not None:
        return Markup('<mark class="dl-evidence" title="Source {}">{}</mark>').format(number, shown)
    return Markup("{}").format(shown)


def empty() -> Markup:
    """Return the reading pane before anything is open."""
    return Markup(
        '<div class="dl-reader dl-blank"><p class="dl-blank-title">The reading room</p>'
        "<p>Ask something, and the article behind the answer opens here at its very words.</p>"
        "</div>"
    )


def missing(message: str) -> Markup:
    """Return the reading pane for an article that cannot be shown."""
    return Markup(
        '<div class="dl-reader dl-blank"><p class="dl-blank-title">Not available</p><p>{}</p></div>'
    ).format(words(message))


def reader(
    article: Article,
    view: View,
    span: Span | None,
    said: int | None = None,
    *,
    revised: bool = False,
    kept: bool | None = None,
) -> Markup:
    """Return an article with the evidence of the answer marked and one place in view.

    Args:
        article: The revision that the answer read.
        view: The answer.
        span: The words to show.
        said: Which sentence of the answer they prove: what else it cites here is marked too.
        revised: Whether the article has a later revision.
        kept: Whether these words are on the clip list; None where there is no such list.
    """
    evidence = [e for e in view.places if e.source.article_id == article.id]
    sound = [e for e in evidence if e.span.of(article.text) == _said(e)]
    stale = len(sound) < len(evidence) or (span is not None and span.end > len(article.text))
    beside = () if said is None or stale else view.beside(said, article.id)
    here = Here(
        span=None if stale else span,
        beside=beside,
        marks=tuple((e.span, e.number) for e in sound),
    )
    body = together(
        Markup('<p dir="auto">{}</p>').format(marked(article.text, p, here))
        for p in paragraphs(article.text)
    )
    quote = span.of(article.text) if here.span and span else ""
    bar = _bar(view, article.id, span, stale=stale)
    return Markup(
        '<article class="dl-reader" aria-label="Article" data-turn="{}" data-article="{}">{}{}{}'
        '<div class="dl-body" tabindex="0" role="region" aria-label="Text of the article">{}</div>'
        "</article>"
    ).format(
        view.id,
        words(article.id),
        _head(article, quote, _keep(article.id, here.span, kept)),
        bar,
        _warnings(article, revised=revised),
        body,
    )


def _said(place: Evidence | Citation) -> str:
    return place.quote if isinstance(place, Citation) else place.text


def _warnings(article: Article, *, revised: bool) -> Markup:
    """Say what a reader should know before trusting the text."""
    notes = [Markup("{}").format(words(note)) for note in article.warnings]
    if article.withdrawn:
        said = f"This article {article.withdrawn}. It is kept for the record, never quoted."
        notes.insert(0, Markup("{}").format(words(said)))
    if article.language and not article.language.lower().startswith("en"):
        notes.append(
            Markup("Its language is <b>{}</b>: Dateline checks English best.").format(
                label(article.language)
            )
        )
    if revised:
        notes.append(
            Markup(
                "You read the version that was quoted; the article was revised since. "
                '<button type="button" class="dl-inline" data-open="{}" data-newest="1">'
                "Read it as it is now</button>"
            ).format(words(article.id))
        )
    items = together(Markup('<p class="dl-warning">{}</p>').format(n) for n in notes)
    return Markup('<div class="dl-warnings">{}</div>').format(items) if notes else EMPTY


def _head(article: Article, quote: str, keep: Markup) -> Markup:
    source = source_of(article)
    authors = ", ".join(label(a) for a in article.authors if label(a))
    by = Markup('<p class="dl-authors" dir="auto">By {}</p>').format(authors) if authors else EMPTY
    updated = (
        Markup(', <span class="dl-updated">updated {}</span>').format(when(article.updated))
        if article.updated
        else EMPTY
    )
    dates = Markup('<span class="dl-outlet" dir="auto">{}</span> · {}{}').format(
        outlet(source), when(article.published), updated
    )
    printed = Markup(" · printed {}").format(label(article.printed)) if article.printed else EMPTY
    original = link(fragment(article.url, quote) or article.url, "Original ↗")
    return Markup(
        '<header class="dl-head"><h1 class="dl-sr dl-over">Article</h1>'
        '<button type="button" class="dl-back">'
        'Close</button><p class="dl-from">{}</p><h2 dir="auto">{}</h2>{}'
        '<p class="dl-actions">{}{}{}</p></header>'
    ).format(dates + printed, title(source), by, keep, original, _copies(article, quote))


def _keep(article_id: str, span: Span | None, kept: bool | None) -> Markup:
    """Return the button that puts the words in view on the clip list, or takes them off it."""
    if kept is None or span is None:
        return EMPTY
    return Markup(
        '<button type="button" class="dl-keep" data-clip="{}" data-start="{}" data-end="{}" '
        'aria-pressed="{}">Keep quote</button>'
    ).format(words(article_id), span.start, span.end, "true" if kept else "false")


def _copies(article: Article, quote: str) -> Markup:
    buttons = (
        Markup('<button type="button" class="dl-copy" data-copy="{}">{}</button>').format(
            text, name
        )
        for name, text in citations(article, quote).items()
    )
    return Markup('<span class="dl-copies"><span>Cite:</span> {}</span>').format(together(buttons))


def _bar(view: View, article_id: str, span: Span | None, *, stale: bool) -> Markup:
    if stale:
        return Markup(
            '<p class="dl-note">This article has changed since the question was asked. '
            "Ask again to see what it says now.</p>"
        )
    stops = view.places
    now = view.holding(article_id, span) if span else None
    if now is None or len(stops) < 2:
        return EMPTY
    place = stops.index(now)
    return Markup(
        '<nav class="dl-stops" aria-label="Evidence">{}<span>Source {} of {}</span>{}</nav>'
    ).format(
        _step(stops, place - 1, "‹ Previous"),
        place + 1,
        len(stops),
        _step(stops, place + 1, "Next ›"),
    )


def _step(stops: Sequence[Evidence | Citation], place: int, name: str) -> Markup:
    if not 0 <= place < len(stops):
        return Markup('<button type="button" disabled>{}</button>').format(name)
    e = stops[place]
    return Markup("<button {}>{}</button>").format(
        opener(e.source.article_id, e.span, e.number), name
    )
