"""Which parts of a page are its article: several pieces of one, or one of several articles.

A page may hold its article in pieces between which advertisements stand; the pieces have the same
names. And it may hold several articles: a digest, all of which is read, or an article with the next
ones below it, of which only the one that the page is about is read.
"""

from __future__ import annotations

from collections import defaultdict

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from rag.ingest.sources.people import folded
from rag.ingest.sources.waiting import is_said, length, long_paragraphs

_PARAGRAPHS = 2
"""A piece of an article has so many paragraphs of running text at least."""
_CHARACTERS = 120
_APART = {"aside", "nav", "footer", "header", "form", "figure"}


def settle(tree: HtmlElement, title: str | None, body: str) -> None:
    """Leave the article that a page is about, in one piece.

    Args:
        tree: The page; it is changed.
        title: The article's title, as the page states it.
        body: The article's text, as the page states it; empty when it does not.
    """
    articles = _articles(tree)
    if len(articles) > 1:
        _choose(articles, title)
    _join_pieces(tree, body)


def _articles(tree: HtmlElement) -> list[HtmlElement]:
    """Return the outermost <article> elements that hold a text, not only a teaser."""
    outer = tree.xpath("//article[not(ancestor::article)]")
    return [each for each in outer if _is_text(long_paragraphs(each))]


def _choose(articles: list[HtmlElement], title: str | None) -> None:
    """Take out the articles that the page is not about; join them when it is about them all."""
    wanted = folded(title or "")
    named = [each for each in articles if wanted and wanted in _headings(each)]
    if named:
        # What has no heading of its own goes on with the article, as its next page.
        first = articles.index(named[0])
        pieces = [e for e in articles[first + 1 :] if not _headings(e)]
        pieces = [e for e in pieces if _are_alike([named[0], e])]
        _join([named[0], *pieces])
        for other in articles:
            if other is not named[0] and other not in pieces:
                other.drop_tree()
    elif all(_headings(each) for each in articles) and _are_alike(articles):
        _join(articles)


def _are_alike(articles: list[HtmlElement]) -> bool:
    """Return True when these are entries of one list: neighbours of the same kind."""
    return len({(each.getparent(), each.get("class")) for each in articles}) == 1


def _join_pieces(tree: HtmlElement, body: str) -> None:
    """Join the pieces of one article: elements of the same name that hold its paragraphs."""
    if len(tree.xpath("//h1")) > 1 and not body:
        return
    holders: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for paragraph in long_paragraphs(tree):
        holders[paragraph.getparent()].append(paragraph)
    pieces: dict[tuple[object, ...], list[HtmlElement]] = defaultdict(list)
    for holder, paragraphs in holders.items():
        names = holder.get("class")
        around = [str(a.tag) for a in holder.iterancestors()]
        if names and _is_text(paragraphs) and not _APART & {str(holder.tag), *around}:
            pieces[str(holder.tag), names, len(around)].append(holder)
    words = frozenset(body.lower().split())
    most = max(pieces.values(), key=lambda g: sum(length(holders[e]) for e in g), default=[])
    ours = [each for each in most if not words or is_said(long_paragraphs(each), words)]
    if len(ours) > 1 and sum(length(holders[e]) for e in ours) >= max(
        map(length, holders.values())
    ):
        _join(ours)


def _join(elements: list[HtmlElement]) -> None:
    first = elements[0]
    for other in elements[1:]:
        first.extend(list(other))
        other.drop_tree()


def _is_text(paragraphs: list[HtmlElement]) -> bool:
    return len(paragraphs) >= _PARAGRAPHS and length(paragraphs) >= _CHARACTERS


def _headings(element: HtmlElement) -> set[str]:
    found = (folded(h.text_content()[:500]) for h in element.iter("h1", "h2", "h3"))
    return {heading for heading in found if heading}
