"""Passages in, the few sentences worth reading out: the evidence of an answer.

On a small machine every prompt token costs time, and a small model gets lost in what it does not
need; so sentences are chosen, not chunks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from rag.archive.archive import Archive
from rag.language.terms import held_stems
from rag.search.candidates import Candidate, likelihood
from rag.settings import SelectSettings
from rag.types import Article, Citation, Evidence, Source, Span, day

LONG = 300
"""Characters of a neighbouring sentence that is too long to come along."""

LEANS = re.compile(
    r"^[\"“'‘]?(?:he|she|it|they|his|her|its|their|this|that|these|those|both|the (?:move|decision"
    r"|agency|company|group|ruling|announcement|change|deal|report|official|minister|president"
    r"|statement|law|bill|plan|attack|incident|pair|two)|but|however|meanwhile|instead|also)\b",
    re.IGNORECASE,
)
"""Openings that lean on the sentence before: alone, such a sentence does not say who or what."""


def select(
    rankings: Sequence[Sequence[Candidate]], archive: Archive, settings: SelectSettings
) -> tuple[Evidence, ...]:
    """Choose evidence within the budget, ordered by date of publication and place in the article.

    A sentence that leans on the one before takes it along; neighbours become one piece; what says
    the same as a chosen sentence, such as a wire copy, is passed over.

    Args:
        rankings: For each part of the question its candidates, best first; they take turns, and
            each part beyond the first adds half a budget.
        archive: Where the sentences come from.
        settings: The budget.
    """
    budget = settings.characters * (1 + len(rankings)) // 2
    chosen: dict[tuple[str, int], Candidate] = {}
    taken: Counter[str] = Counter()
    spent = 0
    for candidate in _in_turns([_with_next(ranking, archive) for ranking in rankings]):
        if taken[candidate.cluster] >= settings.per_article or _repeats(candidate, chosen):
            continue
        group = _with_lead(candidate, archive, chosen)
        cost = sum(c.span.end - c.span.start for c in group)
        if chosen and spent + cost > budget:
            if spent > 0.8 * budget:
                break
            continue
        spent += cost
        taken[candidate.cluster] += 1
        chosen |= {(c.article.id, c.position): c for c in group}
    return _number(_joined(list(chosen.values())))


def _with_next(ranking: Sequence[Candidate], archive: Archive) -> list[Candidate]:
    """Put the sentence after the best one second: news tells a thing, then spells it out."""
    if not ranking:
        return []
    best = ranking[0]
    position = best.position + 1
    spans = archive.sentences(best.article.id)
    if position >= len(spans) or spans[position].end - spans[position].start > LONG:
        return list(ranking)
    following = replace(best, position=position, span=spans[position])
    rest = [c for c in ranking[1:] if (c.article.id, c.position) != (best.article.id, position)]
    return [best, following, *rest]


def _in_turns(rankings: Sequence[Sequence[Candidate]]) -> Iterator[Candidate]:
    """Yield the best of each ranking, then the second best of each, and so on."""
    for turn in zip_longest(*rankings):
        yield from (candidate for candidate in turn if candidate is not None)


def _repeats(candidate: Candidate, chosen: Mapping[tuple[str, int], Candidate]) -> bool:
    """Say whether nearly all of a sentence's words already stand in one chosen sentence."""
    if (candidate.article.id, candidate.position) in chosen:
        return True
    own = held_stems(candidate.text)
    return any(
        len(own & other) >= 0.85 * max(len(own | other), 1)
        for other in (held_stems(c.text) for c in chosen.values())
    )


def _with_lead(
    candidate: Candidate, archive: Archive, chosen: Mapping[tuple[str, int], Candidate]
) -> list[Candidate]:
    """Return the sentence, after the one before it when it leans on that one."""
    before = (candidate.article.id, candidate.position - 1)
    if not candidate.position or before in chosen or not LEANS.match(candidate.text):
        return [candidate]
    span = archive.sentences(candidate.article.id)[candidate.position - 1]
    if span.end - span.start > LONG:
        return [candidate]
    lead = replace(candidate, position=candidate.position - 1, span=span)
    return [lead, candidate]


def _joined(chosen: Sequence[Candidate]) -> list[list[Candidate]]:
    """Group neighbouring sentences of one article, in order of date and place."""
    groups: list[list[Candidate]] = []
    for candidate in in_reading_order(chosen):
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and last.article.id == candidate.article.id
            and last.position + 1 == candidate.position
        ):
            groups[-1].append(candidate)
        else:
            groups.append([candidate])
    return groups


def in_reading_order(chosen: Iterable[Candidate]) -> list[Candidate]:
    """Order sentences by the day of their article, undated last, and by their place in it."""
    return sorted(chosen, key=_reading_order)


def _reading_order(candidate: Candidate) -> tuple[bool, str, str, int]:
    published = day(candidate.article.published)
    when = published.isoformat() if published else ""
    return (published is None, when, candidate.article.id, candidate.position)


def _number(groups: Sequence[Sequence[Candidate]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            number=number,
            source=source_of(group[0].article),
            span=Span(start=group[0].span.start, end=group[-1].span.end),
            text=group[0].article.text[group[0].span.start : group[-1].span.end],
            sentences=tuple(c.span for c in group),
            score=max(likelihood(c) for c in group),
        )
        for number, group in enumerate(groups, 1)
    )


def source_of(article: Article) -> Source:
    """Return the label of an article."""
    return Source(
        article_id=article.id,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
    )


def alone(number: int, candidate: Candidate) -> Evidence:
    """Return a single sentence as evidence."""
    return Evidence(
        number=number,
        source=source_of(candidate.article),
        span=candidate.span,
        text=candidate.text,
        sentences=(candidate.span,),
        score=likelihood(candidate),
    )


def whole(evidence: Evidence) -> Citation:
    """Return a citation of all that a piece of evidence says."""
    return Citation(
        number=evidence.number, source=evidence.source, span=evidence.span, quote=evidence.text
    )
