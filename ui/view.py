"""What the page knows about one question: a fold over events, or what was kept of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from rag.archive.exchanges import Exchange, Opinion, Standing, State
from rag.events import EvidenceFound, Searched, StatementChecked, TextDelta, Understood
from rag.types import Answer, Citation, Evidence, Filter, Search, Source, Span, Statement
from ui.desk import Failed, Waiting
from ui.footnotes import Footnotes

Phase = Literal[
    "idle", "waiting", "searching", "writing", "done", "stopped", "failed", "interrupted", "erased"
]

_PHASES: dict[State, Phase] = {
    "open": "interrupted",
    "answered": "done",
    "stopped": "stopped",
    "failed": "failed",
    "erased": "erased",
}

_MARKER = re.compile(r"\s*\[\d+(?:\.\d*)?(?:\s*[,;–-]\s*\d+(?:\.\d*)?)*\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One question and all that is known about its answer so far."""

    id: str = ""
    """The name of the exchange; empty when it is not kept."""
    question: str = ""
    asked: datetime | None = None
    filters: Filter | None = None
    """As the person set them; None lets the question's words decide."""
    as_of: date | None = None
    again: str | None = None
    """The exchange whose question is asked again."""
    opinion: Opinion | None = None
    standing: Standing | None = None
    """What became of the words that a kept answer quotes."""
    digests: Mapping[str, str] | None = None
    """For each article that a kept answer shows, the revision that it was read in."""
    understood: Understood | None = None
    searches: tuple[Search, ...] = ()
    """What the model had searched for so far."""
    phase: Phase = "idle"
    ahead: int = 0
    evidence: tuple[Evidence, ...] = ()
    draft: str = ""
    """The model's words so far, unchecked."""
    checked: tuple[tuple[Statement, bool], ...] = ()
    """Statements in the order of their check, each with whether it was kept."""
    answer: Answer | None = None
    error: str = ""
    meant: str = ""
    """The question as it may be meant, where the archive does not know a word of it."""
    usual: str = ""
    """How long answers usually take here, in words; empty while nothing is known of that."""

    def after(self, event: object) -> View:
        """Return what is known once `event` has happened."""
        changes: dict[str, Any] = {}
        match event:
            case Waiting(ahead=ahead):
                changes = {"phase": "waiting" if ahead else "searching", "ahead": ahead}
            case Understood() | Searched():
                changes = self._as_read(event)
            case EvidenceFound(evidence=evidence):
                changes = {"phase": "writing", "evidence": evidence}
            case TextDelta(text=text):
                changes = {"phase": "writing", "draft": self.draft + text}
            case StatementChecked(statement=statement, kept=kept):
                changes = {"checked": (*self.checked, (statement, kept))}
            case Answer():
                changes = {"phase": "done", "answer": event, "evidence": event.evidence}
            case Failed(message=message):
                changes = {"phase": "failed", "error": message}
        return replace(self, **changes)

    def _as_read(self, event: Understood | Searched) -> dict[str, Any]:
        if isinstance(event, Searched):
            return {"searches": (*self.searches, event.search)}
        return {"understood": event}

    @classmethod
    def kept(cls, exchange: Exchange) -> View:
        """Return what was kept of an exchange."""
        found = exchange.answer
        return cls(
            id=exchange.id,
            question=exchange.question,
            asked=exchange.asked,
            filters=exchange.filters,
            as_of=exchange.as_of,
            again=exchange.again,
            opinion=exchange.opinion,
            standing=exchange.standing,
            digests=exchange.digests,
            phase=_PHASES[exchange.state],
            answer=found,
            evidence=found.evidence if found else (),
            error=exchange.message,
        )

    def stopped(self) -> View:
        """Return what is known when the reader has given up waiting."""
        return replace(self, phase="stopped")

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.phase in ("waiting", "searching", "writing")

    @property
    def read(self) -> Understood | None:
        """How the question was read: known before the answer, and kept with it."""
        done = self.answer
        if done is None:
            return self.understood
        full = done.asked_as or done.question
        return Understood(
            question=full, filters=done.filters, as_of=done.as_of, inferred=done.inferred
        )

    @property
    def notes(self) -> Footnotes:
        """The numbers of the articles of its evidence, and of what else it cites."""
        return Footnotes.of(self.evidence, self.answer)

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of the articles that the answer shows."""
        nearest = self.answer.nearest if self.answer else ()
        listed = self.answer.listing.rows if self.answer and self.answer.listing else ()
        ids = [s.article_id for s in (*(s for _, s in self.notes.listed()), *nearest)]
        return tuple(dict.fromkeys([*ids, *(name for row in listed for name in row.articles)]))

    @property
    def unchecked(self) -> str:
        """The part of the model's words that no check has looked at yet, without markers."""
        text = _MARKER.sub("", self.draft)
        cursor = 0
        for statement, _ in self.checked:
            cursor = _behind(text, cursor, statement.text)
        return text[cursor:].strip()

    def source(self, article_id: str) -> Source | None:
        """Return the label of an article that the answer mentions."""
        nearest = self.answer.nearest if self.answer else ()
        known = (*(s for _, s in self.notes.listed()), *nearest)
        return next((s for s in known if s.article_id == article_id), None)

    def beside(self, statement: int, article_id: str) -> tuple[Span, ...]:
        """Return what a statement of the answer cites in an article."""
        said = self.answer.statements if self.answer else tuple(s for s, _ in self.checked)
        if not 0 <= statement < len(said):
            return ()
        cited = said[statement].citations
        return tuple(c.span for c in cited if c.source.article_id == article_id)

    @property
    def places(self) -> tuple[Evidence | Citation, ...]:
        """The words that the sheet shows of the articles: the evidence, or what comes closest."""
        return self.evidence or (self.answer.closest if self.answer else ())

    @property
    def first(self) -> Evidence | Citation | None:
        """The words to read first: those of the first citation, else of the best evidence."""
        done = self.answer
        return next(iter(done.citations if done else ()), None) or next(iter(self.places), None)

    def holding(self, article_id: str, span: Span) -> Evidence | Citation | None:
        """Return the place that a span of an article belongs to."""
        mine = (e for e in self.places if e.source.article_id == article_id)
        return next((e for e in mine if e.span.overlaps(span)), None)


def _behind(text: str, cursor: int, sentence: str) -> int:
    """Return where the text goes on after a sentence, which the check may have tidied."""
    found = text.find(sentence, cursor)
    if found >= 0:
        return found + len(sentence)
    end = re.compile(r"[.!?][\"'”’)]*(?=\s|$)").search(text, cursor)
    return end.end() if end else len(text)
