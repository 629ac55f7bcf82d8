"""One answer in the making: the steps from a query to an `Answer`, in their order.

    prepare -> word -> check -> conclude     or, for a course of events,     prepare -> tell

The clock and what the listener is told live here; what each step does is in its own module.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.answer import cite, decide, prompts, timely
from rag.answer.differ.readings import settle
from rag.answer.prepare import Ready
from rag.answer.told import shared
from rag.answer.told.premise import unfounded
from rag.answer.told.ruling import ruled
from rag.answer.told.short import shortened
from rag.answer.told.told import Told
from rag.errors import ModelError
from rag.events import EvidenceFound, Progress, StatementChecked, TextDelta
from rag.question.query import Query
from rag.search.candidates import Candidate
from rag.types import Answer, Citation, Evidence, Statement, Timings, Tokens, Verdict
from rag.verify import mend
from rag.verify.verifier import ENOUGH, Premise

if TYPE_CHECKING:
    from rag.answer.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """What the model wrote, or the sources' own words where it did not."""

    text: str
    tokens: Tokens = field(default_factory=Tokens)
    first_token: float | None = None
    certainty: float | None = None
    extractive: bool = False
    failure: str = ""


class Composer:
    """Makes one answer; used once."""

    def __init__(
        self, qa: Machine, emit: Callable[[Progress], None], stop: threading.Event | None
    ) -> None:
        self._qa = qa
        self._emit = emit
        self._stop = stop
        self._start = time.perf_counter()
        self._first_evidence: float | None = None
        self._unknown_markers = 0
        self._checking: float | None = None

    def answer(self, ready: Ready) -> Answer:
        """Answer a question for which all is ready."""
        answer = self._answer(ready)
        if answer.outcome != "declined":
            answer = timely.resolved(ready.query, answer)
        return replace(answer, verdict=ruled(ready.query, ready.rankings, answer))

    def _answer(self, ready: Ready) -> Answer:
        query, evidence = ready.query, ready.evidence
        if ready.missing:
            return self._withheld(query, evidence, ready.missing)
        if ready.told:
            return self._tell(query, ready.told)
        self._show(evidence)
        worded = self._word(ready)
        statements = self._check(query, worded, evidence)
        if shared.describes(query.text, self._qa.archive.publishers()):
            statements = self._meant(query, worded, evidence) or statements
        answer = self._conclude(query, evidence, worded, statements)
        answer = self._settled(query, ready.rankings, answer)
        short_style = self._qa.settings.answer.style == "short" and len(query.parts) == 1
        return shortened(answer, query.text) if short_style else answer

    def _withheld(self, query: Query, evidence: tuple[Evidence, ...], reason: str) -> Answer:
        """Decline because of what the archive lacks, and show what comes closest."""
        self._show(evidence)
        answer = self._conclude(query, evidence, Worded(text="", extractive=True), ())
        return replace(answer, reason=reason)

    def _meant(
        self, query: Query, worded: Worded, evidence: Sequence[Evidence]
    ) -> tuple[Statement, ...]:
        """Return the name that the reports share, where it is described and asked for."""
        found = shared.settle(query.text, worded.text, evidence, extractive=worded.extractive)
        if found is None:
            return ()
        self._emit(StatementChecked(found, kept=True))
        return (found,)

    def _settled(
        self, query: Query, rankings: Sequence[Sequence[Candidate]], answer: Answer
    ) -> Answer:
        """Never choose silently between sources that give different values."""
        style = self._qa.settings.answer.style
        settled = settle(answer, query, rankings, style)
        for statement in settled.statements:
            if statement not in answer.statements:
                self._emit(StatementChecked(statement, kept=True))
        return settled

    def _show(self, evidence: tuple[Evidence, ...]) -> None:
        self._first_evidence = self._clock()
        self._emit(EvidenceFound(evidence))

    def _clock(self) -> float:
        return time.perf_counter() - self._start

    def _tell(self, query: Query, told: Told) -> Answer:
        """Give an answer that code put together from the sources' own sentences."""
        self._show(told.evidence)
        for statement in told.statements:
            self._emit(StatementChecked(statement, kept=True))
        worded = Worded(text="", extractive=True)
        answer = self._conclude(query, told.evidence, worded, told.statements)
        return answer if answer.outcome == "declined" else replace(answer, timeline=told.events)

    def _word(self, ready: Ready) -> Worded:
        """Let the model word an answer; without one, or if it fails, let the sources speak."""
        chat = self._qa.chat
        if chat is None or not ready.messages:
            return Worded(text=_own_words(ready), extractive=True)
        generation = chat.stream(ready.messages, stop=self._stop)
        first: float | None = None
        parts: list[str] = []
        try:
            for delta in generation:
                first = self._clock() if first is None else first
                parts.append(delta)
                self._emit(TextDelta(delta))
        except ModelError as error:
            failure = f"The language model failed, so these are the sources' own words ({error})."
            return Worded(text=_own_words(ready), extractive=True, failure=failure)
        return Worded(
            text="".join(parts),
            tokens=generation.tokens,
            first_token=first,
            certainty=generation.certainty,
        )

    def _check(
        self, query: Query, worded: Worded, evidence: tuple[Evidence, ...]
    ) -> tuple[Statement, ...]:
        """Tie every sentence to its sources and say what they make of it."""
        begun = self._clock()
        parsed = cite.parse(worded.text, evidence)
        self._unknown_markers = parsed.unknown_markers
        statements: list[Statement] = []
        for draft in parsed.drafts:
            found = cite.attributions(draft, evidence, self._qa.encoder, question=query.text)
            statement = self._mended(
                query, self._best(query, draft.text, found, evidence), evidence
            )
            statements.append(statement)
            self._emit(StatementChecked(statement, kept=decide.stands(statement)))
        self._checking = self._clock() - begun
        return tuple(statements)

    def _best(
        self,
        query: Query,
        text: str,
        found: Sequence[tuple[Citation, ...]],
        evidence: Sequence[Evidence],
    ) -> Statement:
        """Prove a statement by each of the sets of citations that may carry it, until one does."""
        best = self._proved(query, text, found[0] if found else (), evidence)
        for citations in found[1:]:
            if best.verdict.support == "supported":
                break
            proof = self._proved(query, text, citations, evidence)
            best = max(best, proof, key=decide.strength)
        return self._pruned(query, best, evidence)

    def _pruned(
        self, query: Query, statement: Statement, evidence: Sequence[Evidence]
    ) -> Statement:
        """Leave out the citations that a statement does not need to be borne out as it is."""
        if not decide.stands(statement):
            return statement
        for citation in reversed(statement.citations):
            rest = tuple(c for c in statement.citations if c is not citation)
            if rest:
                proof = self._proved(query, statement.text, rest, evidence)
                if decide.carries(proof, statement):
                    statement = proof
        return statement

    def _proved(
        self,
        query: Query,
        text: str,
        citations: tuple[Citation, ...],
        evidence: Sequence[Evidence],
    ) -> Statement:
        pieces = {e.number: e for e in evidence}
        premises = [
            Premise(
                text=c.quote,
                published=c.source.published,
                context=f"{c.source.title or ''}\n{pieces[c.number].text}",
                article=self._text_of(c.source.article_id),
            )
            for c in citations
        ]
        verdict = self._qa.verifier.check(text, premises, question=query.text)
        verdict = decide.weighed(query, text, citations, verdict)
        return Statement(text=text, citations=citations, verdict=verdict)

    def _text_of(self, article: str) -> str:
        return self._qa.archive.article(article).text

    def _mended(
        self, query: Query, statement: Statement, evidence: Sequence[Evidence]
    ) -> Statement:
        """Give a statement back the speaker that it lost, if then it is borne out."""
        if statement.verdict.support != "partly" or self._qa.settings.answer.style == "short":
            return statement
        text = mend.attributed(statement.text, statement.citations)
        if text is None:
            return statement
        mended = self._proved(query, text, statement.citations, evidence)
        if mended.verdict.support == "supported":
            return mended
        only_speaker = len(statement.verdict.reasons) == 1 and statement.verdict.score >= ENOUGH
        if not only_speaker or mended.verdict.support != "partly":
            return statement
        # The words added are the source's own, so they cannot make it less true.
        verdict = Verdict(support="supported", score=statement.verdict.score)
        return Statement(text=text, citations=statement.citations, verdict=verdict)

    def _conclude(
        self,
        query: Query,
        evidence: tuple[Evidence, ...],
        worded: Worded,
        statements: tuple[Statement, ...],
    ) -> Answer:
        """Say whether the answer stands, and put together all that is known of it."""
        qa = self._qa
        kept = tuple(s for s in statements if decide.stands(s))
        dropped = tuple(s for s in statements if not decide.stands(s))
        quoted = worded.extractive and bool(worded.text)
        measured = decide.signals(
            query, kept, dropped, evidence, qa.archive, worded.certainty, quoted=quoted
        )
        sure = decide.confidence(measured, query.kind)
        outcome, reason = decide.outcome(sure, kept, dropped, qa.settings.answer.decline_below)
        if outcome != "declined":
            late = (
                timely.stale(query, kept)
                or timely.elsewhen(query, kept, self._text_of)
                or unfounded(query, kept, self._text_of)
            )
            outcome, reason = ("declined", late) if late else (outcome, reason)
        declined = outcome == "declined"
        return Answer(
            question=query.text,
            outcome=outcome,
            reason=" ".join(filter(None, (reason, worded.failure))),
            statements=() if declined else kept,
            evidence=() if declined else evidence,
            nearest=decide.nearest(evidence) if outcome != "answered" else (),
            coverage=qa.archive.coverage() if outcome != "answered" else None,
            dropped=statements if declined else dropped,
            unknown_markers=self._unknown_markers,
            filters=query.filters,
            as_of=query.as_of,
            inferred=query.inferred,
            confidence=sure,
            extractive=worded.extractive,
            model=qa.chat.name if qa.chat else "none",
            settings_digest=qa.settings.digest(),
            prompt_digest=prompts.digest(qa.settings.answer.style),
            generation=qa.archive.generation,
            timings=Timings(
                first_evidence=self._first_evidence,
                first_token=worded.first_token,
                total=self._clock(),
                checking=self._checking,
            ),
            tokens=worded.tokens,
        )


def _own_words(ready: Ready) -> str:
    """Return the evidence that answers each part of a question, word for word, as an answer."""
    found = {
        piece.number: piece
        for ranked in ready.rankings
        for piece in ready.evidence
        if ranked and _holds(piece, ranked[0])
    }
    chosen = found or {e.number: e for e in sorted(ready.evidence, key=lambda e: -e.score)[:1]}
    return " ".join(f"{' '.join(e.text.split())} [{e.number}]" for e in chosen.values())


def _holds(piece: Evidence, candidate: Candidate) -> bool:
    same = piece.source.article_id == candidate.article.id
    return same and piece.span.covers(candidate.span)
