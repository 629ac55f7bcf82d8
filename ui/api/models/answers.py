"""What comes of a question. It is written by `rag.record`: the models name its fields."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from ui.api.models.citations import CitationOut, CitedOut, SourceOut
from ui.api.models.shared import Given


class StatementOut(Given):
    """One sentence of an answer with its proof."""

    text: str
    verdict: Literal["supported", "partly", "contradicted", "unsupported"]
    score: float
    reasons: list[str]
    judged: dict[str, float] = Field(description="what moved the judge most, in log odds")
    citations: list[CitationOut]
    paragraph: int = Field(description="of the answer in which it stands, from 0")


class SearchOut(Given):
    """A search that the model asked for, beside the question itself."""

    query: str
    articles: int = Field(description="how many it found")
    new: int = Field(description="how many of these nothing before had found")


class ProfileOut(Given):
    """What the model was given to read and asked to write."""

    name: Literal["small", "medium", "large"]
    why: str
    characters: int = Field(description="budget of evidence in the prompt")
    articles: int
    passages: int = Field(description="found for the question and for each further search")
    markers: bool = Field(description="sentences were numbered, and cited by their numbers")
    length: Literal["sentence", "sentences", "paragraphs"]
    max_tokens: int
    thinking: int = Field(description="tokens for thoughts beside the answer")
    rewrite: Literal["leaning", "always"]
    searches: int = Field(description="how many more it might ask for")
    verify: Literal["rules", "model", "both"]


class SpentOut(Given):
    """What all requests to chat models for an answer came to."""

    requests: int
    tokens: dict[str, int]
    cost: float | None = Field(description="in `currency`; null where no prices are set")
    currency: str


class EvidenceOut(SourceOut):
    """What was read."""

    number: int
    start: int
    end: int
    text: str
    sentences: list[tuple[int, int]]
    score: float


class ReadingOut(Given):
    """One value that sources give."""

    value: str
    voice: str = Field(description="who says so; empty where nobody is named")
    citations: list[CitationOut]


class ConflictOut(Given):
    """Values that differ."""

    kind: str
    readings: list[ReadingOut]


class EventOut(Given):
    """One entry of a timeline."""

    when: str | None
    dating: str
    reported: str | None = Field(description="the day of the report")
    text: str
    citation: CitationOut


class CoverageOut(Given):
    """How much the archive holds, and of which days."""

    articles: int
    undated: int
    earliest: str | None
    latest: str | None


class FilterOut(Given):
    """Which articles were allowed to be read."""

    since: str | None
    until: str | None
    publishers: list[str]
    authors: list[str]
    without: list[str] = Field([], description="ids of articles that were left out")
    collections: list[str] = Field([], description="named sets of articles")
    entities: list[str]


class RowOut(Given):
    """One row of a listing."""

    cells: list[str] = Field(description="one for each column; days as ISO 8601")
    articles: list[str] = Field(description="the ids of its articles, first that to be opened")


class ListingOut(Given):
    """What the archive says of itself, counted by code."""

    title: str
    columns: list[str]
    rows: list[RowOut]
    total: int = Field(description="how many rows there are; not all need be here")
    counted: str = Field(description="what was looked for and counted, in words")


class RulingOut(Given):
    """What comes of a question, in one line."""

    kind: Literal[
        "agreed",
        "changed",
        "disputed",
        "one_source",
        "no_checked_answer",
        "not_in_archive",
        "counted",
    ]
    text: str
    value: str | None
    day: str | None = Field(description="on which it was reported")
    voice: str | None = Field(description="who says so: the speaker, else the outlet")


class AnswerOut(Given):
    """An answer, as `docs/answer-schema.md` describes it, with its citations in one list."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"x-schema": "answer-schema.md"})

    schema_: int = Field(alias="schema")
    id: str | None = Field(None, description="of the kept answer; null where it is not kept")
    conversation: str | None = None
    question: str
    asked_as: str | None
    outcome: Literal["answered", "partial", "declined"]
    reason: str
    verdict: RulingOut | None = Field(description="null in answers stored before there was one")
    declined: Literal["", "nothing_found", "not_answered", "not_proven"]
    text: str
    confidence: float
    citations: list[CitedOut]
    statements: list[StatementOut]
    evidence: list[EvidenceOut]
    conflicts: list[ConflictOut]
    timeline: list[EventOut]
    listing: ListingOut | None = Field(description="for a question about the archive itself")
    dropped: list[StatementOut]
    unknown_markers: int
    nearest: list[SourceOut]
    closest: list[CitationOut] = Field(description="for a declined answer, best first")
    coverage: CoverageOut | None
    filters: FilterOut
    as_of: str | None
    inferred: bool
    extractive: bool
    model: str
    judge: str = Field(description="the reranker that judged; rules without one")
    settings_digest: str
    prompt_digest: str
    generation: int
    timings: dict[str, float | None]
    tokens: dict[str, int]
    profile: ProfileOut | None = Field(description="null where no model was asked")
    searches: list[SearchOut] = Field(description="what the model had searched for as well")
    verifier: str = Field(description="the chat model that checked beside code; else empty")
    spent: SpentOut | None
