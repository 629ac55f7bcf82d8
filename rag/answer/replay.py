"""Does a stored answer still hold against the archive of today, and what has changed?

No model is asked: the quotes are looked up again, the statements checked against them again, and
the evidence chosen again, as the question was read then. What code put together alone (a course
of events, a computed order) is put together again and compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rag.answer import decide, numbered
from rag.answer.days import written
from rag.answer.listing import listing
from rag.answer.onward import further
from rag.answer.prepare import evidence_of
from rag.answer.prompts import digest
from rag.errors import NotFound
from rag.types import Answer, Citation, Evidence, Statement, day
from rag.verify.verifier import Premise

if TYPE_CHECKING:
    from rag.answer.pipeline import NewsQA
    from rag.question.query import Query

Kind = Literal["quote", "verdict", "superseded", "answer", "newer", "evidence", "settings"]
BREAKS: frozenset[Kind] = frozenset({"quote", "verdict", "superseded", "answer"})
"""Kinds of change after which an answer no longer holds; the others are worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not as it was when the question was asked."""

    kind: Kind
    text: str
    """What changed, in words for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of an answer."""

    question: str
    changes: tuple[Change, ...]

    @property
    def holds(self) -> bool:
        """Say whether the answer could be given again today."""
        return not any(change.kind in BREAKS for change in self.changes)


def replay(answer: Answer, qa: NewsQA) -> Replay:
    """Hold a stored answer against an archive.

    Args:
        answer: As it was given.
        qa: The engine over the archive of today; its model is not asked.
    """
    query = qa.read(answer.asked_as or answer.question, filters=answer.filters)
    if answer.listing is not None:
        return Replay(question=answer.question, changes=tuple(_counted_again(answer, qa)))
    changes = [*_quotes(answer, qa), *_digests(answer, qa)]
    if answer.extractive:
        changes += _told_again(answer, qa)
    elif not changes or all(c.kind not in BREAKS for c in changes):
        changes += [c for s in answer.statements for c in _verdict(s, answer, query, qa)]
    evidence = evidence_of(query, qa, qa.rank(query), answer.profile)
    if len(answer.evidence) > len(evidence) and not answer.extractive:
        evidence += further(query, qa, evidence, answer.profile)
    changes += [*_evidence(answer, evidence), *_newer(answer, evidence, query, qa)]
    return Replay(question=answer.question, changes=tuple(dict.fromkeys(changes)))


def _counted_again(answer: Answer, qa: NewsQA) -> Iterator[Change]:
    """Count again what a question asks of the archive itself."""
    full = answer.asked_as or answer.question
    now = listing(full, qa, answer.filters, answer.as_of)
    if now is None or answer.listing is None:
        yield Change(kind="answer", text="this is no longer read as a question about the archive")
    elif (now.title, now.rows) != (answer.listing.title, answer.listing.rows):
        yield Change(kind="answer", text=f"counted again it is: {now.title}")


def _quotes(answer: Answer, qa: NewsQA) -> Iterator[Change]:
    """Yield the quotes that no longer stand where they stood."""
    for citation in dict.fromkeys(c for s in answer.statements for c in s.citations):
        label = citation.source.title or citation.source.article_id
        try:
            article = qa.archive.article(citation.source.article_id)
        except NotFound:
            yield Change(kind="quote", text=f"{label!r} is no longer in the archive")
            continue
        if article.withdrawn:
            yield Change(kind="quote", text=f"{label!r} may not be quoted: it {article.withdrawn}")
            continue
        text = article.text
        if citation.span.of(text) == citation.quote:
            continue
        if citation.quote in text:
            yield Change(kind="evidence", text=f"a quote has moved within {label!r}")
        else:
            said = f"{label!r} was changed and no longer says: {_line(citation.quote)}"
            yield Change(kind="quote", text=said)


def _line(quote: str) -> str:
    flat = " ".join(quote.split())
    return flat if len(flat) <= 120 else f"{flat[:119]}…"


def _digests(answer: Answer, qa: NewsQA) -> Iterator[Change]:
    style, profile = qa.settings.answer.style, answer.profile
    asked = answer.asked_as or answer.question
    now = digest(style)
    if profile is not None and profile.markers and not answer.extractive:
        now = numbered.digest(asked, style, profile)
    if answer.prompt_digest != now:
        yield Change(kind="settings", text="the prompts, or the style, are others now")
    elif answer.settings_digest != qa.settings.digest():
        yield Change(kind="settings", text="the settings are others now")


def _told_again(answer: Answer, qa: NewsQA) -> Iterator[Change]:
    """Ask again where no model wrote the answer, and compare."""
    ask = qa.timeline if answer.timeline else qa.ask
    again = ask(answer.asked_as or answer.question, filters=answer.filters)
    if again.outcome != answer.outcome:
        yield Change(kind="answer", text=f"it would be {again.outcome} now, not {answer.outcome}")
    elif again.text != answer.text:
        yield Change(kind="answer", text=f"it would read otherwise now: {_line(again.text)}")


def _verdict(statement: Statement, answer: Answer, query: Query, qa: NewsQA) -> Iterator[Change]:
    """Yield a change when a statement would no longer be shown."""
    pieces = {e.number: e.text for e in answer.evidence}
    premises = [_premise(c, pieces, qa) for c in statement.citations]
    verdict = qa.verifier.check(statement.text, premises, question=query.text)
    verdict = decide.weighed(query, statement.text, statement.citations, verdict)
    fresh = replace(statement, verdict=verdict)
    if decide.stands(statement) and not decide.stands(fresh):
        reasons = "; ".join(verdict.reasons) or "too little of it is in the source"
        text = f"{_line(statement.text)!r} is {verdict.support} now: {reasons}"
        yield Change(kind="verdict", text=text)


def _premise(citation: Citation, pieces: dict[int, str], qa: NewsQA) -> Premise:
    source = citation.source
    return Premise(
        text=citation.quote,
        published=source.published,
        context=f"{source.title or ''}\n{pieces.get(citation.number, '')}",
        article=qa.archive.article(source.article_id).text,
    )


def _evidence(answer: Answer, evidence: Sequence[Evidence]) -> Iterator[Change]:
    """Yield the cited sentences that would not be chosen again."""
    for citation in dict.fromkeys(c for s in answer.statements for c in s.citations):
        chosen = any(
            e.source.article_id == citation.source.article_id and e.span.overlaps(citation.span)
            for e in evidence
        )
        if not chosen and not answer.timeline and not answer.searches:
            said = f"other sentences would be read now than: {_line(citation.quote)}"
            yield Change(kind="evidence", text=said)


def _newer(
    answer: Answer, evidence: Sequence[Evidence], query: Query, qa: NewsQA
) -> Iterator[Change]:
    """Yield the reports that came after those the answer cites, and what they contradict."""
    cited = [c.source for s in answer.statements for c in s.citations]
    known = {s.article_id for s in (*cited, *answer.nearest)}
    known |= {e.source.article_id for e in answer.evidence}
    latest = max((d for s in (*cited, *answer.nearest) if (d := day(s.published))), default=None)
    for piece in evidence:
        published = day(piece.source.published)
        if piece.source.article_id in known or (latest and published and published <= latest):
            continue
        label = f"{piece.source.publisher or 'a report'}, {written(piece.source.published)}"
        premise = Premise(text=piece.text, published=piece.source.published)
        against = any(
            qa.verifier.check(s.text, [premise], question=query.text).support == "contradicted"
            for s in answer.statements
        )
        if against:
            yield Change(kind="superseded", text=f"{label} says otherwise: {_line(piece.text)}")
        else:
            yield Change(kind="newer", text=f"{label} speaks of it too: {_line(piece.text)}")
