"""The numbers of articles: one an article, the same on the page and in every file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.types import Answer, Citation, Evidence, Source


class Footnotes:
    """Which number each article has, in the order in which they were found."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = {s.article_id: s for s in reversed(sources)}
        self._numbers = {name: n for n, name in enumerate(dict.fromkeys(_ids(sources)), 1)}

    @classmethod
    def of(cls, evidence: Sequence[Evidence], answer: Answer | None = None) -> Footnotes:
        """Number the articles of the evidence, then whatever else the answer cites."""
        more = tuple(c.source for c in cited(answer)) if answer else ()
        return cls((*(e.source for e in evidence), *more))

    def number(self, article_id: str) -> int:
        """Return the number of an article; 0 when it has none."""
        return self._numbers.get(article_id, 0)

    def listed(self) -> tuple[tuple[int, Source], ...]:
        """Return every number with its article, in order."""
        return tuple((n, self.sources[name]) for name, n in self._numbers.items())


def _ids(sources: Sequence[Source]) -> Iterator[str]:
    return (s.article_id for s in sources)


def cited(answer: Answer) -> Iterator[Citation]:
    """Yield all that an answer cites, in the order of the page."""
    for statement in answer.statements:
        yield from statement.citations
    for conflict in answer.conflicts:
        for reading in conflict.readings:
            yield from reading.citations
    yield from (event.citation for event in answer.timeline)
    yield from answer.closest


def cited_articles(answer: Answer) -> frozenset[str]:
    """Return the ids of the articles that an answer cites anywhere but on a decline's last page."""
    closest = set(answer.closest)
    return frozenset(c.source.article_id for c in cited(answer) if c not in closest)
