"""What an answer is made of, by article: who, when, which words; a box leaves an article out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.types import Answer, Citation, Evidence, Source, Span
from ui.footnotes import Footnotes, cited_articles
from ui.markup import EMPTY, byline, opener, openers, title, together, words
from ui.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some words of an article; `number` is that of the evidence that holds them."""

    source: Source
    span: Span
    text: str
    number: int


def sources(view: View) -> Markup:
    """Return the evidence by article, ready before the first word of the answer.

    On a decline it is the body: the sentences that come closest.
    """
    done = view.answer
    found = _pieces(view.evidence) or (_closest(done.closest) if done else [])
    if not found:
        return _nearest(done.nearest) if done else EMPTY
    groups = _grouped(found)
    listed = done is not None and done.listing is not None
    used = frozenset(groups) if done is None or listed else cited_articles(done)
    first = {name: pieces for name, pieces in groups.items() if name in used} or groups
    rest = {name: pieces for name, pieces in groups.items() if name not in first}
    boxes = bool(done and view.id and len(groups) > 1 and not listed)
    shown = _listed(first, view.notes, boxes=boxes)
    also = _also(rest, view.notes, boxes=boxes) if rest else EMPTY
    return Markup(
        '<section class="dl-sources" aria-label="Evidence" data-turn="{}"><h2>{}</h2>'
        '<form data-form="leave" data-turn="{}">{}{}{}</form></section>'
    ).format(view.id, _head(done), view.id, shown, also, _AGAIN if boxes else EMPTY)


_AGAIN = Markup(
    '<p class="dl-leaving"><button type="submit" class="dl-strong" name="do" value="again">'
    "Ask again without these</button></p>"
)


def _head(done: Answer | None) -> str:
    if done is not None and done.declined == "nothing_found":
        return "What comes closest"
    declined = done is not None and done.outcome == "declined"
    listed = done is not None and done.listing is not None
    return "What the articles say" if declined or listed else "Evidence"


def _pieces(evidence: Sequence[Evidence]) -> list[Piece]:
    return [Piece(source=e.source, span=e.span, text=e.text, number=e.number) for e in evidence]


def _closest(citations: Sequence[Citation]) -> list[Piece]:
    return [Piece(source=c.source, span=c.span, text=c.quote, number=c.number) for c in citations]


def _grouped(found: Sequence[Piece]) -> dict[str, list[Piece]]:
    groups: dict[str, list[Piece]] = {}
    for piece in found:
        groups.setdefault(piece.source.article_id, []).append(piece)
    return groups


def _listed(groups: dict[str, list[Piece]], notes: Footnotes, *, boxes: bool) -> Markup:
    items = together(_group(pieces, notes, boxes=boxes) for pieces in groups.values())
    return Markup("<ul>{}</ul>").format(items)


def _also(rest: dict[str, list[Piece]], notes: Footnotes, *, boxes: bool) -> Markup:
    count = "1 more article was" if len(rest) == 1 else f"{len(rest)} more articles were"
    return Markup("<details><summary>{} read and not used</summary>{}</details>").format(
        count, _listed(rest, notes, boxes=boxes)
    )


def _group(pieces: Sequence[Piece], notes: Footnotes, *, boxes: bool) -> Markup:
    of = pieces[0].source
    box = (
        Markup(
            '<label class="dl-leave"><input type="checkbox" name="without" value="{}">'
            '<span>leave out<span class="dl-sr"> {}</span></span></label>'
        ).format(words(of.article_id), title(of))
        if boxes
        else EMPTY
    )
    quotes = together(
        Markup(
            '<button class="dl-card" {}><span class="dl-quote" dir="auto">{}</span></button>'
        ).format(opener(p.source.article_id, p.span, p.number), words(p.text))
        for p in pieces
    )
    return Markup(
        '<li class="dl-group"><div class="dl-from"><span class="dl-number">{}</span>{}{}</div>'
        '<button class="dl-title" dir="auto" {}>{}</button>{}</li>'
    ).format(
        notes.number(of.article_id),
        byline(of),
        box,
        opener(of.article_id, pieces[0].span, pieces[0].number),
        title(of),
        quotes,
    )


def _nearest(found: Sequence[Source]) -> Markup:
    if not found:
        return EMPTY
    return Markup(
        '<section class="dl-sources dl-nearest" aria-label="Evidence"><h2>Articles that come '
        "closest</h2>{}</section>"
    ).format(openers(found))
