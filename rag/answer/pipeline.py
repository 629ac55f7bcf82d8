"""A question in, a verified answer out: the whole path, readable aloud.

    with open_qa(Settings()) as qa:
        answer = qa.ask("What may Ukraine use US weapons for near Kharkiv?")

Question -> query -> passages -> evidence -> the model's words -> statements with citations ->
verdicts -> outcome. Each step is a module of its own; this one only hands on.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.answer.compose import Composer
from rag.answer.prepare import Asked, Prepared, Ready, model_of, prepare, state_of
from rag.answer.rewrite import standalone
from rag.events import EvidenceFound, Progress, StatementChecked, TextDelta, Turn, Understood
from rag.language.terms import asked_terms
from rag.models.memo import Memo
from rag.question.query import Query, read
from rag.search.candidates import ENCODED, Candidate, candidates
from rag.settings import Settings
from rag.types import Answer, Article, Filter

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from rag.archive.archive import Archive
    from rag.models.chat import Chat
    from rag.models.encoder import Encoder
    from rag.search.retrieve import FusedRetriever
    from rag.verify.verifier import Verifier

__all__ = [
    "EvidenceFound",
    "NewsQA",
    "Progress",
    "StatementChecked",
    "TextDelta",
    "Turn",
    "Understood",
    "open_qa",
]

SURVEYED = 4
"""How many times more is read for a course of events than for a question."""


@dataclass(kw_only=True, eq=False)
class NewsQA:
    """Answers questions from one archive; its state is what is open and loaded."""

    archive: Archive
    retriever: FusedRetriever
    encoder: Encoder
    verifier: Verifier
    chat: Chat | None
    settings: Settings

    def ask(
        self,
        question: str,
        *,
        filters: Filter | None = None,
        as_of: date | None = None,
        history: Sequence[Turn] = (),
        on_event: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
        prepared: Prepared | None = None,
    ) -> Answer:
        """Answer a question.

        Args:
            question: In the person's words.
            filters: What may be read; None lets the question's own words decide.
            as_of: Read nothing published after this day.
            history: Earlier turns of the conversation, oldest first.
            on_event: Called with how it was read, evidence, text and verdicts as they come.
            stop: Set it from another thread to stop the model; what it wrote so far is checked.
            prepared: What `prepare` made ready; used where it is of this very question and
                nothing has changed since.

        Raises:
            QuestionError: When the question cannot be worked on.
            ArchiveError: When the archive cannot be read.
        """
        tell = on_event or (lambda _: None)
        composer = Composer(self, tell, stop)
        asked = Asked(question=question, filters=filters, as_of=as_of, history=tuple(history))
        if prepared is not None and not prepared.understands(asked, self):
            prepared = None
        full = prepared.full if prepared else self._full(asked, stop)
        with self.archive.snapshot():
            if prepared is not None and prepared.holds(self):
                tell(_understood(full, prepared.ready.query))
                answer = composer.answer(prepared.ready)
            else:
                answer = composer.answer(self._ready(full, asked, tell))
        return replace(answer, question=question, asked_as=full if full != question else None)

    def prepare(self, asked: Asked, *, stop: threading.Event | None = None) -> Prepared:
        """Do what `ask` does before the model writes its answer; it can be asked with then.

        Raises:
            QuestionError: When the question cannot be worked on.
            ArchiveError: When the archive cannot be read.
        """
        full = self._full(asked, stop)
        with self.archive.snapshot():
            return Prepared(
                asked=asked,
                full=full,
                ready=self._ready(full, asked, lambda _: None),
                settings=self.settings,
                model=model_of(self),
                state=state_of(self),
            )

    def _full(self, asked: Asked, stop: threading.Event | None) -> str:
        earlier = [(turn.question, turn.answer) for turn in asked.history]
        return standalone(asked.question, earlier, self.chat, stop)

    def _ready(self, full: str, asked: Asked, tell: Callable[[Progress], None]) -> Ready:
        query = self.read(full, filters=asked.filters, as_of=asked.as_of)
        tell(_understood(full, query))
        return prepare(query, self)

    def timeline(
        self,
        question: str,
        *,
        filters: Filter | None = None,
        as_of: date | None = None,
        on_event: Callable[[Progress], None] | None = None,
    ) -> Answer:
        """Tell the course of events that a question, or just a topic, names; see `ask`."""
        query = replace(self.read(question, filters=filters, as_of=as_of), kind="timeline")
        return Composer(self, on_event or (lambda _: None), None).answer(prepare(query, self))

    def ask_over(self, question: str, articles: Sequence[Article]) -> Answer:
        """Answer a question from these articles alone, in an archive that lasts as long as that.

        Their ids are kept. It is how the eval suite asks over the documents that a case brings.
        """
        from rag.archive.archive import Archive

        with (
            tempfile.TemporaryDirectory() as folder,
            Archive.create(Path(folder)) as archive,
        ):
            _fill(archive, articles, self.encoder, self.settings)
            retriever = _retriever(archive, self.encoder, self.settings)
            return replace(self, archive=archive, retriever=retriever).ask(question)

    def read(
        self, question: str, *, filters: Filter | None = None, as_of: date | None = None
    ) -> Query:
        """Read a question against this archive.

        `as_of` closes the end of its filter, and is the day on which it is put; without it, a
        question for the news is put on the day of the newest article.
        """
        query = read(question, filters=filters, publishers=self.archive.publishers())
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

    def rank(self, query: Query) -> list[list[Candidate]]:
        """Return, for each part of a question, the sentences that may answer it, best first."""
        return [self.find(query, part) for part in query.parts]

    def find(self, query: Query, text: str, outlets: Sequence[str] = ()) -> list[Candidate]:
        """Return the sentences that may answer a part of a question, best first.

        Args:
            query: The whole question.
            text: The part.
            outlets: Read nothing but these; all that the question allows if empty.
        """
        filters = query.filters
        if outlets:
            filters = replace(filters, publishers=tuple(outlets))
        asked = replace(query, text=text, terms=asked_terms(text), filters=filters)
        found = self.retriever.search(asked)
        return candidates(asked, found, self.archive, self.encoder)

    def survey(self, query: Query) -> list[Candidate]:
        """Return sentences of many articles about a topic, best first: what its course is in."""
        settings = self.settings.retrieve
        wide = settings.model_copy(update={"passages": SURVEYED * settings.passages})
        retriever = self.retriever.model_copy(update={"settings": wide})
        found = retriever.search(query)
        return candidates(query, found, self.archive, self.encoder, SURVEYED * ENCODED)


@contextmanager
def open_qa(settings: Settings) -> Iterator[NewsQA]:
    """Open an archive and all that answering from it needs.

    A local chat model loads in a process of its own while the rest is opened.

    Raises:
        ArchiveError: When there is no archive, or it cannot be read.
        ModelError: When a model is not there.
        SettingsError: When a setting is wrong.
    """
    from rag.archive.archive import Archive
    from rag.models.chat import connect
    from rag.models.embed import load
    from rag.verify.verifier import RuleVerifier

    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(settings.archive))
        chat = connect(settings.chat, prompts.prefix(settings.answer.style))
        if chat is not None:
            stack.enter_context(chat)
        encoder = Memo(load(settings.embed))
        yield NewsQA(
            archive=archive,
            retriever=_retriever(archive, encoder, settings),
            encoder=encoder,
            verifier=RuleVerifier(encoder.encode),
            chat=chat,
            settings=settings,
        )


def _understood(full: str, query: Query) -> Understood:
    return Understood(
        question=full, filters=query.filters, as_of=query.as_of, inferred=query.inferred
    )


def _retriever(archive: Archive, encoder: Encoder, settings: Settings) -> FusedRetriever:
    from rag.archive.index import Index
    from rag.search.retrieve import DenseRetriever, FusedRetriever, LexicalRetriever

    index = Index.open(archive)
    lexical = LexicalRetriever(archive=archive, settings=settings.retrieve)
    dense = DenseRetriever(
        archive=archive, settings=settings.retrieve, index=index, encoder=encoder
    )
    return FusedRetriever(archive=archive, settings=settings.retrieve, parts=(lexical, dense))


def _fill(
    archive: Archive, articles: Sequence[Article], encoder: Encoder, settings: Settings
) -> None:
    """Store articles as they are, with passages and vectors."""
    from rag.ingest.chunk import chunk
    from rag.ingest.run import embed_pending
    from rag.language.sentences import split

    for article in articles:
        archive.put(article, chunk(article, settings.chunk), split(article.text))
    embed_pending(archive, encoder, settings.embed.batch)
