"""What to read: passages by their words, by their meaning, and both fused by rank.

The three retrievers are langchain `BaseRetriever`s over one archive: any of them can be asked
alone, and `eval` compares them so.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.archive.archive import Archive
from rag.archive.index import Index
from rag.language.terms import spellings
from rag.models.encoder import Encoder
from rag.question.query import Query, read
from rag.settings import RetrieveSettings
from rag.telemetry.steps import step
from rag.types import Filter

NEWS_DAYS = 14
"""How long something is news: days before the question."""

NEWS_WEIGHT = 0.5
"""What a rank among these counts to one among all days. Over 300 questions of RealTimeQA and 2,464
articles MRR@10 is .739 without them, .794 at .5 and .756 at 1, and alike in each half of them."""

MEANING = 2.0
"""What a rank by meaning counts to one by words. Over 240 questions of RealTimeQA and 801 articles
the sentences that are read hold the answer in .725 at 1, .750 at 2 and .758 at 4 (of the sealed
third in .750, .786, .786); of the sample, whose questions use the articles' own words, in .951,
.937 and .943 (`python -m eval.bench encoders`)."""

FOREIGN = 0.3
"""The same where the question is not in English."""

Ranked = list[tuple[str, float]]
"""Passage ids with scores, best first; scores compare within one list only."""


def fuse(rankings: Iterable[tuple[float, Ranked]], k: int = 60) -> Ranked:
    """Join rankings by reciprocal rank: each gives its weight / (k + rank), ranks counted from 1.

    Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
    individual rank learning methods", SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for weight, ranking in rankings:
        for rank, (passage, _) in enumerate(ranking, 1):
            scores[passage] = scores.get(passage, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def spread(
    passages: Iterable[Document], *, most: int, per_article: int, per_outlet: int
) -> list[Document]:
    """Keep the best passages, and of one article or wire story `per_article` before the rest.

    Of one outlet `per_outlet` come before the rest, so that whoever floods the archive under one
    name does not crowd out what others say. When the archive has no more to offer, what was passed
    over fills the places that are left.
    """
    kept: list[Document] = []
    passed: list[Document] = []
    taken: Counter[tuple[str, str]] = Counter()
    for passage in passages:
        story = ("story", passage.metadata["cluster"])
        outlet = ("outlet", passage.metadata["publisher"])
        taken.update((story, outlet))
        fits = taken[story] <= per_article and taken[outlet] <= per_outlet
        (kept if fits else passed).append(passage)
    return (kept + passed)[:most]


class _Retriever(BaseRetriever):
    """What the three share: an archive, the settings, and the way from ids to passages."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    archive: Archive
    settings: RetrieveSettings = RetrieveSettings()

    def weight(self, query: Query) -> float:
        """Return what its ranks count beside those of others."""
        return 1.0

    @abstractmethod
    def rank(self, query: Query) -> Ranked:
        """Return passage ids with scores, best first."""

    def search(self, query: Query) -> list[Document]:
        """Return the passages worth reading for a question, best first."""
        with step("retrieve"):
            best = self.rank(query)[: 4 * self.settings.passages]
            return spread(
                self.archive.passages([passage for passage, _ in best]),
                most=self.settings.passages,
                per_article=self.settings.per_article,
                per_outlet=self.settings.per_outlet,
            )

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        within: Filter | None = None,
    ) -> list[Document]:
        return self.search(read(query, filters=within))


class LexicalRetriever(_Retriever):
    """Passages that share the question's rare words: BM25 over title, date and text.

    Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
    2009, as SQLite's FTS5 computes it.
    """

    def rank(self, query: Query) -> Ranked:
        """Return passages by BM25."""
        spelled = query.tongue.spellings if query.tongue else spellings
        words = [word for term in query.terms for word in spelled(term)]
        return self.archive.search(words, self.settings.depth, query.filters)


class DenseRetriever(_Retriever):
    """Passages whose embedding is near the question's, by cosine."""

    index: Index
    encoder: Encoder

    def weight(self, query: Query) -> float:
        """Return less for a question in another language: the usual encoder has learnt English."""
        return MEANING if query.tongue is None else FOREIGN

    def rank(self, query: Query) -> Ranked:
        """Return passages by cosine to the question."""
        vector = self.encoder.encode([query.text])[0]
        return self.index.search(vector, self.settings.depth, query.filters)


class FusedRetriever(_Retriever):
    """Both, joined by reciprocal rank; what was news when the question was put counts again."""

    parts: Sequence[_Retriever]

    def rank(self, query: Query) -> Ranked:
        """Return passages by the sum of their reciprocal ranks."""
        asked = [(1.0, query), *((NEWS_WEIGHT, news) for news in _as_news(query))]
        rankings = (
            (weight * part.weight(one), part.rank(one))
            for weight, one in asked
            for part in self.parts
        )
        return fuse(rankings, self.settings.rrf_k)


def _as_news(query: Query) -> Iterator[Query]:
    """Yield the question to the news of the days before it was put, when that day is known.

    People who ask on a day mostly ask about the days before it, and seldom say so: of the weekly
    quiz's questions half hold no word of when.
    """
    if query.asked_on is None:
        return
    since = query.asked_on - timedelta(days=NEWS_DAYS)
    if query.filters.since is None or query.filters.since < since:
        yield replace(query, filters=replace(query.filters, since=since, until=query.asked_on))
