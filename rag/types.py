"""The nouns of Dateline: what flows from article to answer, frozen.

Every offset counts characters (Python code points) of `Article.text`, half-open. Nothing here
imports a heavy library, so that the faces start fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Literal, TypedDict

Moment = date | datetime
"""A point in time as exact as the source states it: a bare date, or a datetime with its zone."""

Outcome = Literal["answered", "partial", "declined"]
Support = Literal["supported", "partly", "contradicted", "unsupported"]
Decline = Literal["", "nothing_found", "not_answered", "not_proven"]
"""Why an answer was declined: no article speaks of it; those that do not answer it; they may, but
no sentence of the answer could be proven. Empty when it was not declined."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"span {self.start}:{self.end} is not a range of characters")

    def of(self, text: str) -> str:
        """Return the characters of `text` that this span covers."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """Say whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Say whether the two spans share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as stored: the cleaned text and what is known about it.

    `published` and `updated` are what the source states, else None; they are never guessed from
    `ingested`, which is when this archive first stored this text (aware, UTC).
    """

    id: str
    digest: str
    """SHA-256 (hex) of the text: names one revision of the article."""
    text: str
    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    updated: Moment | None = None
    ingested: datetime | None = None
    url: str | None = None
    language: str | None = None
    origin: str | None = None
    """Where it was read from, for people: a path, or `path:line` in a JSON lines file."""
    date_source: str | None = None
    """The field that `published` was taken from, such as `meta article:published_time`."""
    notes: tuple[str, ...] = ()
    """What its reader should be told of how the text was read, such as that hidden text is out."""
    withdrawn: str | None = None
    """Why it may no longer be quoted; it is kept for the record only."""
    edited: tuple[str, ...] = ()
    """The fields that a person stated by hand."""

    @property
    def printed(self) -> str | None:
        """Where it stood in print, as an export of a news database says: in NEWS, on page 3."""
        said = (note for note in self.notes if note.startswith(PRINTED))
        return next((note.removeprefix(PRINTED).rstrip(".") for note in said), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notes that tell what is odd about the text."""
        return tuple(note for note in self.notes if not note.startswith(PRINTED))


PRINTED = "Printed "
"""Begins the note that says where an article stood in print."""


