"""A question in, a verified answer out: the whole path, readable aloud.

    with open_qa(Settings()) as qa:
        answer = qa.ask("What may Ukraine use US weapons for near Kharkiv?")

Question -> query -> passages -> evidence -> the model's words -> statements with citations ->
verdicts -> outcome. Each step is a module of its own; this one only hands on.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answer import prompts
from rag.answer.compose import Composer
from rag.answer.listing import listing, recognised
from rag.answer.machine import Machine, retriever_of
from rag.answer.mended import mended
from rag.answer.plan import Plan, needed, plan
from rag.answer.prepare import Asked, Prepared, Ready, model_of, prepare, state_of
from rag.answer.rewrite import leans, standalone
from rag.answer.rules import RULES
from rag.answer.told.told import STRATEGIES
from rag.errors import ArchiveMissing, SettingsError
from rag.events import (
    EvidenceFound,
    Progress,
    Searched,
    StatementChecked,
    TextDelta,
    Turn,
    Understood,
)
from rag.models.ledger import Ledger
from rag.models.memo import Memo
from rag.models.profile import profile
from rag.question.gist import gist
from rag.question.query import Query
from rag.settings import Place, Settings, place
from rag.telemetry.start import observers
from rag.telemetry.steps import observed
from rag.types import Answer, Article, Filter, Profile

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

    from rag.archive.archive import Archive
    from rag.ingest.adding import Addable, IndexReport
    from rag.models.chat import Chat
    from rag.models.encoder import Encoder
    from rag.models.reader import Reader
    from rag.models.reranker import Reranker
    from rag.verify.judge import Judge
    from rag.verify.reader import ModelVerifier
    from rag.verify.verifier import Verifier

__all__ = [
    "EvidenceFound",
    "NewsQA",
    "Progress",
    "Searched",
    "StatementChecked",
    "TextDelta",
    "Turn",
    "Understood",
    "open_qa",
]


@dataclass(kw_only=True, eq=False)
class NewsQA(Machine):
    """Answers questions from one archive; its state is what is open and loaded.

    Example:
        with NewsQA.open("~/news") as qa:
            answer = qa.ask("How many members does NATO have?")
    """

    @classmethod
    @contextmanager
    def open(
        cls,
        path: str | PathLike[str] | None = None,
        *,
        chat: BaseChatModel | str | None = None,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        verifier: Verifier | None = None,
        settings: Settings | None = None,
    ) -> Iterator[NewsQA]:
        """Open the archive in a folder; where there is none, an empty one is made.

        Args:
            path: The folder; None takes that of the settings.
            chat: What words the answers: any chat model of langchain, or a name as in
                `Settings.chat.llm` (`none` for the sources' own sentences, without a model). None
                takes that of the settings: the local model, unless they say otherwise.
            encoder: Turns texts into vectors; None takes that of the settings.
            reranker: Scores how well a text answers a question, for the learned judge; None takes
                that of the settings, if it is on this machine.
            verifier: Says what sources make of a statement, in place of the judge and of the rules
                of `rag.verify`.
            settings: All else; None reads them from the environment.

        Raises:
            ArchiveError: When the archive cannot be read, or the folder holds other things.
            ModelError: When a model is not there.
            SettingsError: When a setting is wrong.
        """
        chosen = settings or Settings()
        if path is not None:
            chosen = chosen.model_copy(update={"archive": place(path)})
        if isinstance(chat, str):
            named = chosen.chat.model_copy(update={"llm": chat})
            chosen, chat = chosen.model_copy(update={"chat": named}), None
        _make(chosen.archive)
        with open_qa(
            chosen, chat=chat, encoder=encoder, reranker=reranker, verifier=verifier
        ) as qa:
            yield qa

    def add(self, things: Addable | Iterable[Addable]) -> IndexReport:
        """Add articles; what is added can be asked for at once.

        Args:
            things: Files, folders, addresses (`https://...`), or records: mappings with `text`,
                and if known `title`, `publisher`, `published`, `url`, `authors`, `id`.

        Returns:
            What became of each. A file that cannot be read stops no other: it is in `failed`,
            with the reason.

        Raises:
            SourceError: When a named file or folder does not exist; nothing has been added then.
            ArchiveBusy: When another process is writing to the archive.
            ArchiveFull: When there is too little room; what was read until then is stored.
        """
        from rag.ingest.adding import add

        return add(self.archive.place, self.encoder, things, self.settings)

    def ask(  # noqa: PLR0913 - all but the question have a default
        self,
        question: str,
        *,
        filters: Filter | None = None,
        as_of: date | None = None,
        history: Sequence[Turn] = (),
        on_event: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
        prepared: Prepared | None = None,
        verbatim: bool = False,
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
            verbatim: Read it exactly as typed: no spelling is mended, no politeness left out.

        Raises:
            QuestionError: When the question cannot be worked on.
            ArchiveError: When the archive cannot be read.
        """
        asked = Asked(
            question=question,
            filters=filters,
            as_of=as_of,
            history=tuple(history),
            verbatim=verbatim,
        )
        with observed(self.observers, question) as seen:
            answer = self._answered(asked, on_event or (lambda _: None), stop, prepared)
            seen.answer = answer
            if self.observers:
                seen.index = self.index_state()
            return answer

    def unobserved(self) -> NewsQA:
        """Return the same, whose questions are told to no observer: they are nobody's."""
        return replace(self, observers=())

    def index_state(self) -> str:
        """Say what searches by meaning: the index's engine, or "scan" where it is not there."""
        from rag.search.retrieve import DenseRetriever

        parts = self.retriever.parts
        return next((p.index.state for p in parts if isinstance(p, DenseRetriever)), "")

    def _answered(
        self,
        asked: Asked,
        tell: Callable[[Progress], None],
        stop: threading.Event | None,
        prepared: Prepared | None,
    ) -> Answer:
        if prepared is not None and not prepared.understands(asked, self):
            prepared = None
        ledger = Ledger(prepared.ledger if prepared else None)
        composer = Composer(self, tell, stop, ledger)
        full = prepared.full if prepared else self._full(asked, stop, ledger)
        with self.archive.snapshot():
            if prepared is not None and prepared.holds(self) and not self._plans(prepared.ready):
                tell(_understood(full, prepared.ready.query))
                answer = composer.answer(prepared.ready)
            else:
                planning = partial(plan, tell=tell, ledger=ledger, stop=stop)
                answer = composer.answer(self._ready(full, asked, tell, planning))
        question = asked.question
        return replace(answer, question=question, asked_as=full if full != question else None)

    def prepare(self, asked: Asked, *, stop: threading.Event | None = None) -> Prepared:
        """Do what `ask` does before the model writes its answer; it can be asked with then.

        Raises:
            QuestionError: When the question cannot be worked on.
            ArchiveError: When the archive cannot be read.
        """
        ledger = Ledger()
        full = self._full(asked, stop, ledger)
        with self.archive.snapshot():
            return Prepared(
                asked=asked,
                full=full,
                ready=self._ready(full, asked, lambda _: None),
                settings=self.settings,
                model=model_of(self),
                state=state_of(self),
                ledger=ledger,
            )

    def _full(
        self, asked: Asked, stop: threading.Event | None, ledger: Ledger | None = None
    ) -> str:
        if asked.verbatim:
            return asked.question
        earlier = [(turn.question, turn.answer) for turn in asked.history]
        question = gist(asked.question, leans)
        rewrite = profile(self.chat, self.settings).rewrite if self.chat and earlier else "leaning"
        full = standalone(
            question, earlier, self.chat, stop, always=rewrite == "always", ledger=ledger
        )
        meant = mended(full, self)
        changed = meant != asked.question and not earlier
        if changed and recognised(asked.question, self, asked.as_of):
            return asked.question  # one about the archive is understood as it stands
        return meant

    def _ready(
        self,
        full: str,
        asked: Asked,
        tell: Callable[[Progress], None],
        planning: Callable[[Query, Machine, Profile], Plan] | None = None,
    ) -> Ready:
        query = self.read(full, filters=asked.filters, as_of=asked.as_of)
        counted = listing(query.text, self, _given(asked, query), query.as_of)
        if counted is not None:  # what its words say of days and outlets is in the count
            query = replace(query, filters=_given(asked, query), inferred=False)
        tell(_understood(full, query))
        if counted is not None:
            return Ready(query=query, rankings=(), evidence=(), listing=counted)
        if self.chat is None or planning is None:
            return prepare(query, self)
        limits = profile(self.chat, self.settings)
        return prepare(
            query, self, planning(query, self, limits) if needed(query, limits) else None
        )

    def _plans(self, ready: Ready) -> bool:
        """Return True where a model would ask for more searches, which was not done ahead."""
        return ready.profile is not None and needed(ready.query, ready.profile)

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
            retriever = retriever_of(archive, self.encoder, self.settings)
            return replace(self, archive=archive, retriever=retriever).ask(question)


@contextmanager
def open_qa(
    settings: Settings,
    *,
    chat: BaseChatModel | None = None,
    encoder: Encoder | None = None,
    reranker: Reranker | None = None,
    verifier: Verifier | None = None,
) -> Iterator[NewsQA]:
    """Open an archive and all that answering from it needs; what is given is not made.

    A local chat model loads in a process of its own while the rest is opened.

    Raises:
        ArchiveError: When there is no archive, or it cannot be read.
        ModelError: When a model is not there.
        SettingsError: When a setting is wrong.
    """
    from rag.archive.archive import Archive
    from rag.models.embed import Embedder, load
    from rag.models.intent import Intent
    from rag.verify.verifier import RuleVerifier

    _check_names(settings)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(settings.archive))
        writer = _writer(chat, settings)
        if writer is not None:
            stack.enter_context(writer)
        embedding = encoder or load(settings.embed)
        remembering = Memo(embedding)
        watching = stack.enter_context(observers(settings.telemetry))
        yield NewsQA(
            observers=watching,
            archive=archive,
            retriever=retriever_of(archive, remembering, settings),
            encoder=remembering,
            verifier=verifier or RuleVerifier(remembering.encode, settings.answer.without),
            chat=writer,
            settings=settings,
            judge=_judge(settings, verifier, reranker, read := _spans(settings)),
            spans=read,
            intent=Intent(embedding) if isinstance(embedding, Embedder) else None,
            reader=_reader(settings, stack),
        )


