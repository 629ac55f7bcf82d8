"""What answering works with: all that is open and loaded, and how a question is read and searched.

The steps of an answer take a `Machine`; `rag.answer.pipeline` puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rag.language.terms import asked_terms
from rag.language.tongue import asked_in
from rag.question.query import Query, foreign, read
from rag.search.candidates import ENCODED, Candidate, candidates
from rag.settings import Settings
from rag.types import Filter

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from rag.archive.archive import Archive
    from rag.models.chat import Chat
    from rag.models.encoder import Encoder
    from rag.models.intent import Intent
    from rag.models.reader import Reader
    from rag.search.retrieve import FusedRetriever
    from rag.telemetry.steps import Observer
    from rag.verify.judge import Judge
    from rag.verify.reader import ModelVerifier
    from rag.verify.verifier import Verifier

SURVEYED = 4
"""How many times more is read for a course of events than for a question."""


@dataclass(kw_only=True, eq=False)
class Machine:
    """An archive, and all that answering from it needs."""

    archive: Archive
    retriever: FusedRetriever
    encoder: Encoder
    verifier: Verifier
    chat: Chat | None
    settings: Settings
    judge: Judge | None = None
    """Judges what the verifier else would; None where there is no reranker."""
    spans: Reader | None = None
    """Finds which words of a sentence answer; None where the default reranker is not here."""
    intent: Intent | None = None
    """Tells what is asked of the archive; None where the embedding model is not ours."""
    observers: tuple[Observer, ...] = ()
    """Who is told of each question when it has ended: see `rag.telemetry`."""
    reader: ModelVerifier | None = None
    """A chat model of its own that checks; None where the one that writes does."""

    def checker(self) -> ModelVerifier | None:
        """Return the chat model that checks what was written, if one is to."""
        from rag.verify.reader import ModelVerifier

        return self.reader or (ModelVerifier(self.chat) if self.chat is not None else None)

    def on(self, rule: str) -> bool:
        """Say whether a rule is on: see `rag.answer.rules`."""
        return rule not in self.settings.answer.without

    def read(
        self, question: str, *, filters: Filter | None = None, as_of: date | None = None
    ) -> Query:
        """Read a question against this archive.

        `as_of` closes the end of its filter, and is the day on which it is put; without it, a
        question for the news is put on the day of the newest article.
        """
        query = read(question, filters=filters, publishers=self.archive.publishers())
        if spoken := asked_in(query.text, self.archive.languages()):
            query = foreign(query, spoken)
        until = query.filters.until
        if as_of is not None and (until is None or until > as_of):
            until = as_of
        today = as_of or (self.archive.coverage().latest if query.recent else None)
        asked_on = min(today, until) if today and until else today
        within = replace(query.filters, until=until)
        return replace(query, filters=within, as_of=as_of, asked_on=asked_on)

    def retrieve(self, query: Query) -> list[Document]:
        """Return the passages worth reading for a question as a whole, best first."""
        return self.retriever.search(query)

    def passages(self, query: Query, most: int) -> list[Document]:
        """Return so many passages worth reading for a question, best first."""
        wide = self.settings.retrieve.model_copy(
            update={"passages": most, "depth": max(self.settings.retrieve.depth, 2 * most)}
        )
        return self.retriever.model_copy(update={"settings": wide}).search(query)

    def rated(self, query: Query, passages: Sequence[Document]) -> list[Candidate]:
        """Return the sentences of passages that may answer a question, best first."""
        return candidates(query, passages, self.archive, self.encoder)

    def rank(self, query: Query) -> list[list[Candidate]]:
        """Return, for each part of a question, the sentences that may answer it, best first."""
        return [self.find(query, part) for part in query.parts]

    def find(
        self, query: Query, text: str, outlets: Sequence[str] = (), most: int = ENCODED
    ) -> list[Candidate]:
        """Return the sentences that may answer a part of a question, best first.

        Args:
            query: The whole question.
            text: The part.
            outlets: Read nothing but these; all that the question allows if empty.
            most: How many.
        """
        filters = query.filters
        if outlets:
            filters = replace(filters, publishers=tuple(outlets))
        terms = query.tongue.terms(text) if query.tongue else asked_terms(text)
        if query.tongue is not None:
            filters = replace(filters, languages=query.tongue.codes)
        asked = replace(query, text=text, terms=terms, filters=filters)
        found = self.retriever.search(asked)
        return candidates(asked, found, self.archive, self.encoder, most)

    def survey(self, query: Query, encoded: int = SURVEYED * ENCODED) -> list[Candidate]:
        """Return sentences of many articles about a topic, best first: what its course is in.

        Args:
            query: The topic.
            encoded: Most sentences of which the meaning is compared.
        """
        settings = self.settings.retrieve
        wide = settings.model_copy(update={"passages": SURVEYED * settings.passages})
        retriever = self.retriever.model_copy(update={"settings": wide})
        found = retriever.search(query)
        return candidates(query, found, self.archive, self.encoder, encoded)


def retriever_of(archive: Archive, encoder: Encoder, settings: Settings) -> FusedRetriever:
    """Return the search of an archive, by words and by meaning."""
    from rag.archive.indexes import open_index
    from rag.search.retrieve import DenseRetriever, FusedRetriever, LexicalRetriever

    index = open_index(archive)
    lexical = LexicalRetriever(archive=archive, settings=settings.retrieve)
    dense = DenseRetriever(
        archive=archive, settings=settings.retrieve, index=index, encoder=encoder
    )
    return FusedRetriever(archive=archive, settings=settings.retrieve, parts=(lexical, dense))
