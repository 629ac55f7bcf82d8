"""What can be seen of an answer while it is made, and what a conversation remembers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rag.types import Evidence, Filter, Search, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """How the question was read; nothing has been looked for yet."""

    question: str
    """The full question, into which a follow-up was rewritten."""
    filters: Filter
    as_of: date | None
    inferred: bool
    """Whether the filters come from the question's own words."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The model asked for a further search, and it is done."""

    search: Search


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The sentences worth reading are known; the model has not started."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the model's text, unchecked."""

    text: str


@dataclass(frozen=True, slots=True)
class StatementChecked:
    """One statement has its verdict; `kept` says whether it stays in the answer."""

    statement: Statement
    kept: bool


Progress = Understood | Searched | EvidenceFound | TextDelta | StatementChecked


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question of a conversation and what was answered."""

    question: str
    answer: str