def _reader(settings: Settings, stack: ExitStack) -> ModelVerifier | None:
    """Return the chat model that checks, where it is another than the one that writes."""
    from rag.models.chat import connect
    from rag.verify.reader import ModelVerifier

    own = settings.verify
    if own.llm is None:
        return None
    changes: dict[str, object] = {
        "llm": own.llm,
        "base_url": own.base_url,
        "api_key": own.api_key,
        "price_read": own.price_read,
        "price_written": own.price_written,
        "price_cached": None,
        "temperature": 0.0,
        "headers": {},
    }
    chat = connect(settings.chat.model_copy(update=changes))
    return None if chat is None else ModelVerifier(stack.enter_context(chat))


def _spans(settings: Settings) -> Reader | None:
    """Return the extractive reader, where its model is here and it is not left out."""
    from rag.models.reader import load

    return None if "read" in settings.answer.without else load(settings.rerank)


def _judge(
    settings: Settings,
    verifier: Verifier | None,
    reranker: Reranker | None,
    reader: Reader | None,
) -> Judge | None:
    """Return the learned judge, where its reranker is here and nobody else is to verify."""
    from rag.models.reranker import load
    from rag.verify.judge import Judge

    if verifier is not None:
        return None
    found = reranker or load(settings.rerank)
    return None if found is None else Judge(found, without=settings.answer.without, reader=reader)


