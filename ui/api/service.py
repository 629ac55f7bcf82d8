"""The one function below every door: ask, search, read, compare; no door knows another way.

Nothing here imports a web framework, so that `dateline mcp` starts fast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag.errors import ArchiveMissing, DatelineError, NotFound
from rag.events import Turn
from rag.rights import SYSTEM, acting
from rag.search.select import source_of
from rag.types import Answer, Article, Filter, Source, Span
from ui.api.citing import Citer
from ui.desk import Desk, Ticket
from ui.health import Health
from ui.machine import Machine
from ui.wishes import Wishes

if TYPE_CHECKING:
    from rag.answer.claims import Claim
    from rag.answer.dossier import Dossier
    from rag.answer.draft import Checked
    from rag.answer.pipeline import NewsQA
    from rag.answer.replay import Replay
    from rag.archive.archive import Archive
    from rag.archive.conversations import Conversations
    from rag.settings import Settings
    from ui.intake import Intake

T = TypeVar("T")

MOST_FOUND = 20
"""Most passages of one page of a search."""
DEEPEST = 200
"""Passages behind which a search is not leafed any further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A question as any door puts it."""

    question: str
    filters: Filter | None = None
    as_of: date | None = None
    history: tuple[Turn, ...] = ()
    wishes: Wishes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage that a search found."""

    source: Source
    digest: str
    span: Span
    text: str


@dataclass(kw_only=True, eq=False)
class Service:
    """What the doors of one server share."""

    desk: Desk
    archive: Archive | None
    health: Callable[[], Health]
    machine: Machine | None = None
    kept: Conversations | None = None
    intake: Intake | None = None
    folders: Sequence[Path] = ()
    addresses: bool = False
    llms: Sequence[str] = ()
    index: Callable[[], str] = lambda: ""
    """Says what searches by meaning, as `Means.index`."""
    settings: Settings | None = None
    """Of the server; None: nothing can be watched."""
    where: str = ""
    """With what the names of its runs begin, where it is one of several workers."""
    public_url: str = ""
    footer: str = "auto"
    draft: str = "none"
    citer: Citer = field(init=False)

    def __post_init__(self) -> None:
        self.citer = Citer(self.archive, self.public_url)

    def ask(self, put: Put, who: str = "") -> Ticket:
        """Put a question in the line of a person or program; raises `Busy` when it is full."""
        wished: Mapping[str, Any] = {"wishes": put.wishes} if put.wishes else {}
        return self.desk.ask(
            put.question,
            who=who,
            filters=put.filters,
            as_of=put.as_of,
            history=put.history,
            **wished,
        )

    def readable(self) -> bool:
        """Return False while the archive that there is cannot be read, as its server is away."""
        if self.archive is None:
            return True
        try:
            with acting(SYSTEM):
                self.archive.generation  # noqa: B018 - it is read from the database
        except DatelineError:
            return False
        return True

    def reading(self) -> Archive:
        """Return the archive; raises `ArchiveMissing` where there is none yet."""
        if self.archive is None:
            raise ArchiveMissing("there is no archive yet; make one with: dateline index PATH")
        return self.archive

    def search(
        self, query: str, *, filters: Filter | None, limit: int, offset: int = 0
    ) -> tuple[list[Found], bool]:
        """Return passages, best first, and whether there are more."""
        archive = self.reading()
        limit = min(max(limit, 1), MOST_FOUND)
        wanted = min(offset + limit + 1, DEEPEST)

        def job(qa: NewsQA) -> list[Found]:
            settings = qa.settings.retrieve
            deep = {"passages": wanted, "depth": max(settings.depth, wanted)}
            wide = settings.model_copy(update=deep)
            parts = [part.model_copy(update={"settings": wide}) for part in qa.retriever.parts]
            retriever = qa.retriever.model_copy(update={"settings": wide, "parts": parts})
            with archive.snapshot():
                passages = retriever.search(qa.read(query, filters=filters))
                return [_found(archive, p.metadata) for p in passages]

        best = self.run(job, alone=False)
        return best[offset : offset + limit], len(best) > offset + limit

    def timeline(self, topic: str, *, filters: Filter | None, as_of: date | None) -> Answer:
        """Tell a course of events; no model is asked."""
        return self.run(lambda qa: qa.timeline(topic, filters=filters, as_of=as_of))

    def dossier(self, topic: str, *, filters: Filter | None, as_of: date | None) -> Dossier:
        """Say all that the archive has of a topic; no model is asked."""
        from rag.answer.dossier import dossier

        return self.run(lambda qa: dossier(topic, qa, filters=filters, as_of=as_of), alone=False)

    def claims(self, topic: str, *, filters: Filter | None, as_of: date | None) -> list[Claim]:
        """Return the figures that reports give on a topic; no model is asked."""
        from rag.answer.claims import claims

        return self.run(lambda qa: claims(topic, qa, filters=filters, as_of=as_of), alone=False)

    def replay(self, answer: Answer) -> Replay:
        """Hold a stored answer against the archive of today."""
        from rag.answer.replay import replay

        return self.run(lambda qa: replay(answer, qa))

    def check(self, text: str, *, filters: Filter | None = None) -> list[Checked]:
        """Hold somebody's own text against the archive, sentence by sentence, without a model."""
        from rag.answer.draft import check

        return self.run(lambda qa: list(check(text, qa, filters=filters)), alone=False)

    def run(self, job: Callable[[NewsQA], T], *, alone: bool = True) -> T:
        """Run a job over the machine.

        Raises:
            ArchiveMissing: There is no archive, and so no machine.
        """
        if self.machine is None:
            raise ArchiveMissing("there is no archive yet; make one with: dateline index PATH")
        return self.machine.work(job, alone=alone)

    def article(self, article_id: str, digest: str | None = None) -> Article:
        """Return an article, or the revision that a digest, or its first twelve digits, names."""
        archive = self.reading()
        return archive.article(article_id, digest and self.whole(article_id, digest))

    def whole(self, article_id: str, digest: str) -> str:
        """Return the whole digest of a revision that its first digits name; raises `NotFound`."""
        for known in self.reading().revisions(article_id):
            if len(digest) >= 12 and known.startswith(digest):
                return known
        raise NotFound(f"there is no revision {digest[:64]!r} of article {article_id!r}")


def _found(archive: Archive, metadata: Mapping[str, Any]) -> Found:
    article = archive.article(metadata["article_id"])
    span = Span(start=metadata["start"], end=metadata["end"])
    return Found(
        source=source_of(article), digest=article.digest, span=span, text=span.of(article.text)
    )
