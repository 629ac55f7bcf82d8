"""What the HTTP API takes and returns, as pydantic models: the source of its OpenAPI.

Answers are written by `rag.record`; the models name its fields and let new ones through.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rag.events import Turn
from rag.language.characters import encodable
from rag.types import Filter
from ui.api.service import Put
from ui.wishes import Wishes

MOST_CHARACTERS = 2000
"""Of a question."""


def _encodable(value: object) -> object:
    return encodable(value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_encodable)]
Names = Annotated[list[Annotated[Words, Field(max_length=300)]], Field(max_length=50)]
Asked = Annotated[Words, Field(min_length=1, max_length=MOST_CHARACTERS)]


class Taken(BaseModel):
    """A body that a route takes: unknown fields are refused, so that no typing error is lost."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """A body that a route returns: later versions may add fields."""

    model_config = ConfigDict(extra="allow")


class Problem(Given):
    """An error as RFC 9457 has it (`application/problem+json`)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = Field(
        None, description="of a malformed request: `loc` and `msg` of each fault"
    )


class TurnIn(Taken):
    """An earlier question of the conversation, with its answer."""

    question: Asked
    answer: Annotated[Words, Field(max_length=20_000)] = ""


class Within(Taken):
    """Which articles may be read."""

    since: date | None = None
    until: date | None = None
    publishers: Names = []
    authors: Names = []
    without: Names = []
    collections: Names = []
    entities: Names = Field(
        [], description="people, organisations, places: an article must name them all"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Within:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")
        return self

    def filters(self) -> Filter | None:
        """Return the filter; None when nothing was set, so that the question's words decide."""
        given = Filter(
            since=self.since,
            until=self.until,
            publishers=tuple(self.publishers),
            authors=tuple(self.authors),
            without=tuple(self.without),
            collections=tuple(self.collections),
            entities=tuple(self.entities),
        )
        return given or None


class AskIn(Within):
    """A question."""

    question: Asked
    as_of: date | None = Field(None, description="answer as one could have on that day")
    history: list[TurnIn] = Field([], max_length=50, description="earlier turns, oldest first")
    conversation: str | None = Field(
        None, max_length=64, description="go on with a kept conversation; its turns come first"
    )
    keep: bool = Field(False, description="keep question and answer, to be read and replayed later")
    style: Literal["short", "normal", "full"] | None = None
    wording: Literal["model", "extractive"] = Field(
        "model", description="extractive: the sources' own words, no model"
    )
    stream: bool = Field(False, description="server-sent events instead of one JSON object")

    def put(self, history: tuple[Turn, ...] = ()) -> Put:
        """Return the question as the service takes it."""
        wishes = Wishes(style=self.style, extractive=self.wording == "extractive")
        given = tuple(Turn(question=t.question, answer=t.answer) for t in self.history)
        return Put(
            question=self.question,
            filters=self.filters(),
            as_of=self.as_of,
            history=(*history, *given),
            wishes=wishes or None,
        )


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


class FoundOut(SourceOut):
    """A passage that a search found."""

    digest: str
    start: int
    end: int
    text: str
    address: str


class FoundPage(Given):
    """Passages, best first."""

    items: list[FoundOut]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class EntityOut(Given):
    """Somebody or something that articles name."""

    kind: Literal["person", "organisation", "place"]
    key: str = Field(description="the same for all spellings")
    name: str
    articles: int
    mentions: int


class MonthOut(Given):
    """How many articles a month has."""

    month: str
    articles: int


class OutletCount(Given):
    """How many articles an outlet has."""

    outlet: str
    articles: int


class DossierOut(Given):
    """All that the archive has of a topic."""

    topic: str
    articles: int
    counted: str = Field(description="what was counted, in words")
    months: list[MonthOut]
    outlets: list[OutletCount]
    first: SourceOut | None
    latest: SourceOut | None
    key: list[EventOut] = Field(description="key sentences in the order of what happened")
    named: list[EntityOut] = Field(description="people, organisations and places beside it")
    conflicts: list[ConflictOut]
    questions: list[str] = Field(description="some that these articles can answer")


class ClaimOut(SourceOut):
    """One value as one sentence gives it."""

    who: str = Field(description="the speaker whom the sentence names, else the outlet")
    what: str
    value: str = Field(description="as it is written")
    number: float
    unit: str
    bound: str = Field(description="exact, about, least or most")
    said: str | None = Field(description="the day of the report")
    since: str | None
    until: str | None
    digest: str
    start: int
    end: int
    quote: str
    story: str = Field(description="shared by copies of one report: they are one source")


class ClaimsOut(Given):
    """Claims on a topic, by the day of the report."""

    items: list[ClaimOut]


class EntityPage(Given):
    """Entities, those in most articles first."""

    items: list[EntityOut]
    total: int
    next: str | None = Field(description="the cursor of the next page; null at the end")


class ArticlePage(Given):
    """Articles, newest first and undated last."""

    items: list[SourceOut]
    next: str | None = Field(description="the cursor of the next page; null at the end")


class ArticleOut(Given):
    """One revision of an article; all offsets point into `text`."""

    id: str
    digest: str
    text: str
    title: str | None
    publisher: str | None
    authors: list[str]
    published: str | None
    updated: str | None
    ingested: str | None
    url: str | None
    language: str | None
    date_source: str | None
    notes: list[str]
    printed: str | None = Field(description="where it stood in print, as an export says; else null")
    withdrawn: str | None = Field(description="why it is no longer quoted; null while it stands")
    edited: list[str] = Field(description="the fields that were stated by hand")


class RevisionOut(Given):
    """One text that an article has had."""

    digest: str
    ingested: str | None
    characters: int
    current: bool


class RevisionsOut(Given):
    """The texts of an article, oldest first."""

    article_id: str
    revisions: list[RevisionOut]


class ChangeOut(Given):
    """One place where two texts differ."""

    kind: Literal["removed", "added", "changed"]
    old: str
    new: str


class DiffOut(Given):
    """What was taken out, put in and reworded between two revisions."""

    article_id: str
    old: str
    new: str
    changes: list[ChangeOut]


class HoldingsOut(CoverageOut):
    """What the archive holds."""

    publishers: list[str]
    months: list[MonthOut]
    generation: int


class JobIn(Taken):
    """What is to be indexed; all that is named together is one job."""

    kind: Literal["index", "rebuild"] = "index"
    upload: str | None = Field(
        None, max_length=64, description="a batch of files that were sent to /api/uploads"
    )
    folders: Annotated[list[Annotated[Words, Field(max_length=2000)]], Field(max_length=50)] = []
    urls: Annotated[list[Annotated[Words, Field(max_length=2000)]], Field(max_length=200)] = []


class LineOut(Given):
    """What became of one file or record."""

    name: str
    outcome: str
    reason: str
    article_id: str | None


class JobOut(Given):
    """A job, and how far it is."""

    id: int
    what: str
    phase: Literal["waiting", "reading", "embedding", "indexing", "done", "failed"]
    running: bool
    done: int
    total: int
    seconds_left: float | None = Field(description="of this phase; null where unknown")
    totals: dict[str, int] = Field(description="how many files or records had each outcome")
    failures: list[LineOut]
    lines: list[LineOut] = Field(description="the newest, failures before all others")
    error: str


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


class HealthOut(Given):
    """How the server is."""

    state: Literal["loading", "ready", "busy", "unreachable", "failed"]
    message: str
    model: str
    waiting: int


class ReadyOut(Given):
    """Whether questions are answered now."""

    ready: bool
    state: str


class AnnotationOut(Given):
    """A W3C Web Annotation of the words at a place, with what became of them in `dateline`."""

    context: str = Field(alias="@context")
    id: str
    type: str
    motivation: str
    body: dict[str, Any]
    target: dict[str, Any]
    dateline: StandingOut


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


class AnswerTold(Given):
    """An answer as a model reads it; the text has markers and the list of sources."""

    question: str
    outcome: Literal["answered", "partial", "declined"]
    reason: str
    text: str
    late: bool = Field(description="the deadline passed: the sources' own sentences")
    citations: list[CitedOut]
    confidence: float
    extractive: bool
    model: str
    conflicts: list[ConflictOut]
    timeline: list[EventOut]
    listing: ListingOut | None
    nearest: list[SourceOut]


class ArticlePart(SourceOut):
    """A part of an article."""

    note: str
    digest: str
    start: int
    end: int
    characters: int = Field(description="of the whole text")
    text: str


class ConnectorResult(Given):
    """An article that a search found."""

    id: str
    title: str
    url: str


class ConnectorResults(Given):
    """What a search found, in the form of ChatGPT's connectors."""

    results: list[ConnectorResult]


class ConnectorArticle(Given):
    """An article in the form of ChatGPT's connectors."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]


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