def _check_names(settings: Settings) -> None:
    """Refuse to leave out what there is not."""
    from rag.verify.verifier import CHECKS

    known = [*CHECKS, *STRATEGIES, *RULES]
    if wrong := [name for name in settings.answer.without if name not in known]:
        raise SettingsError(
            f"answer.without names {wrong[0]!r}, which is no check, strategy or rule; "
            f"there are {', '.join(known)}"
        )


def _writer(model: BaseChatModel | None, settings: Settings) -> Chat | None:
    """Return what words the answers: the model given, or the one that the settings name."""
    if model is not None:
        from rag.models.outside import OutsideChat

        return OutsideChat(model, settings.chat)
    from rag.models.chat import connect

    return connect(settings.chat, prompts.prefix(settings.answer.style))


def _make(folder: Place) -> None:
    """Make an empty archive where there is none, but never among other files."""
    from rag.archive.archive import Archive
    from rag.archive.schema import FILE

    if not isinstance(folder, Path):
        Archive.create(folder).close()
        return
    if (folder / FILE).is_file():
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiveMissing(
            f"there is no archive in {str(folder)!r}, and other things are; name the folder of an "
            "archive, or one that is empty or not there yet"
        )
    Archive.create(folder).close()


def _given(asked: Asked, query: Query) -> Filter:
    """Return what the person set, and not what the words of the question say."""
    return asked.filters or Filter(entities=query.filters.entities)


def _understood(full: str, query: Query) -> Understood:
    return Understood(
        question=full, filters=query.filters, as_of=query.as_of, inferred=query.inferred
    )


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
