"""What comes of a question or of somebody's own text, and what is kept of it.

Answers are written by `rag.record`: the models name their fields.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from ui.api.models.shared import Given, Within, Words


# Where words stand, and what became of them since.
class SourceOut(Given):
    """The label of an article."""

    article_id: str
    title: str | None
    publisher: str | None
    published: str | None
    url: str | None


class CitationOut(SourceOut):
    """The exact words behind a statement; `number` is that of the evidence."""

    number: int
    start: int
    end: int
    quote: str


class CitedOut(Given):
    """One citation of an answer with all that is known of it: the same record at every door."""

    number: int = Field(description="the [n] of the text")
    statement: str
    article_id: str
    digest: str = Field(description="SHA-256 of the text in which the quote stands")
    start: int
    end: int
    quote: str
    title: str | None
    publisher: str | None
    published: str | None
    source_url: str | None
    verdict: str
    score: float
    address: str = Field(description="shows these words of this revision for ever")


class PieceOut(Given):
    """A run of words in a comparison."""

    kind: Literal["same", "removed", "added"]
    text: str


class StandingOut(Given):
    """What became of some words of one revision."""

    state: Literal["stands", "changed", "withdrawn"]
    article_id: str
    digest: str
    start: int
    end: int
    quote: str
    title: str | None
    publisher: str | None
    published: str | None
    source_url: str | None
    current_digest: str
    now: dict[str, Any] | None
    diff: list[PieceOut]


class AnnotationOut(Given):
    """A W3C Web Annotation of the words at a place, with what became of them in `dateline`."""

    context: str = Field(alias="@context")
    id: str
    type: str
    motivation: str
    body: dict[str, Any]
    target: dict[str, Any]
    dateline: StandingOut


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


# Somebody's own text, and what the archive makes of it.
class CheckIn(Within):
    """A text of one's own, in plain words, that is to be held against the archive."""

    text: Annotated[Words, Field(min_length=1, max_length=60_000)]


class CheckedOut(Given):
    """What the archive makes of one sentence; offsets point into the text that was sent."""

    text: str
    start: int
    end: int
    finding: Literal[
        "supported", "contradicted", "changed_since", "one_source", "not_in_archive", "no_claim"
    ]
    reasons: list[str]
    sources: int = Field(description="independent sources: copies of one story count once")
    score: float
    support: list[CitedOut]
    against: list[CitedOut]


class CheckOut(Given):
    """What the archive makes of a text, sentence by sentence."""

    schema_: int = Field(1, alias="schema")
    counts: dict[str, int]
    sentences: list[CheckedOut]


# Kept conversations, and whether their answers still hold.
class ConversationOut(Given):
    """The label of a kept conversation."""

    id: str
    title: str
    created: str
    updated: str
    questions: int
    changed: int = Field(description="answers that quote words which stand no more")


class ConversationsOut(Given):
    """Kept conversations, the latest first."""

    items: list[ConversationOut]


class StoodOut(Given):
    """Words that an answer quotes and that stand no more."""

    article_id: str
    title: str
    quote: str
    state: Literal["changed", "withdrawn"]
    now: str = Field(description="the words in their place; empty where there are none")
    why: str
    verdict: str = Field(description="what the new words make of the sentence that cites them")


class QuotesOut(Given):
    """What became of the words that a kept answer quotes, since articles were changed."""

    state: Literal["stands", "changed", "withdrawn"]
    checked: str | None
    quotes: list[StoodOut] = Field(description="those that stand no more")


class ExchangeOut(Given):
    """A question of a conversation and what came of it."""

    id: str
    conversation: str
    asked: str
    question: str
    state: Literal["open", "answered", "stopped", "failed", "erased"]
    message: str
    answer: AnswerOut | None
    digests: dict[str, str]
    standing: QuotesOut


class ConversationFull(ConversationOut):
    """A conversation with its questions, oldest first."""

    exchanges: list[ExchangeOut]


class ReplayChange(Given):
    """One thing that is not as it was when the question was asked."""

    kind: str
    text: str


class ReplayOut(Given):
    """Whether a kept answer could be given again today, and what changed."""

    id: str
    holds: bool
    changes: list[ReplayChange]
