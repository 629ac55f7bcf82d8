"""Passages in, whole passages out as evidence: what a model reads that makes more of more.

Passages of one article stand together in their order, neighbours as one piece; copies of a wire
story are read once. Articles stand in the order in which they were published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.search.candidates import Candidate, likelihood
from rag.search.select import source_of
from rag.types import Evidence, Span, day

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from rag.archive.archive import Archive

Place = tuple[str, int]
"""An article, and which of its sentences, from 0."""


def gather(
    found: Sequence[Sequence[Document]],
    rankings: Sequence[Sequence[Candidate]],
    archive: Archive,
    *,
    characters: int,
    articles: int,
) -> tuple[Evidence, ...]:
    """Choose passages within a budget, ordered by date of publication and place in the article.

    Args:
        found: For each search its passages, best first; searches take turns.
        rankings: Sentences that may answer, best first: those of each part that lead are read
            first, whatever their passage.
        archive: Where the sentences come from.
        characters: The budget.
        articles: Most articles.
    """
    likely = {_place(c): likelihood(c) for ranking in rankings for c in ranking}
    chosen: dict[Place, Span] = {}
    stories: dict[str, str] = {}
    spent = 0
    for cluster, places in (*_leads(rankings), *_in_turns(found, archive)):
        new = {place: span for place, span in places.items() if place not in chosen}
        if not new:
            continue
        article = next(iter(new))[0]
        if stories.get(cluster, article) != article:
            continue  # a copy of a story that is read already
        if article not in stories.values() and len(stories) >= articles:
            continue
        cost = sum(span.end - span.start for span in new.values())
        if chosen and spent + cost > characters:
            if spent > 0.9 * characters:
                break
            continue
        spent += cost
        stories[cluster] = article
        chosen |= new
    return _numbered(chosen, likely, archive)


def _place(candidate: Candidate) -> Place:
    return candidate.article.id, candidate.position


def _leads(rankings: Sequence[Sequence[Candidate]]) -> Iterator[tuple[str, dict[Place, Span]]]:
    """Yield the best sentence for each part of a question: it is read whatever else is."""
    for best in (ranking[0] for ranking in rankings if ranking):
        yield best.cluster, {_place(best): best.span}


def _in_turns(
    found: Sequence[Sequence[Document]], archive: Archive
) -> Iterator[tuple[str, dict[Place, Span]]]:
    """Yield passages as sentences: the best of each search, then the second best of each."""
    for turn in zip_longest(*found):
        for passage in turn:
            if passage is None:
                continue
            meta = passage.metadata
            inside = Span(start=meta["start"], end=meta["end"])
            spans = enumerate(archive.sentences(meta["article_id"]))
            held = {(meta["article_id"], n): span for n, span in spans if inside.covers(span)}
            yield meta["cluster"], held


def _numbered(
    chosen: Mapping[Place, Span], likely: Mapping[Place, float], archive: Archive
) -> tuple[Evidence, ...]:
    """Return runs of neighbouring sentences as evidence, numbered in reading order."""
    held = {name: archive.article(name) for name, _ in chosen}
    dated = {name: day(article.published) for name, article in held.items()}

    def order(place: Place) -> tuple[bool, str, str, int]:
        when = dated[place[0]]
        return when is None, when.isoformat() if when else "", place[0], place[1]

    runs: list[list[Place]] = []
    for place in sorted(chosen, key=order):
        last = runs[-1][-1] if runs else None
        if last is not None and last == (place[0], place[1] - 1):
            runs[-1].append(place)
        else:
            runs.append([place])
    return tuple(
        Evidence(
            number=number,
            source=source_of(held[run[0][0]]),
            span=(span := Span(start=chosen[run[0]].start, end=chosen[run[-1]].end)),
            text=span.of(held[run[0][0]].text),
            sentences=tuple(chosen[place] for place in run),
            score=max(likely.get(place, 0.0) for place in run),
        )
        for number, run in enumerate(runs, 1)
    )


def trimmed(evidence: Sequence[Evidence], characters: int) -> tuple[Evidence, ...]:
    """Return the likeliest pieces that fit, in their order and with their numbers; one at least."""
    left, kept = characters, set[int]()
    for piece in sorted(evidence, key=lambda e: -e.score):
        if not kept or len(piece.text) <= left:
            kept.add(piece.number)
            left -= len(piece.text)
    return tuple(e for e in evidence if e.number in kept)