class PassageMeta(TypedDict):
    """Metadata of a passage (a langchain `Document`, whose `id` is deterministic).

    Chroma drops None, so what is unknown is the empty string here and None everywhere else.
    """

    article_id: str
    start: int
    end: int
    title: str
    publisher: str
    published: str
    """ISO 8601, or empty."""
    url: str
    cluster: str
    """Shared by copies of one wire story; the article's own id where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles may be read; empty means all.

    `since` and `until` are inclusive days of publication. Articles without a date are left out as
    soon as either is set, since nothing shows that they fall inside.
    """

    since: date | None = None
    until: date | None = None
    publishers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """Names exactly as the articles carry them; one of them is enough, as with publishers."""
    without: tuple[str, ...] = ()
    """Ids of articles that are left out."""
    collections: tuple[str, ...] = ()
    """Names of collections; to be in one of them is enough."""
    entities: tuple[str, ...] = ()
    """People, organisations and places that an article must name, all of them."""
    languages: tuple[str, ...] = ()
    """Codes; set while a question is searched for that is asked in such a language."""

    def __bool__(self) -> bool:
        chosen = (self.publishers, self.authors, self.without, self.collections)
        return any((self.since, self.until, *chosen, self.entities, self.languages))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The label of an article: what is shown beside every quote."""

    article_id: str
    title: str | None
    publisher: str | None
    published: Moment | None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A few neighbouring sentences of one article, chosen to answer a question.

    `number` is 1-based and is the `[n]` of the prompt; `text == article.text[span]`; `sentences`
    are the sentence spans inside `span`, in the article's own offsets.
    """

    number: int
    source: Source
    span: Span
    text: str
    sentences: tuple[Span, ...]
    score: float = 0.0
    """How likely it is to answer the question, 0 to 1."""

    def quote(self, span: Span) -> str:
        """Return the words at `span` (article offsets), which must lie inside the evidence."""
        if not self.span.covers(span):
            raise ValueError(f"evidence {self.number} does not hold {span}")
        return self.text[span.start - self.span.start : span.end - self.span.start]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The exact words behind a statement: `quote == article.text[span]`."""

    number: int
    """The number of the `Evidence` it points into."""
    source: Source
    span: Span
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the check of a statement against its citations found."""

    support: Support
    score: float
    """0 (surely not) to 1 (surely supported)."""
    reasons: tuple[str, ...] = ()
    """In words, one for each check that failed; empty when all passed."""
    judged: tuple[tuple[str, float], ...] = ()
    """The features that moved a learned judge most, each with what it added to the log odds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence of an answer with its proof."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    paragraph: int = 0
    """Which paragraph of the answer it stands in, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value that sources give for the thing asked, with who gives it."""

    value: str
    citations: tuple[Citation, ...]
    voice: str = ""
    """Who says so, as the sources name the speaker; empty where the outlets say it themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Different values for one thing, shown side by side and never silently resolved."""

    kind: Literal["changed over time", "different scope", "estimate", "conflict"]
    readings: tuple[Reading, ...]


Dating = Literal["day", "month", "year", "reported", "before"]
"""How `when` is known: the day; the month or the year alone, of which it is the first day; no more
than the day on which it was reported; or a day on which another report speaks of it as past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a timeline; `dating` says how its `when` is known."""

    when: Moment | None
    dating: Dating = "day"
    reported: Moment | None = None
    """When its article came out."""
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the archive holds: shown when an answer is declined."""

    articles: int
    earliest: date | None
    latest: date | None
    undated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds since the question was asked; None where the step did not happen."""

    first_evidence: float | None = None
    first_token: float | None = None
    total: float = 0.0
    checking: float | None = None
    """Not a moment but a length: what it took to find the sources of the words and check them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens as the chat model's endpoint counts them."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            generated=self.generated + other.generated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What all requests to chat models for one answer came to."""

    requests: int
    tokens: Tokens
    cost: float | None = None
    """In `currency`; None where no prices are set."""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search that the model asked for, beside the question itself."""

    query: str
    articles: int
    """How many articles it found."""
    new: int
    """How many of these nothing before had found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a chat model is given to read and asked to write, by what it can do."""

    name: Literal["small", "medium", "large"]
    why: str
    """Why this one, in words."""
    characters: int
    """Budget of evidence text in the prompt."""
    articles: int
    """Most articles that it reads."""
    passages: int
    """Passages that are found for the question, and for each further search."""
    markers: bool
    """Whether sentences are numbered, and it is asked to cite their numbers: [3.2]."""
    length: Literal["sentence", "sentences", "paragraphs"]
    """Of an answer; paragraphs only where the question asks for that much."""
    max_tokens: int
    thinking: int
    """Tokens that it may think beside these."""
    rewrite: Literal["leaning", "always"]
    """Which follow-ups it rewords: those that lean on what was said before, or all."""
    searches: int
    """How many more searches it may ask for."""
    verify: Literal["rules", "model", "both"]
    """Who checks what it wrote."""


RulingKind = Literal[
    "agreed", "changed", "disputed", "one_source", "no_checked_answer", "not_in_archive", "counted"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What comes of a question, in one line: the value with its day and its voice."""

    kind: RulingKind
    text: str
    """The line, in plain words: "Changed over time: 41,000 - officials, reported 17 May 2024"."""
    value: str | None = None
    day: date | None = None
    """The day on which it was reported."""
    voice: str | None = None
    """Who says so: the speaker whom the source names, else the outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a listing."""

    cells: tuple[str, ...]
    """As they are shown, one for each column; days as ISO 8601."""
    articles: tuple[str, ...] = ()
    """The ids of the articles that it stands for, that which is opened first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the archive says of itself: articles, outlets or authors, counted by code."""

    title: str
    """The answer in one line: "4 articles mention the Mora dam"."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    """How many rows there are; not all need be shown."""
    counted: str
    """What was looked for and counted, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer: enough to show it, to judge it and to replay it."""

    question: str
    outcome: Outcome
    reason: str
    """Why this outcome, in words for the reader; empty for a plain answer."""
    verdict: Ruling | None = None
    """What comes of it, in one line; None in answers that were stored before there was one."""
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    nearest: tuple[Source, ...] = ()
    """For a declined or partial answer: the articles that come closest, best first."""
    declined: Decline = ""
    closest: tuple[Citation, ...] = ()
    """For a declined answer: the sentences that come closest, best first, word for word."""
    coverage: Coverage | None = None
    conflicts: tuple[Conflict, ...] = ()
    timeline: tuple[Event, ...] = ()
    listing: Listing | None = None
    """For a question about the archive itself: what it holds, with no words of a source."""
    dropped: tuple[Statement, ...] = ()
    """Sentences that the model wrote and the check removed, with the reasons."""
    unknown_markers: int = 0
    """Citation markers of the model that pointed at no evidence."""
    asked_as: str | None = None
    """The full question that a follow-up was rewritten into, when it was."""
    filters: Filter = field(default_factory=Filter)
    as_of: date | None = None
    """The day on which the question was to be answered: it closes the filter."""
    inferred: bool = False
    """True when the question's own words set a filter, not the person."""
    confidence: float = 0.0
    """0 to 1: how sure the system is that this outcome is right."""
    extractive: bool = False
    """True when the words are the sources' own, with no model in between."""
    model: str = "none"
    judge: str = "rules"
    """The reranker whose scores the answer was judged by; `rules` where there was none."""
    settings_digest: str = ""
    prompt_digest: str = ""
    generation: int = 0
    """The archive's generation when it was asked: it grows with every change."""
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)
    """Of the request that worded the answer."""
    profile: Profile | None = None
    """How the model was asked; None where there was none, or in answers of before."""
    searches: tuple[Search, ...] = ()
    """What the model asked to be searched for as well, in that order."""
    verifier: str = ""
    """The chat model that checked beside code; empty where none did."""
    spent: Spent | None = None
    """What all requests to chat models came to; None where there was none."""

    @property
    def text(self) -> str:
        """The answer as running text, without markers."""
        return self.listing.title if self.listing else join(self.statements)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of all its statements, in their order, each once."""
        return tuple(dict.fromkeys(c for s in self.statements for c in s.citations))


def join(statements: Sequence[Statement]) -> str:
    """Join statements into running text, with an empty line between paragraphs."""
    runs = groupby(statements, key=lambda s: s.paragraph)
    return "\n\n".join(" ".join(s.text for s in run) for _, run in runs)


def day(moment: Moment | None) -> date | None:
    """Return the calendar day of a moment, as its own time zone has it."""
    return moment.date() if isinstance(moment, datetime) else moment
